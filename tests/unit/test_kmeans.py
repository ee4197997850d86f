"""The faster kernel of k-means against the general model and against slow plain code."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emtools.em import FitOptions, evaluate, fit
from emtools.kernels.lloyd import highest_and_sums
from emtools.models import blocks_of, inertia, kmeans
from emtools.models.mixture import Mixture


def general(model):
    return Mixture(model.family, model.n_components, model.assignment, model.equal_weights)


@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_the_kernel_equals_the_general_mixture(offset):
    rng = np.random.default_rng(0)
    x = offset + rng.normal(size=(500, 3)) + 4.0 * rng.integers(4, size=(500, 1))
    fast, blocks = kmeans(4), blocks_of(x, rows=100)
    start = fast.initialize(blocks, rng)
    options = FitOptions(max_iterations=100)
    a = fit(fast, blocks, options, starts=[start]).best
    b = fit(general(fast), blocks, options, starts=[start]).best
    assert a.iterations == b.iterations
    assert a.objective == pytest.approx(b.objective, rel=1e-12)
    np.testing.assert_allclose(a.params.components.means, b.params.components.means, rtol=1e-12)
    np.testing.assert_array_equal(a.stats.counts, b.stats.counts)


def test_one_step_in_float32_equals_the_general_mixture():
    rng = np.random.default_rng(0)
    x = (rng.normal(size=(500, 3)) + 4.0 * rng.integers(4, size=(500, 1))).astype(np.float32)
    fast, blocks = kmeans(4), blocks_of(x, rows=100)
    params = fast.initialize(blocks, rng)
    a, b = evaluate(fast, blocks, params), evaluate(general(fast), blocks, params)
    assert a.objective == pytest.approx(b.objective, rel=1e-6)
    np.testing.assert_array_equal(a.stats.counts, b.stats.counts)
    np.testing.assert_allclose(a.stats.moments.sums, b.stats.moments.sums, atol=1e-3)


@given(st.integers(1, 5), st.integers(1, 30), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_the_kernel_equals_slow_plain_code(k, n, d, seed):
    rng = np.random.default_rng(seed)
    scores, rows = rng.integers(0, 4, size=(k, n)).astype(float), rng.normal(size=(n, d))
    constants = rng.integers(0, 3, size=k).astype(float)
    total, counts, sums = highest_and_sums(scores.copy(), constants, rows)
    raised = scores + constants[:, None]
    chosen = [int(np.argmax(raised[:, i])) for i in range(n)]
    assert total == pytest.approx(sum(raised[:, i].max() for i in range(n)))
    for component in range(k):
        mine = [rows[i] for i in range(n) if chosen[i] == component]
        assert counts[component] == len(mine)
        np.testing.assert_allclose(sums[component], np.sum(mine, axis=0) if mine else np.zeros(d), atol=1e-12)


def test_known_labels_hold_in_k_means():
    x = np.array([[0.0], [0.1], [5.0], [5.1]])
    model = kmeans(2)
    blocks = blocks_of(x, labels=[0, -1, 0, 1])
    stats = evaluate(model, blocks, fit(model, blocks, FitOptions(n_starts=2, n_long=2)).best.params).stats
    assert stats.counts.sum() == 4.0
    assert stats.counts[0] >= 2.0


def test_inertia_is_the_sum_of_squared_distances():
    x = np.random.default_rng(1).normal(size=(60, 2))
    model, blocks = kmeans(3), blocks_of(x)
    run = fit(model, blocks).best
    distances = ((x[:, None] - run.params.components.means) ** 2).sum(axis=2).min(axis=1)
    assert inertia(run.stats, 2, 3) == pytest.approx(distances.sum(), rel=1e-10)


def test_a_mean_that_loses_its_last_row_stays_where_it_was():
    x = np.array([[0.0], [1.0], [2.0]])
    model, blocks = kmeans(2), blocks_of(x)
    start = model.initialize(blocks, np.random.default_rng(0))
    components = model.family.components([[1.0], [100.0]], [1.0], [1.0])
    after = model.maximize(
        evaluate(model, blocks, type(start)(start.weights, components)).stats, type(start)(start.weights, components)
    )
    np.testing.assert_array_equal(after.components.means, [[1.0], [100.0]])
