"""Log densities of Gaussian components: one large product where algebra allows it, exact differences where it does not.

``(x - m)' P (x - m)`` is expanded into products of all rows with all components at once, about a common origin. That
loses digits where components lie very many standard deviations from the origin; there the differences are taken
first, one component at a time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emtools.models.families.gaussian_components import GaussianComponents
from emtools.models.families.gaussian_expansion import LOG_2_PI


def log_density(x: NDArray[np.floating], components: GaussianComponents) -> NDArray[np.floating]:
    """``log N(x; mean, covariance)``.

    Parameters
    ----------
    x : ndarray of shape (n, d)
    components : GaussianComponents

    Returns
    -------
    ndarray of shape (n, k), of the dtype of `x`
        The transpose of a contiguous (k, n) array.
    """
    squared = squared_mahalanobis(x, components)
    constants = components.log_determinants + x.shape[1] * LOG_2_PI
    squared += constants.astype(x.dtype)[:, None]
    squared *= x.dtype.type(-0.5)
    return squared.T


def squared_mahalanobis(x: NDArray[np.floating], components: GaussianComponents) -> NDArray[np.floating]:
    """Squared Mahalanobis distances of shape (k, n), of the dtype of `x`."""
    if components.form == "full":
        return _full(x, components)
    if components.expansion is None or not components.expansion.exact_enough(x.dtype):
        return _by_differences(x, components)
    centered = x - components.origin.astype(x.dtype)
    shifts = components.means - components.origin
    if components.form in ("unit", "diagonal"):
        return _diagonal(centered, shifts, components)
    whitening = components.whitening.astype(x.dtype)
    y = centered @ whitening
    centers = (shifts @ components.whitening).astype(x.dtype)
    return _expanded((y * y).sum(axis=1), centers @ y.T, (centers * centers).sum(axis=1))


def _expanded(
    squares: NDArray[np.floating], products: NDArray[np.floating], constants: NDArray[np.floating]
) -> NDArray[np.floating]:
    """``squares - 2 products + constants``, in place, never below zero."""
    products *= products.dtype.type(-2.0)
    products += squares
    products += constants[:, None]
    np.maximum(products, 0.0, out=products)
    return products


def _diagonal(
    centered: NDArray[np.floating], shifts: NDArray[np.float64], components: GaussianComponents
) -> NDArray[np.floating]:
    dtype = centered.dtype
    precisions = np.broadcast_to(components.whitening**2, shifts.shape)
    constants = (precisions * shifts**2).sum(axis=1).astype(dtype)
    products = (precisions * shifts).astype(dtype) @ centered.T
    squares = centered * centered
    shared = (precisions == precisions[0]).all()
    weighted = squares @ precisions[0].astype(dtype) if shared else precisions.astype(dtype) @ squares.T
    return _expanded(weighted, products, constants)


def _by_differences(x: NDArray[np.floating], components: GaussianComponents) -> NDArray[np.floating]:
    result = np.empty((len(components.means), len(x)), dtype=x.dtype)
    whitening = components.whitening.astype(x.dtype)
    per_component = np.broadcast_to(whitening, components.means.shape) if components.form != "tied" else None
    for k, mean in enumerate(components.means):
        difference = (x - mean).astype(x.dtype)
        y = difference @ whitening if per_component is None else difference * per_component[k]
        np.einsum("ij,ij->i", y, y, out=result[k])
    return result


def _full(x: NDArray[np.floating], components: GaussianComponents) -> NDArray[np.floating]:
    result = np.empty((len(components.means), len(x)), dtype=x.dtype)
    difference, y = np.empty_like(x), np.empty_like(x)
    for k, mean in enumerate(components.means):
        np.subtract(x, mean, out=difference, casting="same_kind")
        np.matmul(difference, components.whitening[k].astype(x.dtype), out=y)
        np.einsum("ij,ij->i", y, y, out=result[k])
    return result
