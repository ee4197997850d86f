"""What EM is run on: mixtures of families, k-means, motif occurrence. `REGISTRY` lists them all."""

from emtools.models.assignment import Assignment
from emtools.models.factories import binomial_mixture, gaussian_mixture
from emtools.models.families.gaussian import WishartPrior
from emtools.models.kmeans import inertia, kmeans
from emtools.models.mixture import Mixture, MixtureParams, Observations, blocks_of
from emtools.models.registry import REGISTRY

__all__ = [
    "REGISTRY",
    "Assignment",
    "Mixture",
    "MixtureParams",
    "Observations",
    "WishartPrior",
    "binomial_mixture",
    "blocks_of",
    "gaussian_mixture",
    "inertia",
    "kmeans",
]
