"""Where the E-step runs: in this thread or in several, with the same bits.

Blocks are fixed by the data, never by the workers, and their statistics are folded in block order; so the order of
the floating-point additions does not depend on how many threads there are. BLAS is held to one thread meanwhile:
the blocks are the parallel work, and two layers of threads only fight.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache, reduce
from operator import add
from typing import Any, Protocol, TypeVar

from threadpoolctl import ThreadpoolController

Item = TypeVar("Item")
Sum = TypeVar("Sum", bound=Any)


class Executor(Protocol):
    """Maps a function over blocks and adds up the results in block order."""

    def session(self) -> Any:
        """A context in which `fold` is called many times; it holds what the calls share."""
        ...

    def fold(self, function: Callable[[Item], Sum], blocks: Sequence[Item]) -> Sum:
        """``function(blocks[0]) + function(blocks[1]) + ...``, from the left."""
        ...


class Serial:
    """Everything in the calling thread.

    Examples
    --------
    >>> Serial().fold(len, ["ab", "c"])
    3
    """

    @contextmanager
    def session(self) -> Iterator[None]:
        """Hold BLAS to one thread."""
        with _blas().limit(limits=1):
            yield

    def fold(self, function: Callable[[Item], Sum], blocks: Sequence[Item]) -> Sum:
        """Map and add from the left."""
        return reduce(add, map(function, blocks))


class Threads:
    """Blocks on `n` threads; at most ``4 n`` results wait to be added, so memory stays bounded.

    Parameters
    ----------
    n : int
        The number of threads.

    Examples
    --------
    >>> Threads(2).fold(len, ["ab", "c"])
    3
    """

    def __init__(self, n: int) -> None:
        if n < 1:
            raise ValueError(f"at least one thread is needed, got {n}")
        self.n = n
        self._pool: ThreadPoolExecutor | None = None

    @contextmanager
    def session(self) -> Iterator[None]:
        """Keep one pool of threads, and hold BLAS to one thread in each."""
        with _blas().limit(limits=1), ThreadPoolExecutor(self.n) as pool:
            self._pool = pool
            try:
                yield
            finally:
                self._pool = None

    def fold(self, function: Callable[[Item], Sum], blocks: Sequence[Item]) -> Sum:
        """Map on the threads, add in block order."""
        if self._pool is None:
            with self.session():
                return self.fold(function, blocks)
        waiting: deque[Future[Sum]] = deque()
        remaining = iter(blocks)
        total: Sum | None = None
        for block in remaining:
            waiting.append(self._pool.submit(function, block))
            if len(waiting) >= 4 * self.n:
                total = _added(total, waiting.popleft().result())
        while waiting:
            total = _added(total, waiting.popleft().result())
        if total is None:
            raise ValueError("there are no blocks to fold")
        return total


def executor_for(n_threads: int) -> Executor:
    """`Serial` for one thread, `Threads` for more."""
    return Serial() if n_threads == 1 else Threads(n_threads)


@cache
def _blas() -> ThreadpoolController:
    """The BLAS libraries that are loaded: to find them takes longer than many a fit, so they are found once."""
    return ThreadpoolController().select(user_api="blas")


def _added(total: Sum | None, part: Sum) -> Sum:
    if total is None:
        return part
    both: Sum = total + part
    return both
