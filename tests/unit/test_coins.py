"""The worked example of Do and Batzoglou (2008), Nature Biotechnology 26:897: soft, hard and labelled coins."""

import numpy as np
import pytest

from emtools.em import FitOptions, StopReason, evaluate, fit
from emtools.models import MixtureParams, binomial_mixture, blocks_of

TOSSES = np.array([[5.0, 10.0], [9.0, 10.0], [8.0, 10.0], [4.0, 10.0], [7.0, 10.0]])
START = MixtureParams(np.array([0.5, 0.5]), np.array([0.6, 0.5]))


def after(steps, assignment="soft"):
    model = binomial_mixture(2, assignment=assignment, equal_weights=True)
    options = FitOptions(max_iterations=steps, tolerance=0.0)
    return fit(model, blocks_of(TOSSES), options, starts=[START]).best


def test_soft_responsibilities_and_expected_tosses_are_those_of_the_paper():
    model = binomial_mixture(2, equal_weights=True)
    block = blocks_of(TOSSES)[0]
    of_a = model.infer(block, START).responsibilities[:, 0]
    np.testing.assert_allclose(of_a, [0.45, 0.80, 0.73, 0.35, 0.65], atol=0.005)
    moments = evaluate(model, [block], START).stats.moments
    np.testing.assert_allclose([moments.successes[0], moments.failures[0]], [21.3, 8.6], atol=0.05)
    np.testing.assert_allclose([moments.successes[1], moments.failures[1]], [11.7, 8.4], atol=0.05)


@pytest.mark.parametrize(("steps", "theta"), [(1, [0.71, 0.58]), (10, [0.80, 0.52])])
def test_soft_steps_are_those_of_the_paper(steps, theta):
    np.testing.assert_allclose(after(steps).params.components, theta, atol=0.005)


def test_hard_assignment_is_there_after_one_step_and_stays():
    np.testing.assert_allclose(after(1, "hard").params.components, [0.80, 0.45], atol=1e-12)
    end = after(50, "hard")
    np.testing.assert_allclose(end.params.components, [0.80, 0.45], atol=1e-12)
    assert end.stop is StopReason.CONVERGED


def test_labelled_tosses_are_maximum_likelihood_at_once_and_then_classify_new_ones():
    model = binomial_mixture(2, equal_weights=True)
    blocks = blocks_of(TOSSES, labels=[1, 0, 0, 1, 0])
    run = fit(model, blocks, FitOptions(n_starts=1)).best
    np.testing.assert_allclose(run.params.components, [24 / 30, 9 / 20], atol=1e-12)
    assert run.iterations <= 1
    new = model.infer(blocks_of([[6.0, 10.0]])[0], run.params).responsibilities[0]
    likelihood = run.params.components**6 * (1 - run.params.components) ** 4
    np.testing.assert_allclose(new, likelihood / likelihood.sum(), rtol=1e-12)
    assert new.argmax() == 1


def test_some_labels_make_it_semi_supervised():
    model = binomial_mixture(2, equal_weights=True)
    run = fit(model, blocks_of(TOSSES, labels=[1, 0, -1, -1, -1]), FitOptions(n_starts=2, n_long=2)).best
    responsibilities = evaluate(model, blocks_of(TOSSES, labels=[1, 0, -1, -1, -1]), run.params).stats.counts
    assert run.params.components[0] > run.params.components[1]
    assert responsibilities.sum() == pytest.approx(5.0)
