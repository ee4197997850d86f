"""Partitions to start from: k-means++ in a metric drawn at random."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.floating]


def squared_distances(x: Matrix, centers: Matrix) -> NDArray[np.floating]:
    """Squared Euclidean distances of shape (n_centers, n)."""
    distances: NDArray[np.floating] = (
        (x * x).sum(axis=1) - 2.0 * (centers @ x.T) + (centers * centers).sum(axis=1)[:, None]
    )
    np.maximum(distances, 0.0, out=distances)
    return distances


def kmeans_plus_plus(x: Matrix, n_centers: int, rng: np.random.Generator) -> Matrix:
    """Rows of `x` far from one another, the best of a few candidates each time.

    Arthur and Vassilvitskii (2007), Proceedings of SODA: each next center is drawn with probability proportional to
    the squared distance to the nearest center so far; of ``2 + log(n_centers)`` draws the one that lowers the sum of
    these distances most is kept.

    Parameters
    ----------
    x : ndarray of shape (n, d)
    n_centers : int
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of shape (n_centers, d)

    Examples
    --------
    >>> x = np.array([[0.0], [0.1], [9.0]])
    >>> sorted(kmeans_plus_plus(x, 2, np.random.default_rng(0)).ravel().round().tolist())
    [0.0, 9.0]
    """
    n_candidates = 2 + int(np.log(n_centers))
    centers = np.empty((n_centers, x.shape[1]), dtype=x.dtype)
    centers[0] = x[rng.integers(len(x))]
    nearest = squared_distances(x, centers[:1])[0]
    for i in range(1, n_centers):
        reach = np.cumsum(nearest, dtype=np.float64)
        if reach[-1] > 0.0:
            chosen = np.searchsorted(reach, rng.random(n_candidates) * reach[-1], side="right").clip(max=len(x) - 1)
        else:
            chosen = rng.integers(len(x), size=n_candidates)
        options = np.minimum(squared_distances(x, x[chosen]), nearest)
        best = int(options.sum(axis=1).argmin())
        centers[i] = x[chosen[best]]
        nearest = options[best]
    return centers


def partition(x: Matrix, n_groups: int, rng: np.random.Generator, sweeps: int = 5) -> NDArray[np.int64]:
    """Groups from k-means++ and a few sweeps of k-means, in one of two metrics drawn at random.

    As given, or with every column scaled to unit variance: where columns differ in scale one of the two is
    misled, and restarts should not all be misled alike.

    Parameters
    ----------
    x : ndarray of shape (n, d)
    n_groups : int
    rng : numpy.random.Generator
    sweeps : int

    Returns
    -------
    ndarray of shape (n,), int64
    """
    z = x - x.mean(axis=0)
    if rng.random() < 0.5:
        spread = z.std(axis=0)
        z /= np.where(spread > 0.0, spread, 1.0)
    centers = kmeans_plus_plus(z, n_groups, rng)
    groups: NDArray[np.int64] = squared_distances(z, centers).argmin(axis=0)
    for _ in range(sweeps):
        member = (groups == np.arange(n_groups)[:, None]).astype(z.dtype)
        counts = member.sum(axis=1, keepdims=True)
        centers = np.where(counts > 0, member @ z / np.maximum(counts, 1), centers)
        groups = squared_distances(z, centers).argmin(axis=0)
    return groups
