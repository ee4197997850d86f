"""Covariances in the shapes that scikit-learn's users know."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emtools.models.families.covariance import Structure, estimate
from emtools.models.families.gaussian_components import GaussianComponents


def kind_of(structure: Structure) -> str:
    """Which of scikit-learn's shapes a family has: "spherical", "diag", "tied" or "full".

    Examples
    --------
    >>> kind_of(Structure.named("EII")), kind_of(Structure.named("VEI")), kind_of(Structure.named("VVE"))
    ('spherical', 'diag', 'full')
    """
    if structure.form == "diagonal":
        return "spherical" if structure.shape == "I" else "diag"
    return structure.form


def shaped(structure: Structure, stored: NDArray[np.float64]) -> NDArray[np.float64]:
    """What is stored in the form of a family, of shape (k,), (k, d), (d, d) or (k, d, d)."""
    return stored[:, 0].copy() if kind_of(structure) == "spherical" else stored


def precisions(structure: Structure, components: GaussianComponents) -> NDArray[np.float64]:
    """The inverse covariances, in scikit-learn's shape."""
    factor = components.whitening
    squared = factor**2 if structure.form == "diagonal" else factor @ np.swapaxes(factor, -1, -2)
    return shaped(structure, squared)


def covariances_from_precisions(
    structure: Structure, given: ArrayLike, weights: NDArray[np.float64], n_columns: int
) -> NDArray[np.float64]:
    """Covariances in the form of a family, from precisions in scikit-learn's shape.

    Where they are not a member of the family, they become the closest: the one of highest expected likelihood under
    them.

    Parameters
    ----------
    structure : Structure
    given : array-like of shape (k,), (k, d), (d, d) or (k, d, d)
    weights : ndarray of shape (k,)
    n_columns : int

    Raises
    ------
    ValueError
        If the shape is another one, or a precision is not positive definite.
    """
    k = len(weights)
    matrices: NDArray[np.float64] = np.array(given, dtype=np.float64)
    expected = {
        "spherical": (k,),
        "diag": (k, n_columns),
        "tied": (n_columns, n_columns),
        "full": (k, n_columns, n_columns),
    }[kind_of(structure)]
    if matrices.shape != expected:
        raise ValueError(f"precisions_init must have shape {expected}, got {matrices.shape}")
    if structure.form == "diagonal":
        positive = bool((matrices > 0.0).all())
    else:
        symmetric = np.allclose(matrices, np.swapaxes(matrices, -1, -2))
        positive = symmetric and bool((np.linalg.eigvalsh(matrices) > 0.0).all())
    if not positive:
        raise ValueError("precisions_init must be positive, as matrices symmetric and positive definite")
    if structure.form == "tied":
        return np.asarray(np.linalg.inv(matrices), dtype=np.float64)
    counts = np.maximum(weights, np.finfo(np.float64).tiny)
    if structure.form == "diagonal":
        variances = 1.0 / matrices if matrices.ndim == 2 else np.tile(1.0 / matrices[:, None], n_columns)
        return estimate(structure, counts[:, None] * variances, counts, variances)
    covariances = np.asarray(np.linalg.inv(matrices), dtype=np.float64)
    return estimate(structure, counts[:, None, None] * covariances, counts, covariances)
