"""Log densities of Gaussian components as linear functions of the columns, their squares or their products.

``(x - m)' P (x - m) = z'Pz - 2 z'Ps + s'Ps`` with ``z = x - origin``, ``s = m - origin``, so that one matrix product
gives the densities of all rows under all components. What cancels in it costs digits where components lie very many
standard deviations from the origin, or are nearly singular; `Expansion.exact_enough` tells, from the parameters alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

LOG_2_PI = math.log(2.0 * math.pi)

FEWEST_COMPONENTS = 4
"""With fewer components than these, making all products of columns costs more than they save."""

MOST_COLUMNS = 128
"""With more columns than these, the products of a few rows no longer fit in the cache."""

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Expansion:
    """``log N(x; m_k, S_k) = constants_k + coefficients_k . terms(z) - shared . second(z) / 2``.

    Attributes
    ----------
    coefficients : ndarray of shape (k, n_terms)
        The terms are the d columns of ``z = x - origin``; then, in the diagonal form, their d squares and, in the full
        form, their d (d + 1) / 2 products in the order of `numpy.triu_indices`.
    constants : ndarray of shape (k,)
    shared : ndarray of shape (0, 0), (d,) or (d, d)
        What all components make of the squares (unit form) or the products (tied form) of a row: it cancels in the
        responsibilities, so that only its sum over the rows is needed.
    largest_term : float
        How large the terms are that cancel in a density.
    """

    coefficients: Matrix
    constants: Matrix
    shared: Matrix
    largest_term: float

    def exact_enough(self, dtype: np.dtype[np.floating]) -> bool:
        """Whether log densities lose at most 1e-9 nats by what cancels, 0.01 in float32."""
        allowed = 1e-9 if dtype == np.float64 else 1e-2
        return bool(self.largest_term * np.finfo(dtype).eps <= allowed)


def expansion(
    form: str, shifts: Matrix, covariances: Matrix, whitening: Matrix, log_determinants: Matrix
) -> Expansion | None:
    """The expansion about the origin; None where whitening each component of the full form is cheaper.

    Parameters
    ----------
    form : {"unit", "diagonal", "tied", "full"}
    shifts : ndarray of shape (k, d)
        Means less the origin.
    covariances, whitening : ndarray of the shape of the form
    log_determinants : ndarray of shape (k,)
    """
    k, d = shifts.shape
    if form == "full" and (k < FEWEST_COMPONENTS or d > MOST_COLUMNS):
        return None
    if form in ("unit", "diagonal"):
        precisions = whitening**2
        linear = precisions * shifts
        quadratic = -0.5 * precisions if form == "diagonal" else np.zeros((k, 0))
        shared = precisions if form == "unit" else np.zeros((0, 0))
    elif form == "tied":
        shared = whitening @ whitening.T
        linear, quadratic = shifts @ shared, np.zeros((k, 0))
    else:
        precisions = whitening @ np.swapaxes(whitening, -1, -2)
        linear = (precisions @ shifts[:, :, None])[:, :, 0]
        places, factors = _upper_triangle(d)
        quadratic = precisions.reshape(k, -1).take(places, axis=1) * factors
        shared = np.zeros((0, 0))
    squared = (linear * shifts).sum(axis=1)
    largest = _largest_term(shifts, covariances, precisions) if form == "full" else float(squared.max())
    constants = -0.5 * (log_determinants + d * LOG_2_PI + squared)
    coefficients = np.concatenate([linear, quadratic], axis=1) if quadratic.size else linear
    return Expansion(coefficients, constants, shared, largest)


@cache
def _upper_triangle(d: int) -> tuple[NDArray[np.intp], Matrix]:
    """Where the products of two columns stand in a flat matrix, and how often each counts in ``-z'Pz / 2``."""
    rows, columns = np.triu_indices(d)
    return rows * d + columns, np.where(rows == columns, -0.5, -1.0)


def _largest_term(shifts: Matrix, covariances: Matrix, precisions: Matrix) -> float:
    """The terms of the full form at the spread of the components about the origin."""
    variances = np.diagonal(covariances, axis1=1, axis2=2)
    spread = np.sqrt((shifts**2 + variances).max(axis=0))
    return float(((np.abs(precisions) @ spread) * spread).sum(axis=1).max())
