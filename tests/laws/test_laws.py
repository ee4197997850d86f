"""The laws of the engine, over every registered model; and that each law can tell a model that breaks it."""

from dataclasses import replace

import numpy as np
import pytest

from emtools.em import laws
from emtools.models import REGISTRY, binomial_mixture, blocks_of
from emtools.models.mixture import Mixture


@pytest.mark.parametrize("name", REGISTRY)
@pytest.mark.parametrize("seed", [0, 1])
def test_every_registered_model_keeps_the_laws(name, seed):
    laws.check(*REGISTRY[name].example(np.random.default_rng(seed)))


class Averaging(Mixture):
    """Returns a mean where a sum is due."""

    def expect(self, block, params):
        stats = super().expect(block, params)
        return replace(stats, counts=stats.counts / stats.weight)


class Sinking(Mixture):
    """Steps away from the maximum."""

    def maximize(self, stats, params):
        after = super().maximize(stats, params)
        return replace(after, components=np.clip(after.components - 0.05, 0.01, 0.99))


class Remembering(Mixture):
    """Changes its parameters in place."""

    def expect(self, block, params):
        params.components[0] *= 0.999
        return super().expect(block, params)


class Drawing(Mixture):
    """Draws from a source that nobody seeded."""

    def initialize(self, blocks, rng):
        return super().initialize(blocks, np.random.default_rng())


class Flattering(Mixture):
    """Has a prior that depends on the call, so that no objective can be repeated."""

    def log_prior(self, params):
        return -float(np.random.default_rng().random())


@pytest.mark.parametrize(
    ("breaker", "law"),
    [
        (Averaging, "not additive"),
        (Sinking, "not monotone"),
        (Remembering, "not pure"),
        (Drawing, "not the same"),
        (Flattering, "not monotone|not the same|of other parameters"),
    ],
)
def test_a_model_that_breaks_a_law_is_told(breaker, law):
    _, blocks, whole = REGISTRY["binomial"].example(np.random.default_rng(0))
    honest = binomial_mixture(2)
    with pytest.raises(AssertionError, match=law):
        laws.check(breaker(honest.family, 2), blocks, whole)


def test_blocks_are_views_of_the_data_and_not_copies():
    x = np.zeros((10, 3))
    assert all(np.shares_memory(block.x, x) for block in blocks_of(x, rows=4))
