"""The p-value of a word that more sequences hold than controls, and the motif that it leads to."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from emtools.em import Executor
from emtools.models.motif import MotifParams, Occurrence
from emtools.motifs.controls import Controls
from emtools.motifs.encoding import Encoding
from emtools.motifs.evidence import evidence_less_own, evidence_of
from emtools.motifs.exact import Told, told_apart
from emtools.motifs.flanks import counts_with_flanks
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
        """What the p-value is, in one sentence."""
        left_out = np.count_nonzero(~self.compared)
        but = f" (without the {left_out} longest, for which there are too few controls)" if left_out else ""
        return (
            f"how many sequences{but} and how many of {len(self.controls.sequences)} control sequences, cut to lengths "
            "like theirs, hold the word that differs most is compared by Fisher's exact test, corrected for all words "
            "that were counted; EM makes the motif from this word."
        )

    def next(self, encoding: Encoding, executor: Executor) -> Verdict | None:
        """The word that differs most, and if it is significant the motif that it leads to."""
        compared = encoding if self.compared.all() else encoding.subset(np.flatnonzero(self.compared))
        told = told_words(compared, self.controls, self.plan.widest, executor)
        news = [word for word in told if not self._is_known(_matrix(encoding, word), encoding)]
        if not news:
            return None
        best = news[0]
        text = best.text(encoding.sequences.alphabet)
        numbers = len(compared.sequences), best.n_control_hits, len(self.controls.sequences)
        comparison = Comparison(best.n_hits, *numbers, text)
        significant = [word for word in news if word.p_value <= self.plan.significance]
        if not significant:
            return Verdict((self._centered(encoding, best, len(best.letters)),), best.p_value, comparison)
        sample = sampled(encoding, _MOST_LETTERS, self.rng)
        motif = self._motif(sample, significant)
        return Verdict((motif,), best.p_value, comparison, self._bound(sample, motif))

    def erase(self, _left: Encoding, everywhere: MotifParams, executor: Executor) -> None:
        """Know a motif from now on, and erase it from the controls."""
        self.known.append(everywhere.probabilities)
        self.controls = without_sites(self.controls, everywhere, executor)

    def _is_known(self, matrix: NDArray[np.float64], encoding: Encoding) -> bool:
        return any(likeness_of(matrix, known, encoding) > COPY for known in self.known)

    def _motif(self, sample: Encoding, words: list[ToldWord]) -> Candidate:
        """The best motif that is like the first of these words, from any of them."""
        plan, first = self.plan, _matrix(sample, words[0])
        profiles = np.array([_extended(sample, word, 2 * plan.widest) for word in words])
        motifs = [
            each
            for width in plan.widths
            for each in best_of_width(sample, plan.occurrence, width, profiles, self.known)
            if likeness_of(each.params.probabilities, first, sample) > COPY
        ]
        if not motifs:
            return self._centered(sample, words[0], max(len(first), plan.narrowest))
        best = self._telling(sample, motifs)
        settled = polished(sample, best, plan.occurrence, plan.narrowest, plan.widest)
        return self._telling(sample, [best, resized(sample, settled, plan.occurrence, plan.narrowest, plan.widest)])

    def _telling(self, sample: Encoding, motifs: list[Candidate]) -> Candidate:
        """The best by its score of those that tell sequences from controls nearly as well as any."""
        gains = [self._told(sample, each).gain for each in motifs]
        telling = [each for each, gain in zip(motifs, gains, strict=True) if gain >= _NEARLY * max(gains)]
        return max(telling, key=lambda each: score(sample, each, self.plan.occurrence))

    def _centered(self, encoding: Encoding, word: ToldWord, width: int) -> Candidate:
        """What stands where a word does, of so many columns, before any EM."""
        model = encoding.model(self.plan.occurrence, width)
        occupancy = model.typical_occupancy([encoding.one_block(width)])
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
        n = len(sample.sequences)
        share = float(np.clip(self._told(sample, motif).excess, 1.0 / n, 1.0 - 0.5 / n))
        if self.plan.occurrence == Occurrence.OOPS:
            return 1.0
        # Of so many sequences that have a site, some have more than one: as many as at an even rate (Poisson).
        n_windows = sample.one_block(motif.width).n_windows.mean()
        return share if self.plan.occurrence == Occurrence.ZOOPS else min(-np.log1p(-share) / n_windows, 0.5)


def _matrix(encoding: Encoding, word: ToldWord) -> NDArray[np.float64]:
    """A word as letter probabilities; any letter is one of the background."""
    frequencies = encoding.background.letter_frequencies
    given = (word.letters != ANY)[:, None]
    letters = np.eye(len(frequencies))[np.maximum(word.letters, 0)]
    return np.where(given, SHARE * letters + (1.0 - SHARE) * frequencies, frequencies)


def _extended(encoding: Encoding, word: ToldWord, n_columns: int) -> NDArray[np.float64]:
    """What stands at the places of a word and beside them."""
    matrix = _matrix(encoding, word)
    model, n_beside = encoding.model("zoops", len(matrix)), n_columns - len(matrix)
    counts = counts_with_flanks(encoding, model, matrix, 0.5, n_beside // 2, n_beside - n_beside // 2)
    counts += model.letter_frequencies
    return np.asarray(counts / counts.sum(axis=1, keepdims=True))
