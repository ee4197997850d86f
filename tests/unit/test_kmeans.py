"""k-means: the hard case of a Gaussian mixture, the same by the kernel and by the general model."""

import numpy as np
import pytest

from emtools.em import FitOptions, evaluate, fit
from emtools.models import blocks_of, inertia, kmeans
from emtools.models.families.gaussian import Gaussian
from emtools.models.mixture import Mixture


class ByViews(Gaussian):
    """The same family without a kernel that does a whole E-step."""

    __slots__ = ()

    def assigned_sums(self, *_):
        return None


def general(model):
    family = ByViews(model.family.structure, model.family.prior, model.family.seeding)
    return Mixture(family, model.n_components, model.assignment, model.equal_weights)


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
