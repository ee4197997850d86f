"""The unit, the diagonal and the tied form: log densities that are linear in the columns and their squares."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emtools.kernels.linear import common_moments, hard_sums, soft_sums
from emtools.kernels.softmax import exponential
from emtools.models.assignment import Assignment
from emtools.models.families.base import AssignedSums
from emtools.models.families.gaussian_components import GaussianComponents
from emtools.models.families.gaussian_expansion import Expansion
from emtools.models.families.gaussian_moments import GaussianMoments
from emtools.models.observations import Observations


def assigned_sums(
    block: Observations,
    components: GaussianComponents,
    expansion: Expansion,
    log_weights: NDArray[np.float64],
    assignment: Assignment,
) -> AssignedSums[GaussianMoments]:
    """A whole E-step of one block in one pass of a kernel.

    Parameters
    ----------
    block : Observations
    components : GaussianComponents
    expansion : Expansion
        Of the components.
    log_weights : ndarray of shape (k,)
    assignment : Assignment
    """
    kind = block.x.dtype
    given = (
        block.x,
        block.tiles(components.origin),
        components.origin.astype(kind),
        expansion.coefficients.astype(kind, copy=False),
        (expansion.constants + log_weights).astype(kind),
    )
    hard = assignment is Assignment.HARD
    total, counts, sums = hard_sums(*given) if hard else soft_sums(*given, *exponential(kind))
    second = _second(block, components, expansion)
    total -= 0.5 * float(np.vdot(expansion.shared, second))
    return AssignedSums(total, counts, _about_means(sums, counts, second, components))


class Linear:
    """A block whose responsibilities are decided by others, where some labels are known."""

    def __init__(
        self,
        x: NDArray[np.floating],
        components: GaussianComponents,
        expansion: Expansion,
        log_weights: NDArray[np.float64],
    ) -> None:
        self.components = components
        centered = x - components.origin.astype(x.dtype)
        diagonal = components.form == "diagonal"
        self.rows = np.concatenate([centered, centered * centered], axis=1) if diagonal else centered
        self.joint: NDArray[np.floating] = expansion.coefficients.astype(x.dtype) @ self.rows.T
        self.joint += (expansion.constants + log_weights).astype(x.dtype)[:, None]
        self.second = _second(Observations(x), components, expansion)
        self.shared = -0.5 * float(np.vdot(expansion.shared, self.second))

    def moments(self, responsibilities: NDArray[np.floating], counts: NDArray[np.float64]) -> GaussianMoments:
        """The moments of the block."""
        sums = (responsibilities @ self.rows).astype(np.float64)
        return _about_means(sums, counts, self.second, self.components)


def _second(block: Observations, components: GaussianComponents, expansion: Expansion) -> NDArray[np.float64]:
    """The sums that `Expansion.shared` weighs: of squares, of products, or none."""
    if components.form == "diagonal":
        return np.zeros(expansion.shared.shape)
    return block.products(components.origin, squares=components.form == "unit")


def _about_means(
    sums: NDArray[np.float64], counts: NDArray[np.float64], second: NDArray[np.float64], components: GaussianComponents
) -> GaussianMoments:
    """Moments about the means from weighted sums about the origin."""
    shifts = components.means - components.origin
    if components.form == "tied":
        return GaussianMoments(counts, *common_moments(second, sums, counts, shifts))
    d = shifts.shape[1]
    first = sums[:, :d] - counts[:, None] * shifts
    if components.form == "unit":
        return GaussianMoments(counts, first, np.zeros(0))
    return GaussianMoments(counts, first, sums[:, d:] - shifts * (first + sums[:, :d]))
