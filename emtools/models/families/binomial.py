"""Binomial counts: the coins by which EM is taught, and allele or methylation counts in earnest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, gammaln, logit, xlog1py, xlogy

from emtools.em.protocol import Sums
from emtools.models.families.base import PlainFamily


@dataclass(frozen=True, slots=True)
class BinomialMoments(Sums):
    """Expected `successes` and `failures` of each component, each of shape (n_components,)."""

    successes: NDArray[np.float64]
    failures: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Binomial(PlainFamily):
    """Rows are (successes, trials); a component is its probability of success.

    Parameters
    ----------
    pseudo_successes, pseudo_failures : float
        A Beta prior, as that many extra trials of each kind in each component; 0.0 is maximum likelihood.

    References
    ----------
    Do and Batzoglou (2008), Nature Biotechnology 26:897.
    """

    pseudo_successes: float = 0.0
    pseudo_failures: float = 0.0

    def start(self, x: NDArray[np.floating], n_components: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """Success rates of rows drawn at random, drawn towards the overall rate."""
        rows = x[rng.choice(len(x), n_components, replace=len(x) < n_components)]
        overall = x[:, 0].sum() / x[:, 1].sum()
        jitter = rng.uniform(0.5, 1.5, n_components)
        rates: NDArray[np.float64] = (rows[:, 0] + jitter * overall) / (rows[:, 1] + jitter)
        return rates

    def log_density(self, x: NDArray[np.floating], components: NDArray[np.float64]) -> NDArray[np.float64]:
        """``log C(n, h) + h log p + (n - h) log(1 - p)``."""
        successes, trials = x[:, :1], x[:, 1:2]
        ways = gammaln(trials + 1) - gammaln(successes + 1) - gammaln(trials - successes + 1)
        density: NDArray[np.float64] = ways + xlogy(successes, components) + xlog1py(trials - successes, -components)
        return density

    def accumulate(
        self, x: NDArray[np.floating], responsibilities: NDArray[np.floating], components: NDArray[np.float64]
    ) -> BinomialMoments:
        """Successes and failures, shared by responsibility."""
        r = responsibilities.T.astype(np.float64)
        return BinomialMoments(r @ x[:, 0], r @ (x[:, 1] - x[:, 0]))

    def update(self, moments: BinomialMoments, components: NDArray[np.float64]) -> NDArray[np.float64]:
        """The share of successes; a component without trials stays where it was."""
        successes = moments.successes + self.pseudo_successes
        trials = successes + moments.failures + self.pseudo_failures
        return np.divide(successes, trials, out=components.copy(), where=trials > 0)

    def log_prior(self, components: NDArray[np.float64]) -> float:
        """The Beta log density, up to its constant."""
        return float(xlogy(self.pseudo_successes, components).sum() + xlog1py(self.pseudo_failures, -components).sum())

    def n_parameters(self, components: NDArray[np.float64]) -> int:
        """One probability a component."""
        return len(components)

    def to_vector(self, components: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log odds."""
        odds: NDArray[np.float64] = logit(components)
        return odds

    def from_vector(self, vector: NDArray[np.float64], components: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probabilities from log odds."""
        rates: NDArray[np.float64] = expit(vector)
        return rates
