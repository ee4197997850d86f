"""The assignment and the sums of k-means in one pass over the scores."""

import numpy as np
from numpy.typing import NDArray

from emtools.kernels.jit import jit


@jit
def highest_and_sums(
    scores: NDArray[np.floating], constants: NDArray[np.floating], rows: NDArray[np.floating]
) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    """Give each row to its highest score, the first of equals, and add up the rows of each.

    Parameters
    ----------
    scores : ndarray of shape (k, n)
        Overwritten in its first row.
    constants : ndarray of shape (k,)
        Added to the scores.
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
    chosen = np.zeros(n_rows, dtype=np.int64)
    best = scores[0]
    for i in range(n_rows):
        best[i] += constants[0]
    for k in range(1, n_components):
        score, constant = scores[k], constants[k]
        for i in range(n_rows):
            value = score[i] + constant
            better = value > best[i]
            best[i] = value if better else best[i]
            chosen[i] = k if better else chosen[i]
    total = 0.0
    counts = np.zeros(n_components)
    sums = np.zeros((n_components, n_columns))
    for i in range(n_rows):
        row, sum_of_chosen = rows[i], sums[chosen[i]]
        for j in range(n_columns):
            sum_of_chosen[j] += row[j]
        total += best[i]
        counts[chosen[i]] += 1.0
    return total, counts, sums
