"""How far two partitions agree, as a whole and cluster by cluster."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


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


def recovered(clusters: NDArray[np.integer], found: NDArray[np.integer], n_clusters: int) -> NDArray[np.float64]:
    """How well each cluster is found again: its Jaccard index with the cluster most like it in another partition.

    Hennig 2007, Computational Statistics and Data Analysis 52:258.

    Parameters
    ----------
    clusters, found : ndarray of shape (n,)
        The groups of the same observations, from 0.
    n_clusters : int
        Of `clusters`.

    Returns
    -------
    ndarray of shape (n_clusters,)
        1 where the very same cluster was found; 0 for one without observations.

    Examples
    --------
    >>> recovered(np.array([0, 0, 0, 1, 1]), np.array([2, 2, 0, 0, 0]), 2).round(2).tolist()
    [0.67, 0.67]
    """
    shared = np.zeros((n_clusters, int(found.max()) + 1))
    np.add.at(shared, (clusters, found), 1.0)
    either = shared.sum(axis=1)[:, None] + shared.sum(axis=0) - shared
    return np.asarray((shared / np.maximum(either, 1.0)).max(axis=1))


def _pairs(counts: np.ndarray) -> float:
    return float((counts * (counts - 1)).sum()) / 2.0
