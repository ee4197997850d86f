"""The assignment and the sums of k-means in one pass over the scores."""

import numpy as np
from numpy.typing import NDArray

from emtools.kernels.jit import jit


@jit
def highest_and_sums(
    scores: NDArray[np.floating], rows: NDArray[np.floating]
) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    """Give each row to its highest score, the first of equals, and add up the rows of each.

    Parameters
    ----------
    scores : ndarray of shape (k, n)
    rows : ndarray of shape (n, d)

    Returns
    -------
    total : float
        The sum of the highest scores.
    counts : ndarray of shape (k,), float64
    sums : ndarray of shape (k, d), float64
    """
    n_components, n_rows = scores.shape
    n_columns = rows.shape[1]
    best = scores[0].copy()
    chosen = np.zeros(n_rows, dtype=np.int32)
    for k in range(1, n_components):
        score = scores[k]
        for i in range(n_rows):
            if score[i] > best[i]:
                best[i] = score[i]
                chosen[i] = k
    total = 0.0
    counts = np.zeros(n_components)
    sums = np.zeros((n_components, n_columns))
    for i in range(n_rows):
        k = chosen[i]
        total += best[i]
        counts[k] += 1.0
        for j in range(n_columns):
            sums[k, j] += rows[i, j]
    return total, counts, sums
