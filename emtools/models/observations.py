"""Rows of data in blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emtools.kernels.products import TILE, columns_of_tiles

MOST_ROWS = 2048
"""Rows of a block of large data: with some tens of columns, what a block touches stays in the cache of one core."""

ROWS_IN_ONE = 4 * MOST_ROWS
"""Up to so many rows are one block: to begin a second one would cost more than a second thread could win."""

SHARE_REMEMBERED = 4
"""Sums that a block remembers take at most this part of what its rows take."""

MOST_BYTES = 8 * 2**20
"""Rows that take more are not remembered a second time, column by column: they would not stay in the cache."""


@dataclass(frozen=True, slots=True)
class Observations:
    """A block of rows, which may not change once it is made: it remembers sums over them.

    Attributes
    ----------
    x : ndarray of shape (n, n_columns)
        float64, or float32, which then stays float32 in the large products.
    labels : ndarray of shape (n,), int64, or None
        The component known for each row, -1 where unknown.
    alone : bool
        Whether it is the only block of its data: one that is small is then remembered column by column as well.
    """

    x: NDArray[np.floating]
    labels: NDArray[np.int64] | None = None
    alone: bool = False
    _remembered: dict[str, tuple[bytes, NDArray[Any]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __reduce__(self) -> tuple[type[Observations], tuple[object, object, object]]:
        """What is remembered is no part of the data."""
        return Observations, (self.x, self.labels, self.alone)

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
        name, key = "squares" if squares else "products", origin.tobytes()
        known = self._known(name, key)
        if known is not None:
            return known
        z = self.x - origin
        made: NDArray[np.float64] = np.einsum("ij,ij->j", z, z) if squares else z.T @ z
        if SHARE_REMEMBERED * made.nbytes <= self.x.nbytes:
            self._remembered[name] = key, made
        return made

    def tiles(self, origin: NDArray[np.float64]) -> NDArray[np.floating]:
        """The columns of ``x - origin`` in tiles of rows, where they are worth remembering.

        Parameters
        ----------
        origin : ndarray of shape (n_columns,)

        Returns
        -------
        ndarray of shape (n // TILE, n_columns, TILE), or of no tile

        Examples
        --------
        >>> (block,) = blocks_of(np.ones((600, 3)))
        >>> block.tiles(np.zeros(3)).shape, Observations(block.x).tiles(np.zeros(3)).shape
        ((2, 3, 256), (0, 3, 256))
        """
        if not self.alone or self.x.nbytes > MOST_BYTES:
            return np.empty((0, self.x.shape[1], TILE), dtype=self.x.dtype)
        key = origin.tobytes()
        known = self._known("tiles", key)
        if known is None:
            known = columns_of_tiles(self.x, origin.astype(self.x.dtype))
            self._remembered["tiles"] = key, known
        return known

    def _known(self, name: str, key: bytes) -> NDArray[Any] | None:
        """What is remembered under a name, if it was made about the same origin."""
        found = self._remembered.get(name)
        return found[1] if found is not None and found[0] == key else None


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
    alone = len(cuts) == 1
    return [Observations(matrix[i : i + rows], None if known is None else known[i : i + rows], alone) for i in cuts]


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
