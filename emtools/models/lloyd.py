"""k-means: a Gaussian mixture with unit covariances, equal weights and hard assignment."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from emtools.kernels.lloyd import highest_and_sums
from emtools.models.assignment import Assignment
from emtools.models.families.covariance import UNIT, Structure
from emtools.models.families.gaussian import Gaussian
from emtools.models.families.gaussian_components import GaussianComponents
from emtools.models.families.gaussian_density import far
from emtools.models.families.gaussian_expansion import LOG_2_PI
from emtools.models.families.gaussian_moments import GaussianMoments
from emtools.models.mixture import Mixture, MixtureParams, MixtureStats, Observations
from emtools.models.seeding import Seeding

KMeansMixture = Mixture[GaussianComponents, GaussianMoments]


def kmeans(n_components: int, seeding: str = "k-means++") -> KMeansMixture:
    """k-means as the hard case of a Gaussian mixture (Celeux and Govaert 1992), by the faster kernel.

    Parameters
    ----------
    n_components : int
    seeding : {"k-means++", "hierarchical", "random"}
        Where starts come from.

    Examples
    --------
    >>> kmeans(3).assignment, kmeans(3).equal_weights
    (<Assignment.HARD: 'hard'>, True)
    """
    family = Gaussian(Structure.named(UNIT), seeding=Seeding(seeding))
    return Lloyd(family, n_components, Assignment.HARD, equal_weights=True)


@dataclass(frozen=True, slots=True)
class Lloyd(Mixture[GaussianComponents, GaussianMoments]):
    """k-means whose E-step gives each row to one mean at once, without a table of responsibilities."""

    def expect(self, block: Observations, params: MixtureParams[GaussianComponents]) -> MixtureStats[GaussianMoments]:
        """What the general mixture returns, from one pass over the scores."""
        if block.labels is not None or far(block.x.dtype, params.components):
            return Mixture.expect(self, block, params)
        components, dtype = params.components, block.x.dtype
        centered = block.x - components.origin.astype(dtype)
        shifts = components.means - components.origin
        constants = np.log(params.weights) - 0.5 * (shifts.shape[1] * LOG_2_PI + (shifts**2).sum(axis=1))
        scores = shifts.astype(dtype) @ centered.T
        total, counts, about_origin = highest_and_sums(scores, constants.astype(dtype), centered)
        moments = GaussianMoments(counts, about_origin - counts[:, None] * shifts, np.zeros(0))
        total -= 0.5 * float(np.vdot(centered, centered))
        return MixtureStats(total, float(len(block.x)), counts, moments)


def inertia(stats: MixtureStats[GaussianMoments], n_columns: int, n_components: int) -> float:
    """The sum of squared distances to the nearest mean, read off the log-likelihood of the hard mixture."""
    constant = math.log(n_components) + 0.5 * n_columns * math.log(2.0 * math.pi)
    return max(0.0, -2.0 * (stats.log_likelihood + stats.weight * constant))
