"""When EM stops, and the honest name for why."""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum

import numpy as np


class StopReason(StrEnum):
    """Why a run of EM ended. Only `CONVERGED` means that the objective had stopped rising."""

    CONVERGED = "converged"
    MAX_ITERATIONS = "iteration limit reached"
    NOT_CONTINUED = "short run, not continued: others were better"
    DECREASED = "objective decreased"
    FAILED = "numerical failure"


def rounding(objective: float, weight: float) -> float:
    """The change of the objective that floating-point rounding alone can cause, in nats."""
    return 64 * np.finfo(float).eps * (abs(objective) + weight)


def remaining_gain(objectives: Sequence[float]) -> float:
    """How far below its limit the objective is, by Aitken's extrapolation of the last three values.

    EM converges linearly, so gains shrink by a constant factor in the end: with gains g1 and g2, the rest of the
    series is ``g2 * a / (1 - a)``, ``a = g2 / g1`` (Böhning et al. 1994, Annals of the Institute of Statistical
    Mathematics 46:373). A small last gain alone would take slow progress for convergence.

    Returns
    -------
    float
        The estimate in nats; infinite while the gains do not shrink or fewer than three values are known.

    Examples
    --------
    >>> remaining_gain([0.0, 1.0, 1.5])
    0.5
    """
    if len(objectives) < 3:
        return math.inf
    before, last = objectives[-2] - objectives[-3], objectives[-1] - objectives[-2]
    if last <= 0.0:
        return 0.0
    return last * last / (before - last) if before > last else math.inf


def stop_after_step(objectives: Sequence[float], weight: float, tolerance: float) -> StopReason | None:
    """Judge the step that led to the last objective.

    Parameters
    ----------
    objectives : sequence of float
        The objective of each state so far, the newest last.
    weight : float
        The number of observations.
    tolerance : float
        Stop when the estimated remaining gain per observation is below this, in nats.

    Returns
    -------
    StopReason or None
        None to go on.

    Examples
    --------
    >>> stop_after_step([-10.0, -9.0, -9.5], weight=10, tolerance=1e-6)
    <StopReason.DECREASED: 'objective decreased'>
    """
    gain = objectives[-1] - objectives[-2]
    noise = rounding(objectives[-1], weight)
    if not gain >= -noise:
        return StopReason.DECREASED
    if gain <= noise or max(gain, remaining_gain(objectives)) <= tolerance * weight:
        return StopReason.CONVERGED
    return None
