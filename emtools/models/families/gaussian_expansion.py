"""Log densities of the full form as linear functions of the columns and of their products."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LOG_2_PI = math.log(2.0 * math.pi)

FEWEST_COMPONENTS = 4
"""With fewer components than these, making the products costs more than they save."""

MOST_COLUMNS = 128
"""With more columns than these, the products of a few rows no longer fit in the cache."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """``log N(x; m_k, S_k) = constants_k + coefficients_k . (z_1, ..., z_d, z_1 z_1, z_1 z_2, ..., z_d z_d)``.

    Attributes
    ----------
    coefficients : ndarray of shape (k, d + d (d + 1) / 2)
        For ``z = x - origin`` and its products in the order of `numpy.triu_indices`.
    constants : ndarray of shape (k,)
    largest_term : float
        How large the terms are that cancel in a density, at the spread of the components about the origin.
    """

    coefficients: NDArray[np.float64]
    constants: NDArray[np.float64]
    largest_term: float


def expansion(
    shifts: NDArray[np.float64],
    covariances: NDArray[np.float64],
    whitening: NDArray[np.float64],
    log_determinants: NDArray[np.float64],
) -> Expansion | None:
    """The expansion about the origin; None where whitening each component is cheaper.

    Parameters
    ----------
    shifts : ndarray of shape (k, d)
        Means less the origin.
    covariances, whitening : ndarray of shape (k, d, d)
    log_determinants : ndarray of shape (k,)
    """
    k, d = shifts.shape
    if k < FEWEST_COMPONENTS or d > MOST_COLUMNS:
        return None
    precisions = whitening @ np.swapaxes(whitening, -1, -2)
    linear = (precisions @ shifts[:, :, None])[:, :, 0]
    rows, columns = np.triu_indices(d)
    quadratic = np.where(rows == columns, -0.5, -1.0) * precisions[:, rows, columns]
    constants = -0.5 * (log_determinants + d * LOG_2_PI + (linear * shifts).sum(axis=1))
    variances = np.diagonal(covariances, axis1=1, axis2=2)
    spread = np.sqrt((shifts**2 + variances).max(axis=0))
    largest = float(((np.abs(precisions) @ spread) * spread).sum(axis=1).max())
    return Expansion(np.concatenate([linear, quadratic], axis=1), constants, largest)
