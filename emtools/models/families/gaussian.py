"""Gaussian components under any of the covariance families."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emtools.errors import NumericalError
from emtools.models.assignment import Assignment
from emtools.models.families import gaussian_density, gaussian_expanded, gaussian_linear
from emtools.models.families.base import AssignedSums, View
from emtools.models.families.covariance import Structure, estimate
from emtools.models.families.gaussian_components import GaussianComponents
from emtools.models.families.gaussian_moments import GaussianMoments
from emtools.models.families.gaussian_views import view
from emtools.models.observations import Observations
from emtools.models.seeding import Seeding, kmeans_plus_plus, partition

ROUNDS = 2
"""Rounds of the covariance families without a closed form in one M-step: generalised EM, since more do not pay."""

EMPTY = 1e-10
"""A component that expects no more observations than these keeps its parameters."""


@dataclass(frozen=True, slots=True)
class WishartPrior:
    """An inverse-Wishart prior on the covariance of each component: what others add as a ridge, said as a density.

    ``log p(Sigma) = -(degrees log det(Sigma) + trace(diag(scale) inv(Sigma))) / 2``. In the M-step it is `degrees`
    observations with the sum of squares `scale` (Fraley and Raftery 2007, Journal of Classification 24:155).

    Attributes
    ----------
    scale : ndarray of shape (d,)
    degrees : float
    """

    scale: NDArray[np.float64]
    degrees: float

    @classmethod
    def weak(cls, x: ArrayLike, n_components: int, weight: float = 1.0) -> WishartPrior:
        """`weight` observations of the variance that components would have if they tiled the data.

        Parameters
        ----------
        x : array-like of shape (n, d)
        n_components : int
        weight : float

        Examples
        --------
        >>> WishartPrior.weak([[0.0, 0.0], [2.0, 4.0]], n_components=1).scale.tolist()
        [1.0, 4.0]
        """
        variance = np.asarray(x, dtype=np.float64).var(axis=0)
        return cls(weight * variance / n_components ** (2.0 / len(variance)), weight)


@dataclass(frozen=True, slots=True)
class Gaussian:
    """The Gaussian family of a mixture or a hidden Markov model.

    Parameters
    ----------
    structure : Structure
        The covariance family.
    prior : WishartPrior, optional
        None is maximum likelihood, which fails where a component collapses on too few observations.
    seeding : Seeding
        Where starts come from.
    """

    structure: Structure
    prior: WishartPrior | None = None
    seeding: Seeding = Seeding.KMEANS

    def start(self, x: NDArray[np.floating], n_components: int, rng: np.random.Generator) -> GaussianComponents:
        """Means and covariances of a quick partition, its covariances drawn towards the common one."""
        x = np.asarray(x, dtype=np.float64)
        origin = x.mean(axis=0)
        if self.structure.form == "unit" and self.seeding is Seeding.KMEANS:
            return self.components(kmeans_plus_plus(x, n_components, rng), np.ones(x.shape[1]), origin)
        groups = partition(x, n_components, rng, self.seeding)
        member = np.eye(n_components)[groups]
        counts = member.sum(axis=0)
        centers = np.where(counts[:, None] > 0, member.T @ x / np.maximum(counts, 1.0)[:, None], origin)
        if self.structure.form == "unit":
            return self.components(centers, np.ones(x.shape[1]), origin)
        total = x.var(axis=0)
        if not (total > 0.0).all():
            raise NumericalError("a column is constant", value=int(np.argmin(total)), cure="leave the column out")
        within = np.maximum(((x - centers[groups]) ** 2).mean(axis=0), 1e-6 * total)
        drawn = WishartPrior((x.shape[1] + 1) * within, x.shape[1] + 1)
        alike = {"diagonal": np.tile(within, (n_components, 1)), "tied": np.diag(within)}
        common = alike.get(self.structure.form, np.tile(np.diag(within), (n_components, 1, 1)))
        begin = self.components(centers, common, origin)
        return Gaussian(self.structure, drawn).update(self.accumulate(x, member, begin), begin)

    def components(
        self, means: ArrayLike, covariances: ArrayLike, origin: ArrayLike | None = None
    ) -> GaussianComponents:
        """Components of given means (k, d) and covariances in the form of the structure."""
        return GaussianComponents.of(self.structure.form, means, covariances, origin)

    def log_density(self, x: NDArray[np.floating], components: GaussianComponents) -> NDArray[np.floating]:
        """``log N(x; mean, covariance)`` of shape (n, k)."""
        return gaussian_density.log_density(x, components)

    def accumulate(
        self, x: NDArray[np.floating], responsibilities: NDArray[np.floating], components: GaussianComponents
    ) -> GaussianMoments:
        """Counts, sums and scatter about the current means."""
        block = view(x, components, np.zeros(len(components.means)))
        r = np.ascontiguousarray(responsibilities.T)
        return block.moments(r, r.sum(axis=1, dtype=np.float64))

    def view(
        self, x: NDArray[np.floating], components: GaussianComponents, log_weights: NDArray[np.float64]
    ) -> View[GaussianMoments]:
        """A block for one E-step, which shares products between densities and moments."""
        return view(x, components, log_weights)

    def assigned_sums(
        self,
        block: Observations,
        components: GaussianComponents,
        log_weights: NDArray[np.float64],
        policy: Assignment,
    ) -> AssignedSums[GaussianMoments] | None:
        """One pass of a kernel, where densities are linear in the columns and their squares or products."""
        expansion = components.expansion
        if expansion is None or not expansion.exact_enough(block.x.dtype):
            return None
        if components.form != "full":
            return gaussian_linear.assigned_sums(block, components, expansion, log_weights, policy)
        if policy is Assignment.SOFT:
            return gaussian_expanded.assigned_sums(block.x, components, expansion, log_weights)
        return None

    def update(self, moments: GaussianMoments, components: GaussianComponents) -> GaussianComponents:
        """Means and covariances; a component that nothing belongs to stays as it was."""
        form = self.structure.form
        counts = moments.counts
        if not counts.min() > EMPTY:
            return self._of_those_alive(moments, components, counts > EMPTY)
        shift = moments.sums / counts[:, None]
        means = components.means + shift
        if form == "unit":
            return self.components(means, components.covariances, components.origin)
        if form == "tied":
            scatter = moments.scatter - (shift.T * counts) @ shift
        elif form == "diagonal":
            scatter = moments.scatter - counts[:, None] * shift**2
        else:
            scatter = moments.scatter - counts[:, None, None] * shift[:, :, None] * shift[:, None, :]
        if self.prior is not None:
            ridge = self.prior.scale if form == "diagonal" else np.diag(self.prior.scale)
            scatter = scatter + (len(counts) * ridge if form == "tied" else ridge)
            counts = counts + self.prior.degrees
        covariances = estimate(self.structure, scatter, counts, components.covariances, rounds=ROUNDS)
        return self.components(means, covariances, components.origin)

    def _of_those_alive(
        self, moments: GaussianMoments, components: GaussianComponents, alive: NDArray[np.bool_]
    ) -> GaussianComponents:
        """The update of the components that something belongs to, the others as they were."""
        one_for_each = self.structure.form in ("diagonal", "full")
        chosen = alive if one_for_each else slice(None)
        updated = self.update(
            GaussianMoments(moments.counts[alive], moments.sums[alive], moments.scatter[chosen]),
            self.components(components.means[alive], components.covariances[chosen], components.origin),
        )
        means, covariances = components.means.copy(), components.covariances.copy()
        means[alive] = updated.means
        covariances[chosen] = updated.covariances
        return self.components(means, covariances, components.origin)

    def log_prior(self, components: GaussianComponents) -> float:
        """The log density of the inverse-Wishart prior, up to its constant."""
        if self.prior is None:
            return 0.0
        traces = components.precision_diagonals() @ self.prior.scale
        return float(-0.5 * (self.prior.degrees * components.log_determinants + traces).sum())

    def n_parameters(self, components: GaussianComponents) -> int:
        """Means and covariances."""
        k, d = components.means.shape
        return int(k * d) + self.structure.n_parameters(k, d)

    def to_vector(self, components: GaussianComponents) -> NDArray[np.float64]:
        """Unconstrained parameters, where straight lines between them stay in the family."""
        if self.structure.form == "full" and self.structure.name != "VVV":
            raise TypeError(f"{self.structure.name} ties its covariances in a way that extrapolation would break")
        return components.to_vector()

    def from_vector(self, vector: NDArray[np.float64], components: GaussianComponents) -> GaussianComponents:
        """Components from unconstrained parameters."""
        return components.from_vector(vector)
