"""The p-value of a motif from the same search on copies without it, where sequences are too few to set some apart."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from emtools.em import Executor
from emtools.models.motif import MotifParams
from emtools.motifs.control_sets import control_sets, n_control_sets
from emtools.motifs.copies import independent
from emtools.motifs.encoding import Encoding
from emtools.motifs.exact import resampled_p_value
from emtools.motifs.judge import Plan, Verdict
from emtools.motifs.search import Candidate, candidates
from emtools.motifs.sequences import SequenceSet
from emtools.motifs.shuffle import shuffled
from emtools.motifs.sites import without_sites
from emtools.motifs.widths import copies, polished, score

#: With fewer sets of controls a p-value of 0.05 would be below what their number allows.
_LEAST_SETS = 19
#: Shuffled copies of small data, in stages, and between which p-values the next stage is needed.
_STAGES = {9: (0.0, 0.25), 19: (0.002, 0.25), 39: (0.0, 0.0)}


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
