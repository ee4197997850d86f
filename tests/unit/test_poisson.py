"""The Poisson family against scipy, numpy and its own prior."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import poisson

from emtools.em import FitOptions, Squarem, evaluate, fit
from emtools.models import Mixture, MixtureParams, blocks_of
from emtools.models.families.poisson import Poisson

RATES = np.array([[2.0, 9.0, 0.5], [8.0, 1.0, 4.0]])


def counts(n=400, seed=0):
    rng = np.random.default_rng(seed)
    component = (rng.random(n) < 0.4).astype(int)
    return rng.poisson(RATES[component]).astype(float), component


def test_density_is_that_of_scipy():
    x, _ = counts()
    expected = poisson(RATES[None]).logpmf(x[:, None, :]).sum(axis=2)
    np.testing.assert_allclose(Poisson().log_density(x, RATES), expected, rtol=1e-12)


def test_a_rate_of_zero_forbids_events_and_nothing_else():
    density = Poisson().log_density(np.array([[0.0], [1.0]]), np.array([[0.0]]))
    assert density[0, 0] == 0.0
    assert density[1, 0] < -500.0


def test_one_component_is_the_mean():
    x, _ = counts()
    found = fit(Mixture(Poisson(), 1), blocks_of(x), FitOptions(n_starts=1)).best
    np.testing.assert_allclose(found.params.components[0], x.mean(axis=0), rtol=1e-12)


@pytest.mark.parametrize("stepper", [None, Squarem()])
def test_two_components_reach_the_optimum_of_a_plain_optimizer(stepper):
    x, component = counts()
    model, blocks = Mixture(Poisson(), 2), blocks_of(x)
    found = fit(model, blocks, FitOptions(n_starts=5, tolerance=0.0, max_iterations=2000), stepper=stepper).best

    def loss(vector):
        weight = 1.0 / (1.0 + np.exp(-vector[0]))
        log_rates = vector[1:].reshape(2, 3)
        joint = poisson(np.exp(log_rates)[None]).logpmf(x[:, None, :]).sum(axis=2) + np.log([weight, 1.0 - weight])
        return -np.logaddexp(joint[:, 0], joint[:, 1]).sum()

    rival = minimize(loss, np.concatenate([[0.0], np.log(RATES).ravel()]), method="BFGS")
    assert found.log_likelihood == pytest.approx(-rival.fun, abs=1e-5)
    assigned = model.infer(blocks[0], found.params).responsibilities.argmax(axis=1)
    assert max((assigned == component).mean(), (assigned != component).mean()) > 0.97


def test_the_prior_is_in_the_objective_and_in_the_step():
    x, _ = counts()
    family = Poisson(pseudo_events=3.0, pseudo_rows=2.0)
    model, blocks = Mixture(family, 1), blocks_of(x)
    best = fit(model, blocks, FitOptions(n_starts=1)).best.params
    np.testing.assert_allclose(best.components[0], (x.sum(axis=0) + 3.0) / (len(x) + 2.0), rtol=1e-12)
    top = evaluate(model, blocks, best).objective
    for factor in (0.999, 1.001):
        aside = MixtureParams(best.weights, best.components * factor)
        assert evaluate(model, blocks, aside).objective < top
