"""Gaussian mixtures and k-means against scikit-learn, from the same start."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.cluster import KMeans
from sklearn.mixture import GaussianMixture

from emtools.em import FitOptions, evaluate, fit
from emtools.models import blocks_of, gaussian_mixture, inertia, kmeans


def islands(offset=0.0, seed=0):
    rng = np.random.default_rng(seed)
    return offset + np.vstack([rng.normal(m, s, (200, 4)) for m, s in [(0, 1), (2, 0.7), (4, 2)]])


def peer(kind, params, steps):
    """scikit-learn's mixture, started from our parameters."""
    covariances = params.components.full_covariances
    precisions = np.linalg.inv(covariances)
    given = {
        "full": precisions,
        "tied": precisions[0],
        "diag": np.diagonal(precisions, axis1=1, axis2=2),
        "spherical": precisions[:, 0, 0],
    }[kind]
    return GaussianMixture(
        3,
        covariance_type=kind,
        reg_covar=0.0,
        tol=0.0,
        max_iter=steps,
        weights_init=params.weights,
        means_init=params.components.means,
        precisions_init=given,
    )


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("kind", ["full", "tied", "diag", "spherical"])
@pytest.mark.parametrize("offset", [0.0, 1000.0])
def test_same_likelihood_and_parameters_as_scikit_learn(kind, offset):
    x = islands(offset)
    model, blocks = gaussian_mixture(3, kind), blocks_of(x, rows=128)
    start = model.initialize(blocks, np.random.default_rng(1))
    ours = fit(model, blocks, FitOptions(max_iterations=400, tolerance=0.0), starts=[start]).best
    theirs = peer(kind, start, 400).fit(x)
    assert ours.log_likelihood == pytest.approx(theirs.score(x) * len(x), rel=1e-8)
    np.testing.assert_allclose(ours.params.components.means, theirs.means_, atol=1e-5)
    np.testing.assert_allclose(ours.params.weights, theirs.weights_, rtol=1e-5)
    responsibilities = model.infer(blocks_of(x, rows=len(x))[0], ours.params).responsibilities
    np.testing.assert_allclose(responsibilities, theirs.predict_proba(x), atol=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_same_inertia_and_centers_as_scikit_learn(seed):
    x = islands(seed=seed)
    model, blocks = kmeans(5), blocks_of(x, rows=128)
    start = model.initialize(blocks, np.random.default_rng(seed))
    ours = fit(model, blocks, FitOptions(max_iterations=300, tolerance=0.0), starts=[start]).best
    theirs = KMeans(5, init=start.components.means, n_init=1, tol=0.0).fit(x)
    assert inertia(ours.stats, 4, 5) == pytest.approx(theirs.inertia_, rel=1e-10)
    np.testing.assert_allclose(ours.params.components.means, theirs.cluster_centers_, rtol=1e-10)


@pytest.mark.parametrize("name", ["EII", "VVI", "EEE", "VEV", "VVV"])
@pytest.mark.parametrize("separation", [3.0, 1e7])
def test_density_is_that_of_scipy_even_where_components_lie_far_apart(name, separation):
    rng = np.random.default_rng(4)
    x = np.vstack([rng.normal(size=(60, 3)), separation + rng.normal(size=(60, 3))])
    model, blocks = gaussian_mixture(2, name), blocks_of(x, rows=50)
    params = model.initialize(blocks, rng)
    covariances = params.components.full_covariances
    density = sum(
        w * multivariate_normal(m, c).pdf(x)
        for w, m, c in zip(params.weights, params.components.means, covariances, strict=True)
    )
    assert evaluate(model, blocks, params).objective == pytest.approx(np.log(density).sum(), rel=1e-7)


def test_a_large_common_offset_costs_no_digits():
    x = islands()
    model = gaussian_mixture(3, "full")
    near, far = blocks_of(x), blocks_of(x + 2.0**24)
    options = FitOptions(n_starts=2, n_long=2, seed=3)
    a, b = fit(model, near, options).best, fit(model, far, options).best
    assert a.objective == pytest.approx(b.objective, rel=1e-7)


def test_float32_stays_float32_in_products_and_agrees():
    x = islands()
    model = gaussian_mixture(3, "diag")
    blocks = blocks_of(x)
    params = model.initialize(blocks, np.random.default_rng(0))
    single = blocks_of(x.astype(np.float32))
    assert model.family.log_density(single[0].x, params.components).dtype == np.float32
    wide, narrow = evaluate(model, blocks, params), evaluate(model, single, params)
    assert narrow.objective == pytest.approx(wide.objective, rel=1e-5)


def test_scikit_learn_stops_early_where_we_go_on():
    """With its default tolerance the peer calls a run converged that has not arrived."""
    rng = np.random.default_rng(8)
    x = np.vstack([rng.normal(0.0, 1.0, (500, 2)), rng.normal(1.5, 1.0, (500, 2))])
    model, blocks = gaussian_mixture(2, "full"), blocks_of(x)
    start = model.initialize(blocks, rng)
    ours = fit(model, blocks, FitOptions(max_iterations=5000), starts=[start]).best
    theirs = GaussianMixture(
        2, weights_init=start.weights, means_init=start.components.means,
        precisions_init=np.linalg.inv(start.components.full_covariances),
    ).fit(x)  # fmt: skip
    assert theirs.converged_
    assert ours.log_likelihood > theirs.score(x) * len(x)
