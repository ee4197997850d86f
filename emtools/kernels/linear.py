"""The E-step of mixtures whose log densities are linear in the columns and their squares, in one pass over the rows.

A few rows at a time go through everything while they are in the cache: two matrix products, and what is between them.
"""

import numpy as np
from numpy.typing import NDArray

from emtools.kernels.jit import jit_contracting, jit_contracting_part
from emtools.kernels.products import TILE, add_weighted, differences, fetch, in_parts, joined, rooms, scores
from emtools.kernels.softmax import softmax_in_place

LOGARITHM_OF = 8
"""Sums of exponentials, each from 1 to k, whose product is taken before its logarithm."""

Sums = tuple[float, NDArray[np.float64], NDArray[np.float64]]


@jit_contracting_part
def _columns(
    x: NDArray[np.floating],
    begin: int,
    tiles: NDArray[np.floating],
    origin: NDArray[np.floating],
    room: NDArray[np.floating],
    n_terms: int,
) -> NDArray[np.floating]:
    """The columns ``z = x - origin`` of the rows from `begin` on and, where there are terms for them, their squares.

    They are made in `room`, of shape (n_parts, width, m), unless they are in `tiles` already as they are needed.
    """
    d, t = x.shape[1], begin // TILE
    n_parts, width, m = room.shape
    known = t < tiles.shape[0]
    if known and n_parts * width == d:
        tile: NDArray[np.floating] = tiles[t].reshape(room.shape)
        return tile
    columns = room.reshape((n_parts * width, m))
    if known:
        columns[:d] = tiles[t]
    else:
        rows = x[begin : begin + m]
        fetch(rows, columns)
        differences(rows, origin, columns)
    if n_terms > d:
        for j in range(d):
            column, square = columns[j], columns[d + j]
            for i in range(m):
                square[i] = column[i] * column[i]
    return room


@jit_contracting_part
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
    tiles: NDArray[np.floating],
    origin: NDArray[np.floating],
    coefficients: NDArray[np.floating],
    constants: NDArray[np.floating],
    reals: NDArray[np.floating],
    integers: NDArray[np.signedinteger],
) -> Sums:
    """Responsibilities of the rows, and the sums of ``z = x - origin`` (and its squares) that they weight.

    Parameters
    ----------
    x : ndarray of shape (n, d)
    tiles : ndarray of shape (n // TILE, d, TILE) or (0, d, TILE)
        What `products.columns_of_tiles` makes of `x` and `origin`, if it is at hand.
    origin : ndarray of shape (d,)
    coefficients : ndarray of shape (k, d) or (k, 2 d)
        Of the columns of `z`, and then of their squares.
    constants : ndarray of shape (k,)
    reals, integers : ndarray
        What `softmax.exponential` gives.

    Returns
    -------
    log_likelihood : float
        The sum of ``log(sum(exp(coefficients . z + constants)))``.
    counts : ndarray of shape (k,), float64
    sums : ndarray of the shape of `coefficients`, float64
    """
    n = x.shape[0]
    k, n_terms = coefficients.shape
    kind = x.dtype
    parts = in_parts(coefficients)
    n_parts, _, width = parts.shape
    made, joint, room = rooms(parts, TILE)
    powers, top, total = np.empty(TILE, kind), np.empty(TILE, kind), np.empty(TILE, kind)
    part, part_counts, ones = np.empty((k, width), kind), np.empty(k, kind), np.ones(TILE, kind)
    log_likelihood, counts, sums = 0.0, np.zeros(k), np.zeros((n_parts, k, width))
    for begin in range(0, n, TILE):
        m = min(TILE, n - begin)
        if m < TILE:
            made, joint, room = rooms(parts, m)
        columns = _columns(x, begin, tiles, origin, made, n_terms)
        scores(parts, constants, columns, room, joint)
        softmax_in_place(joint, reals, integers, powers[:m], top[:m], total[:m])
        log_likelihood += log_sum(top[:m], total[:m])
        add_weighted(joint, columns, part, sums)
        np.dot(joint, ones[:m], part_counts)
        counts += part_counts
    return log_likelihood, counts, joined(sums, n_terms)


@jit_contracting
def hard_sums(
    x: NDArray[np.floating],
    tiles: NDArray[np.floating],
    origin: NDArray[np.floating],
    coefficients: NDArray[np.floating],
    constants: NDArray[np.floating],
) -> Sums:
    """Each row to its highest score, the first of equals, and the sums of the rows of each.

    Parameters and results are those of `soft_sums`, the log-likelihood the sum of the highest scores.
    """
    n, d = x.shape
    k, n_terms = coefficients.shape
    squares = n_terms > d
    kind = x.dtype
    parts = in_parts(coefficients)
    made, joint, room = rooms(parts, TILE)
    best, chosen = np.empty(TILE, kind), np.empty(TILE, np.int64)
    log_likelihood, counts, sums = 0.0, np.zeros(k), np.zeros((k, n_terms))
    for begin in range(0, n, TILE):
        m = min(TILE, n - begin)
        if m < TILE:
            made, joint, room = rooms(parts, m)
        rows, columns = x[begin : begin + m], _columns(x, begin, tiles, origin, made, n_terms)
        scores(parts, constants, columns, room, joint)
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
            for j in range(d):
                sum_of_chosen[j] += row[j] - origin[j]
            if squares:
                for j in range(d):
                    sum_of_chosen[d + j] += (row[j] - origin[j]) * (row[j] - origin[j])
            log_likelihood += best[i]
            counts[chosen[i]] += 1.0
    return log_likelihood, counts, sums


@jit_contracting
def common_moments(
    products: NDArray[np.float64], sums: NDArray[np.float64], counts: NDArray[np.float64], shifts: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weighted sums of the rows, and the scatter of all of them, about the points `shifts` that they belong to.

    Parameters
    ----------
    products : ndarray of shape (d, d)
        Sums over the rows of the products of two columns.
    sums : ndarray of shape (k, d)
        Sums of the columns, weighted by the responsibilities.
    counts : ndarray of shape (k,)
    shifts : ndarray of shape (k, d)

    Returns
    -------
    sums : ndarray of shape (k, d)
    scatter : ndarray of shape (d, d)

    Examples
    --------
    >>> x = np.array([[1.0, 2.0], [3.0, 4.0]])
    >>> sums, scatter = common_moments(x.T @ x, x.sum(axis=0)[None], np.array([2.0]), np.array([[2.0, 3.0]]))
    >>> sums.tolist(), scatter.tolist()
    ([[0.0, 0.0]], [[2.0, 2.0], [2.0, 2.0]])
    """
    k, d = shifts.shape
    first, halves, scatter = np.empty((k, d)), np.empty((k, d)), np.empty((d, d))
    for c in range(k):
        for j in range(d):
            offset = counts[c] * shifts[c, j]
            first[c, j] = sums[c, j] - offset
            halves[c, j] = sums[c, j] - 0.5 * offset
    less = np.dot(shifts.T, halves)
    for i in range(d):
        for j in range(i + 1):
            about = products[i, j] - less[i, j] - less[j, i]
            scatter[i, j] = about
            scatter[j, i] = about
    return first, scatter
