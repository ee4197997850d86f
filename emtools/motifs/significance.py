"""Whether a motif is there at all: held-out sequences where there are enough of them, shuffles where there are few."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import InitVar, dataclass, field
from itertools import product
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from emtools.em import Executor
from emtools.kernels.motif import evidence
from emtools.models.motif import MotifParams
from emtools.motifs.control_sets import control_sets, n_control_sets
from emtools.motifs.copies import independent
from emtools.motifs.encoding import Encoding
from emtools.motifs.exact import best_threshold, fisher_exact, resampled_p_value
from emtools.motifs.search import Candidate, Prepared, candidates, one_block, sampled
from emtools.motifs.sequences import SequenceSet
from emtools.motifs.shuffle import shuffled
from emtools.motifs.sites import without_sites
from emtools.motifs.widths import copies, polished, score

#: With so many sequences or more, a part of them judges what was found in the others.
ENOUGH_TO_SPLIT = 24
#: Up to how many sequences are split in how many parts.
_PARTS = {40: 3, 10**18: 2}
#: Letters without each part that are searched; the test and the final fit see all of them.
_SEARCHED = 100_000
#: Control sequences made by shuffling for each part, about.
_CONTROLS = 1000
#: With fewer sets of controls a p-value of 0.05 would be below what their number allows.
_LEAST_SETS = 19
#: Shuffled copies of small data, in stages, and between which p-values the next stage is needed.
_STAGES = {9: (0.0, 0.25), 19: (0.002, 0.25), 39: (0.0, 0.0)}


@dataclass(frozen=True, slots=True)
class Plan:
    """What is looked for: the model, the widths to start from, and the widths allowed."""

    occurrence: str
    widths: tuple[int, ...]
    narrowest: int
    widest: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """The best that a search found: motifs to start from, best first, and the p-value of the best."""

    starts: tuple[Candidate, ...]
    p_value: float


class Judge(Protocol):
    """Searches what is left of the sequences, and says how surprising the best of it is."""

    def next(self, encoding: Encoding, executor: Executor) -> Verdict | None:
        """The best motif of what is left; None where no motif fits."""
        ...

    def erase(self, everywhere: MotifParams, executor: Executor) -> None:
        """Erase a motif that was found from the controls, as it was from the sequences, and look for others."""
        ...

    @property
    def explanation(self) -> str:
        """What the p-value is, in one sentence."""
        ...


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
    controls: InitVar[SequenceSet | None] = None
    known: list[NDArray[np.float64]] = field(default_factory=list)
    parts: list[NDArray[np.int64]] = field(init=False)
    control_parts: list[Encoding] = field(init=False)
    against: str = field(init=False)

    def __post_init__(self, encoding: Encoding, controls: SequenceSet | None) -> None:
        n = len(encoding.sequences)
        self.parts = [np.sort(part) for part in np.array_split(self.rng.permutation(n), n_parts(n))]
        if controls is None:
            self.against = "shuffled copies that keep every triplet"
            self.control_parts = [_shuffled(encoding.subset(part), self.rng) for part in self.parts]
        else:
            self.against = "the control sequences"
            controls = independent(controls, self.plan.widest, both_strands=encoding.both_strands)
            whole = Encoding.of(controls, encoding.background, both_strands=encoding.both_strands)
            order = self.rng.permutation(len(controls))
            self.control_parts = [whole.subset(part) for part in np.array_split(order, len(self.parts))]

    @property
    def explanation(self) -> str:
        """What the p-value is, in one sentence."""
        share = {2: "half", 3: "third"}[len(self.parts)]
        return (
            f"p-value: one {share} of the sequences, which had no part in the search, is compared with {self.against} "
            f"by Fisher's exact test; each {share} in turn, corrected for the motifs that were tested."
        )

    def next(self, encoding: Encoding, executor: Executor) -> Verdict | None:
        """Search without each part, test on it, and take the best of the significant, or else the least p-value."""
        found = self._found(encoding, executor)
        if not found:
            return None
        tested = executor.fold(lambda each: [self._tested(encoding, each)], found)
        significant = [pair for pair in tested if pair[0] <= 0.05] or [min(tested, key=lambda pair: pair[0])]
        scores = executor.fold(lambda pair: [score(encoding, pair[1], self.plan.occurrence)], significant)
        ranked = [significant[i] for i in np.argsort(-np.array(scores), kind="stable")]
        return Verdict(tuple(candidate for _, candidate in ranked), ranked[0][0])

    def erase(self, everywhere: MotifParams, executor: Executor) -> None:
        """Erase a motif from the controls, and know it from now on."""
        self.known.append(everywhere.probabilities)
        self.control_parts = [without_sites(part, everywhere, executor) for part in self.control_parts]

    def _found(self, encoding: Encoding, executor: Executor) -> list[_Found]:
        """The motifs found without each part, best first; the work is cut finely, for any number of threads."""
        rngs, plan = self.rng.spawn(len(self.parts)), self.plan
        searched = executor.fold(lambda part: [self._searched(encoding, part, rngs[part])], range(len(self.parts)))
        prepared = executor.fold(
            lambda part: [Prepared.of(searched[part], plan.widths, rngs[part])], range(len(self.parts))
        )

        def climbed(task: tuple[int, int]) -> list[_Valued]:
            part, width = task
            motifs = prepared[part].climbed(plan.occurrence, width, self.known)[:1]
            return [_Valued(part, score(searched[part], each, plan.occurrence), each) for each in motifs]

        def settled(first: _Valued) -> list[_Valued]:
            motif = polished(searched[first.part], first.motif, plan.occurrence, plan.narrowest, plan.widest)
            return [_Valued(first.part, score(searched[first.part], motif, plan.occurrence), motif)]

        firsts = _news(executor.fold(climbed, list(product(range(len(self.parts)), plan.widths))), encoding)
        ends = _news(executor.fold(settled, firsts), encoding) if firsts else []
        n = Counter(each.part for each in ends)
        ranks = Counter[int]()
        found = []
        for each in ends:
            found.append(_Found(each.part, ranks[each.part], n[each.part], each.motif))
            ranks[each.part] += 1
        return found

    def _searched(self, encoding: Encoding, part: int, rng: np.random.Generator) -> Encoding:
        """What is searched for motifs that a part judges: a sample of the others."""
        others = np.sort(np.concatenate([each for i, each in enumerate(self.parts) if i != part]))
        return sampled(encoding.subset(others), _SEARCHED, rng)

    def _tested(self, encoding: Encoding, found: _Found) -> tuple[float, Candidate]:
        """The p-value of a motif on the part that it was not found in, corrected for all tests, and the motif."""
        scores = _evidence(encoding, found.motif)
        controls = [_evidence(part, found.motif) for part in self.control_parts]
        held_out = np.zeros(len(scores), dtype=bool)
        held_out[self.parts[found.part]] = True
        others = np.concatenate([each for i, each in enumerate(controls) if i != found.part])
        threshold = best_threshold(scores[~held_out], others)
        tested, against = scores[held_out] >= threshold, controls[found.part] >= threshold
        p_value = fisher_exact(int(tested.sum()), len(tested), int(against.sum()), len(against))
        return min(1.0, p_value * len(self.parts) * found.price), found.motif


@dataclass(frozen=True, slots=True)
class _Valued:
    """A motif found without a part of the sequences, and its penalized likelihood there."""

    part: int
    score: float
    motif: Candidate


@dataclass(frozen=True, slots=True)
class _Found:
    """A motif found without a part of the sequences, and its rank among `n` found there."""

    part: int
    rank: int
    n: int
    motif: Candidate

    @property
    def price(self) -> float:
        """What its p-value is multiplied by: a weighted Bonferroni correction, each rank twice that before it."""
        return (2.0 - 0.5 ** (self.n - 1)) * 2.0**self.rank


def _shuffled(part: Encoding, rng: np.random.Generator) -> Encoding:
    """Shuffled copies of some sequences: controls."""
    n_copies = int(np.clip(_CONTROLS // len(part.sequences), 1, 20))
    copies = [shuffled(part.sequences, rng) for _ in range(n_copies)]
    return Encoding.of(joined(copies), part.background, both_strands=part.both_strands)


def n_parts(n_sequences: int) -> int:
    """In how many parts sequences are split: few sequences are searched two thirds at a time, many by halves.

    Examples
    --------
    >>> n_parts(24), n_parts(1000)
    (3, 2)
    """
    return next(parts for most, parts in _PARTS.items() if n_sequences <= most)


@dataclass
class Resampling:
    """The same search on sequences without the motif says how good a motif chance alone finds.

    These are shuffled copies, or sets of controls of the same lengths where there are enough of them. Each width has
    its own scale, the mean and the spread of its best log likelihood ratio over the copies, so that the widths compete
    by how far they rise above chance. Copies keep every triplet (sets are drawn like the sequences) and the search is
    the same, so that without a motif the sequences are one copy among the others and their rank is an exact p-value.
    """

    plan: Plan
    encoding: Encoding
    rng: np.random.Generator
    controls: SequenceSet | None = None
    null: list[list[float]] = field(default_factory=list)
    erased: list[MotifParams] = field(default_factory=list)
    seeds: list[np.random.Generator] = field(init=False)
    n_searched: int = field(init=False, default=0)
    n_sets: int = field(init=False, default=0)
    sets: list[SequenceSet] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.seeds = self.rng.spawn(max(_STAGES))
        if self.controls is None:
            return
        controls = independent(self.controls, self.plan.widest, both_strands=self.encoding.both_strands)
        lengths = self.encoding.sequences.lengths
        self.n_sets = min(n_control_sets(controls, lengths), max(_STAGES))
        if self.n_sets >= _LEAST_SETS:
            self.sets = control_sets(controls, lengths, self.n_sets, self.rng)

    @property
    def explanation(self) -> str:
        """What the p-value is, in one sentence, and why controls do not make it where they are too few."""
        copies = "sets of controls of the same lengths" if self.sets else "shuffled copies that keep every triplet"
        said = (
            f"p-value: the same search was run on {self.n_searched} {copies}; it is the "
            "rank of the motif among their best, and beyond all of them a Gumbel tail fitted to those."
        )
        if self.controls is None or self.sets:
            return said
        return (
            f"{said} The control sequences make the background only: {self.n_sets} sets of the number and lengths of "
            f"the sequences can be cut from them, and {_LEAST_SETS} are needed."
        )

    def next(self, encoding: Encoding, executor: Executor) -> Verdict | None:
        """Search, and compare with the same search on shuffled copies."""
        plan = self.plan
        bests, statistics = self._bests(encoding, self.rng)
        if not any(bests):
            return None
        for n_copies, (low, high) in _STAGES.items():
            wanted = min(n_copies, len(self.sets) or n_copies)
            self.null += executor.fold(self._copy, list(range(len(self.null), wanted)))
            self.n_searched = max(self.n_searched, wanted)
            column, p_value = self._compared(np.array(statistics))
            if not low <= p_value <= high:
                break
        best = bests[column]
        # Often one motif is the best of its width in both ways.
        different_ones = {id(each): each for each in bests if each and best and copies(each, best, encoding)}.values()
        ends = [polished(encoding, each, plan.occurrence, plan.narrowest, plan.widest) for each in different_ones]
        return Verdict(tuple(sorted(ends, key=lambda each: -score(encoding, each, plan.occurrence))), p_value)

    def erase(self, everywhere: MotifParams, executor: Executor) -> None:  # noqa: ARG002
        """Know a motif from now on, and erase it from the copies: what they hold of it would hide the next one."""
        self.erased.append(everywhere)
        self.null = []

    def _copy(self, number: int) -> list[list[float]]:
        """The best of each width in one copy, which is made anew each time, since all of them may be large."""
        whole, rng = self.encoding, deepcopy(self.seeds[number])
        copy = Encoding.of(
            self.sets[number] if self.sets else shuffled(whole.sequences, rng),
            whole.background,
            both_strands=whole.both_strands,
            site_prior=whole.site_prior,
        )
        for everywhere in self.erased:
            copy = without_sites(copy, everywhere)
        return [self._bests(copy, rng)[1]]

    def _bests(self, encoding: Encoding, rng: np.random.Generator) -> tuple[list[Candidate | None], list[float]]:
        """Of each width the best motif by its likelihood, and that by its likelihood less the price of its columns.

        The likelihood sees a motif of many sites best; where any number is allowed, chance makes many vague ones. The
        price grows with the sites, so that few clear ones are seen beside them.
        """
        known, occurrence = [each.probabilities for each in self.erased], self.plan.occurrence
        bests: list[Candidate | None] = []
        values: list[float] = []
        for motifs in candidates(encoding, occurrence, self.plan.widths, rng, known).values():
            for value_of in (lambda each: each.log_ratio, lambda each: score(encoding, each, occurrence)):
                valued = max(((value_of(each), -i) for i, each in enumerate(motifs)), default=(0.0, 1))
                values.append(valued[0])
                bests.append(motifs[-valued[1]] if motifs else None)
        return bests, values

    def _compared(self, statistics: NDArray[np.float64]) -> tuple[int, float]:
        """The column that rises highest above chance, and the p-value; every row is judged by all other rows."""
        rows = np.vstack([statistics, self.null])
        heights = np.empty_like(rows)
        for i in range(len(rows)):
            others = np.delete(rows, i, axis=0)
            heights[i] = (rows[i] - others.mean(axis=0)) / (others.std(axis=0, ddof=1) + 1e-9)
        best = heights.max(axis=1)
        return int(np.argmax(heights[0])), resampled_p_value(float(best[0]), best[1:])


def _news(motifs: Sequence[_Valued], encoding: Encoding) -> list[_Valued]:
    """The motifs of each part, best first, without copies of better ones of the same part."""
    kept: list[_Valued] = []
    for each in sorted(motifs, key=lambda each: (each.part, -each.score)):
        if not any(copies(each.motif, other.motif, encoding) for other in kept if other.part == each.part):
            kept.append(each)
    return kept


def joined(copies: Sequence[SequenceSet]) -> SequenceSet:
    """Several sets of sequences as one; the names are numbers."""
    lengths = np.concatenate([each.lengths for each in copies])
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    names = tuple(map(str, range(len(lengths))))
    return SequenceSet(names, np.concatenate([each.codes for each in copies]), offsets, copies[0].alphabet)


def _evidence(encoding: Encoding, candidate: Candidate) -> NDArray[np.float64]:
    """The evidence for a site in each sequence. Position-specific priors are left out: controls have none."""
    model = encoding.model("zoops", candidate.width)
    return evidence(one_block(encoding.without_prior, candidate.width), model.ratios(candidate.params))
