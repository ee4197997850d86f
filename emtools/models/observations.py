"""Rows of data in blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

MOST_ROWS = 2048
"""Rows of a block of large data: with some tens of columns, what a block touches stays in the cache of one core."""

ROWS_IN_ONE = 4 * MOST_ROWS
"""Up to so many rows are one block: to begin a second one would cost more than a second thread could win."""

SHARE_REMEMBERED = 4
"""What a block remembers takes at most this part of what its rows take."""


@dataclass(frozen=True, slots=True)
class Observations:
    """A block of rows, which may not change once it is made: it remembers sums over them.

    Attributes
    ----------
    x : ndarray of shape (n, n_columns)
        float64, or float32, which then stays float32 in the large products.
    labels : ndarray of shape (n,), int64, or None
        The component known for each row, -1 where unknown.
    """

    x: NDArray[np.floating]
    labels: NDArray[np.int64] | None = None
    _remembered: dict[tuple[bytes, bool], NDArray[np.float64]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __reduce__(self) -> tuple[type[Observations], tuple[object, object]]:
        """What is remembered is no part of the data."""
        return Observations, (self.x, self.labels)

    def products(self, origin: NDArray[np.float64], *, squares: bool = False) -> NDArray[np.float64]:
        """Sums over the rows of the products of two columns of ``z = x - origin``.

        They do not depend on components, so that a fit asks for the same ones in each iteration: the block remembers
        the last of them, where they are small beside its rows.

        Parameters
        ----------
        origin : ndarray of shape (n_columns,)
        squares : bool
            Only the products of each column with itself.

        Returns
        -------
        ndarray of shape (n_columns, n_columns) or (n_columns,), float64

        Examples
        --------
        >>> Observations(np.array([[1.0, 2.0], [3.0, 5.0]])).products(np.array([1.0, 2.0])).tolist()
        [[4.0, 6.0], [6.0, 9.0]]
        """
        key = origin.tobytes(), squares
        known = self._remembered.get(key)
        if known is not None:
            return known
        z = self.x - origin
        made: NDArray[np.float64] = np.einsum("ij,ij->j", z, z) if squares else z.T @ z
        if SHARE_REMEMBERED * made.nbytes <= self.x.nbytes:
            self._remembered.clear()
            self._remembered[key] = made
        return made


def blocks_of(x: ArrayLike, labels: ArrayLike | None = None, rows: int | None = None) -> list[Observations]:
    """Cut a matrix in blocks of rows, without copying it where it is float and contiguous.

    Parameters
    ----------
    x : array-like of shape (n, n_columns)
        Finite numbers; float32 stays float32, everything else becomes float64. Where it is not copied, blocks are to be
        made anew after a change.
    labels : array-like of shape (n,), optional
        Known components, -1 where unknown.
    rows : int, optional
        Rows of a block; by default what suits the number of rows.

    Examples
    --------
    >>> [len(block.x) for block in blocks_of(np.zeros((5, 2)), rows=2)]
    [2, 2, 1]
    """
    matrix = np.asarray(x)
    matrix = np.ascontiguousarray(matrix, dtype=matrix.dtype if matrix.dtype == np.float32 else np.float64)
    if matrix.ndim != 2 or len(matrix) == 0:
        raise ValueError(f"a matrix with at least one row is needed, got shape {matrix.shape}")
    known = None if labels is None else np.ascontiguousarray(labels, dtype=np.int64)
    if known is not None and known.shape != (len(matrix),):
        raise ValueError(f"{len(matrix)} labels are needed, got shape {known.shape}")
    if rows is None:
        rows = MOST_ROWS if len(matrix) > ROWS_IN_ONE else len(matrix)
    cuts = range(0, len(matrix), rows)
    return [Observations(matrix[i : i + rows], None if known is None else known[i : i + rows]) for i in cuts]


ROWS_TO_START_FROM = 20_000
"""A start needs no more rows than these, drawn at random; EM then sees them all."""


def rows_to_start_from(blocks: Sequence[Observations], rng: np.random.Generator) -> NDArray[np.floating]:
    """All rows where they are few, or a sample of them in their order."""
    n = sum(len(block.x) for block in blocks)
    if n <= ROWS_TO_START_FROM:
        return np.concatenate([block.x for block in blocks])
    chosen = np.sort(rng.choice(n, ROWS_TO_START_FROM, replace=False))
    ends = np.cumsum([len(block.x) for block in blocks])
    parts, begin = [], 0
    for block, end in zip(blocks, ends, strict=True):
        inside = chosen[np.searchsorted(chosen, begin) : np.searchsorted(chosen, end)] - begin
        parts.append(block.x[inside])
        begin = int(end)
    return np.concatenate(parts)
