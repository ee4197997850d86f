"""The laws that every model on the engine keeps; a new model proves itself with one line.

>>> from emtools.models import REGISTRY
>>> check(*REGISTRY["binomial"].example(np.random.default_rng(0)))
"""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from emtools.em.engine import evaluate, fit
from emtools.em.execution import Executor, Serial, Threads
from emtools.em.options import FitOptions
from emtools.em.protocol import Block, Model, Params, StatsT
from emtools.em.stopping import StopReason, rounding


def check(model: Model[Block, Params, StatsT], blocks: Sequence[Block], whole: Block) -> None:
    """Check every law; an `AssertionError` says which one broke and where.

    Parameters
    ----------
    model : Model
    blocks : sequence
        Data cut in several blocks.
    whole : Block
        The same data in the same order, as one block.
    """
    params = model.initialize(blocks, np.random.default_rng(1))
    pure(model, blocks, params)
    additive(model, blocks, whole, params)
    monotone(model, blocks, params)
    same_bits(model, blocks)
    objective_of_these_params(model, blocks)


def additive(
    model: Model[Block, Params, StatsT], blocks: Sequence[Block], whole: Block, params: Params, tolerance: float = 1e-9
) -> None:
    """The statistics of the blocks add up to the statistics of the whole."""
    parts, total = evaluate(model, blocks, params).stats, model.expect(whole, params)
    for name, a, b in _paired_leaves(parts, total, "stats"):
        scale = max(1.0, float(np.max(np.abs(b), initial=0.0)))
        difference = float(np.max(np.abs(np.asarray(a) - np.asarray(b)), initial=0.0))
        assert difference <= tolerance * scale, f"not additive: {name} differs by {difference:.3g}"


def pure(model: Model[Block, Params, StatsT], blocks: Sequence[Block], params: Params) -> None:
    """Nothing is remembered and no argument is changed: the same call gives the same bits again."""
    before = pickle.dumps((params, list(blocks)))
    first = evaluate(model, blocks, params)
    model.maximize(first.stats, params)
    again = evaluate(model, blocks, params)
    assert pickle.dumps((params, list(blocks))) == before, "not pure: parameters or data were changed in place"
    _assert_same_bits(first.stats, again.stats, "not pure: a second call differs")


def monotone(model: Model[Block, Params, StatsT], blocks: Sequence[Block], params: Params, steps: int = 25) -> None:
    """The objective never goes down."""
    state = evaluate(model, blocks, params)
    for step in range(steps):
        after = evaluate(model, blocks, model.maximize(state.stats, state.params))
        slack = rounding(state.objective, state.stats.weight)
        assert after.objective >= state.objective - slack, (
            f"not monotone: step {step} went from {state.objective!r} to {after.objective!r}"
        )
        state = after


def same_bits(model: Model[Block, Params, StatsT], blocks: Sequence[Block]) -> None:
    """One thread, two and three give the same bits; so does a second run with the same seed."""
    options = FitOptions(n_starts=2, n_long=1, short_iterations=3, max_iterations=6, tolerance=0.0, seed=5)
    reference = fit(model, blocks, options)
    executors: tuple[Executor, ...] = (Serial(), Threads(2), Threads(3))
    for executor in executors:
        other = fit(model, blocks, options, executor=executor)
        for a, b in zip(reference.runs, other.runs, strict=True):
            _assert_same_bits(a.params, b.params, f"not the same bits on {type(executor).__name__}")
            assert a.objective == b.objective, f"not the same objective on {type(executor).__name__}"


def objective_of_these_params(model: Model[Block, Params, StatsT], blocks: Sequence[Block]) -> None:
    """The objective reported is the one of the parameters returned, and every history rises."""
    result = fit(model, blocks, FitOptions(n_starts=3, n_long=1, short_iterations=4, max_iterations=12, seed=7))
    for run in result.runs:
        assert evaluate(model, blocks, run.params).objective == run.objective, "the objective is of other parameters"
        assert run.history[-1].objective == run.objective, "the history ends elsewhere"
        assert all(entry.gain >= 0.0 for entry in run.history), "a history goes down"
        assert run.stop is not StopReason.DECREASED, "a run stopped because its objective decreased"


def _paired_leaves(a: Any, b: Any, name: str) -> list[tuple[str, Any, Any]]:
    """The numbers and arrays of two values of the same structure, side by side."""
    if is_dataclass(a):
        pairs = ((f.name, getattr(a, f.name), getattr(b, f.name)) for f in fields(a))
        return [leaf for key, x, y in pairs for leaf in _paired_leaves(x, y, f"{name}.{key}")]
    if isinstance(a, (tuple, list)):
        return [
            leaf for i, (x, y) in enumerate(zip(a, b, strict=True)) for leaf in _paired_leaves(x, y, f"{name}[{i}]")
        ]
    return [(name, a, b)] if isinstance(a, (int, float, np.ndarray, np.generic)) else []


def _assert_same_bits(a: Any, b: Any, message: str) -> None:
    for name, x, y in _paired_leaves(a, b, ""):
        assert np.asarray(x).tobytes() == np.asarray(y).tobytes(), f"{message}: {name}"
