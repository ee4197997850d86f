"""The p-value of a motif on sequences that had no part in finding it, where there are enough to set some apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import InitVar, dataclass, field

import numpy as np
from numpy.typing import NDArray

from emtools.em import Executor
from emtools.models.motif import MotifParams, Occurrence
from emtools.motifs.controls import Controls
from emtools.motifs.encoding import Encoding
from emtools.motifs.evidence import evidence_less_own, evidence_of
from emtools.motifs.exact import fisher_exact, told_apart
from emtools.motifs.judge import Comparison, Plan, Verdict
from emtools.motifs.search import Candidate
from emtools.motifs.search_without import MOST_SEARCHED, Found, found_without
from emtools.motifs.sequences import SequenceSet
from emtools.motifs.shuffle import in_order_of, seed_of, words_kept, words_named
from emtools.motifs.sites import without_sites
from emtools.motifs.widths import polished, resized, same_motif, score

#: With so many sequences or more, a part of them judges what was found in the others.
ENOUGH_TO_SPLIT = 24
#: Up to how many sequences are split in how many parts.
_PARTS = {40: 3, 10**18: 2}
#: Control sequences made by shuffling for each part, about.
_SHUFFLED = 1000
#: Fewer control sequences for each part could hardly make a motif significant.
LEAST_CONTROLS = 20


@dataclass
class CrossFitting:
    """Each part of the sequences judges what was found in the others, against controls, by Fisher's exact test.

    The motif and the score that counts as a hit are fixed on all parts but one; that one, which had no part in the
    search, is then compared with its controls. Everything that was tried, widths, starts and thresholds, was tried
    without it and needs no correction; how many motifs go on to tests does. Where the sequences are few the parts are
    small, so that most of the sequences are searched together.
    """

    plan: Plan
    encoding: InitVar[Encoding]
    rng: np.random.Generator
    executor: InitVar[Executor]
    controls: InitVar[Controls | None] = None
    known: list[MotifParams] = field(init=False, default_factory=list)
    parts: list[NDArray[np.int64]] = field(init=False)
    compared: NDArray[np.bool_] = field(init=False)
    control_parts: list[Encoding] = field(init=False)
    against: str = field(init=False)
    shuffles: bool = field(init=False, default=True)

    def __post_init__(self, encoding: Encoding, executor: Executor, controls: Controls | None) -> None:
        n = len(encoding.sequences)
        self.parts = [np.sort(part) for part in np.array_split(self.rng.permutation(n), n_parts(n))]
        self.compared = np.ones(n, dtype=bool)
        if controls is None:
            word = words_named(words_kept(encoding.sequences.alphabet.size, self.plan.widest))
            self.against = f"shuffled copies that keep every {word}"
            self._shuffle(encoding, executor)
        else:
            self._take(controls, encoding)

    def _take(self, controls: Controls, encoding: Encoding) -> None:
        """Share out controls among the parts."""
        matched, self.compared = controls.matched(encoding.sequences, self.rng)
        self.shuffles = False
        self.against = f"{len(matched)} control sequences, cut to lengths like theirs"
        if not self.compared.all():
            n_left_out = np.count_nonzero(~self.compared)
            self.against += f" (without the {n_left_out} longest, for which there are too few controls)"
        whole = Encoding.of(matched, encoding.background, both_strands=encoding.both_strands)
        order = self.rng.permutation(len(matched))
        self.control_parts = [whole.subset(part) for part in np.array_split(order, len(self.parts))]

    def _shuffle(self, encoding: Encoding, executor: Executor) -> None:
        """Make the controls by shuffling what motifs have left of the sequences."""
        length = words_kept(encoding.sequences.alphabet.size, self.plan.widest)
        seeds = [[seed_of(self.rng) for _ in range(_n_copies(part))] for part in self.parts]
        self.control_parts = executor.fold(
            lambda i: [_shuffled(encoding, self.parts[i], seeds[i], length)], range(len(self.parts))
        )

    @property
    def explanation(self) -> str:
        """What the p-value is, in one sentence."""
        share = {2: "half", 3: "third"}[len(self.parts)]
        return (
            f"one {share} of the sequences, which had no part in the search, is compared with {self.against} "
            f"by Fisher's exact test; each {share} in turn, corrected for the motifs that were tested."
        )

    def next(self, encoding: Encoding, executor: Executor) -> Verdict | None:
        """Search without each part, test on it, and take the best of the significant, or else the least p-value."""
        known = [each.probabilities for each in self.known]
        rngs = self.rng.spawn(len(self.parts))
        found = found_without(encoding, self.parts, self.plan, known, rngs, executor)
        if not found:
            return None
        scored = self._scored(encoding, [each.motif for each in found], executor)
        tested = executor.fold(lambda pair: [self._tested(encoding, *pair)], list(zip(found, scored, strict=True)))
        least = min(tested, key=lambda each: each.p_value)
        significant = [each for each in tested if each.p_value <= self.plan.significance]
        ranked = self._ranked(significant or [least], encoding, executor)
        best = ranked[0].motif
        same = [each for each in ranked if each.motif is best or same_motif(each.motif, best, encoding)]
        clearest = min(same, key=lambda each: each.p_value)
        starts = [each.motif for each in ranked]
        plan = self.plan
        if len(encoding.sequences.codes) <= MOST_SEARCHED and plan.occurrence != Occurrence.ANR:
            # Its ends were chosen without a part. A sample of large data is as good as another; and where any number of
            # sites is allowed, the likelihood alone would lead on to many vague ones.
            polish = polished(encoding, best, plan.occurrence, plan.narrowest, plan.widest)
            starts.insert(0, resized(encoding, polish, plan.occurrence, plan.narrowest, plan.widest))
        return Verdict(tuple(starts), clearest.p_value, clearest.comparison)

    def _ranked(self, tested: Sequence[_Tested], encoding: Encoding, executor: Executor) -> list[_Tested]:
        """The best on all sequences first."""
        scores = [score(encoding, each.motif, self.plan.occurrence, executor) for each in tested]
        return [tested[i] for i in np.argsort(-np.array(scores), kind="stable")]

    def erase(self, left: Encoding, everywhere: MotifParams, executor: Executor) -> None:
        """Know a motif from now on, and erase it from the controls; copies are shuffled anew from what is left."""
        self.known.append(everywhere)
        if self.shuffles:
            self._shuffle(left, executor)
        for each in self.known if self.shuffles else [everywhere]:
            self.control_parts = [without_sites(part, each, executor) for part in self.control_parts]

    def _scored(
        self, encoding: Encoding, motifs: Sequence[Candidate], executor: Executor
    ) -> list[list[NDArray[np.float64]]]:
        """The evidence for a site of each motif, in each sequence and in each control of each part.

        Position-specific priors are left out: controls have none.
        """
        pieces = [each.without_prior for each in (encoding, *self.control_parts)]
        tasks = [(piece, motif) for motif in motifs for piece in pieces]
        values = executor.fold(lambda task: [evidence_of(*task)], tasks)
        return [values[begin : begin + len(pieces)] for begin in range(0, len(tasks), len(pieces))]

    def _tested(self, encoding: Encoding, found: Found, values: Sequence[NDArray[np.float64]]) -> _Tested:
        """The p-value of a motif on the part that it was not found in, corrected for all tests."""
        scores, *controls = values
        held_out = np.zeros(len(scores), dtype=bool)
        held_out[self.parts[found.part]] = True
        others = np.concatenate([each for i, each in enumerate(controls) if i != found.part])
        fitted = self.compared & ~held_out
        own = evidence_less_own(encoding, np.flatnonzero(fitted), found.motif, self.plan.occurrence)
        threshold = told_apart(scores[fitted] if own is None else own, others).threshold
        tested, against = scores[self.compared & held_out] >= threshold, controls[found.part] >= threshold
        comparison = Comparison(int(tested.sum()), len(tested), int(against.sum()), len(against))
        p_value = fisher_exact(
            comparison.n_hits, comparison.n_compared, comparison.n_control_hits, comparison.n_controls
        )
        return _Tested(found.motif, min(1.0, p_value * len(self.parts) * found.price), comparison)


@dataclass(frozen=True, slots=True)
class _Tested:
    """A motif, its corrected p-value, and the hits that made it."""

    motif: Candidate
    p_value: float
    comparison: Comparison


def _n_copies(part: NDArray[np.int64]) -> int:
    """How many shuffled copies of some sequences are controls."""
    return int(np.clip(_SHUFFLED // len(part), 1, 20))


def _shuffled(
    encoding: Encoding, part: NDArray[np.int64], seeds: Sequence[NDArray[np.uint64]], word_length: int
) -> Encoding:
    """Shuffled copies of some of the sequences: controls."""
    sequences, covered = encoding.sequences.subset(part), encoding.sequences.values_of(part, encoding.covered)
    copies = [in_order_of(sequences, seed, word_length=word_length, covered=covered) for seed in seeds]
    return Encoding.of(SequenceSet.joined(copies), encoding.background, both_strands=encoding.both_strands)


def n_parts(n_sequences: int) -> int:
    """In how many parts sequences are split: few sequences are searched two thirds at a time, many by halves.

    Examples
    --------
    >>> n_parts(24), n_parts(1000)
    (3, 2)
    """
    return next(parts for most, parts in _PARTS.items() if n_sequences <= most)
