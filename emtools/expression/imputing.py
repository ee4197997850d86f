"""Missing cells filled from the most similar observations."""

import numpy as np
from numpy.typing import NDArray

from emtools.errors import InputError

#: Receivers handled at a time, so that memory stays bounded.
BLOCK = 512


def fill_from_nearest(values: NDArray[np.float64], donors: NDArray[np.float64], neighbors: int) -> NDArray[np.float64]:
    """Fill each missing cell with the mean of that feature over the nearest donors that have it.

    The distance is Euclidean over the features that both have, scaled up to all features (Troyanskaya et al. 2001,
    Bioinformatics 17:520, with equal weights).

    Parameters
    ----------
    values : ndarray of shape (n, p)
        Observations; missing cells are NaN.
    donors : ndarray of shape (m, p)
        Where values are taken from; `values` itself when the pipeline is fitted. An observation cannot lend itself
        what it lacks.
    neighbors : int
        How many donors each cell is averaged over; fewer if fewer have the feature.

    Returns
    -------
    ndarray of shape (n, p)
        A copy without missing cells.

    Raises
    ------
    emtools.errors.InputError
        If an observation or a feature has no value at all.

    Examples
    --------
    >>> x = np.array([[0.0, 1.0], [0.1, np.nan], [9.0, 9.0]])
    >>> fill_from_nearest(x, x, 1).tolist()
    [[0.0, 1.0], [0.1, 1.0], [9.0, 9.0]]
    """
    filled = values.copy()
    receivers = np.flatnonzero(np.isnan(values).any(axis=1))
    known = ~np.isnan(donors)
    if not known.any(axis=0).all():
        raise InputError("a feature has no value at all, so that nothing can be filled in", cure="leave it out")
    for start in range(0, len(receivers), BLOCK):
        rows = receivers[start : start + BLOCK]
        distances = _squared_distances(values[rows], donors)
        for feature in np.flatnonzero(np.isnan(values[rows]).any(axis=0)):
            lacking = np.flatnonzero(np.isnan(values[rows, feature]))
            lenders = np.flatnonzero(known[:, feature])
            nearest = np.argsort(distances[np.ix_(lacking, lenders)], axis=1, kind="stable")[:, :neighbors]
            filled[rows[lacking], feature] = donors[lenders[nearest], feature].mean(axis=1)
    return filled


def _squared_distances(values: NDArray[np.float64], donors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean squared difference over the shared features; infinite where none is shared."""
    middle = np.nanmean(donors, axis=0)
    x, y = np.nan_to_num(values - middle), np.nan_to_num(donors - middle)
    x_known, y_known = (~np.isnan(values)).astype(float), (~np.isnan(donors)).astype(float)
    squares = (x * x) @ y_known.T + x_known @ (y * y).T - 2.0 * x @ y.T
    shared = x_known @ y_known.T
    return np.where(shared > 0.0, np.maximum(squares, 0.0) / np.maximum(shared, 1.0), np.inf)
