"""Starts given in part or whole by whoever fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emtools.estimators.shapes import covariances_from_precisions
from emtools.models import Mixture, MixtureParams, Observations
from emtools.models.families.gaussian import Gaussian
from emtools.models.families.gaussian_components import GaussianComponents
from emtools.models.families.gaussian_moments import GaussianMoments
from emtools.models.seeding import squared_distances


def given_start(
    model: Mixture[GaussianComponents, GaussianMoments],
    family: Gaussian,
    blocks: Sequence[Observations],
    weights: ArrayLike | None,
    means: ArrayLike | None,
    precisions: ArrayLike | None,
    rng: np.random.Generator,
) -> MixtureParams[GaussianComponents]:
    """A random start in which what is given replaces what was drawn.

    Where means are given, the rest is not drawn but estimated from the observations nearest to each.

    Parameters
    ----------
    model : Mixture
    family : Gaussian
        That of the mixture.
    blocks : sequence of Observations
    weights : array-like of shape (k,), optional
    means : array-like of shape (k, d), optional
    precisions : array-like, optional
        In scikit-learn's shape for the family.
    rng : numpy.random.Generator

    Raises
    ------
    ValueError
        If a shape or a value does not fit.
    """
    start = model.initialize(blocks, rng)
    n_components, n_columns = start.components.means.shape
    if means is not None:
        centers = checked_means(means, n_components, n_columns, "means_init")
        x = np.concatenate([block.x for block in blocks])
        nearest = squared_distances(x - start.components.origin, centers - start.components.origin).argmin(axis=0)
        start = model.from_responsibilities(x, np.eye(n_components)[nearest], start)
        components = family.components(centers, start.components.covariances, start.components.origin)
        start = replace(start, components=components)
    if weights is not None:
        start = replace(start, weights=_checked_weights(weights, n_components))
    if precisions is not None:
        shares = np.maximum(start.weights, 1e-3)
        covariances = covariances_from_precisions(family.structure, precisions, shares, n_columns)
        components = family.components(start.components.means, covariances, start.components.origin)
        start = replace(start, components=components)
    return start


def checked_means(means: ArrayLike, n_components: int, n_columns: int, name: str) -> NDArray[np.float64]:
    """Finite means of the right shape."""
    centers: NDArray[np.float64] = np.array(means, dtype=np.float64)
    if centers.shape != (n_components, n_columns) or not np.isfinite(centers).all():
        raise ValueError(f"{name} must be finite and of shape {(n_components, n_columns)}, got {centers.shape}")
    return centers


def _checked_weights(weights: ArrayLike, n_components: int) -> NDArray[np.float64]:
    shares: NDArray[np.float64] = np.array(weights, dtype=np.float64)
    if shares.shape != (n_components,) or not (shares >= 0.0).all() or not np.isclose(shares.sum(), 1.0):
        raise ValueError(f"weights_init must be {n_components} shares that sum to 1, got {weights!r}")
    normalized: NDArray[np.float64] = shares / shares.sum()
    return normalized
