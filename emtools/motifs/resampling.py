"""The p-value of a motif from the same search on copies without it, where sequences are too few to set some apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from emtools.em import Executor
from emtools.kernels.letters import word_counts
from emtools.models.motif import MotifParams
from emtools.motifs.controls import Controls
from emtools.motifs.encoding import Encoding
from emtools.motifs.exact import LEAST_EXTRAPOLATED, resampled_p_value
from emtools.motifs.judge import Plan, Verdict
from emtools.motifs.search import Candidate, candidates
from emtools.motifs.sequences import SequenceSet
from emtools.motifs.shuffle import in_order_of, seed_of, words_kept, words_named
from emtools.motifs.sites import without_sites
from emtools.motifs.widths import polished, same_motif, score

#: With fewer sets of controls a p-value of 0.05 would be below what their number allows.
LEAST_SETS = 19
#: Copies are compared by what most of them have, and not fewer than some.
_MOST_HAVE_IT, _SOME_HAVE_IT = 0.5, 4
#: The share of the log likelihood ratio that was compared, which what is said to be the motif has to have. Where there
#: are so few sites that no column earns its price, a motif of fewer columns would always be the better one.
_KEPT = 0.1
#: In nats: values that differ by less are the same (where copies can hardly differ from the sequences).
_ALIKE = 0.01
#: The share of its letters that a copy may hold of a motif and is not searched again without it.
_LITTLE = 0.02
#: In nats: by so much what motifs left may tell itself from what copies were made of, before they are made anew.
_SAME = 20.0
#: Heights, in standard deviations, spread by more than this unless copies hardly differ.
_LEAST_SCALE = 0.5
#: How many copies are searched, in stages, and between which p-values the next stage is needed.
Stages = Mapping[int, tuple[float, float]]
STAGES: Stages = MappingProxyType({9: (0.0, 0.25), 19: (0.002, 0.25), 39: (0.0, 0.0)})


@dataclass(frozen=True, slots=True)
class _Bests:
    """What one search found: the best motifs of each width, and their values."""

    motifs: list[Candidate | None]
    values: list[float]


@dataclass
class Resampling:
    """The same search on sequences without the motif says how good a motif chance alone finds.

    These are shuffled copies, or sets of controls of the same lengths where there are enough of them. Each width has
    its own scale, the mean and the spread over the copies of its best log likelihood ratio, and of its best score, so
    that widths compete by how far they rise above chance. Copies keep every triplet (sets are drawn like the sequences)
    and the search is the same, so that without a motif the sequences are one copy among the others and their rank is an
    exact p-value.
    """

    plan: Plan
    encoding: Encoding
    rng: np.random.Generator
    controls: Controls | None = None
    stages: Stages = field(default_factory=lambda: STAGES)
    null: dict[int, _Bests] = field(init=False, default_factory=dict)
    erased: list[MotifParams] = field(init=False, default_factory=list)
    seeds: list[np.random.Generator] = field(init=False)
    n_searched: int = field(init=False, default=0)
    sets: list[SequenceSet] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.seeds = self.rng.spawn(max(self.stages))
        if self.controls is not None:
            n_sets = min(self.controls.n_sets(self.encoding.sequences), max(self.stages))
            self.sets = self.controls.sets(self.encoding.sequences, n_sets, self.rng)

    @property
    def shuffles(self) -> bool:
        """Whether it is shuffled copies that are searched."""
        return not self.sets

    @property
    def _words_kept(self) -> int:
        return words_kept(self.encoding.sequences.alphabet.size, self.plan.widest)

    @property
    def explanation(self) -> str:
        """What the p-value is, in one sentence."""
        if not self.n_searched:
            return "none, since no motif was found that could be compared with others."
        shuffles = f"shuffled copies that keep every {words_named(self._words_kept)}"
        copies = "sets of controls of the same lengths" if self.sets else shuffles
        return (
            f"the same search was run on up to {self.n_searched} {copies}, fewer where it was clear before; it is the "
            "rank of the motif among their best, and beyond all of them a Gumbel tail fitted to those, down to "
            f"{LEAST_EXTRAPOLATED:g}."
        )

    def next(self, encoding: Encoding, executor: Executor) -> Verdict | None:
        """Search, and compare with the same search on shuffled copies."""
        plan = self.plan
        found = self._bests(encoding, self.rng)
        if not any(found.motifs):
            return None
        for n_copies, (low, high) in self.stages.items():
            wanted = range(min(n_copies, len(self.sets) or n_copies))
            self._search_copies(wanted, executor)
            self.n_searched = max(self.n_searched, len(wanted))
            column, p_value = self._compared(found.values, [self.null[number].values for number in wanted])
            if not low <= p_value <= high:
                break
        best = found.motifs[column]
        if best is None:
            return None
        # Often one motif is the best of its width in both ways.
        alike = {id(each): each for each in found.motifs if each and (each is best or same_motif(each, best, encoding))}
        ends = [polished(encoding, each, plan.occurrence, plan.narrowest, plan.widest) for each in alike.values()]
        ends = [each for each in ends if each.log_ratio >= _KEPT * best.log_ratio] or [best]
        starts = tuple(sorted(ends, key=lambda each: -score(encoding, each, plan.occurrence)))
        return Verdict(starts, p_value)

    def erase(self, left: Encoding, everywhere: MotifParams, executor: Executor) -> None:
        """Know a motif from now on; copies that hold more than a little of it are to be searched again without it.

        The others stay as they are: what little they hold more than the sequences can only make them better. But once
        motifs took so many letters of a kind that those left are of another composition, copies are made of what is
        left; so they are where position-specific priors preferred the places that are gone, and leave a choice of all
        others; and no control of a set has room for a site where the sequence it stands for has none left.
        """
        if self.sets:
            before = self.encoding.sequences.without_letters
            changed = not np.array_equal(left.sequences.without_letters, before)
        else:
            another = _told_apart(left.sequences, self.encoding.sequences, self._words_kept) > _SAME
            changed = left.site_prior is not None or another
        if changed:
            self.encoding, self.null = left, {}

        def holds_little(number: int) -> list[bool]:
            copy, _ = self._copy(number)
            return [float(np.mean(copy.free - without_sites(copy, everywhere).free)) <= _LITTLE]

        little = executor.fold(holds_little, list(self.null)) if self.null else []
        self.null = {number: bests for (number, bests), stays in zip(self.null.items(), little, strict=True) if stays}
        self.erased.append(everywhere)

    def _search_copies(self, wanted: Sequence[int], executor: Executor) -> None:
        missing = [number for number in wanted if number not in self.null]
        if missing:
            found = executor.fold(lambda number: [self._bests(*self._copy(number))], missing)
            self.null.update(zip(missing, found, strict=True))

    def _copy(self, number: int) -> tuple[Encoding, np.random.Generator]:
        """One copy, made anew each time, since all of them may be large; and what its search draws from."""
        whole, rng = self.encoding, deepcopy(self.seeds[number])
        copy = Encoding.of(
            self.sets[number].emptied(whole.sequences.without_letters) if self.sets else self._shuffled(rng),
            whole.background,
            both_strands=whole.both_strands,
            site_prior=whole.site_prior,
        )
        for everywhere in self.erased:
            copy = without_sites(copy, everywhere)
        return copy, rng

    def _shuffled(self, rng: np.random.Generator) -> SequenceSet:
        whole = self.encoding
        return in_order_of(whole.sequences, seed_of(rng), word_length=self._words_kept, covered=whole.covered)

    def _bests(self, encoding: Encoding, rng: np.random.Generator) -> _Bests:
        """Of each width the best motif by its likelihood, and that by its score.

        The likelihood sees a motif of many sites best; where any number is allowed, chance makes many vague ones. The
        score has a price that grows with the sites, so that few clear ones are seen beside them, and in it gaps are as
        good as free, so that two halves are seen that lie far apart.
        """
        known, occurrence = [each.probabilities for each in self.erased], self.plan.occurrence
        bests: list[Candidate | None] = []
        values: list[float] = []
        for motifs in candidates(encoding, occurrence, self.plan.widths, rng, known).values():
            for value_of in (lambda each: each.log_ratio, lambda each: score(encoding, each, occurrence)):
                best = max(motifs, key=value_of, default=None)
                values.append(value_of(best) if best else np.nan)
                bests.append(best)
        return _Bests(bests, values)

    def _compared(self, statistics: list[float], null: list[list[float]]) -> tuple[int, float]:
        """The column that rises highest above chance, and the p-value; every row is judged by all other rows.

        Where a search came to no motif of a width there is no value; a column that few rows have compares nothing.
        """
        rows = np.round(np.vstack([statistics, *null]) / _ALIKE) * _ALIKE
        n_have_it = np.isfinite(rows).sum(axis=0)
        rows[:, n_have_it < max(_MOST_HAVE_IT * len(rows), _SOME_HAVE_IT)] = np.nan
        heights = _heights(rows)
        best = heights.max(axis=1)
        if np.isneginf(best[0]):
            return int(np.argmax(np.isfinite(statistics))), 1.0
        # Beside a motif all copies look alike: how far they spread is seen among themselves.
        among_copies = _heights(rows[1:]).max(axis=1)
        return int(np.argmax(heights[0])), resampled_p_value(float(best[0]), best[1:], among_copies, _LEAST_SCALE)


def _heights(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """By how many standard deviations of the others each row is above them, in each column; -inf without a value."""
    heights = np.full(rows.shape, -np.inf)
    for i, row in enumerate(rows):
        has = np.isfinite(row)
        others = np.delete(rows[:, has], i, axis=0)
        spread = np.maximum(np.nanstd(others, axis=0, ddof=1), 10.0 * _ALIKE)
        heights[i, has] = (row[has] - np.nanmean(others, axis=0)) / spread
    # Ties are ties, whatever the order of summation.
    return np.round(heights, 9)


def _told_apart(left: SequenceSet, whole: SequenceSet, length: int) -> float:
    """By how many nats the words of what is left are likelier by their own frequencies than by those of the whole."""
    size = whole.alphabet.size
    counts, before = (word_counts(each.codes, each.offsets, size, length)[-(size**length) :] for each in (left, whole))
    has = counts > 0
    ratios = counts[has] / counts.sum() / (before[has] / before.sum())
    return float(np.sum(counts[has] * np.log(ratios)))
