"""Steppers: how the next state is found from the EM map. Plain EM, or SQUAREM over it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol

import numpy as np

from emtools.em.protocol import Params, StatsT, Vectorized
from emtools.errors import NumericalError


@dataclass(frozen=True, slots=True)
class State(Generic[Params, StatsT]):
    """Parameters with THEIR statistics and THEIR objective; nothing is reported that is not all three."""

    params: Params
    stats: StatsT
    objective: float


@dataclass(frozen=True, slots=True)
class Map(Generic[Params, StatsT]):
    """The EM map of a model on its data, as steppers see it.

    Attributes
    ----------
    model : the model
    step : callable
        One M-step and one E-step: from a state to the next.
    evaluate : callable
        One E-step: the state of given parameters.
    """

    model: Any
    step: Callable[[State[Params, StatsT]], State[Params, StatsT]]
    evaluate: Callable[[Params], State[Params, StatsT]]


class Stepper(Protocol):
    """Finds the next state, and says how many E-steps that took and what was out of the ordinary."""

    def advance(self, em: Map[Any, Any], state: State[Any, Any], /) -> tuple[State[Any, Any], int, str]:
        """The next state, the number of E-steps spent, a note."""
        ...


class Plain:
    """Plain EM: one M-step, one E-step."""

    def advance(self, em: Map[Any, Any], state: State[Any, Any], /) -> tuple[State[Any, Any], int, str]:
        """One step of EM."""
        return em.step(state), 1, ""


class Squarem:
    """Squared extrapolation of two EM steps, never worse than they are.

    Varadhan and Roland (2008), Scandinavian Journal of Statistics 35:335, step length S3: with ``r = v1 - v0`` and
    ``c = (v2 - v1) - r`` the extrapolated point is ``v0 - 2 a r + a^2 c``, ``a = -|r| / |c|``. Where its objective is
    below that of the second EM step, the EM step is taken instead: the trace stays monotone.
    """

    def advance(self, em: Map[Any, Any], state: State[Any, Any], /) -> tuple[State[Any, Any], int, str]:
        """Two EM steps and, where it helps, the extrapolation of both."""
        model = em.model
        if not isinstance(model, Vectorized):
            raise TypeError(f"{type(model).__name__} has no to_vector and from_vector, which acceleration needs")
        first = em.step(state)
        second = em.step(first)
        start, middle, end = (model.to_vector(each.params) for each in (state, first, second))
        residual = middle - start
        curvature = (end - middle) - residual
        length = float(np.linalg.norm(curvature))
        step = -float(np.linalg.norm(residual)) / length if length > 0.0 else -1.0
        if not np.isfinite(step) or step >= -1.0:
            return second, 2, ""
        try:
            leap = em.evaluate(model.from_vector(start - 2 * step * residual + step**2 * curvature, second.params))
        except NumericalError:
            return second, 3, "extrapolation outside the model: EM step taken"
        if leap.objective > second.objective:
            return leap, 3, f"extrapolated, step {-step:.3g}"
        return second, 3, "extrapolation lower: EM step taken"
