"""All products of two columns, so that quadratic forms and scatters of many components are one matrix product."""

import numpy as np
from numpy.typing import NDArray

from emtools.kernels.jit import jit


@jit
def products_of_columns(x: NDArray[np.floating], origin: NDArray[np.floating], out: NDArray[np.floating]) -> None:
    """Fill the columns ``z = x - origin`` and then every product ``z_i z_j``, ``i <= j``, each as one row.

    Parameters
    ----------
    x : ndarray of shape (n, d)
    origin : ndarray of shape (d,)
    out : ndarray of shape (d + d (d + 1) / 2, n)
        Filled in the order of `numpy.triu_indices`.
    """
    n, d = x.shape
    for j in range(d):
        for row in range(n):
            out[j, row] = x[row, j] - origin[j]
    t = d
    for i in range(d):
        for j in range(i, d):
            for row in range(n):
                out[t, row] = out[i, row] * out[j, row]
            t += 1


@jit
def centered_scatter(
    sums: NDArray[np.float64], counts: NDArray[np.float64], shifts: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sums and scatter about `shifts` from weighted sums of what `products_of_columns` gives.

    Parameters
    ----------
    sums : ndarray of shape (k, d + d (d + 1) / 2)
    counts : ndarray of shape (k,)
    shifts : ndarray of shape (k, d)

    Returns
    -------
    sums : ndarray of shape (k, d)
    scatter : ndarray of shape (k, d, d)
    """
    k, d = shifts.shape
    first, scatter = np.empty((k, d)), np.empty((k, d, d))
    for c in range(k):
        for i in range(d):
            first[c, i] = sums[c, i] - counts[c] * shifts[c, i]
        t = d
        for i in range(d):
            for j in range(i, d):
                about = sums[c, t] - shifts[c, i] * sums[c, j] - shifts[c, j] * first[c, i]
                scatter[c, i, j] = about
                scatter[c, j, i] = about
                t += 1
    return first, scatter
