"""k-means: a Gaussian mixture with unit covariances, equal weights and hard assignment."""

from __future__ import annotations

import math

from emtools.models.assignment import Assignment
from emtools.models.families.covariance import UNIT, Structure
from emtools.models.families.gaussian import Gaussian
from emtools.models.families.gaussian_components import GaussianComponents
from emtools.models.families.gaussian_expansion import LOG_2_PI
from emtools.models.families.gaussian_moments import GaussianMoments
from emtools.models.mixture import Mixture, MixtureStats
from emtools.models.seeding import Seeding

KMeansMixture = Mixture[GaussianComponents, GaussianMoments]


def kmeans(n_components: int, seeding: str = "k-means++") -> KMeansMixture:
    """k-means as the hard case of a Gaussian mixture (Celeux and Govaert 1992).

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
    return Mixture(family, n_components, Assignment.HARD, equal_weights=True)


def inertia(stats: MixtureStats[GaussianMoments], n_columns: int, n_components: int) -> float:
    """The sum of squared distances to the nearest mean, read off the log-likelihood of the hard mixture."""
    constant = math.log(n_components) + 0.5 * n_columns * LOG_2_PI
    return max(0.0, -2.0 * (stats.log_likelihood + stats.weight * constant))
