"""Runs from many starts: short ones from all, long ones from the best, one after another or side by side."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from threading import Event, Lock
from typing import Any

import numpy as np

from emtools.em.acceleration import Map, State, Stepper
from emtools.em.execution import Executor
from emtools.em.history import Fit, Iteration, Run
from emtools.em.options import FitOptions, Progress
from emtools.em.stopping import StopReason, stop_after_step
from emtools.errors import NumericalError

Start = tuple[str, Callable[[], Any]]
"""The name of a start, and what gives its parameters."""

FAILURES = (NumericalError, np.linalg.LinAlgError, FloatingPointError)

SHORTEST_STEP = 150e-6
"""Seconds of an E-step below which threads would wait for the lock of the interpreter more than they work."""

BLOCKS_FOR_A_THREAD = 4
"""With so many blocks for each thread, one run occupies them all."""


def beside_one_another(
    em: Map[Any, Any], begin: list[Start], executor: Executor, n_blocks: int
) -> tuple[bool, list[Start]]:
    """Whether threads had better take whole runs than the blocks of one run, and the starts, the first one made if so.

    It is decided by the time that an E-step takes; what is found does not depend on it.
    """
    if min(executor.n_threads, len(begin)) < 2 or n_blocks >= BLOCKS_FOR_A_THREAD * executor.n_threads:
        return False, begin
    name, start = begin[0]
    try:
        params = start()
        em.evaluate(params)
        clock = time.perf_counter()
        em.evaluate(params)
    except FAILURES:
        return False, begin
    return time.perf_counter() - clock > SHORTEST_STEP, [(name, lambda: params), *begin[1:]]


class Restarts:
    """The runs of one fit.

    Parameters
    ----------
    em : Map
        What is iterated.
    executor : Executor
        Where runs are made; their results do not depend on it.
    options : FitOptions
    stepper : Stepper
    observe : callable
        Told of each iteration, by one thread at a time.
    begin : sequence of Start
    """

    def __init__(
        self,
        em: Map[Any, Any],
        executor: Executor,
        options: FitOptions,
        stepper: Stepper,
        observe: Callable[[Progress], None],
        begin: Sequence[Start],
    ) -> None:
        self.em, self.executor, self.options, self.stepper = em, executor, options, stepper
        self.observe, self.begin = observe, begin
        self.telling, self.given_up = Lock(), Event()

    def fit(self) -> Fit[Any, Any]:
        """Short runs from every start, long runs from the best of them."""
        options = self.options
        short = len(self.begin) > options.n_long
        limit = min(options.short_iterations, options.max_iterations) if short else options.max_iterations
        tried = self._each(lambda index: self._tried(index, limit, long=not short), range(len(self.begin)))
        runs = [run for run in tried if isinstance(run, Run)]
        failures = tuple(failure for failure in tried if isinstance(failure, str))
        if not runs:
            raise NumericalError(f"every run failed; the first: {failures[0]}", cure="check the scale of the data")
        if short:
            best_first = sorted(runs, key=lambda run: (-run.objective, run.index))
            chosen = {run.index for run in best_first[: options.n_long]}
            runs = self._each(lambda run: self._continued(run, chosen=run.index in chosen), runs)
        return Fit(tuple(runs), failures)

    def _each(self, function: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]:
        """What the function makes of each item, in their order."""

        def made(item: Any) -> list[Any]:
            with self._or_give_up(), np.errstate(all="ignore"):
                return [function(item)]

        with self._or_give_up():
            return self.executor.fold(made, items)

    @contextmanager
    def _or_give_up(self) -> Iterator[None]:
        """Whatever interrupts one run ends the others at their next step."""
        try:
            yield
        except BaseException:
            self.given_up.set()
            raise

    def _tried(self, index: int, limit: int, *, long: bool) -> Run[Any, Any] | str:
        name, start = self.begin[index]
        try:
            return self._advanced(self._started(index, name, start), limit, long=long)
        except FAILURES as error:
            return f"run {index} ({name}): {error}"

    def _started(self, index: int, name: str, start: Callable[[], Any]) -> Run[Any, Any]:
        clock = time.perf_counter()
        state = self.em.evaluate(start())
        entry = Iteration(0, state.objective, 0.0, 1, time.perf_counter() - clock)
        return Run(index, name, state.params, state.stats, state.objective, (entry,), StopReason.MAX_ITERATIONS)

    def _continued(self, run: Run[Any, Any], *, chosen: bool) -> Run[Any, Any]:
        if run.stop is not StopReason.MAX_ITERATIONS:
            return run
        if not chosen:
            return replace(run, stop=StopReason.NOT_CONTINUED)
        return self._advanced(run, self.options.max_iterations, long=True)

    def _advanced(self, run: Run[Any, Any], limit: int, *, long: bool) -> Run[Any, Any]:
        """Go on with a run until it stops or reaches `limit` iterations."""
        state = State(run.params, run.stats, run.objective)
        history = list(run.history)
        stop = None
        while stop is None and history[-1].iteration < limit and not self.given_up.is_set():
            clock = time.perf_counter()
            try:
                after, evaluations, note = self.stepper.advance(self.em, state)
            except FAILURES as error:
                stop = StopReason.FAILED
                history[-1] = replace(history[-1], note=f"the next step failed: {error}")
                break
            gain = after.objective - state.objective
            objectives = [entry.objective for entry in history[-2:]] + [after.objective]
            stop = stop_after_step(objectives, state.stats.weight, self.options.tolerance)
            if gain < 0.0:
                # What was lost by rounding or worse is not reported as found: the state before stays the result.
                history[-1] = replace(history[-1], note=f"the next step changed the objective by {gain:.3g}")
                break
            state = after
            step = Iteration(
                history[-1].iteration + 1, state.objective, gain, evaluations, time.perf_counter() - clock, note
            )
            history.append(step)
            self._tell(run.index, step, long=long)
        return replace(
            run,
            params=state.params,
            stats=state.stats,
            objective=state.objective,
            history=tuple(history),
            stop=stop or StopReason.MAX_ITERATIONS,
        )

    def _tell(self, index: int, step: Iteration, *, long: bool) -> None:
        with self.telling:
            self.observe(Progress(index, len(self.begin), long, step.iteration, step.objective))
