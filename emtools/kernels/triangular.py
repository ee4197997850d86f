"""Inverses of triangular matrices, many small ones at once."""

import numpy as np
from numpy.typing import NDArray

from emtools.kernels.jit import jit_contracting


@jit_contracting
def inverses_of_lower(lower: NDArray[np.float64]) -> NDArray[np.float64]:
    """The inverse of each lower triangular matrix, transposed.

    Parameters
    ----------
    lower : ndarray of shape (k, d, d), float64
        What stands above the diagonals is not looked at.

    Returns
    -------
    ndarray of shape (k, d, d), float64
        Upper triangular: ``U = inv(L)'``, so that ``U U' = inv(L L')``.

    Examples
    --------
    >>> inverses_of_lower(np.array([[[2.0, 0.0], [1.0, 4.0]]])).tolist()
    [[[0.5, -0.125], [0.0, 0.25]]]
    """
    k, d, _ = lower.shape
    transposed = np.empty_like(lower)
    inverse = np.zeros((d, d))
    for c in range(k):
        for i in range(d):
            row = inverse[i]
            row[:i] = 0.0
            for j in range(i):
                factor, above = lower[c, i, j], inverse[j]
                for t in range(j + 1):
                    row[t] -= factor * above[t]
            scale = 1.0 / lower[c, i, i]
            for t in range(i):
                row[t] *= scale
            row[i] = scale
        transposed[c] = inverse.T
    return transposed
