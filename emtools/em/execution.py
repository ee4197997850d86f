"""Where the E-step runs: in this thread or in several, with the same bits.

Blocks are fixed by the data, never by the workers. They are folded in block order, in groups that their number alone
decides, so the order of the floating-point additions does not depend on how many threads there are. BLAS is held to
one thread meanwhile: the blocks are the parallel work, and two layers of threads only fight.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, reduce
from operator import add
from threading import get_ident
from typing import Any, Protocol, TypeVar

from threadpoolctl import ThreadpoolController

from emtools.em.crew import Crew, sum_of

Item = TypeVar("Item")
Sum = TypeVar("Sum", bound=Any)

GROUPS = 64
"""At most so many groups of blocks: what threads take from one another, few enough that taking costs nothing."""


class Executor(Protocol):
    """Maps a function over blocks and adds up the results in block order.

    Attributes
    ----------
    n_threads : int
    """

    n_threads: int

    def session(self) -> Any:
        """A context in which `fold` is called many times; it holds what the calls share."""
        ...

    def fold(self, function: Callable[[Item], Sum], blocks: Sequence[Item]) -> Sum:
        """``function(blocks[0]) + function(blocks[1]) + ...``, in order."""
        ...


class Serial:
    """Everything in the calling thread.

    Examples
    --------
    >>> Serial().fold(len, ["ab", "c"])
    3
    """

    n_threads = 1

    def __init__(self) -> None:
        self._within: set[int] = set()

    @contextmanager
    def session(self) -> Iterator[None]:
        """Hold BLAS to one thread; a session within a session of the same thread finds it held."""
        thread = get_ident()
        if thread in self._within:
            yield
            return
        with _blas().limit(limits=1):
            self._within.add(thread)
            try:
                yield
            finally:
                self._within.remove(thread)

    def fold(self, function: Callable[[Item], Sum], blocks: Sequence[Item]) -> Sum:
        """Map and add in order."""
        return reduce(add, (sum_of(function, group) for group in _groups(blocks)))


class Threads:
    """Groups of blocks on `n` threads, the calling one among them; their sums are added as soon as their turn comes.

    Parameters
    ----------
    n_threads : int

    Examples
    --------
    >>> Threads(2).fold(len, ["ab", "c"])
    3
    """

    def __init__(self, n_threads: int) -> None:
        if n_threads < 1:
            raise ValueError(f"at least one thread is needed, got {n_threads}")
        self.n_threads = n_threads
        self._crew: Crew | None = None

    @contextmanager
    def session(self) -> Iterator[None]:
        """Keep the same threads, and hold BLAS to one thread in each; a session within a session shares its threads."""
        if self._crew is not None:
            yield
            return
        # More threads than groups would find nothing to do, and no system makes any number of them.
        with _blas().limit(limits=1), Crew(min(self.n_threads, GROUPS) - 1) as crew:
            self._crew = crew
            try:
                yield
            finally:
                self._crew = None

    def fold(self, function: Callable[[Item], Sum], blocks: Sequence[Item]) -> Sum:
        """Map on the threads, add in block order."""
        if self._crew is None:
            with self.session():
                return self.fold(function, blocks)
        return self._crew.fold(function, _groups(blocks))


def _groups(blocks: Sequence[Item]) -> list[Sequence[Item]]:
    """Neighboring blocks together, so that there are at most `GROUPS` groups."""
    if len(blocks) == 0:
        raise ValueError("there are no blocks to fold")
    size = -(-len(blocks) // GROUPS)
    return [blocks[begin : begin + size] for begin in range(0, len(blocks), size)]


def executor_for(n_threads: int) -> Executor:
    """`Serial` for one thread, `Threads` for more."""
    return Serial() if n_threads == 1 else Threads(n_threads)


@cache
def _blas() -> ThreadpoolController:
    """The BLAS libraries that are loaded: to find them takes longer than many a fit, so they are found once."""
    return ThreadpoolController().select(user_api="blas")
