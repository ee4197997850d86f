"""The search for motifs without each part of the sequences in turn, cut finely for any number of threads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

from emtools.em import Executor
from emtools.motifs.encoding import Encoding
from emtools.motifs.judge import Plan
from emtools.motifs.search import Candidate, best_of_width
from emtools.motifs.seeds import Seeds, sampled
from emtools.motifs.widths import polished, same_motif, score

#: Letters without each part that are searched; the test and the final fit see all of them.
MOST_SEARCHED = 100_000


@dataclass(frozen=True, slots=True)
class Found:
    """A motif found without a part of the sequences, and its rank among `n` found there."""

    part: int
    rank: int
    n: int
    motif: Candidate

    @property
    def price(self) -> float:
        """What its p-value is multiplied by: a weighted Bonferroni correction, each rank twice that before it."""
        return (2.0 - 0.5 ** (self.n - 1)) * 2.0**self.rank


@dataclass(frozen=True, slots=True)
class _Valued:
    """A motif found without a part of the sequences, and its penalized likelihood there."""

    part: int
    score: float
    motif: Candidate


def found_without(
    encoding: Encoding,
    parts: Sequence[NDArray[np.int64]],
    plan: Plan,
    known: Sequence[NDArray[np.float64]],
    rngs: Sequence[np.random.Generator],
    executor: Executor,
) -> list[Found]:
    """The motifs found without each part.

    Parameters
    ----------
    encoding : Encoding
    parts : sequence of ndarray of int64
        The sequences of each part.
    plan : Plan
    known : sequence of ndarray of shape (any width, n_letters)
        Motifs that are no news.
    rngs : sequence of Generator
        One for each part; they draw what is searched of large data.
    executor : Executor
        The result does not depend on it.

    Returns
    -------
    list of Found
        By part, and within it the best first.
    """

    def without(part: int) -> list[tuple[Encoding, Seeds]]:
        others = np.sort(np.concatenate([each for i, each in enumerate(parts) if i != part]))
        rest = sampled(encoding, MOST_SEARCHED, rngs[part], among=others)
        return [(rest, Seeds.of(rest, plan.widths, rngs[part]))]

    searched, seeds = zip(*executor.fold(without, range(len(parts))), strict=True)
    profiles = _profiles(seeds, executor)

    def climbed(task: tuple[int, int]) -> list[_Valued]:
        part, width = task
        motifs = best_of_width(seeds[part].sample, plan.occurrence, width, profiles[part], known)[:1]
        return [_Valued(part, score(searched[part], each, plan.occurrence), each) for each in motifs]

    def settled(first: _Valued) -> list[_Valued]:
        motif = polished(searched[first.part], first.motif, plan.occurrence, plan.narrowest, plan.widest)
        return [_Valued(first.part, score(searched[first.part], motif, plan.occurrence), motif)]

    # Wide motifs take longest: what is begun last should be short, so that threads end together.
    tasks = sorted(product(range(len(parts)), plan.widths), key=lambda task: -task[1])
    firsts = _news(executor.fold(climbed, tasks), encoding, clear=0.0)
    firsts.sort(key=lambda each: -each.motif.width)
    return _by_rank(_news(executor.fold(settled, firsts), encoding) if firsts else [])


def _by_rank(ends: Sequence[_Valued]) -> list[Found]:
    n, ranks = Counter(each.part for each in ends), Counter[int]()
    found = []
    for each in ends:
        found.append(Found(each.part, ranks[each.part], n[each.part], each.motif))
        ranks[each.part] += 1
    return found


def _profiles(seeds: Sequence[Seeds], executor: Executor) -> list[NDArray[np.float64]]:
    """The seeds of each part with what lies beside them."""
    tasks = [(part, kind) for part, each in enumerate(seeds) for kind in each.kinds]
    found = executor.fold(lambda task: [seeds[task[0]].profiles(task[1])], tasks)
    first = np.cumsum([0, *(len(each.kinds) for each in seeds)])
    return [np.concatenate(found[begin:end]) for begin, end in pairwise(first)]


def _news(motifs: Sequence[_Valued], encoding: Encoding, clear: float = -np.inf) -> list[_Valued]:
    """The motifs of each part, best first, without copies of better ones of the same part that are `clear` enough.

    Of a weak motif it may be any of its copies, narrow or wide, that leads on.
    """
    kept: list[_Valued] = []
    for each in sorted(motifs, key=lambda each: (each.part, -each.score)):
        rivals = [other for other in kept if other.part == each.part and other.score > clear]
        if not any(same_motif(each.motif, other.motif, encoding) for other in rivals):
            kept.append(each)
    return kept
