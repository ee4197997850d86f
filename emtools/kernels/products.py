"""Matrix products of a few rows of data at a time, in sizes that BLAS does without packing its arguments.

The data stand column by column, the columns in parts of equal height. A product with a small result is then done by
BLAS at its full speed, at two to three times the speed of the same product in one piece.
"""

import numpy as np
from numpy.typing import NDArray

from emtools.kernels.jit import jit_contracting, jit_contracting_part

MOST_RESULTS = 1024
"""Numbers in the result of a product that is done without packing; more are cut in parts."""

LINE_BYTES = 64
"""A line of the cache."""

TILE = 256
"""Rows that go through all steps together."""

LOWEST = 16
"""Parts are not made lower than this: then packing costs less than calling."""


@jit_contracting_part
def in_parts(coefficients: NDArray[np.floating]) -> NDArray[np.floating]:
    """Cut a matrix in parts of equal width, the last one filled up with zeros.

    Parameters
    ----------
    coefficients : ndarray of shape (k, n_terms)

    Returns
    -------
    ndarray of shape (n_parts, k, width)

    Examples
    --------
    >>> in_parts.py_func(np.ones((64, 40))).shape, in_parts.py_func(np.ones((2, 40))).shape
    ((3, 64, 14), (1, 2, 40))
    """
    k, n_terms = coefficients.shape
    widest = max(MOST_RESULTS // k, LOWEST)
    n_parts = (n_terms + widest - 1) // widest
    width = (n_terms + n_parts - 1) // n_parts
    parts = np.zeros((n_parts, k, width), coefficients.dtype)
    for t in range(n_terms):
        for c in range(k):
            parts[t // width, c, t % width] = coefficients[c, t]
    return parts


@jit_contracting_part
def joined(parts: NDArray[np.float64], n_terms: int) -> NDArray[np.float64]:
    """The matrix of shape (k, n_terms) that was cut by `in_parts`.

    Examples
    --------
    >>> matrix = np.arange(6000.0).reshape(60, 100)
    >>> bool((joined.py_func(in_parts.py_func(matrix), 100) == matrix).all())
    True
    """
    _, k, width = parts.shape
    matrix = np.empty((k, n_terms))
    for c in range(k):
        for t in range(n_terms):
            matrix[c, t] = parts[t // width, c, t % width]
    return matrix


@jit_contracting_part
def rooms(
    parts: NDArray[np.floating], n: int
) -> tuple[NDArray[np.floating], NDArray[np.floating], NDArray[np.floating]]:
    """Columns of zeros for `n` rows, of shape (n_parts, width, n), and two (k, n) matrices for scores."""
    n_parts, k, width = parts.shape
    kind = parts.dtype
    return np.zeros((n_parts, width, n), kind), np.empty((k, n), kind), np.empty((k, n), kind)


@jit_contracting_part
def fetch(x: NDArray[np.floating], room: NDArray[np.floating]) -> None:
    """Read a number of each line of the cache, in the order of memory: what is then read in another order is there.

    Their sum is left in `room`, so that nobody thinks the reading could be spared.
    """
    flat = x.ravel()
    line = LINE_BYTES // flat.itemsize
    whole = flat.shape[0] - flat.shape[0] % (4 * line)
    # Four sums, since each addition waits for the one before it.
    a, b, c, d = flat[0], flat[0], flat[0], flat[0]
    for i in range(0, whole, 4 * line):
        a += flat[i]
        b += flat[i + line]
        c += flat[i + 2 * line]
        d += flat[i + 3 * line]
    room[0, 0] = a + b + c + d


@jit_contracting_part
def differences(x: NDArray[np.floating], origin: NDArray[np.floating], columns: NDArray[np.floating]) -> None:
    """Fill `columns`, of shape (at least d, n), with those of ``x - origin``; `x` has shape (n, d)."""
    n, d = x.shape
    whole = n - n % 8
    for i in range(0, whole, 8):
        # Eight rows at once, so that each column is written a line of the cache at a time.
        x0, x1, x2, x3, x4, x5, x6, x7 = x[i], x[i + 1], x[i + 2], x[i + 3], x[i + 4], x[i + 5], x[i + 6], x[i + 7]
        for j in range(d):
            column, zero = columns[j], origin[j]
            column[i] = x0[j] - zero
            column[i + 1] = x1[j] - zero
            column[i + 2] = x2[j] - zero
            column[i + 3] = x3[j] - zero
            column[i + 4] = x4[j] - zero
            column[i + 5] = x5[j] - zero
            column[i + 6] = x6[j] - zero
            column[i + 7] = x7[j] - zero
    for i in range(whole, n):
        for j in range(d):
            columns[j, i] = x[i, j] - origin[j]


@jit_contracting
def columns_of_tiles(x: NDArray[np.floating], origin: NDArray[np.floating]) -> NDArray[np.floating]:
    """The columns of ``x - origin`` in each whole tile of rows.

    Parameters
    ----------
    x : ndarray of shape (n, d)
    origin : ndarray of shape (d,)

    Returns
    -------
    ndarray of shape (n // TILE, d, TILE)

    Examples
    --------
    >>> columns_of_tiles(np.ones((600, 3)), np.zeros(3)).shape
    (2, 3, 256)
    """
    n_tiles = x.shape[0] // TILE
    tiles = np.empty((n_tiles, x.shape[1], TILE), x.dtype)
    for t in range(n_tiles):
        differences(x[t * TILE : (t + 1) * TILE], origin, tiles[t])
    return tiles


@jit_contracting_part
def scores(
    parts: NDArray[np.floating],
    constants: NDArray[np.floating],
    columns: NDArray[np.floating],
    room: NDArray[np.floating],
    joint: NDArray[np.floating],
) -> None:
    """Fill `joint` with coefficients times columns, plus constants.

    Parameters
    ----------
    parts : ndarray of shape (n_parts, k, width)
    constants : ndarray of shape (k,)
    columns : ndarray of shape (n_parts, width, n)
    room, joint : ndarray of shape (k, n)
    """
    np.dot(parts[0], columns[0], joint)
    for p in range(1, parts.shape[0]):
        np.dot(parts[p], columns[p], room)
        for c in range(joint.shape[0]):
            row, more = joint[c], room[c]
            for i in range(joint.shape[1]):
                row[i] += more[i]
    for c in range(joint.shape[0]):
        row, constant = joint[c], constants[c]
        for i in range(joint.shape[1]):
            row[i] += constant


@jit_contracting_part
def add_weighted(
    joint: NDArray[np.floating], columns: NDArray[np.floating], room: NDArray[np.floating], sums: NDArray[np.float64]
) -> None:
    """Add the sums of the columns, weighted by each row of `joint`, to `sums`.

    Parameters
    ----------
    joint : ndarray of shape (k, n)
    columns : ndarray of shape (n_parts, width, n)
    room : ndarray of shape (k, width)
    sums : ndarray of shape (n_parts, k, width), float64
    """
    for p in range(columns.shape[0]):
        np.dot(joint, columns[p].T, room)
        sums[p] += room
