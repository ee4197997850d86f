"""The mixtures that people ask for, by the words they use."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emtools.models.assignment import Assignment
from emtools.models.families.binomial import Binomial, BinomialMoments
from emtools.models.families.covariance import Structure
from emtools.models.families.gaussian import Gaussian, WishartPrior
from emtools.models.families.gaussian_components import GaussianComponents
from emtools.models.families.gaussian_moments import GaussianMoments
from emtools.models.mixture import Mixture
from emtools.models.seeding import Seeding


def gaussian_mixture(
    n_components: int,
    covariance: str = "VVV",
    *,
    prior: WishartPrior | None = None,
    assignment: str = "soft",
    seeding: str = "k-means++",
) -> Mixture[GaussianComponents, GaussianMoments]:
    """A Gaussian mixture.

    Parameters
    ----------
    n_components : int
    covariance : str
        One of the 14 names of mclust (EII ... VVV), or spherical, diag, tied, full.
    prior : WishartPrior, optional
        None is maximum likelihood.
    assignment : {"soft", "hard"}
    seeding : {"k-means++", "hierarchical", "random"}
        Where starts come from.

    Examples
    --------
    >>> gaussian_mixture(3, "tied").family.structure.name
    'EEE'
    """
    family = Gaussian(Structure.named(covariance), prior, Seeding(seeding))
    return Mixture(family, n_components, Assignment(assignment))


def binomial_mixture(
    n_components: int, *, assignment: str = "soft", equal_weights: bool = False
) -> Mixture[NDArray[np.float64], BinomialMoments]:
    """A mixture of coins: rows of the data are (successes, trials).

    Parameters
    ----------
    n_components : int
    assignment : {"soft", "hard"}
    equal_weights : bool
        Every coin is picked equally often.

    Examples
    --------
    >>> binomial_mixture(2).n_components
    2
    """
    return Mixture(Binomial(), n_components, Assignment(assignment), equal_weights)
