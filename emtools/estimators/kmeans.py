"""k-means in scikit-learn's manner."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, ClusterMixin, TransformerMixin
from sklearn.metrics import euclidean_distances
from sklearn.utils.validation import check_is_fitted

from emtools.em import Fit, FitOptions, executor_for, fit, run_summaries
from emtools.estimators.common import Matrix, data_to_fit, new_data, seed_of, warn_unless_converged
from emtools.estimators.starts import checked_means
from emtools.models import MixtureParams, blocks_of, inertia, kmeans


class KMeans(ClassNamePrefixFeaturesOutMixin, TransformerMixin, ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """k-means: a Gaussian mixture with unit covariances, equal weights and hard assignment.

    Parameters
    ----------
    n_clusters : int
    init : "k-means++" or array-like of shape (n_clusters, n_features)
        Where to start; given centers are one start.
    n_init : int
        Random starts. Those of lowest inertia after a few sweeps, `n_long` of them, are carried to convergence.
    n_long : int
    max_iter : int
        Sweeps of a run at most.
    tol : float
        A run has converged when the estimated fall of inertia still to come is below this share of the variance of the
        data, an observation; at 0 it goes on until nothing changes.
    random_state : int, RandomState or None
    n_threads : int
        The result does not depend on it.

    Attributes
    ----------
    cluster_centers_ : ndarray of shape (n_clusters, n_features)
    labels_ : ndarray of shape (n_samples,)
        The cluster of each observation of the fit, from 0.
    inertia_ : float
        The sum of squared distances of the observations to these centers.
    history_ : ndarray of shape (n_iter_ + 1,)
        The inertia after each sweep of the best run; it never rises, and ends with `inertia_`.
    converged_ : bool
    stop_reason_ : str
    n_iter_ : int
    runs_ : list of dict
        How each run started and ended.
    n_features_in_ : int

    Examples
    --------
    >>> x = np.array([[1.0, 2.0], [1.0, 4.0], [1.0, 0.0], [10.0, 2.0], [10.0, 4.0], [10.0, 0.0]])
    >>> found = KMeans(2, random_state=0).fit(x)
    >>> round(found.inertia_, 9), sorted(found.cluster_centers_.tolist())
    (16.0, [[1.0, 2.0], [10.0, 2.0]])
    """

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        init: str | ArrayLike = "k-means++",
        n_init: int = 10,
        n_long: int = 3,
        max_iter: int = 300,
        tol: float = 0.0,
        random_state: Any = None,
        n_threads: int = 1,
    ) -> None:
        self.n_clusters = n_clusters
        self.init = init
        self.n_init = n_init
        self.n_long = n_long
        self.max_iter = max_iter
        self.tol = tol
        self.random_state = random_state
        self.n_threads = n_threads

    def fit(self, X: ArrayLike, y: object = None) -> Self:  # noqa: ARG002
        """Find the centers.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Finite; float32 stays float32 in the large products.
        y : ignored

        Raises
        ------
        ValueError
            If the data or a parameter cannot be used.
        """
        x = data_to_fit(self, X, self.n_clusters, "n_clusters")
        # The engine judges gains against a unit covariance; a power of two takes the data there and back exactly.
        deviation = float(np.sqrt(x.var(axis=0, dtype=np.float64).mean()))
        scale = 2.0 ** round(np.log2(deviation)) if deviation > 0.0 else 1.0
        model, scaled = kmeans(self.n_clusters), x / x.dtype.type(scale)
        options = FitOptions(
            n_starts=self.n_init,
            n_long=self.n_long,
            max_iterations=self.max_iter,
            tolerance=0.5 * self.tol,
            seed=seed_of(self.random_state),
        )
        blocks = blocks_of(scaled)
        starts = self._starts(model, scaled, scale)
        found = fit(model, blocks, options, starts=starts, executor=executor_for(self.n_threads))
        self._keep(found, scale)
        self.labels_ = self.predict(x)
        return self

    def predict(self, X: ArrayLike) -> NDArray[np.int64]:
        """The nearest center of each observation, of shape (n_samples,)."""
        return np.asarray(self.transform(X).argmin(axis=1))

    def transform(self, X: ArrayLike) -> Matrix:
        """The distances of observations to the centers, of shape (n_samples, n_clusters)."""
        check_is_fitted(self)
        x = new_data(self, X)
        middle = self.cluster_centers_.mean(axis=0)
        return np.asarray(
            euclidean_distances(x - middle.astype(x.dtype), (self.cluster_centers_ - middle).astype(x.dtype))
        )

    def score(self, X: ArrayLike, y: object = None) -> float:  # noqa: ARG002
        """Minus the inertia of observations."""
        return -float((self.transform(X).min(axis=1).astype(np.float64) ** 2).sum())

    @property
    def _n_features_out(self) -> int:
        return len(self.cluster_centers_)

    def _starts(self, model: Any, scaled: Matrix, scale: float) -> list[MixtureParams[Any]] | None:
        if isinstance(self.init, str):
            if self.init != "k-means++":
                raise ValueError(f"init must be 'k-means++' or centers, got {self.init!r}")
            return None
        centers = checked_means(self.init, self.n_clusters, scaled.shape[1], "init") / scale
        ones = np.ones(scaled.shape[1])
        components = model.family.components(centers, ones, scaled.mean(axis=0, dtype=np.float64))
        return [MixtureParams(np.full(self.n_clusters, 1.0 / self.n_clusters), components)]

    def _keep(self, found: Fit[Any, Any], scale: float) -> None:
        best = found.best
        self.cluster_centers_ = best.params.components.means * scale
        n_clusters, n_columns = self.cluster_centers_.shape
        constant = best.objective + 0.5 * inertia(best.stats, n_columns, n_clusters)
        objectives = np.array([entry.objective for entry in best.history])
        self.history_ = np.maximum(2.0 * (constant - objectives), 0.0) * scale**2
        self.inertia_ = float(self.history_[-1])
        self.converged_, self.stop_reason_, self.n_iter_ = best.converged, str(best.stop), best.iterations
        self.runs_ = [
            {key: value for key, value in run.items() if key != "objective"}
            | {"inertia": max(0.0, 2.0 * (constant - run["objective"])) * scale**2}
            for run in run_summaries(found)
        ]
        warn_unless_converged(self, best)
