"""Full covariances by products of columns: the same as whitening each component, and left where digits would go."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emtools.kernels.quadratic import centered_scatter, products_of_columns
from emtools.models.families.gaussian_components import GaussianComponents
from emtools.models.families.gaussian_density import log_density
from emtools.models.families.gaussian_expanded import Expanded
from emtools.models.families.gaussian_moments import gathered
from emtools.models.families.gaussian_views import Whitened, view


def components(k, d, rng, spread=2.0, offset=0.0):
    roots = rng.normal(size=(k, d, d))
    return GaussianComponents.of(
        "full",
        offset + spread * rng.normal(size=(k, d)),
        roots @ np.swapaxes(roots, 1, 2) + np.eye(d),
        np.full(d, offset),
    )


@given(st.integers(4, 8), st.integers(1, 9), st.integers(1, 700), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_densities_and_moments_are_those_of_plain_code(k, d, n, seed):
    rng = np.random.default_rng(seed)
    parts, x = components(k, d, rng, offset=100.0), 100.0 + 2.0 * rng.normal(size=(n, d))
    block = view(x, parts, np.log(np.full(k, 1.0 / k)))
    assert isinstance(block, Expanded)
    np.testing.assert_allclose(block.joint, log_density(x, parts).T - np.log(k), rtol=1e-9, atol=1e-9)
    responsibilities = rng.dirichlet(np.ones(k), size=n).T
    counts = responsibilities.sum(axis=1)
    ours, plain = block.moments(responsibilities, counts), gathered(x, parts.means, responsibilities, counts)
    np.testing.assert_allclose(ours.sums, plain.sums, rtol=1e-9, atol=1e-8)
    np.testing.assert_allclose(ours.scatter, plain.scatter, rtol=1e-9, atol=1e-7)


@given(st.integers(1, 6), st.integers(1, 20), st.integers(0, 2**32 - 1))
def test_the_kernels_equal_slow_plain_code(d, n, seed):
    rng = np.random.default_rng(seed)
    x, origin = rng.normal(size=(n, d)), rng.normal(size=d)
    made = np.empty((d + d * (d + 1) // 2, n))
    products_of_columns(x, origin, made)
    z = x - origin
    pairs = [z[:, i] * z[:, j] for i in range(d) for j in range(i, d)]
    np.testing.assert_allclose(made, np.vstack([z.T, *pairs]), rtol=1e-14, atol=1e-14)
    weights, shifts = rng.random((2, n)), rng.normal(size=(2, d))
    sums, scatter = centered_scatter(weights @ made.T, weights.sum(axis=1), shifts)
    for k in range(2):
        about = z - shifts[k]
        np.testing.assert_allclose(sums[k], weights[k] @ about, atol=1e-12)
        np.testing.assert_allclose(scatter[k], (about * weights[k][:, None]).T @ about, atol=1e-11)


@pytest.mark.parametrize(("spread", "kind"), [(1.0, Expanded), (1e6, Whitened)])
def test_products_are_left_where_they_would_cost_digits(spread, kind):
    parts = components(5, 6, np.random.default_rng(0), spread=spread)
    assert isinstance(view(parts.means, parts, np.zeros(5)), kind)


def test_nearly_singular_covariances_are_whitened():
    rng = np.random.default_rng(1)
    thin = np.diag([1.0, 1.0, 1e-9])
    parts = GaussianComponents.of("full", rng.normal(size=(4, 3)), np.tile(thin, (4, 1, 1)))
    assert isinstance(view(rng.normal(size=(10, 3)), parts, np.zeros(4)), Whitened)


def test_few_responsibilities_are_gathered_to_the_same_moments():
    rng = np.random.default_rng(2)
    parts, x = components(8, 5, rng), rng.normal(size=(300, 5))
    block = view(x, parts, np.zeros(8))
    hard = np.eye(8)[rng.integers(8, size=300)].T
    soft = np.maximum(hard, 1e-17)
    few, many = block.moments(hard, hard.sum(axis=1)), block.moments(soft, soft.sum(axis=1))
    np.testing.assert_allclose(few.scatter, many.scatter, rtol=1e-9, atol=1e-9)
