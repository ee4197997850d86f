"""The kernels of whole E-steps against slow plain code, and the exponential against numpy's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emtools.em import evaluate
from emtools.kernels.linear import hard_sums, soft_sums
from emtools.kernels.products import TILE, columns_of_tiles
from emtools.kernels.softmax import exponential, softmax
from emtools.models import Observations, blocks_of, gaussian_mixture, kmeans

SHAPES = st.tuples(st.integers(1, 70), st.integers(1, 700), st.integers(1, 40), st.integers(0, 2**32 - 1))


def problem(k, n, d, seed, squares):
    rng = np.random.default_rng(seed)
    x, origin = 3.0 + rng.normal(size=(n, d)), rng.normal(size=d)
    z = x - origin
    terms = np.concatenate([z, z * z], axis=1) if squares else z
    coefficients, constants = rng.normal(size=(k, terms.shape[1])), rng.normal(size=k)
    return x, origin, terms, coefficients, constants, coefficients @ terms.T + constants[:, None]


@given(SHAPES, st.booleans(), st.booleans())
@settings(max_examples=60, deadline=None)
def test_soft_sums_are_those_of_plain_code(shape, squares, known):
    k, n, d, seed = shape
    x, origin, terms, coefficients, constants, joint = problem(k, n, d, seed, squares)
    tiles = columns_of_tiles(x, origin) if known else np.empty((0, d, TILE))
    total, counts, sums = soft_sums(x, tiles, origin, coefficients, constants, *exponential(x.dtype))
    r = np.exp(joint - np.logaddexp.reduce(joint, axis=0))
    assert total == pytest.approx(np.logaddexp.reduce(joint, axis=0).sum(), rel=1e-11, abs=1e-9)
    np.testing.assert_allclose(counts, r.sum(axis=1), rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(sums, r @ terms, rtol=1e-10, atol=1e-9)


@given(SHAPES, st.booleans(), st.booleans())
@settings(max_examples=60, deadline=None)
def test_hard_sums_are_those_of_plain_code(shape, squares, known):
    k, n, d, seed = shape
    x, origin, terms, coefficients, constants, joint = problem(k, n, d, seed, squares)
    tiles = columns_of_tiles(x, origin) if known else np.empty((0, d, TILE))
    total, counts, sums = hard_sums(x, tiles, origin, coefficients, constants)
    chosen = np.eye(k)[joint.argmax(axis=0)].T
    assert total == pytest.approx(joint.max(axis=0).sum(), rel=1e-11, abs=1e-9)
    np.testing.assert_array_equal(counts, chosen.sum(axis=1))
    np.testing.assert_allclose(sums, chosen @ terms, rtol=1e-11, atol=1e-10)


def test_the_first_of_equal_scores_is_chosen():
    x = np.zeros((300, 2))
    _, counts, *_ = hard_sums(x, np.empty((0, 2, TILE)), np.zeros(2), np.ones((3, 2)), np.array([0.0, 1.0, 1.0]))
    assert counts.tolist() == [0.0, 300.0, 0.0]


@pytest.mark.parametrize(("dtype", "precision"), [(np.float64, 1e-15), (np.float32, 3e-7)])
def test_the_exponential_is_exact_to_the_last_places(dtype, precision):
    values = np.linspace(-80.0, 0.0, 100_001).astype(dtype)
    joint = np.vstack([np.zeros_like(values), values])
    log_sums = softmax(joint)
    ratios = np.exp(values.astype(np.float64))
    np.testing.assert_allclose(joint[1], ratios / (1.0 + ratios), rtol=precision)
    np.testing.assert_allclose(log_sums, np.log1p(ratios), rtol=0.0, atol=precision)


def test_what_is_impossible_has_no_share_and_what_is_no_number_is_not_hidden():
    joint = np.array([[0.0, -1e5, np.nan], [-np.inf, 0.0, 0.0]])
    softmax(joint)
    assert joint[:, :2].tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert np.isnan(joint[:, 2]).any()


@pytest.mark.parametrize("covariance", ["EII", "VII", "VVI", "EEE"])
def test_labels_and_no_labels_meet_where_no_label_is_known(covariance):
    """Unknown labels take the way of views, none at all that of the kernel."""
    rng = np.random.default_rng(3)
    x = 50.0 + rng.normal(size=(700, 3)) + 3.0 * rng.integers(3, size=(700, 1))
    model = gaussian_mixture(3, covariance)
    plain, labeled = blocks_of(x), blocks_of(x, labels=np.full(700, -1))
    params = model.initialize(plain, rng)
    a, b = evaluate(model, plain, params), evaluate(model, labeled, params)
    assert a.objective == pytest.approx(b.objective, rel=1e-12)
    np.testing.assert_allclose(a.stats.counts, b.stats.counts, rtol=1e-11)
    np.testing.assert_allclose(a.stats.moments.sums, b.stats.moments.sums, atol=1e-8)
    np.testing.assert_allclose(a.stats.moments.scatter, b.stats.moments.scatter, rtol=1e-9, atol=1e-8)


@pytest.mark.parametrize("covariance", ["III", "VVI", "EEE"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_columns_that_are_remembered_change_no_bit(covariance, dtype):
    rng = np.random.default_rng(4)
    x = (50.0 + rng.normal(size=(700, 30)) + 3.0 * rng.integers(3, size=(700, 1))).astype(dtype)
    model = gaussian_mixture(3, covariance) if covariance != "III" else kmeans(3)
    (alone,) = blocks_of(x)
    params = model.initialize([alone], rng)
    first, again = (evaluate(model, [alone], params) for _ in range(2))
    plain = evaluate(model, [Observations(x)], params)
    for state in (first, again):
        assert state.objective == plain.objective
        np.testing.assert_array_equal(state.stats.moments.sums, plain.stats.moments.sums)
        np.testing.assert_array_equal(state.stats.moments.scatter, plain.stats.moments.scatter)


def test_rows_beyond_the_cache_are_not_remembered():
    (small,), (large,) = blocks_of(np.zeros((300, 4))), blocks_of(np.zeros((300, 4000)))
    assert len(small.tiles(np.zeros(4))) == 1
    assert len(large.tiles(np.zeros(4000))) == 0
    assert all(len(block.tiles(np.zeros(4))) == 0 for block in blocks_of(np.zeros((600, 4)), rows=300))
