"""One block of rows under Gaussian components during a fit: joint densities and moments from shared products.

A fit needs less than densities: a term that all components share cancels in the responsibilities, so only its sum over
the rows is computed. Where expanded squares would lose digits (see `gaussian_expansion`), differences are taken first.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emtools.models.families.base import View
from emtools.models.families.gaussian_components import GaussianComponents
from emtools.models.families.gaussian_density import log_density
from emtools.models.families.gaussian_expanded import Expanded
from emtools.models.families.gaussian_expansion import LOG_2_PI
from emtools.models.families.gaussian_linear import Linear
from emtools.models.families.gaussian_moments import GaussianMoments, gathered

Matrix = NDArray[np.floating]

COLUMNS_WORTH_SPLITTING = 48
"""From this many columns on, leaving out the zero quarter of a triangular factor is worth a second call."""


def view(x: Matrix, components: GaussianComponents, log_weights: NDArray[np.float64]) -> View[GaussianMoments]:
    """The view that suits the form of the components.

    Parameters
    ----------
    x : ndarray of shape (n, d)
    components : GaussianComponents
    log_weights : ndarray of shape (k,)
    """
    expansion, full = components.expansion, components.form == "full"
    if expansion is not None and expansion.exact_enough(x.dtype):
        return (Expanded if full else Linear)(x, components, expansion, log_weights)
    return (Whitened if full else Differences)(x, components, log_weights)


def _constants(components: GaussianComponents, log_weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """What does not depend on the row: the log weight and the log normalization, of shape (k,)."""
    n_columns = components.means.shape[1]
    constants: NDArray[np.float64] = log_weights - 0.5 * (components.log_determinants + n_columns * LOG_2_PI)
    return constants


class Whitened:
    """The full form: a whitening product per component, and scatter of the rows that matter to it."""

    def __init__(self, x: Matrix, components: GaussianComponents, log_weights: NDArray[np.float64]) -> None:
        self.x = x
        self.means = components.means.astype(x.dtype)
        self.shared = 0.0
        self.joint: Matrix = np.empty((len(self.means), len(x)), dtype=x.dtype)
        n, d = x.shape
        half = d // 2 if d >= COLUMNS_WORTH_SPLITTING else 0
        difference = np.empty_like(x)
        left, right = np.empty((n, half), dtype=x.dtype), np.empty((n, d - half), dtype=x.dtype)
        for k, whitening in enumerate(components.whitening.astype(x.dtype)):
            np.subtract(x, self.means[k], out=difference)
            np.matmul(difference, whitening[:, half:], out=right)
            np.einsum("ij,ij->i", right, right, out=self.joint[k])
            if half:
                np.matmul(difference[:, :half], whitening[:half, :half], out=left)
                self.joint[k] += np.einsum("ij,ij->i", left, left)
        self.joint *= x.dtype.type(-0.5)
        self.joint += _constants(components, log_weights).astype(x.dtype)[:, None]

    def moments(self, responsibilities: Matrix, counts: NDArray[np.float64]) -> GaussianMoments:
        """The moments of the block."""
        return gathered(self.x, self.means, responsibilities, counts)


class Differences:
    """Any form but the full one, where squares must not be expanded: differences first, a component at a time."""

    def __init__(self, x: Matrix, components: GaussianComponents, log_weights: NDArray[np.float64]) -> None:
        self.x = x
        self.components = components
        self.shared = 0.0
        self.joint = np.ascontiguousarray(log_density(x, components).T)
        self.joint += log_weights.astype(x.dtype)[:, None]

    def moments(self, responsibilities: Matrix, counts: NDArray[np.float64]) -> GaussianMoments:
        """The moments of the block."""
        form, means = self.components.form, self.components.means
        sums = np.zeros_like(means)
        scatter = np.zeros(0) if form == "unit" else np.zeros_like(self.components.covariances)
        for k, (r, mean) in enumerate(zip(responsibilities, means, strict=True)):
            difference = (self.x - mean).astype(self.x.dtype)
            sums[k] = r @ difference
            if form == "diagonal":
                scatter[k] = r @ (difference * difference)
            elif form == "tied":
                difference *= np.sqrt(r)[:, None]
                scatter += difference.T @ difference
        return GaussianMoments(counts, sums, scatter)
