"""The one Expectation-Maximization loop: restarts, short and long runs, and every run kept."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from emtools.em.acceleration import Map, Plain, State, Stepper
from emtools.em.execution import Executor, Serial
from emtools.em.history import Fit
from emtools.em.options import FitOptions, Progress, silent
from emtools.em.protocol import Block, Model, Params, StatsT
from emtools.em.restarts import Restarts, Start, beside_one_another
from emtools.errors import NumericalError


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
        Where the E-step runs, or whole runs beside one another; `Serial` by default. The result does not depend on it.
    stepper : Stepper, optional
        Plain EM by default.
    observe : callable, optional
        Called after each iteration, by one thread at a time.

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
    seeds = np.random.SeedSequence(options.seed).spawn(options.n_starts)
    begin: list[Start] = (
        [(f"seed {options.seed}, child {i}", partial(_initialize, model, blocks, seed)) for i, seed in enumerate(seeds)]
        if starts is None
        else [("given", partial(_given, start)) for start in starts]
    )
    if not begin:
        raise ValueError("at least one start is needed")
    with executor.session(), np.errstate(all="ignore"):
        alone = _map(model, blocks, Serial())
        beside, begin = beside_one_another(alone, begin, executor, len(blocks))
        em, where = (alone, executor) if beside else (_map(model, blocks, executor), Serial())
        return Restarts(em, where, options, stepper or Plain(), observe, begin).fit()


def evaluate(
    model: Model[Block, Params, StatsT], blocks: Sequence[Block], params: Params, executor: Executor | None = None
) -> State[Params, StatsT]:
    """The statistics and the objective of given parameters: one E-step over all blocks."""
    executor = executor or Serial()
    with executor.session():
        return _evaluate(model, blocks, executor, params)


def _map(model: Model[Block, Params, StatsT], blocks: Sequence[Block], executor: Executor) -> Map[Params, StatsT]:
    return Map(model, partial(_step, model, blocks, executor), partial(_evaluate, model, blocks, executor))


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
