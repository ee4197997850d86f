"""How benchmarks measure: ours and the peer's in turns, so that both meet the same machine."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

PAUSE = 0.05
"""Seconds between calls: threads of OpenMP and OpenBLAS spin for a while, and would slow whoever comes next."""


@dataclass(frozen=True)
class Row:
    """One line of the table: a case, and what emtools and a peer took for it (lower is better)."""

    case: str
    ours: float
    peer: str
    theirs: float
    unit: str = "s"


def paired(case: str, ours: Callable[[], object], peer: str, theirs: Callable[[], object], repeats: int = 5) -> Row:
    """Median seconds of both, called in turns after one call each that does not count (it compiles and warms up)."""
    taken: tuple[list[float], list[float]] = ([], [])
    for turn in range(repeats + 1):
        for seconds, call in zip(taken, (ours, theirs), strict=True):
            time.sleep(PAUSE)
            begin = time.perf_counter()
            call()
            if turn > 0:
                seconds.append(time.perf_counter() - begin)
    return Row(case, median(taken[0]), peer, median(taken[1]))
