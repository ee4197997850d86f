"""The E-step of mixtures whose log densities are linear in the columns and their squares, in one pass over the rows.

A few rows at a time go through everything while they are in the cache: two matrix products, and what is between them.
"""

import numpy as np
from numpy.typing import NDArray

from emtools.kernels.jit import jit_contracting
from emtools.kernels.softmax import softmax_in_place

TILE = 256
"""Rows that go through all steps together."""

LOGARITHM_OF = 8
"""Sums of exponentials, each from 1 to k, whose product is taken before its logarithm."""

Sums = tuple[float, NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


@jit_contracting
def _fill(
    x: NDArray[np.floating], origin: NDArray[np.floating], rows: NDArray[np.floating], second: NDArray[np.float64]
) -> None:
    """Fill `rows` with ``z = x - origin``, and its squares where there is room; add to `second`."""
    n, d = x.shape
    squares = rows.shape[1] > d
    for i in range(n):
        row, values = rows[i], x[i]
        for j in range(d):
            row[j] = values[j] - origin[j]
        if squares:
            for j in range(d):
                row[d + j] = row[j] * row[j]
    if second.shape[0] == 1:
        total = second[0]
        for i in range(n):
            row = rows[i]
            for j in range(d):
                total[j] += row[j] * row[j]
    elif second.shape[0] > 1:
        second += np.dot(rows.T, rows)


@jit_contracting
def scores(
    coefficients: NDArray[np.floating],
    constants: NDArray[np.floating],
    columns: NDArray[np.floating],
    joint: NDArray[np.floating],
) -> None:
    """Fill `joint` with ``coefficients @ columns + constants[:, None]``."""
    np.dot(coefficients, columns, joint)
    for c in range(joint.shape[0]):
        row, constant = joint[c], constants[c]
        for i in range(joint.shape[1]):
            row[i] += constant


@jit_contracting
def log_sum(top: NDArray[np.floating], total: NDArray[np.floating]) -> float:
    """The sum of ``top + log(total)``."""
    result = 0.0
    n = top.shape[0]
    for begin in range(0, n, LOGARITHM_OF):
        product = 1.0
        for i in range(begin, min(begin + LOGARITHM_OF, n)):
            product *= total[i]
            result += top[i]
        result += np.log(product)
    return result


@jit_contracting
def soft_sums(
    x: NDArray[np.floating],
    origin: NDArray[np.floating],
    coefficients: NDArray[np.floating],
    constants: NDArray[np.floating],
    second: NDArray[np.float64],
    reals: NDArray[np.floating],
    integers: NDArray[np.signedinteger],
) -> Sums:
    """Responsibilities of the rows, and the sums of ``z = x - origin`` (and its squares) that they weight.

    Parameters
    ----------
    x : ndarray of shape (n, d)
    origin : ndarray of shape (d,)
    coefficients : ndarray of shape (k, d) or (k, 2 d)
        Of the columns of `z`, and then of their squares.
    constants : ndarray of shape (k,)
    second : ndarray of shape (0, 0), (1, d) or (d, d), float64
        Nothing, the sums of squares or the sums of products over all rows are added to it.
    reals, integers : ndarray
        What `softmax.exponential` gives.

    Returns
    -------
    log_likelihood : float
        The sum of ``log(sum(exp(coefficients . z + constants)))``.
    counts : ndarray of shape (k,), float64
    sums : ndarray of the shape of `coefficients`, float64
    second : ndarray
    """
    n = x.shape[0]
    k, n_terms = coefficients.shape
    kind = x.dtype
    tile, joint, ones = np.empty((TILE, n_terms), kind), np.empty((k, TILE), kind), np.ones(TILE, kind)
    powers, top, total = np.empty(TILE, kind), np.empty(TILE, kind), np.empty(TILE, kind)
    part, part_counts = np.empty((k, n_terms), kind), np.empty(k, kind)
    log_likelihood, counts, sums = 0.0, np.zeros(k), np.zeros((k, n_terms))
    for begin in range(0, n, TILE):
        m = min(TILE, n - begin)
        if m < TILE:
            joint = np.empty((k, m), kind)
        rows = tile[:m]
        _fill(x[begin : begin + m], origin, rows, second)
        scores(coefficients, constants, rows.T, joint)
        softmax_in_place(joint, reals, integers, powers[:m], top[:m], total[:m])
        log_likelihood += log_sum(top[:m], total[:m])
        np.dot(joint, rows, part)
        np.dot(joint, ones[:m], part_counts)
        counts += part_counts
        sums += part
    return log_likelihood, counts, sums, second


@jit_contracting
def hard_sums(
    x: NDArray[np.floating],
    origin: NDArray[np.floating],
    coefficients: NDArray[np.floating],
    constants: NDArray[np.floating],
    second: NDArray[np.float64],
) -> Sums:
    """Each row to its highest score, the first of equals, and the sums of the rows of each.

    Parameters and results are those of `soft_sums`, the log-likelihood the sum of the highest scores.
    """
    n = x.shape[0]
    k, n_terms = coefficients.shape
    kind = x.dtype
    tile, joint = np.empty((TILE, n_terms), kind), np.empty((k, TILE), kind)
    best, chosen = np.empty(TILE, kind), np.empty(TILE, np.int64)
    log_likelihood, counts, sums = 0.0, np.zeros(k), np.zeros((k, n_terms))
    for begin in range(0, n, TILE):
        m = min(TILE, n - begin)
        if m < TILE:
            joint = np.empty((k, m), kind)
        rows = tile[:m]
        _fill(x[begin : begin + m], origin, rows, second)
        scores(coefficients, constants, rows.T, joint)
        for i in range(m):
            best[i] = joint[0, i]
            chosen[i] = 0
        for c in range(1, k):
            score = joint[c]
            for i in range(m):
                better = score[i] > best[i]
                best[i] = score[i] if better else best[i]
                chosen[i] = c if better else chosen[i]
        for i in range(m):
            row, sum_of_chosen = rows[i], sums[chosen[i]]
            for j in range(n_terms):
                sum_of_chosen[j] += row[j]
            log_likelihood += best[i]
            counts[chosen[i]] += 1.0
    return log_likelihood, counts, sums, second
