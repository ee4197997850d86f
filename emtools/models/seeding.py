"""Partitions to start from: by k-means++, by hierarchical clustering, or at random."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, ward

Matrix = NDArray[np.floating]

ROWS_TO_LINK = 2_000
"""Hierarchical clustering compares all pairs, so it sees no more rows than these, drawn at random."""


class Seeding(StrEnum):
    """Where the first partition comes from.

    `KMEANS` spreads centers by k-means++ and moves them a few times. `HIERARCHICAL` merges, from single rows on, the
    pair that costs a mixture of equal spheres the least classification likelihood: Ward's criterion (Banfield and
    Raftery 1993, Biometrics 49:803). `RANDOM` takes rows as centers.
    """

    KMEANS = "k-means++"
    HIERARCHICAL = "hierarchical"
    RANDOM = "random"


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


def partition(
    x: Matrix, n_groups: int, rng: np.random.Generator, seeding: Seeding = Seeding.KMEANS
) -> NDArray[np.int64]:
    """Groups to start from, in one of two metrics drawn at random.

    As given, or with every column scaled to unit variance: where columns differ in scale one of the two is
    misled, and restarts should not all be misled alike.

    Parameters
    ----------
    x : ndarray of shape (n, d)
    n_groups : int
    rng : numpy.random.Generator
    seeding : Seeding

    Returns
    -------
    ndarray of shape (n,), int64

    Examples
    --------
    >>> x = np.array([[0.0], [0.1], [9.0], [9.1]])
    >>> groups = partition(x, 2, np.random.default_rng(0), Seeding.HIERARCHICAL)
    >>> bool(groups[0] == groups[1] != groups[2] == groups[3])
    True
    """
    z = x - x.mean(axis=0)
    if rng.random() < 0.5:
        spread = z.std(axis=0)
        z /= np.where(spread > 0.0, spread, 1.0)
    if seeding is Seeding.HIERARCHICAL:
        centers = _linked(z, n_groups, rng)
    elif seeding is Seeding.RANDOM:
        centers = z[rng.choice(len(z), n_groups, replace=len(z) < n_groups)]
    else:
        centers = _moved(z, kmeans_plus_plus(z, n_groups, rng))
    groups: NDArray[np.int64] = squared_distances(z, centers).argmin(axis=0)
    return groups


def _linked(z: Matrix, n_groups: int, rng: np.random.Generator) -> Matrix:
    """The centers of Ward's groups of at most `ROWS_TO_LINK` rows."""
    if len(z) > ROWS_TO_LINK:
        z = z[rng.choice(len(z), ROWS_TO_LINK, replace=False)]
    if len(z) < 2:
        return z
    groups = fcluster(ward(z), n_groups, criterion="maxclust")
    return np.stack([z[groups == group].mean(axis=0) for group in np.unique(groups)])


def _moved(z: Matrix, centers: Matrix, sweeps: int = 5) -> Matrix:
    """Centers after a few sweeps of k-means; one that nothing is near stays."""
    for _ in range(sweeps):
        groups = squared_distances(z, centers).argmin(axis=0)
        member = (groups == np.arange(len(centers))[:, None]).astype(z.dtype)
        counts = member.sum(axis=1, keepdims=True)
        centers = np.where(counts > 0, member @ z / np.maximum(counts, 1), centers)
    return centers
