"""Finite mixtures of any family, with soft, hard or labelled assignment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Generic

import numpy as np
from numpy.typing import NDArray

from emtools.em.protocol import Inference, Stats
from emtools.errors import NumericalError
from emtools.models.assignment import Assignment, assign
from emtools.models.families.base import Components, Family, Moments
from emtools.models.observations import Observations, rows_to_start_from


@dataclass(frozen=True, slots=True)
class MixtureParams(Generic[Components]):
    """Parameters of a mixture: `weights` of shape (n_components,), and the components of the family."""

    weights: NDArray[np.float64]
    components: Components


@dataclass(frozen=True, slots=True)
class MixtureStats(Stats, Generic[Moments]):
    """Statistics of a mixture: expected `counts` of shape (n_components,), and the moments of the family."""

    counts: NDArray[np.float64]
    moments: Moments


@dataclass(frozen=True, slots=True)
class Mixture(Generic[Components, Moments]):
    """A mixture of `n_components` members of a family.

    Parameters
    ----------
    family : Family
    n_components : int
    assignment : Assignment
        Soft is EM for the likelihood, hard is classification EM.
    equal_weights : bool
        Hold the weights at one over the number of components.

    References
    ----------
    Dempster, Laird and Rubin (1977), Journal of the Royal Statistical Society B 39:1.
    """

    family: Family[Components, Moments]
    n_components: int
    assignment: Assignment = Assignment.SOFT
    equal_weights: bool = False

    def initialize(self, blocks: Sequence[Observations], rng: np.random.Generator) -> MixtureParams[Components]:
        """Equal weights and the start of the family, overruled by what labels say."""
        components = self.family.start(rows_to_start_from(blocks, rng), self.n_components, rng)
        params = MixtureParams(self._equal(), components)
        if any(len(_labelled(block)[0]) for block in blocks):
            return self._taught(blocks, params)
        return params

    def from_responsibilities(
        self, x: NDArray[np.floating], responsibilities: NDArray[np.floating], start: MixtureParams[Components]
    ) -> MixtureParams[Components]:
        """The M-step of given responsibilities, of shape (n, n_components); `start` lends what they do not tell."""
        r = np.asarray(responsibilities)
        counts = r.sum(axis=0, dtype=np.float64)
        moments = self.family.accumulate(x, r, start.components)
        return self.maximize(MixtureStats(0.0, float(len(x)), counts, moments), start)

    def expect(self, block: Observations, params: MixtureParams[Components]) -> MixtureStats[Moments]:
        """Responsibilities of the rows, then their weighted sums."""
        log_weights = _log(params.weights)
        if block.labels is None:
            sums = self.family.assigned_sums(block, params.components, log_weights, self.assignment)
            if sums is not None:
                return MixtureStats(sums.log_likelihood, float(len(block.x)), sums.counts, sums.moments)
        view = self.family.view(block.x, params.components, log_weights)
        responsibilities, log_likelihood = assign(view.joint, self.assignment, block.labels)
        counts = responsibilities.sum(axis=1, dtype=np.float64)
        total = float(log_likelihood.sum()) + view.shared
        return MixtureStats(total, float(len(block.x)), counts, view.moments(responsibilities, counts))

    def maximize(self, stats: MixtureStats[Moments], params: MixtureParams[Components]) -> MixtureParams[Components]:
        """Weights from the counts, components from the moments."""
        weights = self._equal() if self.equal_weights else stats.counts / stats.counts.sum()
        return MixtureParams(weights, self.family.update(stats.moments, params.components))

    def log_prior(self, params: MixtureParams[Components]) -> float:
        """The log prior of the components; weights have a flat one."""
        return self.family.log_prior(params.components)

    def n_parameters(self, params: MixtureParams[Components]) -> int:
        """Free parameters: those of the components, and the weights less one."""
        free_weights = 0 if self.equal_weights else self.n_components - 1
        return free_weights + self.family.n_parameters(params.components)

    def infer(self, block: Observations, params: MixtureParams[Components]) -> Inference:
        """Responsibilities and log-likelihood of the rows; labels are not used."""
        joint = np.array(self.family.log_density(block.x, params.components).T, dtype=np.float64, order="C")
        joint += _log(params.weights)[:, None]
        if not np.isfinite(joint.max(axis=0)).all():
            raise NumericalError("a row has no finite density under any component")
        responsibilities, log_likelihood = assign(joint, Assignment.SOFT, None)
        return Inference(np.ascontiguousarray(responsibilities.T, dtype=np.float64), log_likelihood)

    def to_vector(self, params: MixtureParams[Components]) -> NDArray[np.float64]:
        """Log ratios of the weights to the last one, then the components."""
        components = self.family.to_vector(params.components)
        if self.equal_weights:
            return components
        return np.concatenate([np.log(params.weights[:-1] / params.weights[-1]), components])

    def from_vector(self, vector: NDArray[np.float64], params: MixtureParams[Components]) -> MixtureParams[Components]:
        """The inverse of `to_vector`."""
        n_ratios = 0 if self.equal_weights else self.n_components - 1
        components = self.family.from_vector(vector[n_ratios:], params.components)
        if self.equal_weights:
            return MixtureParams(params.weights, components)
        ratios = np.append(vector[:n_ratios], 0.0)
        weights = np.exp(ratios - ratios.max())
        return MixtureParams(weights / weights.sum(), components)

    def _equal(self) -> NDArray[np.float64]:
        return np.full(self.n_components, 1.0 / self.n_components)

    def _taught(self, blocks: Sequence[Observations], params: MixtureParams[Components]) -> MixtureParams[Components]:
        """One M-step in which each label takes the component that explains its rows best, and its rows for certain."""
        from scipy.optimize import linear_sum_assignment  # slow to import, and only labels need it

        member = np.eye(self.n_components)
        votes = np.zeros_like(member)
        for block in blocks:
            rows, labels = _labelled(block)
            if labels.max(initial=-1) >= self.n_components:
                raise NumericalError("a label is not below the number of components", value=int(labels.max()))
            if len(rows):
                votes += member[labels].T @ self.infer(Observations(block.x[rows]), params).responsibilities
        component_of_label = linear_sum_assignment(votes, maximize=True)[1]

        def shared(block: Observations) -> MixtureStats[Moments]:
            r = self.infer(block, params).responsibilities[:, component_of_label]
            rows, labels = _labelled(block)
            r[rows] = member[labels]
            return MixtureStats(
                0.0, float(len(r)), r.sum(axis=0), self.family.accumulate(block.x, r, params.components)
            )

        return self.maximize(reduce(add, map(shared, blocks)), params)


def _log(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(divide="ignore"):
        return np.log(weights)


def _labelled(block: Observations) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows of a block that have labels, and these."""
    labels = np.zeros(0, dtype=np.int64) if block.labels is None else block.labels
    rows = np.flatnonzero(labels >= 0)
    return rows, labels[rows]
