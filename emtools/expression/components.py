"""Principal components, and how many of them rise above noise."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincc

#: Clusters spread over one dimension fewer than there are of them, and a few large ones leave the broken stick blind to
#: the small: four components keep five clusters apart. Too many components cost less than too few (docs/choosing.md).
FEWEST = 4


@dataclass(frozen=True, slots=True)
class PrincipalComponents:
    """A rotation on the directions of largest variance.

    Attributes
    ----------
    mean : ndarray of shape (p,)
        Of each feature.
    loadings : ndarray of shape (p, d)
        Orthonormal columns; the entry of largest size in each is positive, so that signs are determined.
    variances : ndarray of shape (d,)
        Of the scores, largest first (maximum likelihood: divided by the number of observations).
    left_out : ndarray of shape (q,)
        The variances of the components left out.
    """

    mean: NDArray[np.float64]
    loadings: NDArray[np.float64]
    variances: NDArray[np.float64]
    left_out: NDArray[np.float64]

    @classmethod
    def of(cls, x: NDArray[np.float64]) -> "PrincipalComponents":
        """All components of `x` (n, p) that have a variance beyond rounding.

        Examples
        --------
        >>> x = np.array([[0.0, 0.0], [1.0, 2.0], [2.0, 4.0]])
        >>> PrincipalComponents.of(x).loadings.round(3).tolist()
        [[0.447], [0.894]]
        """
        mean = x.mean(axis=0)
        centered = x - mean
        _, sizes, directions = np.linalg.svd(centered, full_matrices=False)
        real = sizes > max(sizes[0], float(np.linalg.norm(x))) * max(x.shape) * np.finfo(np.float64).eps
        loadings = directions[real].T
        largest = np.abs(loadings).argmax(axis=0)
        loadings = loadings * np.sign(loadings[largest, np.arange(loadings.shape[1])])
        return cls(mean, loadings, sizes[real] ** 2 / len(x), np.zeros(0))

    def first(self, n_components: int) -> "PrincipalComponents":
        """The first components only."""
        kept, left_out = self.variances[:n_components], self.variances[n_components:]
        return PrincipalComponents(self.mean, self.loadings[:, :n_components], kept, left_out)

    def scores(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """The coordinates of observations (n, p) in the components, of shape (n, d)."""
        return np.asarray((x - self.mean) @ self.loadings)

    def residual_p_values(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """How often so much of an observation lies outside of the components: (n,).

        The squared residual is compared with a scaled chi-square of the mean and variance that the components left out
        give it (Box 1954, Annals of Mathematical Statistics 25:290; Nomikos and MacGregor 1995, Technometrics 37:41).
        """
        total, squares = self.left_out.sum(), (self.left_out**2).sum()
        if total == 0.0:
            return np.ones(len(x))
        residuals = ((x - self.mean - self.scores(x) @ self.loadings.T) ** 2).sum(axis=1)
        return np.asarray(gammaincc(total**2 / squares / 2.0, residuals * total / squares / 2.0))


def enough_components(variances: NDArray[np.float64]) -> int:
    """How many principal components to cluster in.

    Those whose share of the variance exceeds what the longest pieces of a stick broken at random have (the broken
    stick: Jackson 1993, Ecology 74:2204), and at least `FEWEST`.

    Parameters
    ----------
    variances : ndarray of shape (p,)
        Of all components, largest first.

    Examples
    --------
    >>> enough_components(np.array([50.0, 30.0, 8.0, 2.0, 2.0, 2.0, 2.0, 2.0, 1.0, 1.0]))
    4
    """
    p = len(variances)
    sticks = np.cumsum(1.0 / np.arange(p, 0, -1))[::-1] / p
    above = variances / variances.sum() > sticks
    n_above = p if above.all() else int(np.argmin(above))
    return min(p, max(FEWEST, n_above))
