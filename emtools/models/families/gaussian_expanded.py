"""The full form by products of columns: one matrix product for the densities of all components, one for all scatters.

Quadratic forms are linear in the products of columns. These are made once for a few rows and serve every component,
where whitening costs a product for each.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from emtools.kernels.quadratic import centered_scatter, products_of_columns, quadratic_sums
from emtools.kernels.softmax import exponential
from emtools.models.families.base import AssignedSums
from emtools.models.families.gaussian_components import GaussianComponents
from emtools.models.families.gaussian_expansion import Expansion
from emtools.models.families.gaussian_moments import NEGLIGIBLE, GaussianMoments, gathered

MOST_BYTES = 6 * 2**20
"""What the products made at a time take at most, where they are of at least `FEWEST_ROWS` rows."""

FEWEST_ROWS, MOST_ROWS = 64, 256
"""Rows whose products are made at a time; more gain nothing."""

SPARSE = 0.2
"""Where fewer responsibilities than this share matter, gathering their rows is faster than a product of all."""


def _height(n_products: int, kind: np.dtype[np.floating]) -> int:
    """Rows whose products are made at a time."""
    return min(MOST_ROWS, max(FEWEST_ROWS, 64 * (MOST_BYTES // (n_products * kind.itemsize * 64))))


def assigned_sums(
    x: NDArray[np.floating], components: GaussianComponents, expansion: Expansion, log_weights: NDArray[np.float64]
) -> AssignedSums[GaussianMoments]:
    """A whole E-step of one block under soft assignment, in one pass of a kernel and a gathering of what it left.

    Parameters
    ----------
    x : ndarray of shape (n, d)
    components : GaussianComponents
    expansion : Expansion
        Of the components.
    log_weights : ndarray of shape (k,)
    """
    kind = x.dtype
    found = quadratic_sums(
        x,
        components.origin.astype(kind),
        expansion.coefficients.astype(kind, copy=False),
        (expansion.constants + log_weights).astype(kind),
        _height(expansion.coefficients.shape[1], kind),
        NEGLIGIBLE,
        SPARSE,
        *exponential(kind),
    )
    shifts = components.means - components.origin
    dense = GaussianMoments(found.dense_counts, *centered_scatter(found.sums, found.dense_counts, shifts))
    if (found.dense_counts == found.counts).all():
        return AssignedSums(found.log_likelihood, found.counts, dense)
    others = gathered(x, components.means, found.sparse, found.counts - found.dense_counts)
    return AssignedSums(found.log_likelihood, found.counts, dense + others)


class Expanded:
    """A block under components of the full form whose responsibilities are decided by others."""

    def __init__(
        self,
        x: NDArray[np.floating],
        components: GaussianComponents,
        expansion: Expansion,
        log_weights: NDArray[np.float64],
    ) -> None:
        self.x = x
        self.components = components
        self.shared = 0.0
        coefficients = expansion.coefficients.astype(x.dtype, copy=False)
        self.joint: NDArray[np.floating] = np.empty((len(coefficients), len(x)), dtype=x.dtype)
        for tile, products in self._tiles():
            self.joint[:, tile] = coefficients @ products
        self.joint += (expansion.constants + log_weights).astype(x.dtype)[:, None]

    def _tiles(self) -> Iterator[tuple[slice, NDArray[np.floating]]]:
        """A few rows at a time, and the products of their columns."""
        n, d = self.x.shape
        n_products = d + d * (d + 1) // 2
        height = min(n, _height(n_products, self.x.dtype))
        origin = self.components.origin.astype(self.x.dtype)
        room = np.empty(n_products * height, dtype=self.x.dtype)
        for begin in range(0, n, height):
            tile = slice(begin, min(begin + height, n))
            products = room[: n_products * (tile.stop - begin)].reshape(n_products, -1)
            products_of_columns(self.x[tile], origin, products)
            yield tile, products

    def moments(self, responsibilities: NDArray[np.floating], counts: NDArray[np.float64]) -> GaussianMoments:
        """The moments of the block."""
        if np.count_nonzero(responsibilities > NEGLIGIBLE) < SPARSE * responsibilities.size:
            return gathered(self.x, self.components.means, responsibilities, counts)
        k, d = self.components.means.shape
        total = np.zeros((k, d + d * (d + 1) // 2))
        for tile, products in self._tiles():
            total += responsibilities[:, tile] @ products.T
        return GaussianMoments(counts, *centered_scatter(total, counts, self.components.means - self.components.origin))
