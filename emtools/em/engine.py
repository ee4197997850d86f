"""The one Expectation-Maximization loop: restarts, short and long runs, and every run kept."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from emtools.em.acceleration import Map, Plain, State, Stepper
from emtools.em.execution import Executor, Serial
from emtools.em.history import Fit, Iteration, Run
from emtools.em.protocol import Block, Model, Params, StatsT
from emtools.em.stopping import StopReason, stop_after_step
from emtools.errors import NumericalError


@dataclass(frozen=True, slots=True)
class FitOptions:
    """How `fit` searches.

    Attributes
    ----------
    n_starts : int
        Random starts (used only where no starts are given).
    n_long : int
        How many of the short runs are carried to convergence (emEM: Biernacki, Celeux and Govaert 2003, Computational
        Statistics and Data Analysis 41:561). With as many starts or fewer there are no short runs.
    short_iterations : int
        The EM steps of a short run.
    max_iterations : int
        The EM steps of a long run, those of its short part included.
    tolerance : float
        A run has converged when the estimated remaining gain per observation is below this, in nats.
    seed : int
        Start ``i`` draws from child ``i`` of this seed, so that it can be repeated alone.
    """

    n_starts: int = 10
    n_long: int = 3
    short_iterations: int = 15
    max_iterations: int = 1000
    tolerance: float = 1e-6
    seed: int = 0

    def __post_init__(self) -> None:
        if min(self.n_starts, self.n_long, self.short_iterations, self.max_iterations) < 1:
            raise ValueError("n_starts, n_long, short_iterations and max_iterations must be at least 1")
        if not self.tolerance >= 0.0:
            raise ValueError(f"tolerance must not be negative, got {self.tolerance}")


@dataclass(frozen=True, slots=True)
class Progress:
    """What `fit` tells its observer after each iteration of each run."""

    run: int
    n_runs: int
    long: bool
    iteration: int
    objective: float


def silent(progress: Progress) -> None:
    """Observe nothing."""


def fit(
    model: Model[Block, Params, StatsT],
    blocks: Sequence[Block],
    options: FitOptions | None = None,
    *,
    starts: Sequence[Params] | None = None,
    executor: Executor | None = None,
    stepper: Stepper | None = None,
    observe: Callable[[Progress], None] = silent,
) -> Fit[Params, StatsT]:
    """Fit a model by Expectation-Maximization from several starts.

    Parameters
    ----------
    model : Model
        What to fit.
    blocks : sequence
        The data, cut in blocks; how they are cut decides the order of additions, so it belongs to the data.
    options : FitOptions, optional
        How to search.
    starts : sequence of parameters, optional
        Where to start; by default ``options.n_starts`` times where `model.initialize` says.
    executor : Executor, optional
        Where the E-step runs; `Serial` by default. The result does not depend on it.
    stepper : Stepper, optional
        Plain EM by default.
    observe : callable, optional
        Called after each iteration.

    Returns
    -------
    Fit
        Every run, in the order of the starts, and the best.

    Raises
    ------
    NumericalError
        If every run failed.

    Examples
    --------
    >>> from emtools.models import binomial_mixture, blocks_of
    >>> tosses = blocks_of(np.array([[5.0, 10], [9, 10], [8, 10], [4, 10], [7, 10]]))
    >>> result = fit(binomial_mixture(2), tosses, FitOptions(n_starts=3, n_long=3))
    >>> result.best.converged
    True
    """
    options = options or FitOptions()
    executor = executor or Serial()
    em = Map(model, partial(_step, model, blocks, executor), partial(_evaluate, model, blocks, executor))
    seeds = np.random.SeedSequence(options.seed).spawn(options.n_starts)
    begin: list[tuple[str, Callable[[], Params]]] = (
        [(f"seed {options.seed}, child {i}", partial(_initialize, model, blocks, seed)) for i, seed in enumerate(seeds)]
        if starts is None
        else [("given", partial(_given, start)) for start in starts]
    )
    search = _Search(em, options, stepper or Plain(), observe, len(begin))
    with executor.session(), np.errstate(all="ignore"):
        return search.result(begin)


def evaluate(
    model: Model[Block, Params, StatsT], blocks: Sequence[Block], params: Params, executor: Executor | None = None
) -> State[Params, StatsT]:
    """The statistics and the objective of given parameters: one E-step over all blocks."""
    return _evaluate(model, blocks, executor or Serial(), params)


def _evaluate(
    model: Model[Block, Params, StatsT], blocks: Sequence[Block], executor: Executor, params: Params
) -> State[Params, StatsT]:
    stats = executor.fold(lambda block: model.expect(block, params), blocks)
    objective = float(stats.log_likelihood + model.log_prior(params))
    if not math.isfinite(objective):
        raise NumericalError("the objective is not finite", value=objective)
    return State(params, stats, objective)


def _step(
    model: Model[Block, Params, StatsT],
    blocks: Sequence[Block],
    executor: Executor,
    state: State[Params, StatsT],
) -> State[Params, StatsT]:
    return _evaluate(model, blocks, executor, model.maximize(state.stats, state.params))


def _initialize(model: Model[Block, Params, Any], blocks: Sequence[Block], seed: np.random.SeedSequence) -> Params:
    return model.initialize(blocks, np.random.default_rng(seed))


def _given(start: Params) -> Params:
    return start


@dataclass(frozen=True, slots=True)
class _Search:
    """Short runs from every start, long runs from the best of them."""

    em: Map[Any, Any]
    options: FitOptions
    stepper: Stepper
    observe: Callable[[Progress], None]
    n_runs: int

    def result(self, begin: Sequence[tuple[str, Callable[[], Any]]]) -> Fit[Any, Any]:
        options = self.options
        short = len(begin) > options.n_long
        limit = min(options.short_iterations, options.max_iterations) if short else options.max_iterations
        runs: dict[int, Run[Any, Any]] = {}
        failures: list[str] = []
        for index, (name, start) in enumerate(begin):
            try:
                runs[index] = self.advanced(self.started(index, name, start), limit, long=not short)
            except (NumericalError, np.linalg.LinAlgError, FloatingPointError) as error:
                failures.append(f"run {index} ({name}): {error}")
        if not runs:
            raise NumericalError(f"every run failed; the first: {failures[0]}", cure="check the scale of the data")
        if short:
            ranked = sorted(runs.values(), key=lambda run: (-run.objective, run.index))
            for rank, run in enumerate(ranked):
                runs[run.index] = self.continued(run, chosen=rank < options.n_long)
        return Fit(tuple(runs.values()), tuple(failures))

    def started(self, index: int, name: str, start: Callable[[], Any]) -> Run[Any, Any]:
        clock = time.perf_counter()
        state = self.em.evaluate(start())
        entry = Iteration(0, state.objective, 0.0, 1, time.perf_counter() - clock)
        return Run(index, name, state.params, state.stats, state.objective, (entry,), StopReason.MAX_ITERATIONS)

    def continued(self, run: Run[Any, Any], *, chosen: bool) -> Run[Any, Any]:
        if run.stop is not StopReason.MAX_ITERATIONS:
            return run
        if not chosen:
            return replace(run, stop=StopReason.NOT_CONTINUED)
        return self.advanced(run, self.options.max_iterations, long=True)

    def advanced(self, run: Run[Any, Any], limit: int, *, long: bool) -> Run[Any, Any]:
        """Go on with a run until it stops or reaches `limit` iterations."""
        state = State(run.params, run.stats, run.objective)
        history = list(run.history)
        stop = None
        while stop is None and history[-1].iteration < limit:
            clock = time.perf_counter()
            try:
                after, evaluations, note = self.stepper.advance(self.em, state)
            except (NumericalError, np.linalg.LinAlgError, FloatingPointError) as error:
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
            self.observe(Progress(run.index, self.n_runs, long, step.iteration, state.objective))
        return replace(
            run,
            params=state.params,
            stats=state.stats,
            objective=state.objective,
            history=tuple(history),
            stop=stop or StopReason.MAX_ITERATIONS,
        )
