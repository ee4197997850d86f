"""The p-value of a word that more sequences hold than controls, and the motif that it leads to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from emtools.em import Executor
from emtools.models.motif import MotifParams, Occurrence
from emtools.motifs.controls import Controls
from emtools.motifs.encoding import Encoding
from emtools.motifs.evidence import evidence_less_own, evidence_of
from emtools.motifs.exact import Told, told_apart
from emtools.motifs.explained import explains
from emtools.motifs.flanks import profiles_around
from emtools.motifs.judge import Comparison, Plan, Verdict
from emtools.motifs.search import COPY, Candidate, best_of_width, likeness_of
from emtools.motifs.seeds import SHARE, sampled
from emtools.motifs.sites import without_sites
from emtools.motifs.told_words import ANY, ToldWord, told_words
from emtools.motifs.widths import polished, resized, score

#: Letters that a motif is settled on before the final fit.
_MOST_LETTERS = 400_000
#: The share of how well the best of several motifs tells sequences from controls that is as good as all of it.
_NEARLY = 0.9


@dataclass
class WordTest:
    """Words are counted in all sequences and controls; what differs most is tested by Fisher's exact test.

    The word leads to a motif by EM; the test says that there is one. Nothing has to be held out, since the number of
    words that were counted is known and corrected for.

    Attributes
    ----------
    plan : Plan
    controls : Encoding
        Cut to lengths like those of the sequences.
    compared : ndarray of bool, shape (n_sequences,)
        Which of the sequences the controls are like.
    rng : Generator
        Draws what a motif is settled on, of large data.
    """

    plan: Plan
    controls: Encoding
    compared: NDArray[np.bool_]
    rng: np.random.Generator
    known: list[NDArray[np.float64]] = field(init=False, default_factory=list)
    shuffles: bool = field(init=False, default=False)

    @classmethod
    def of(cls, plan: Plan, encoding: Encoding, rng: np.random.Generator, controls: Controls) -> WordTest:
        """Against as many controls as can be cut so that they are like the sequences."""
        matched, compared = controls.matched(encoding.sequences, rng)
        held = Encoding.of(matched, encoding.background, both_strands=encoding.both_strands)
        return cls(plan, held, compared, rng)

    @property
    def explanation(self) -> str:
        """What the p-value is, in two sentences."""
        left_out = np.count_nonzero(~self.compared)
        but = f" (without the {left_out} longest, for which there are too few controls)" if left_out else ""
        return (
            f"words are counted in the sequences{but} and in {len(self.controls.sequences)} control sequences, cut to "
            "lengths like theirs; it is that of the word that differs most, by Fisher's exact test, corrected for all "
            "words that were counted. EM makes the motif from this word."
        )

    def next(self, encoding: Encoding, executor: Executor) -> Verdict | None:
        """The word that differs most, and if it is to be listed the motif that it leads to."""
        compared = encoding if self.compared.all() else encoding.subset(np.flatnonzero(self.compared))
        told = told_words(compared, self.controls, self.plan.widest, executor)
        news = [word for word in told if not self._is_known(word, encoding)]
        if not news:
            return None
        best = news[0]
        numbers = len(compared.sequences), best.n_control_hits, len(self.controls.sequences)
        comparison = Comparison(best.n_hits, *numbers, best.text(encoding.sequences.alphabet))
        telling = [word for word in news if word.p_value <= self.plan.listed]
        if not telling:
            return Verdict((self._centered(encoding, best),), best.p_value, comparison)
        sample = sampled(encoding, _MOST_LETTERS, self.rng)
        motifs = self._motifs(sample, telling)
        # Whatever becomes of it, a word is asked about once.
        self.known.append(_matrix(encoding, best))
        text = self._as_read(best, motifs[0], encoding).text(encoding.sequences.alphabet)
        bound = self._bound(sample, motifs[0])
        return Verdict(tuple(motifs), best.p_value, replace(comparison, word=text), bound, best)

    def erase(self, _left: Encoding, everywhere: MotifParams, executor: Executor) -> None:
        """Know a motif from now on, and erase it from the controls."""
        self.known.append(everywhere.probabilities)
        self.controls = without_sites(self.controls, everywhere, executor)

    def _is_known(self, word: ToldWord, encoding: Encoding) -> bool:
        """Whether a word is like a motif or a word before it; a vague motif is like only what is as vague."""
        matrix, frequencies = _matrix(encoding, word), encoding.background.letter_frequencies
        own = np.sum((matrix - frequencies) ** 2)
        shares = [min(np.sum((known - frequencies) ** 2) / own, 1.0) for known in self.known]
        return any(
            share * likeness_of(matrix, known, encoding) > COPY for share, known in zip(shares, self.known, strict=True)
        )

    def _as_read(self, word: ToldWord, motif: Candidate, encoding: Encoding) -> ToldWord:
        """The word on the strand of the motif."""
        if not encoding.complement.size:
            return word
        ways = [word, replace(word, letters=word.turned(encoding.complement))]
        one_strand = replace(encoding, both_strands=False)
        return max(ways, key=lambda way: likeness_of(_matrix(encoding, way), motif.params.probabilities, one_strand))

    def _motifs(self, sample: Encoding, words: list[ToldWord]) -> list[Candidate]:
        """The motifs that explain the first of these words, the best first; the last is the word as it stands."""
        plan = self.plan
        profiles = np.array([_extended(sample, word, 2 * plan.widest) for word in words])
        motifs = [
            each
            for width in plan.widths
            for each in best_of_width(sample, plan.occurrence, width, profiles, self.known)
            if self._explains(sample, each, words[0])
        ]
        as_it_stands = self._centered(sample, words[0])
        if not motifs:
            return [as_it_stands]
        best = self._telling(sample, motifs)
        settled = polished(sample, best, plan.occurrence, plan.narrowest, plan.widest)
        settled = resized(sample, settled, plan.occurrence, plan.narrowest, plan.widest)
        if self._explains(sample, settled, words[0]):
            motifs.append(settled)
            best = self._telling(sample, [best, settled])
        others = sorted(motifs, key=lambda each: -score(sample, each, plan.occurrence))
        return [best, *(each for each in others if each is not best), as_it_stands]

    def _explains(self, sample: Encoding, motif: Candidate, word: ToldWord) -> bool:
        return explains(sample, sample.model(self.plan.occurrence, motif.width), motif.params, word)

    def _telling(self, sample: Encoding, motifs: list[Candidate]) -> Candidate:
        """The best by its score of those that tell sequences from controls nearly as well as any."""
        gains = [self._told(sample, each).gain for each in motifs]
        telling = [each for each, gain in zip(motifs, gains, strict=True) if gain >= _NEARLY * max(gains)]
        return max(telling, key=lambda each: score(sample, each, self.plan.occurrence))

    def _centered(self, encoding: Encoding, word: ToldWord) -> Candidate:
        """What stands where a word does, before any EM."""
        width = max(len(word.letters), self.plan.narrowest)
        occupancy = encoding.model(self.plan.occurrence, width).typical_occupancy([encoding.one_block(width)])
        return Candidate(MotifParams(_extended(encoding, word, width), occupancy), 0.0)

    def _told(self, sample: Encoding, motif: Candidate) -> Told:
        """How well a motif tells the sequences from the controls, but for what each sequence gave to it."""
        everything = np.arange(len(sample.sequences))
        own = evidence_less_own(sample, everything, motif, self.plan.occurrence)
        scores = evidence_of(sample.without_prior, motif) if own is None else own
        return told_apart(scores, evidence_of(self.controls, motif))

    def _bound(self, sample: Encoding, motif: Candidate) -> float:
        """The greatest occupancy: no more sequences have the motif than have it beyond what controls have of it.

        EM alone, which knows no controls, makes of a motif that few sequences have a vague one that most have.
        """
        if self.plan.occurrence == Occurrence.OOPS:
            return 1.0
        n = len(sample.sequences)
        share = float(np.clip(self._told(sample, motif).excess, 1.0 / n, 1.0 - 0.5 / n))
        # Of so many sequences that have a site, some have more than one: as many as at an even rate (Poisson).
        n_windows = sample.one_block(motif.width).n_windows.mean()
        return share if self.plan.occurrence == Occurrence.ZOOPS else min(-np.log1p(-share) / n_windows, 0.5)


def _matrix(encoding: Encoding, word: ToldWord) -> NDArray[np.float64]:
    """A word as letter probabilities; any letter is one of the background."""
    frequencies = encoding.background.letter_frequencies
    letters = encoding.model("zoops", len(word.letters)).around(np.maximum(word.letters, 0), SHARE)
    return np.where((word.letters != ANY)[:, None], letters, frequencies)


def _extended(encoding: Encoding, word: ToldWord, n_columns: int) -> NDArray[np.float64]:
    """What stands at the places of a word and beside them."""
    matrix = _matrix(encoding, word)
    return profiles_around(encoding, encoding.model("zoops", len(matrix)), matrix, n_columns)
