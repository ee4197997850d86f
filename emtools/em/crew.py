"""Threads that stay awake between short pieces of work, and what they do together.

An iteration of EM is a few milliseconds of work for all threads and a fraction of one for a single thread. A thread
that sleeps through that is woken late, and comes back to a core with nothing in its caches. So, as in OpenMP, who waits
looks for work for a while before it sleeps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import reduce
from itertools import count
from operator import add
from queue import SimpleQueue
from threading import Condition, Lock, Thread
from types import TracebackType
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Item = TypeVar("Item")
Sum = TypeVar("Sum", bound=Any)

TURNS = 50_000
"""Turns of waiting awake, about a millisecond."""


class Crew:
    """Threads that help with work until the crew is dismissed, at the end of a `with` block.

    Parameters
    ----------
    n_helpers : int
        Threads beside the calling one.

    Examples
    --------
    >>> with Crew(1) as crew:
    ...     crew.fold(len, [["ab", "c"], ["d"]])
    4
    """

    def __init__(self, n_helpers: int) -> None:
        self._offers: SimpleQueue[Work[Any, Any] | None] = SimpleQueue()
        self._n_offered = np.zeros(1, dtype=np.int64)
        self._n_free = n_helpers
        self._lock = Lock()
        self._helpers = [Thread(target=self._help, daemon=True) for _ in range(n_helpers)]

    def __enter__(self) -> Crew:
        for helper in self._helpers:
            helper.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._put([None] * len(self._helpers))
        if not _is_interruption(error):
            for helper in self._helpers:
                helper.join()

    def fold(self, function: Callable[[Item], Sum], groups: Sequence[Sequence[Item]]) -> Sum:
        """The function folded over all items of all groups, in order, by the calling thread and whoever is free."""
        work = Work(function, groups)
        with self._lock:
            n = min(len(groups) - 1, self._n_free)
            self._n_free -= n
            self._put([work] * n)
        return work.result()

    def _put(self, offers: Sequence[Work[Any, Any] | None]) -> None:
        for offer in offers:
            self._offers.put(offer)
        self._n_offered[0] += len(offers)

    def _help(self) -> None:
        work = self._offers.get()
        while work is not None:
            work.help()
            del work
            with self._lock:
                self._n_free += 1
            work = self._next()

    def _next(self) -> Work[Any, Any] | None:
        known = int(self._n_offered[0])
        while self._offers.empty() and _changes(self._n_offered, known):
            known = int(self._n_offered[0])
        return self._offers.get()


class Work(Generic[Item, Sum]):
    """Groups of blocks that threads take from one another; sums of groups are added as soon as their turn comes.

    Parameters
    ----------
    function : callable
    groups : sequence of sequence
        ``function`` is folded over each, and the results in the order of the groups.

    Examples
    --------
    >>> Work(len, [["ab", "c"], ["d"]]).result()
    4
    """

    def __init__(self, function: Callable[[Item], Sum], groups: Sequence[Sequence[Item]]) -> None:
        self._function, self._groups, self._tickets = function, groups, count()
        self._changed = Condition()
        self._waiting: dict[int, Sum] = {}
        self._next = 0
        self._total: Sum
        self._error: BaseException | None = None
        self._over = False
        self._n_inside = np.zeros(1, dtype=np.int64)

    def result(self) -> Sum:
        """Take part until no group is left, and wait for those who help; what failed anywhere is raised here."""
        try:
            self._take_part()
        except BaseException as error:
            self._end(wait=not _is_interruption(error))
            raise
        self._end(wait=True)
        if self._error is not None:
            raise self._error
        return self._total

    def help(self) -> None:
        """Take part, if it is not over."""
        with self._changed:
            if self._over:
                return
            self._n_inside[0] += 1
        with suppress(BaseException):
            self._take_part()
        with self._changed:
            self._n_inside[0] -= 1
            self._changed.notify_all()

    def _take_part(self) -> None:
        try:
            while self._error is None and (number := next(self._tickets)) < len(self._groups):
                self._add(number, sum_of(self._function, self._groups[number]))
        except BaseException as error:
            self._error = self._error or error
            raise

    def _add(self, number: int, part: Sum) -> None:
        with self._changed:
            self._waiting[number] = part
            while self._next in self._waiting:
                ready = self._waiting.pop(self._next)
                self._total = ready if self._next == 0 else self._total + ready
                self._next += 1

    def _end(self, *, wait: bool) -> None:
        with self._changed:
            self._over = True
        if not wait:
            return
        while (n := int(self._n_inside[0])) and _changes(self._n_inside, n):
            pass
        with self._changed:
            self._changed.wait_for(lambda: not self._n_inside[0])


def _is_interruption(error: BaseException | None) -> bool:
    """Whether nobody is to be waited for: what was interrupted may hold a lock that a helper needs to go on."""
    return error is not None and not isinstance(error, Exception)


def _changes(shared: NDArray[np.int64], known: int) -> bool:
    from emtools.kernels.waiting import changes  # compiled code, which one thread does without

    return changes(shared, known, TURNS)


def sum_of(function: Callable[[Item], Sum], group: Sequence[Item]) -> Sum:
    """The function of each item, added in order."""
    return reduce(add, map(function, group))
