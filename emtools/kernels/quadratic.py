"""All products of two columns, so that quadratic forms and scatters of many components are one matrix product."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emtools.kernels.jit import jit, jit_contracting, jit_part
from emtools.kernels.linear import log_sum
from emtools.kernels.products import add_weighted, differences, fetch, in_parts, joined, rooms, scores
from emtools.kernels.softmax import softmax_in_place


class QuadraticSums(NamedTuple):
    """What `quadratic_sums` gives.

    Attributes
    ----------
    log_likelihood : float
        The sum of ``log(sum(exp(coefficients . products + constants)))``.
    counts : ndarray of shape (k,), float64
        The sums of the responsibilities.
    sums : ndarray of the shape of the coefficients, float64
        The products weighted by the responsibilities, over those rows where many of these matter.
    dense_counts : ndarray of shape (k,), float64
        The counts of those rows.
    sparse : ndarray of shape (k, n)
        The responsibilities of the other rows; zero for those already in `sums`.
    """

    log_likelihood: float
    counts: NDArray[np.float64]
    sums: NDArray[np.float64]
    dense_counts: NDArray[np.float64]
    sparse: NDArray[np.floating]


@jit
def products_of_columns(x: NDArray[np.floating], origin: NDArray[np.floating], out: NDArray[np.floating]) -> None:
    """Fill the columns ``z = x - origin`` and then every product ``z_i z_j``, ``i <= j``, each as one row.

    Parameters
    ----------
    x : ndarray of shape (n, d)
    origin : ndarray of shape (d,)
    out : ndarray of shape (at least d + d (d + 1) / 2, n)
        Filled in the order of `numpy.triu_indices`.
    """
    _fill_products(x, origin, out)


@jit_part
def _fill_products(x: NDArray[np.floating], origin: NDArray[np.floating], out: NDArray[np.floating]) -> None:
    n, d = x.shape
    differences(x, origin, out)
    t = d
    for i in range(d):
        left = out[i]
        for j in range(i, d):
            right, product = out[j], out[t]
            for row in range(n):
                product[row] = left[row] * right[row]
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


@jit_contracting
def quadratic_sums(
    x: NDArray[np.floating],
    origin: NDArray[np.floating],
    coefficients: NDArray[np.floating],
    constants: NDArray[np.floating],
    height: int,
    negligible: float,
    few: float,
    reals: NDArray[np.floating],
    integers: NDArray[np.signedinteger],
) -> QuadraticSums:
    """Responsibilities of the rows, and the sums of the products of columns that they weight, in one pass.

    Parameters
    ----------
    x : ndarray of shape (n, d)
    origin : ndarray of shape (d,)
    coefficients : ndarray of shape (k, d + d (d + 1) / 2)
    constants : ndarray of shape (k,)
    height : int
        How many rows are taken at a time.
    negligible : float
        A responsibility that does not matter.
    few : float
        Where fewer responsibilities than this share matter, their rows are left to be gathered.
    reals, integers : ndarray
        What `softmax.exponential` gives.
    """
    n = x.shape[0]
    k, n_products = coefficients.shape
    kind = x.dtype
    parts = in_parts(coefficients)
    n_parts, _, width = parts.shape
    powers, top, total, ones = np.empty(n, kind), np.empty(n, kind), np.empty(n, kind), np.ones(height, kind)
    products, joint, room = rooms(parts, height)
    part, part_counts = np.empty((k, width), kind), np.empty(k, kind)
    log_likelihood, counts, dense_counts = 0.0, np.zeros(k), np.zeros(k)
    sums, sparse = np.zeros((n_parts, k, width)), np.zeros((k, n), kind)
    for begin in range(0, n, height):
        m = min(height, n - begin)
        if m < height:
            products, joint, room = rooms(parts, m)
        rows = x[begin : begin + m]
        fetch(rows, joint)
        _fill_products(rows, origin, products.reshape((n_parts * width, m)))
        scores(parts, constants, products, room, joint)
        softmax_in_place(joint, reals, integers, powers[:m], top[:m], total[:m])
        log_likelihood += log_sum(top[:m], total[:m])
        np.dot(joint, ones[:m], part_counts)
        counts += part_counts
        matter = 0
        for c in range(k):
            for i in range(m):
                matter += joint[c, i] > negligible
        if matter < few * k * m:
            sparse[:, begin : begin + m] = joint
        else:
            add_weighted(joint, products, part, sums)
            dense_counts += part_counts
    return QuadraticSums(log_likelihood, counts, joined(sums, n_products), dense_counts, sparse)
