"""Means and covariances of Gaussian components, with the factors that densities need."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emtools.errors import NumericalError
from emtools.kernels.triangular import whitening_of
from emtools.models.families.gaussian_expansion import Expansion, expansion


@dataclass(frozen=True, slots=True)
class GaussianComponents:
    """`k` Gaussian components in `d` dimensions.

    Attributes
    ----------
    form : str
        "unit", "diagonal", "tied" or "full".
    means : ndarray of shape (k, d), float64
    covariances : ndarray of shape (d,), (k, d), (d, d) or (k, d, d), float64
        The variances of the unit and diagonal forms, the matrices of the others.
    whitening : ndarray of the shape of `covariances`
        Turns differences into independent unit normals: one over standard deviations, or ``U`` with
        ``U U' = inv(covariance)``, upper triangular.
    log_determinants : ndarray of shape (k,)
        Of the covariances.
    origin : ndarray of shape (d,)
        A point amid the data, about which products are taken so that a large common offset cancels exactly.
    expansion : Expansion or None
        Of the densities in columns and their products; None where whitening is cheaper.
    """

    form: str
    means: NDArray[np.float64]
    covariances: NDArray[np.float64]
    whitening: NDArray[np.float64]
    log_determinants: NDArray[np.float64]
    origin: NDArray[np.float64]
    expansion: Expansion | None = None

    @classmethod
    def of(
        cls, form: str, means: ArrayLike, covariances: ArrayLike, origin: ArrayLike | None = None
    ) -> GaussianComponents:
        """Components of given means and covariances.

        Raises
        ------
        NumericalError
            If a covariance is not positive definite.

        Examples
        --------
        >>> GaussianComponents.of("diagonal", [[0.0, 0.0]], [[4.0, 1.0]]).whitening.tolist()
        [[0.5, 1.0]]
        """
        m = np.array(means, dtype=np.float64)
        c = np.array(covariances, dtype=np.float64)
        middle = m.mean(axis=0) if origin is None else np.asarray(origin, dtype=np.float64)
        if form in ("unit", "diagonal"):
            if not (c.min() > 0.0 and c.max() < np.inf):
                raise NumericalError("a component has collapsed: a variance is not positive", cure="use a prior")
            determinants = np.log(c).sum(axis=-1) + np.zeros(len(m))
            whitening = 1.0 / np.sqrt(c)
            expanded = expansion(form, m - middle, c, whitening, determinants)
            return cls(form, m, c, whitening, determinants, middle, expanded)
        try:
            factors, logarithms = whitening_of(c.reshape(-1, *c.shape[-2:]))
        except np.linalg.LinAlgError as error:
            raise NumericalError(
                "a component has collapsed: its covariance is not positive definite", cure="use a prior"
            ) from error
        determinants = np.repeat(logarithms, len(m)) if form == "tied" else logarithms
        whitening = factors.reshape(c.shape)
        expanded = expansion(form, m - middle, c, whitening, determinants)
        return cls(form, m, c, whitening, determinants, middle, expanded)

    @property
    def full_covariances(self) -> NDArray[np.float64]:
        """The covariances as matrices, of shape (k, d, d), whatever their form."""
        k, d = self.means.shape
        if self.form == "full":
            return self.covariances
        if self.form == "tied":
            return np.broadcast_to(self.covariances, (k, d, d)).copy()
        return np.broadcast_to(self.covariances, (k, d))[:, :, None] * np.eye(d)

    def precision_diagonals(self) -> NDArray[np.float64]:
        """The diagonals of the inverse covariances, of shape (k, d)."""
        squares = self.whitening**2
        diagonals = squares if self.form in ("unit", "diagonal") else squares.sum(axis=-1)
        return np.broadcast_to(diagonals, self.means.shape)

    def to_vector(self) -> NDArray[np.float64]:
        """Means, then log variances or log-Cholesky factors: a vector in which every value is allowed."""
        if self.form == "unit":
            return self.means.ravel()
        if self.form == "diagonal":
            return np.concatenate([self.means.ravel(), np.log(self.covariances).ravel()])
        lower = np.linalg.cholesky(self.covariances)
        rows, columns = np.tril_indices(lower.shape[-1], -1)
        logarithms = np.log(np.diagonal(lower, axis1=-2, axis2=-1))
        return np.concatenate([self.means.ravel(), logarithms.ravel(), lower[..., rows, columns].ravel()])

    def from_vector(self, vector: NDArray[np.float64]) -> GaussianComponents:
        """Components of the same shape from what `to_vector` gives."""
        means, rest = vector[: self.means.size].reshape(self.means.shape), vector[self.means.size :]
        if self.form == "unit":
            return self.of(self.form, means, self.covariances, self.origin)
        if self.form == "diagonal":
            return self.of(self.form, means, np.exp(rest).reshape(self.covariances.shape), self.origin)
        d = self.means.shape[1]
        lower: NDArray[np.float64] = np.zeros_like(self.covariances)
        n_logarithms = lower.size // d
        rows, columns = np.tril_indices(d, -1)
        lower[..., rows, columns] = rest[n_logarithms:].reshape(*lower.shape[:-2], len(rows))
        lower[..., np.arange(d), np.arange(d)] = np.exp(rest[:n_logarithms]).reshape(lower.shape[:-1])
        return self.of(self.form, means, lower @ np.swapaxes(lower, -1, -2), self.origin)
