"""Components that make one cluster: which to merge, in which order."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Level:
    """One partition of the components into clusters.

    Attributes
    ----------
    groups : ndarray of shape (n_components,), int64
        The cluster of each component, from 0.
    n_clusters : int
    overlap : float
        The largest estimated probability with which an observation of one cluster is taken for one of another.
    """

    groups: NDArray[np.int64]
    n_clusters: int
    overlap: float

    def pooled(self, responsibilities: NDArray[np.float64]) -> NDArray[np.float64]:
        """Responsibilities of the clusters, (n, n_clusters), from those of the components."""
        return np.asarray(responsibilities @ np.eye(self.n_clusters)[self.groups])


def misclassification(responsibilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """How often an observation of cluster i is taken for one of cluster j, estimated from responsibilities.

    ``p[i, j]`` is the share of the weight of cluster i that lies on observations assigned to j (Hennig 2010, Advances
    in Data Analysis and Classification 4:3, section 4.2).

    Parameters
    ----------
    responsibilities : ndarray of shape (n, k)

    Returns
    -------
    ndarray of shape (k, k)
        The diagonal is 0.

    Examples
    --------
    >>> misclassification(np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]])).round(2).tolist()
    [[0.0, 0.15], [0.3, 0.0]]
    """
    n_clusters = responsibilities.shape[1]
    assigned = np.eye(n_clusters)[responsibilities.argmax(axis=1)]
    weights = responsibilities.sum(axis=0)
    p = responsibilities.T @ assigned / np.where(weights > 0.0, weights, 1.0)[:, None]
    np.fill_diagonal(p, 0.0)
    return np.asarray(p)


def merge_path(responsibilities: NDArray[np.float64]) -> tuple[Level, ...]:
    """Merge the two clusters most often taken for each other, until one is left.

    Parameters
    ----------
    responsibilities : ndarray of shape (n, n_components)

    Returns
    -------
    tuple of Level
        ``path[i]`` has ``i + 1`` clusters.
    """
    groups = np.arange(responsibilities.shape[1])
    path = []
    for n_clusters in range(len(groups), 0, -1):
        p = misclassification(responsibilities)
        confused = np.maximum(p, p.T)
        path.append(Level(groups, n_clusters, float(confused.max())))
        first, second = sorted(np.unravel_index(confused.argmax(), confused.shape))
        if n_clusters > 1:
            pooled = responsibilities[:, first] + responsibilities[:, second]
            responsibilities = np.delete(responsibilities, second, axis=1)
            responsibilities[:, first] = pooled
            groups = np.where(groups == second, first, groups - (groups > second))
    return tuple(reversed(path))
