"""Where starts come from."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.metrics import adjusted_rand_score

from emtools.em import FitOptions, fit
from emtools.models import blocks_of, gaussian_mixture, kmeans
from emtools.models.seeding import Seeding, kmeans_plus_plus, partition


def islands(n=60, k=4, seed=0):
    rng = np.random.default_rng(seed)
    truth = np.repeat(np.arange(k), n)
    return 10.0 * np.eye(k)[truth] + rng.normal(size=(n * k, k)), truth


@pytest.mark.parametrize("seeding", [Seeding.KMEANS, Seeding.HIERARCHICAL])
@pytest.mark.parametrize("seed", range(3))
def test_islands_are_found_at_once(seeding, seed):
    x, truth = islands()
    assert adjusted_rand_score(truth, partition(x, 4, np.random.default_rng(seed), seeding)) == 1.0


def test_hierarchical_groups_are_those_of_ward():
    x = np.random.default_rng(5).normal(size=(40, 2))
    theirs = fcluster(linkage((x - x.mean(axis=0)) / x.std(axis=0), "ward"), 3, criterion="maxclust")
    centers = np.stack([x[theirs == g].mean(axis=0) for g in (1, 2, 3)])
    nearest = (((x[:, None] - centers) / x.std(axis=0)) ** 2).sum(axis=2).argmin(axis=1)
    seed = next(s for s in range(20) if np.random.default_rng(s).random() < 0.5)
    ours = partition(x, 3, np.random.default_rng(seed), Seeding.HIERARCHICAL)
    assert adjusted_rand_score(nearest, ours) == 1.0


def test_k_means_plus_plus_spreads_better_than_chance():
    x, truth = islands(k=8)
    hit = [
        len({truth[np.abs(x - c).sum(axis=1).argmin()] for c in kmeans_plus_plus(x, 8, np.random.default_rng(s))})
        for s in range(20)
    ]
    assert np.mean(hit) > 7.5
    chance = [len(set(np.random.default_rng(s).choice(truth, 8))) for s in range(20)]
    assert np.mean(chance) < 6.5


@pytest.mark.parametrize("seeding", list(Seeding))
@pytest.mark.parametrize("make", [gaussian_mixture, kmeans])
def test_every_seeding_starts_every_model(seeding, make):
    x, _ = islands()
    runs = fit(make(4, seeding=seeding), blocks_of(x), FitOptions(n_starts=5, n_long=5)).runs
    assert all(run.converged for run in runs)


@pytest.mark.parametrize("seeding", list(Seeding))
def test_as_many_groups_as_rows_and_rows_that_are_all_alike(seeding):
    rng = np.random.default_rng(0)
    assert partition(np.arange(3.0)[:, None], 3, rng, seeding).max() <= 2
    assert partition(np.ones((5, 2)), 2, rng, seeding).tolist() == [0] * 5
