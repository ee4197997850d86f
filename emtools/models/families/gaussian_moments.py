"""What the E-step of Gaussian components adds up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emtools.em.protocol import Sums

NEGLIGIBLE = 1e-18
"""A responsibility below this cannot change a sum of float64 numbers, so its row is passed over."""


@dataclass(frozen=True, slots=True)
class GaussianMoments(Sums):
    """Weighted sums of each component about its CURRENT mean: additive, and no cancellation.

    Attributes
    ----------
    counts : ndarray of shape (k,)
    sums : ndarray of shape (k, d)
        Sums of ``x - mean``.
    scatter : ndarray of shape (0,), (k, d), (d, d) or (k, d, d)
        Sums of squares and products of ``x - mean``, in the form of the components.
    """

    counts: NDArray[np.float64]
    sums: NDArray[np.float64]
    scatter: NDArray[np.float64]


def gathered(
    x: NDArray[np.floating],
    means: NDArray[np.floating],
    responsibilities: NDArray[np.floating],
    counts: NDArray[np.float64],
) -> GaussianMoments:
    """Moments of the full form from the rows that matter to each component.

    Parameters
    ----------
    x : ndarray of shape (n, d)
    means : ndarray of shape (k, d)
    responsibilities : ndarray of shape (k, n)
    counts : ndarray of shape (k,)
    """
    n_components, n_columns = means.shape
    sums, scatter = np.zeros((n_components, n_columns)), np.zeros((n_components, n_columns, n_columns))
    for k, mean in enumerate(means.astype(x.dtype, copy=False)):
        rows = np.flatnonzero(responsibilities[k] > NEGLIGIBLE)
        if len(rows):
            r = responsibilities[k].take(rows)
            difference = x.take(rows, axis=0)
            difference -= mean
            sums[k] = r @ difference
            difference *= np.sqrt(r)[:, None]
            scatter[k] = difference.T @ difference
    return GaussianMoments(counts, sums, scatter)
