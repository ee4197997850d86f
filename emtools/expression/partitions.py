"""How far two partitions agree."""

import numpy as np
from numpy.typing import ArrayLike


def adjusted_rand_index(first: ArrayLike, second: ArrayLike) -> float:
    """The adjusted Rand index: 1 for equal partitions, 0 on average for unrelated ones.

    Hubert and Arabie 1985, Journal of Classification 2:193. Two partitions that are both trivial agree.

    Parameters
    ----------
    first, second : array-like of shape (n,)
        The groups of the same observations.

    Examples
    --------
    >>> adjusted_rand_index([0, 0, 1, 1], [1, 1, 0, 0])
    1.0
    """
    rows, columns = (np.unique(groups, return_inverse=True)[1] for groups in (first, second))
    table = np.bincount(rows * (columns.max() + 1) + columns)
    together, in_first, in_second = (_pairs(counts) for counts in (table, np.bincount(rows), np.bincount(columns)))
    expected = in_first * in_second / max(_pairs(np.array([len(rows)])), 1.0)
    most = (in_first + in_second) / 2.0
    return 1.0 if most == expected else float((together - expected) / (most - expected))


def _pairs(counts: np.ndarray) -> float:
    return float((counts * (counts - 1)).sum()) / 2.0
