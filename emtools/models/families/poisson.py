"""Poisson counts: reads, tags or events in several columns, independent given the component."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, xlogy

from emtools.em.protocol import Sums
from emtools.models.families.base import PlainFamily

LEAST_RATE = 1e-300
"""A rate of zero is taken for this, so that its logarithm is finite."""


@dataclass(frozen=True, slots=True)
class PoissonMoments(Sums):
    """Expected `events` (n_components, n_columns) and `rows` (n_components,) of each component."""

    events: NDArray[np.float64]
    rows: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Poisson(PlainFamily):
    """Rows are counts; a component is its rates, an array of shape (n_components, n_columns).

    Parameters
    ----------
    pseudo_events, pseudo_rows : float
        A Gamma prior, as that many extra events in that many extra rows for each rate; 0.0 is maximum likelihood.
    """

    pseudo_events: float = 0.0
    pseudo_rows: float = 0.0

    def start(self, x: NDArray[np.floating], n_components: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """Rows drawn at random, each drawn halfway towards the mean."""
        rows = x[rng.choice(len(x), n_components, replace=len(x) < n_components)]
        rates: NDArray[np.float64] = 0.5 * (rows + x.mean(axis=0, dtype=np.float64))
        return rates

    def log_density(self, x: NDArray[np.floating], components: NDArray[np.float64]) -> NDArray[np.float64]:
        """``sum_j x_j log rate_j - rate_j - log x_j!``."""
        events = x.astype(np.float64)
        density: NDArray[np.float64] = events @ np.log(np.maximum(components, LEAST_RATE)).T
        density -= components.sum(axis=1) + gammaln(events + 1.0).sum(axis=1)[:, None]
        return density

    def accumulate(
        self, x: NDArray[np.floating], responsibilities: NDArray[np.floating], components: NDArray[np.float64]
    ) -> PoissonMoments:
        """Events and rows, shared by responsibility."""
        r = responsibilities.T.astype(np.float64)
        return PoissonMoments(r @ x, r.sum(axis=1))

    def update(self, moments: PoissonMoments, components: NDArray[np.float64]) -> NDArray[np.float64]:
        """Events a row; a component without rows stays where it was."""
        rows = (moments.rows + self.pseudo_rows)[:, None]
        return np.divide(moments.events + self.pseudo_events, rows, out=components.copy(), where=rows > 0.0)

    def log_prior(self, components: NDArray[np.float64]) -> float:
        """The Gamma log density, up to its constant."""
        return float((xlogy(self.pseudo_events, components) - self.pseudo_rows * components).sum())

    def n_parameters(self, components: NDArray[np.float64]) -> int:
        """One rate a component and column."""
        return components.size

    def to_vector(self, components: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log rates."""
        logarithms: NDArray[np.float64] = np.log(np.maximum(components, LEAST_RATE)).ravel()
        return logarithms

    def from_vector(self, vector: NDArray[np.float64], components: NDArray[np.float64]) -> NDArray[np.float64]:
        """Rates from log rates."""
        rates: NDArray[np.float64] = np.exp(vector).reshape(components.shape)
        return rates
