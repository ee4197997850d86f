"""Weighted sums and scatter of Gaussian components about their current means."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emtools.models.families.gaussian_components import GaussianComponents
from emtools.models.families.gaussian_density import far

NEGLIGIBLE = 1e-20
"""A responsibility below this cannot change a sum of float64 numbers, so its row is passed over."""


def about_means(
    x: NDArray[np.floating],
    responsibilities: NDArray[np.floating],
    counts: NDArray[np.float64],
    components: GaussianComponents,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sums of ``x - mean`` and of their squares and products, weighted by responsibility.

    Parameters
    ----------
    x : ndarray of shape (n, d)
    responsibilities : ndarray of shape (k, n)
        Each column sums to one.
    counts : ndarray of shape (k,)
        Their row sums.
    components : GaussianComponents

    Returns
    -------
    sums : ndarray of shape (k, d), float64
    scatter : ndarray of shape (0,), (k, d), (d, d) or (k, d, d), float64
        In the form of the components.
    """
    if components.form == "full":
        return _full(x, responsibilities, components)
    if components.form == "diagonal" and far(x.dtype, components):
        return _diagonal_by_differences(x, responsibilities, components)
    centered = x - components.origin.astype(x.dtype)
    shifts = components.means - components.origin
    about_origin = (responsibilities @ centered).astype(np.float64)
    offsets = counts[:, None] * shifts
    sums = about_origin - offsets
    if components.form == "unit":
        return sums, np.zeros(0)
    if components.form == "diagonal":
        squares = (responsibilities @ (centered * centered)).astype(np.float64)
        return sums, squares - 2.0 * shifts * about_origin + shifts * offsets
    if far(x.dtype, components):
        return sums, _tied_by_differences(x, responsibilities, components)
    cross = about_origin.T @ shifts
    total = (centered.T @ centered).astype(np.float64)
    return sums, total - cross - cross.T + offsets.T @ shifts


def _full(
    x: NDArray[np.floating], responsibilities: NDArray[np.floating], components: GaussianComponents
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    k, d = components.means.shape
    sums, scatter = np.zeros((k, d)), np.zeros((k, d, d))
    for i, mean in enumerate(components.means):
        rows = np.flatnonzero(responsibilities[i] > NEGLIGIBLE)
        if len(rows):
            r = responsibilities[i, rows]
            difference = (x[rows] - mean).astype(x.dtype)
            sums[i] = r @ difference
            difference *= np.sqrt(r)[:, None]
            scatter[i] = difference.T @ difference
    return sums, scatter


def _diagonal_by_differences(
    x: NDArray[np.floating], responsibilities: NDArray[np.floating], components: GaussianComponents
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    sums, scatter = np.zeros_like(components.means), np.zeros_like(components.means)
    for i, mean in enumerate(components.means):
        difference = (x - mean).astype(x.dtype)
        sums[i] = responsibilities[i] @ difference
        scatter[i] = responsibilities[i] @ (difference * difference)
    return sums, scatter


def _tied_by_differences(
    x: NDArray[np.floating], responsibilities: NDArray[np.floating], components: GaussianComponents
) -> NDArray[np.float64]:
    scatter = np.zeros_like(components.covariances)
    for r, mean in zip(responsibilities, components.means, strict=True):
        difference = (x - mean).astype(x.dtype) * np.sqrt(r)[:, None]
        scatter += difference.T @ difference
    return scatter
