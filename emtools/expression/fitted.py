"""A fitted mixture as it is kept: weights, means and covariances, whatever family they were estimated under."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincc

from emtools.em import Executor, FitOptions, Run, Serial
from emtools.models import Mixture, WishartPrior, gaussian_mixture, inertia, kmeans
from emtools.models.assignment import Assignment, assign
from emtools.models.families.gaussian_components import GaussianComponents
from emtools.models.families.gaussian_density import squared_mahalanobis
from emtools.models.families.gaussian_expansion import LOG_2_PI

#: Observations handled at a time, so that memory stays bounded.
BLOCK = 4096


CELLS_TO_SHARE = 30_000
"""Below so many numbers, fits side by side wait for the lock of the interpreter more than they work."""


def sharing(x: NDArray[np.float64], executor: Executor | None) -> Executor:
    """Where several fits of `x` are made: on the threads of the executor, if the data are large enough to pay."""
    return executor if executor is not None and x.size >= CELLS_TO_SHARE else Serial()


@dataclass(frozen=True, slots=True)
class FittedMixture:
    """Gaussian components with full covariances.

    Attributes
    ----------
    weights : ndarray of shape (k,)
    means : ndarray of shape (k, d)
    covariances : ndarray of shape (k, d, d)
    """

    weights: NDArray[np.float64]
    means: NDArray[np.float64]
    covariances: NDArray[np.float64]

    def responsibilities(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """The probability of each component for each observation: (n, k)."""
        return self._by_blocks(x)[0]

    def p_values(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """How often an observation of its most typical component lies at least as far out: (n,).

        The tail of chi-square with `d` degrees of freedom beyond the least squared Mahalanobis distance.
        """
        return np.asarray(gammaincc(self.means.shape[1] / 2.0, self._by_blocks(x)[1] / 2.0))

    def _by_blocks(self, x: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Responsibilities, and the least squared Mahalanobis distance of each observation."""
        components = GaussianComponents.of("full", self.means, self.covariances)
        # A component that lost all its observations has weight 0, and no observation.
        with np.errstate(divide="ignore"):
            log_weights = np.log(self.weights)
        constants = log_weights - (components.log_determinants + x.shape[1] * LOG_2_PI) / 2.0
        responsibilities, distances = np.empty((len(x), len(self.weights))), np.empty(len(x))
        for start in range(0, len(x), BLOCK):
            squared = squared_mahalanobis(x[start : start + BLOCK], components)
            distances[start : start + BLOCK] = squared.min(axis=0)
            joint = constants[:, None] - squared / 2.0
            responsibilities[start : start + BLOCK] = assign(joint, Assignment.SOFT, None)[0].T
        return responsibilities, distances

    def to_json(self) -> dict[str, Any]:
        """The arrays by name."""
        return {"weights": self.weights, "means": self.means, "covariances": self.covariances}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "FittedMixture":
        """The mixture again from what `to_json` gave."""
        return cls(*(np.array(content[name], dtype=np.float64) for name in ("weights", "means", "covariances")))


def mixture_model(
    x: NDArray[np.float64], family: str, n_components: int, start: str = "k-means++"
) -> Mixture[Any, Any]:
    """The model to fit: k-means, or a Gaussian mixture with a prior that matters only where a component collapses."""
    if family == "kmeans":
        return kmeans(n_components, start)
    return gaussian_mixture(n_components, family, prior=WishartPrior.weak(x, n_components), seeding=start)


def settled(options: FitOptions, family: str) -> FitOptions:
    """The options under which a family arrives: k-means ends by itself, and its gains depend on units."""
    return replace(options, tolerance=0.0) if family == "kmeans" else options


def fitted_mixture(model: Mixture[Any, Any], run: Run[Any, Any], family: str) -> tuple[FittedMixture, float, int]:
    """What a run found, its log-likelihood, and its number of free parameters.

    k-means gets the variance that all its clusters share, and its log-likelihood is that of the hard assignment under
    it (Pelleg and Moore 2000, Proceedings of ICML, with the weights equal).
    """
    components, n_parameters = run.params.components, model.n_parameters(run.params)
    if family != "kmeans":
        return (
            FittedMixture(run.params.weights, components.means, components.full_covariances),
            run.log_likelihood,
            n_parameters,
        )
    n, (k, d) = run.stats.weight, components.means.shape
    # Where each observation is its own mean, what is left is rounding, on the scale of the means.
    rounding = np.finfo(np.float64).eps * max(float(np.square(components.means).mean()), np.finfo(np.float64).tiny)
    variance = max(inertia(run.stats, d, k) / (n * d), rounding)
    log_likelihood = -0.5 * n * d * (math.log(variance) + LOG_2_PI + 1.0) - n * math.log(k)
    covariances = np.tile(variance * np.eye(d), (k, 1, 1))
    return FittedMixture(run.params.weights, components.means, covariances), log_likelihood, n_parameters + 1
