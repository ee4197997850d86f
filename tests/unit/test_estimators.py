"""The estimators keep scikit-learn's contract, give its figures from its starts, and report what they return."""

import pickle
import warnings

import numpy as np
import pytest
import sklearn.cluster
import sklearn.mixture
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_rand_score
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from emtools.em import StopReason
from emtools.estimators import GaussianMixture, KMeans
from emtools.estimators.shapes import covariances_from_precisions, kind_of
from emtools.models import WishartPrior
from emtools.models.families.covariance import FRIENDLY, NAMES, Structure

TYPES = (*FRIENDLY, *NAMES)


def islands(seed=0, n=120):
    rng = np.random.default_rng(seed)
    centers = np.array([[0.0, 0.0, 0.0], [4.0, 0.0, 1.0], [0.0, 5.0, -2.0]])
    component = rng.integers(3, size=n)
    return centers[component] + rng.normal(size=(n, 3)) @ np.diag([1.0, 0.6, 0.8]), component


X, COMPONENT = islands()


@parametrize_with_checks([GaussianMixture(), GaussianMixture(2, covariance_type="VEV"), KMeans(), KMeans(3, n_init=1)])
def test_contract_of_scikit_learn(estimator, check):
    """No check is expected to fail."""
    check(estimator)


@pytest.mark.parametrize("kind", FRIENDLY)
def test_figures_of_scikit_learn_from_its_start(kind):
    theirs = sklearn.mixture.GaussianMixture(
        3, covariance_type=kind, reg_covar=0.0, tol=0.0, max_iter=1, random_state=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        start = theirs.fit(X)
    given = {"weights_init": start.weights_, "means_init": start.means_, "precisions_init": start.precisions_}
    ours = GaussianMixture(3, covariance_type=kind, prior=None, tol=0.0, **given).fit(X)
    theirs = sklearn.mixture.GaussianMixture(3, covariance_type=kind, reg_covar=0.0, tol=1e-14, max_iter=2000, **given)
    theirs.fit(X)
    for name in ("weights_", "means_", "covariances_", "precisions_", "precisions_cholesky_"):
        assert getattr(ours, name).shape == getattr(theirs, name).shape, name
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-4, atol=1e-5, err_msg=name)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-5)
    np.testing.assert_allclose(ours.score_samples(X), theirs.score_samples(X), rtol=1e-4)
    for name in ("score", "bic", "aic"):
        assert getattr(ours, name)(X) == pytest.approx(getattr(theirs, name)(X), rel=1e-8), name


@pytest.mark.parametrize("kind", TYPES)
def test_every_family_reports_the_objective_of_what_it_returns(kind):
    mixture = GaussianMixture(3, covariance_type=kind, prior=None, n_init=4, random_state=3).fit(X)
    assert mixture.lower_bound_ == pytest.approx(mixture.score(X), rel=1e-12)
    assert mixture.history_[-1] == mixture.lower_bound_
    assert (np.diff(mixture.history_) >= 0.0).all()
    assert len(mixture.history_) == mixture.n_iter_ + 1
    assert sum(run["best"] for run in mixture.runs_) == 1
    assert mixture.converged_
    assert mixture.stop_reason_ == StopReason.CONVERGED
    assert adjusted_rand_score(COMPONENT, mixture.predict(X)) > 0.8
    shares = mixture.predict_proba(X)
    entropy = -(shares * np.log(np.where(shares > 0.0, shares, 1.0))).sum()
    assert mixture.icl(X) == pytest.approx(mixture.bic(X) + 2.0 * entropy, rel=1e-9)


def test_a_prior_belongs_to_the_objective():
    weak = WishartPrior.weak(X, 3)
    by_name = GaussianMixture(3, random_state=0).fit(X)
    given = GaussianMixture(3, prior=weak, random_state=0).fit(X)
    assert by_name.lower_bound_ == given.lower_bound_
    traces = np.trace(np.diag(weak.scale) @ given.precisions_, axis1=1, axis2=2)
    log_prior = -0.5 * (weak.degrees * np.linalg.slogdet(given.covariances_)[1] + traces).sum()
    assert given.lower_bound_ == pytest.approx(given.score(X) + log_prior / len(X), rel=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_a_start_outside_the_family_is_taken_to_a_member(name):
    rng, structure = np.random.default_rng(5), Structure.named(name)
    turns = rng.normal(size=(3, 4, 4))
    full = turns @ np.swapaxes(turns, 1, 2) + np.eye(4)
    diagonal = np.diagonal(full, axis1=1, axis2=2)
    given = {"spherical": diagonal[:, 0], "diag": diagonal, "tied": full[0], "full": full}[kind_of(structure)]
    member = covariances_from_precisions(structure, given, np.array([0.2, 0.3, 0.5]), 4)
    if structure.form == "diagonal":
        member = member[:, None] * np.eye(4)
    one, other = np.broadcast_to(member, (3, 4, 4))[:2]
    spectra = [np.linalg.eigvalsh(each) / np.linalg.det(each) ** 0.25 for each in (one, other)]
    assert np.isclose(np.linalg.det(one), np.linalg.det(other)) == (structure.volume == "E")
    assert np.allclose(*spectra) == (structure.shape != "V")
    assert np.allclose(one @ other, other @ one) == (structure.orientation != "V")


def test_given_precisions_are_where_the_fit_starts():
    fitted = GaussianMixture(3, covariance_type="VVE", prior=None, random_state=0).fit(X)
    given = {"weights_init": fitted.weights_, "means_init": fitted.means_, "precisions_init": fitted.precisions_}
    again = GaussianMixture(3, covariance_type="VVE", prior=None, **given).fit(X)
    assert again.history_[0] == pytest.approx(fitted.lower_bound_, rel=1e-9)


def test_given_means_are_the_one_start_and_given_weights_join_random_ones():
    means = np.array([[0.0, 0.0, 0.0], [4.0, 0.0, 1.0], [0.0, 5.0, -2.0]])
    by_means = GaussianMixture(3, means_init=means, n_init=7).fit(X)
    assert len(by_means.runs_) == 1
    np.testing.assert_array_equal(by_means.predict(means), [0, 1, 2])
    by_weights = GaussianMixture(3, weights_init=[0.2, 0.3, 0.5], n_init=4, random_state=1).fit(X)
    assert len(by_weights.runs_) == 4


def test_warm_start_goes_on_and_a_fit_that_has_not_converged_says_so():
    mixture = GaussianMixture(3, n_init=1, max_iter=2, tol=0.0, random_state=2, warm_start=True)
    with pytest.warns(ConvergenceWarning, match="did not converge: iteration limit reached after 2 iterations"):
        mixture.fit(X)
    first = mixture.lower_bound_
    assert not mixture.converged_
    with pytest.warns(ConvergenceWarning):
        mixture.fit(X)
    assert mixture.history_[0] == pytest.approx(first, rel=1e-14)
    assert mixture.lower_bound_ > first
    with pytest.raises(ValueError, match="warm_start needs the components, covariance_type and features"):
        mixture.set_params(covariance_type="EEV").fit(X)


def test_known_labels_hold_and_name_the_components():
    labels = np.full(len(X), -1)
    for component in range(3):
        labels[np.flatnonzero(component == COMPONENT)[:5]] = component
    mixture = GaussianMixture(3, random_state=0).fit(X, labels=labels)
    assert (mixture.predict(X) == COMPONENT).mean() > 0.95
    all_known = GaussianMixture(3, prior=None, n_init=1).fit(X, labels=COMPONENT)
    expected = [X[component == COMPONENT].mean(axis=0) for component in range(3)]
    np.testing.assert_allclose(all_known.means_, expected, rtol=1e-12)
    predicted = GaussianMixture(3, random_state=0).fit_predict(X, labels=labels)
    np.testing.assert_array_equal(predicted, mixture.predict(X))


@pytest.mark.parametrize("prior", ["weak", None])
def test_few_labels_for_some_classes_leave_room_for_the_others(prior):
    labels = np.full(len(X), -1)
    labels[np.flatnonzero(COMPONENT == 1)[0]] = 0
    labels[np.flatnonzero(COMPONENT == 2)[0]] = 1
    mixture = GaussianMixture(3, prior=prior, random_state=0, n_init=20).fit(X, labels=labels)
    assert mixture.weights_.min() > 0.2
    assert adjusted_rand_score(COMPONENT, mixture.predict(X)) > 0.9


def test_random_state_as_in_scikit_learn():
    def fitted(state):
        return GaussianMixture(3, n_init=1, n_long=1, max_iter=3, tol=1.0, random_state=state).fit(X).means_

    np.testing.assert_array_equal(fitted(4), fitted(4))
    state = np.random.RandomState(4)  # noqa: TID251
    first, second = fitted(state), fitted(state)
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(first, fitted(np.random.RandomState(4)))  # noqa: TID251


@pytest.mark.parametrize("estimator", [GaussianMixture(3, random_state=0), KMeans(3, random_state=0)])
def test_threads_change_no_bit_and_pickles_predict_alike(estimator):
    x, _ = islands(n=3000)
    one, two = clone(estimator).fit(x), clone(estimator).set_params(n_threads=2).fit(x)
    name = "means_" if isinstance(estimator, GaussianMixture) else "cluster_centers_"
    np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(one)).predict(x), two.predict(x))


@pytest.mark.parametrize("kind", ["full", "tied", "diag", "spherical"])
def test_samples_have_the_moments_of_the_mixture(kind):
    mixture = GaussianMixture(2, covariance_type=kind, random_state=0).fit(X)
    drawn, component = mixture.sample(40_000)
    mean = mixture.weights_ @ mixture.means_
    np.testing.assert_allclose(drawn.mean(axis=0), mean, atol=0.05)
    np.testing.assert_allclose(np.bincount(component) / 40_000, mixture.weights_, atol=0.01)
    within = np.cov(drawn[component == 0].T)
    expected = {"full": 0, "diag": 0, "spherical": 0}.get(kind)
    covariance = mixture.covariances_ if expected is None else mixture.covariances_[expected]
    full = covariance if np.ndim(covariance) == 2 else np.diag(np.broadcast_to(covariance, 3))
    np.testing.assert_allclose(within, full, atol=0.15)
    assert (np.diff(component) >= 0).all()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_components": 0}, "n_components must be a positive integer, got 0"),
        ({"n_components": 1000}, "n_samples=120 should be >= n_components=1000"),
        ({"covariance_type": "round"}, "unknown covariance 'round'"),
        ({"prior": "strong"}, "prior must be 'weak', a WishartPrior or None, got 'strong'"),
        ({"n_init": 0}, "must be at least 1"),
        ({"tol": -1.0}, "tolerance must not be negative"),
        ({"weights_init": [0.5, 0.6]}, "weights_init must be 2 shares that sum to 1"),
        ({"means_init": [[0.0, 0.0]]}, r"means_init must be finite and of shape \(2, 3\), got \(1, 2\)"),
        ({"precisions_init": np.ones(2)}, r"precisions_init must have shape \(2, 3, 3\), got \(2,\)"),
        ({"precisions_init": np.zeros((2, 3, 3))}, "precisions_init must be positive"),
    ],
)
def test_parameters_that_do_not_fit(parameters, message):
    with pytest.raises(ValueError, match=message):
        GaussianMixture(**{"n_components": 2} | parameters).fit(X)


@pytest.mark.parametrize("estimator", [GaussianMixture(2), KMeans(2)])
def test_missing_cells_are_a_clear_error(estimator):
    broken = X.copy()
    broken[3, 1] = np.nan
    with pytest.raises(ValueError, match=f"contains NaN[^$]*{type(estimator).__name__} does not accept missing values"):
        estimator.fit(broken)


@pytest.mark.parametrize("labels", [np.full(120, 2), np.full(120, 0.5), np.zeros(7, dtype=int)])
def test_labels_that_do_not_fit(labels):
    with pytest.raises(ValueError, match="label"):
        GaussianMixture(2).fit(X, labels=labels)


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e6])
@pytest.mark.parametrize("offset", [0.0, 1e4])
def test_kmeans_gives_the_centers_of_scikit_learn_at_any_scale(scale, offset):
    x = (X + offset) * scale
    start = x[[0, 40, 80]]
    ours = KMeans(3, init=start).fit(x)
    theirs = sklearn.cluster.KMeans(3, init=start, n_init=1, tol=0.0).fit(x)
    np.testing.assert_allclose(ours.cluster_centers_, theirs.cluster_centers_, rtol=1e-9)
    np.testing.assert_array_equal(ours.labels_, theirs.labels_)
    assert ours.inertia_ == pytest.approx(theirs.inertia_, rel=1e-6)
    assert ours.score(x) == pytest.approx(-ours.inertia_, rel=1e-6)
    np.testing.assert_allclose(ours.transform(x), theirs.transform(x), rtol=1e-5, atol=1e-6 * scale)


def test_kmeans_reports_the_inertia_of_its_centers_and_every_run():
    found = KMeans(3, n_init=5, random_state=0).fit(X)
    distances = ((X - found.cluster_centers_[found.labels_]) ** 2).sum()
    assert found.inertia_ == pytest.approx(distances, rel=1e-12)
    assert found.history_[-1] == found.inertia_
    assert (np.diff(found.history_) <= 0.0).all()
    best = next(run for run in found.runs_ if run["best"])
    assert best["inertia"] == found.inertia_
    assert len(found.runs_) == 5


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"init": "random"}, r"init must be 'k-means\+\+' or centers, got 'random'"),
        ({"init": np.zeros((2, 2))}, r"init must be finite and of shape \(2, 3\), got \(2, 2\)"),
        ({"n_clusters": 1.5}, "n_clusters must be a positive integer, got 1.5"),
    ],
)
def test_parameters_that_do_not_fit_kmeans(parameters, message):
    with pytest.raises(ValueError, match=message):
        KMeans(**{"n_clusters": 2} | parameters).fit(X)


def test_estimators_work_in_pipelines_and_searches():
    pipeline = make_pipeline(StandardScaler(), KMeans(3, random_state=0), GaussianMixture(2, random_state=0))
    assert pipeline.fit(X).predict(X).shape == (len(X),)
    assert list(pipeline[:2].get_feature_names_out()) == ["kmeans0", "kmeans1", "kmeans2"]
    one, three = (cross_val_score(GaussianMixture(k, random_state=0), X).mean() for k in (1, 3))
    assert three > one
