"""Information criteria: what a fit costs against what it explains. Lower is better in each."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike


def aic(log_likelihood: float, n_parameters: int) -> float:
    """Akaike's information criterion, ``-2 log L + 2 p`` (Akaike 1974).

    Examples
    --------
    >>> aic(-100.0, 3)
    206.0
    """
    return -2.0 * log_likelihood + 2.0 * n_parameters


def bic(log_likelihood: float, n_parameters: int, n_observations: float) -> float:
    """Bayesian information criterion, ``-2 log L + p log n`` (Schwarz 1978); mclust prints its negative.

    Examples
    --------
    >>> round(bic(-100.0, 3, 50), 3)
    211.736
    """
    return -2.0 * log_likelihood + n_parameters * math.log(n_observations)


def entropy(responsibilities: ArrayLike) -> float:
    """The entropy of assignments, ``-sum r log r`` in nats; 0 where every observation has one component.

    Parameters
    ----------
    responsibilities : array-like of shape (n, n_components)

    Examples
    --------
    >>> entropy([[1.0, 0.0], [0.0, 1.0]])
    0.0
    """
    r = np.asarray(responsibilities, dtype=np.float64)
    return float(-(r * np.log(np.where(r > 0.0, r, 1.0))).sum()) + 0.0


def icl(log_likelihood: float, n_parameters: int, n_observations: float, assignment_entropy: float) -> float:
    """Integrated completed likelihood: BIC plus twice the entropy (Biernacki, Celeux and Govaert 2000).

    Examples
    --------
    >>> icl(-100.0, 3, 50, 0.0) == bic(-100.0, 3, 50)
    True
    """
    return bic(log_likelihood, n_parameters, n_observations) + 2.0 * assignment_entropy
