"""Gaussian mixtures in scikit-learn's manner."""

from __future__ import annotations

from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, DensityMixin
from sklearn.utils.validation import check_is_fitted

from emtools.em import Fit, FitOptions, Inference, executor_for, fit, run_summaries, selection
from emtools.estimators.common import Matrix, checked_labels, data_to_fit, new_data, seed_of, warn_unless_converged
from emtools.estimators.shapes import precisions, shaped
from emtools.estimators.starts import given_start
from emtools.models import Mixture, MixtureParams, Observations, WishartPrior, blocks_of
from emtools.models.families.covariance import Structure
from emtools.models.families.gaussian import Gaussian


class GaussianMixture(DensityMixin, BaseEstimator):  # type: ignore[misc]
    """A Gaussian mixture with any of 14 covariance families.

    Parameters
    ----------
    n_components : int
    covariance_type : str
        "full", "tied", "diag" or "spherical", or one of mclust's names: EII VII EEI VEI EVI VVI EEE VEE EVE VVE EEV VEV
        EVV VVV.
    prior : {"weak"}, WishartPrior or None
        On each covariance. "weak" weighs as much as one observation, and matters only where a component collapses;
        None is maximum likelihood, whose objective then has no upper bound.
    n_init : int
        Random starts. Those of highest objective after a few steps, `n_long` of them, are carried to convergence.
    n_long : int
    max_iter : int
        Steps of a run at most.
    tol : float
        A run has converged when the estimated gain still to come is below this, in nats an observation.
    random_state : int, RandomState or None
    weights_init : array-like of shape (n_components,), optional
    means_init : array-like of shape (n_components, n_features), optional
    precisions_init : array-like, optional
        Inverse covariances in the shape of `covariances_`. What of the three is given replaces what a random start
        would have there.
    warm_start : bool
        Go on from the last fit.
    n_threads : int
        The result does not depend on it.

    Attributes
    ----------
    weights_ : ndarray of shape (n_components,)
    means_ : ndarray of shape (n_components, n_features)
    covariances_ : ndarray
        Of shape (n_components,) for spherical, EII and VII; (n_components, n_features) for diag and the other names
        that end in I; (n_features, n_features) for tied and EEE; else (n_components, n_features, n_features).
    precisions_, precisions_cholesky_ : ndarray
        The inverses and their upper triangular factors ``U U'``, in the same shape.
    lower_bound_ : float
        The objective of these parameters, in nats an observation: the mean log-likelihood plus, where there is a prior,
        its log density over the number of observations.
    history_ : ndarray of shape (n_iter_ + 1,)
        The same after each step of the best run; it never falls, and ends with `lower_bound_`.
    converged_ : bool
    stop_reason_ : str
    n_iter_ : int
    runs_ : list of dict
        How each run started and ended; objectives are sums over the observations.
    n_parameters_ : int
        Free parameters, which the criteria charge for.
    n_features_in_ : int

    Examples
    --------
    >>> x = np.array([[1.0, 2.0], [1.2, 1.8], [0.9, 2.3], [8.0, 7.0], [8.1, 7.4], [7.8, 6.9]])
    >>> mixture = GaussianMixture(2, covariance_type="tied", random_state=0).fit(x)
    >>> bool(mixture.predict([[1.0, 2.1]]) == mixture.predict([[1.1, 2.0]]))
    True
    >>> mixture.history_[-1] == mixture.lower_bound_, mixture.stop_reason_
    (np.True_, 'converged')
    """

    def __init__(
        self,
        n_components: int = 1,
        *,
        covariance_type: str = "full",
        prior: Literal["weak"] | WishartPrior | None = "weak",
        n_init: int = 10,
        n_long: int = 3,
        max_iter: int = 1000,
        tol: float = 1e-6,
        random_state: Any = None,
        weights_init: ArrayLike | None = None,
        means_init: ArrayLike | None = None,
        precisions_init: ArrayLike | None = None,
        warm_start: bool = False,
        n_threads: int = 1,
    ) -> None:
        self.n_components = n_components
        self.covariance_type = covariance_type
        self.prior = prior
        self.n_init = n_init
        self.n_long = n_long
        self.max_iter = max_iter
        self.tol = tol
        self.random_state = random_state
        self.weights_init = weights_init
        self.means_init = means_init
        self.precisions_init = precisions_init
        self.warm_start = warm_start
        self.n_threads = n_threads

    def fit(self, X: ArrayLike, y: object = None, *, labels: ArrayLike | None = None) -> Self:  # noqa: ARG002
        """Fit the mixture.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Finite; float32 stays float32 in the large products.
        y : ignored
        labels : array-like of shape (n_samples,), optional
            The component of observations where it is known, -1 where not: they belong to it from start to end.

        Raises
        ------
        ValueError
            If the data or a parameter cannot be used.
        emtools.errors.NumericalError
            If every run failed.
        """
        x = data_to_fit(self, X, self.n_components, "n_components")
        family = self._family_for(x)
        model = Mixture(family, self.n_components)
        blocks = blocks_of(x, checked_labels(labels, self.n_components))
        options = FitOptions(
            n_starts=self.n_init,
            n_long=self.n_long,
            max_iterations=self.max_iter,
            tolerance=self.tol,
            seed=seed_of(self.random_state),
        )
        starts = self._starts(model, family, blocks, options)
        found = fit(model, blocks, options, starts=starts, executor=executor_for(self.n_threads))
        self._keep(model, family.structure, found)
        return self

    def fit_predict(self, X: ArrayLike, y: object = None, *, labels: ArrayLike | None = None) -> NDArray[np.int64]:
        """Fit, and the most probable component of each observation."""
        return self.fit(X, y, labels=labels).predict(X)

    def predict(self, X: ArrayLike) -> NDArray[np.int64]:
        """The most probable component of each observation, of shape (n_samples,)."""
        return np.asarray(self.predict_proba(X).argmax(axis=1))

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """The responsibilities, of shape (n_samples, n_components)."""
        return self._infer(X).responsibilities

    def score_samples(self, X: ArrayLike) -> NDArray[np.float64]:
        """The log-likelihood of each observation in nats, of shape (n_samples,)."""
        return self._infer(X).log_likelihood

    def score(self, X: ArrayLike, y: object = None) -> float:  # noqa: ARG002
        """The mean log-likelihood of an observation, in nats."""
        return float(self.score_samples(X).mean())

    def sample(self, n_samples: int = 1) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Draw observations.

        Returns
        -------
        X : ndarray of shape (n_samples, n_features)
        y : ndarray of shape (n_samples,)
            The component that each was drawn from, in ascending order.
        """
        check_is_fitted(self)
        if n_samples < 1:
            raise ValueError(f"n_samples must be positive, got {n_samples}")
        rng = np.random.default_rng(seed_of(self.random_state))
        y = np.repeat(np.arange(len(self.weights_)), rng.multinomial(n_samples, self.weights_))
        factors = np.linalg.cholesky(self._params.components.full_covariances)
        normal = rng.standard_normal((n_samples, self.means_.shape[1]))
        return self.means_[y] + np.einsum("nij,nj->ni", factors[y], normal), y

    def bic(self, X: ArrayLike) -> float:
        """The Bayesian information criterion on data: lower is better."""
        log_likelihood = self.score_samples(X)
        return selection.bic(float(log_likelihood.sum()), self.n_parameters_, len(log_likelihood))

    def aic(self, X: ArrayLike) -> float:
        """Akaike's information criterion on data: lower is better."""
        return selection.aic(float(self.score_samples(X).sum()), self.n_parameters_)

    def icl(self, X: ArrayLike) -> float:
        """The integrated completed likelihood on data: BIC and twice the entropy of the assignment."""
        found = self._infer(X)
        entropy, n = selection.entropy(found.responsibilities), len(found.log_likelihood)
        return selection.icl(float(found.log_likelihood.sum()), self.n_parameters_, n, entropy)

    def _family_for(self, x: Matrix) -> Gaussian:
        if isinstance(self.prior, str) and self.prior != "weak":
            raise ValueError(f"prior must be 'weak', a WishartPrior or None, got {self.prior!r}")
        prior = WishartPrior.weak(x, self.n_components) if isinstance(self.prior, str) else self.prior
        return Gaussian(Structure.named(self.covariance_type), prior)

    def _starts(
        self, model: Mixture[Any, Any], family: Gaussian, blocks: list[Observations], options: FitOptions
    ) -> list[MixtureParams[Any]] | None:
        if self.warm_start and hasattr(self, "weights_"):
            means, structure = self.means_, self._structure
            if means.shape != (self.n_components, blocks[0].x.shape[1]) or structure != family.structure:
                raise ValueError("warm_start needs the components, covariance_type and features of the last fit")
            return [self._params]
        given = (self.weights_init, self.means_init, self.precisions_init)
        if all(part is None for part in given):
            return None
        seeds = np.random.SeedSequence(options.seed).spawn(self.n_init if self.means_init is None else 1)
        return [given_start(model, family, blocks, *given, np.random.default_rng(seed)) for seed in seeds]

    def _keep(self, model: Mixture[Any, Any], structure: Structure, found: Fit[Any, Any]) -> None:
        best = found.best
        components = best.params.components
        self._model, self._params, self._structure = model, best.params, structure
        self.weights_ = best.params.weights
        self.means_ = components.means
        self.covariances_ = shaped(structure, components.covariances)
        self.precisions_ = precisions(structure, components)
        self.precisions_cholesky_ = shaped(structure, components.whitening)
        self.history_ = np.array([entry.objective for entry in best.history]) / best.stats.weight
        self.lower_bound_ = float(self.history_[-1])
        self.converged_, self.stop_reason_, self.n_iter_ = best.converged, str(best.stop), best.iterations
        self.runs_ = run_summaries(found)
        self.n_parameters_ = model.n_parameters(best.params)
        warn_unless_converged(self, best)

    def _infer(self, X: ArrayLike) -> Inference:
        check_is_fitted(self)
        with executor_for(1).session(), np.errstate(all="ignore"):
            parts = [self._model.infer(block, self._params) for block in blocks_of(new_data(self, X))]
        return Inference(
            np.concatenate([part.responsibilities for part in parts]),
            np.concatenate([part.log_likelihood for part in parts]),
        )
