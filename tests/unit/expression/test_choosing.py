"""The choice of clusters: each clause of the rule, and what the sweep and the half-samples say on simulated truth."""

import numpy as np
import pytest

from emtools.em import FitOptions, Threads
from emtools.errors import ConfigurationError, InputError
from emtools.expression.choosing import Choice, Judged, choose, judge, sentence, worth_judging
from emtools.expression.clustering import ClusteringOptions, cluster
from emtools.expression.fitted import FittedMixture
from emtools.expression.merging import Level
from emtools.expression.partitions import adjusted_rand_index
from emtools.expression.preparing import Prepared, PreparingOptions, prepare
from emtools.expression.reading import Expression
from emtools.expression.searching import Candidate, best_of, sweep

SEARCH = FitOptions(n_starts=4, n_long=1, short_iterations=10, tolerance=1e-5)


def candidate(family: str = "EEE", n_components: int = 3, bic: float = 0.0) -> Candidate:
    mixture = FittedMixture(np.ones(1), np.zeros((1, 1)), np.ones((1, 1, 1)))
    return Candidate(family, n_components, mixture, -bic / 2, 1, bic, bic, bic, "converged")


def judged(
    overlap: list[float],
    agreement: list[float],
    recovery: list[float] | None = None,
    family: str = "EEE",
    bic: float = 0.0,
) -> Judged:
    """Levels from one cluster on; the one cluster itself overlaps with nothing and is always found again."""
    path = [Level(np.minimum(np.arange(len(overlap) + 1), n), n + 1, value) for n, value in enumerate([0.0, *overlap])]
    again = np.array([1.0, *(recovery or [0.7] * len(overlap))])
    return Judged(candidate(family, len(path), bic), tuple(path), np.array([1.0, *agreement]), again)


def chosen(*all_judged: Judged, allowed: range = range(1, 13), least_icl: int = 2) -> int:
    return choose(all_judged, allowed, least_icl).n_clusters


def test_the_finest_of_those_that_agree_as_well_is_chosen() -> None:
    assert chosen(judged([0.0, 0.0, 0.0], [1.0, 0.98, 0.9])) == 3


def test_clusters_that_are_confused_are_not_counted() -> None:
    assert chosen(judged([0.05, 0.11], [0.9, 0.9])) == 2


def test_a_partition_with_a_dissolved_cluster_is_not_counted() -> None:
    assert chosen(judged([0.0, 0.0], [0.9, 0.9], [0.7, 0.59])) == 2
    assert chosen(judged([0.0, 0.0], [0.9, 0.9], [0.5, 0.59])) == 1


def test_a_coarse_partition_that_is_confused_is_no_yardstick() -> None:
    assert chosen(judged([0.2, 0.0], [1.0, 0.8])) == 3


def test_distinct_and_highly_stable_components_of_least_bic_are_the_clusters() -> None:
    least = judged([0.0, 0.0], [1.0, 0.9], [1.0, 0.86], bic=-9.0)
    assert chosen(least, judged([0.0], [1.0])) == 3
    assert chosen(judged([0.0, 0.0], [1.0, 0.9], [1.0, 0.84], bic=-9.0), judged([0.0], [1.0])) == 2
    assert chosen(judged([0.0, 0.11], [1.0, 0.9], [1.0, 0.86], bic=-9.0), judged([0.0], [1.0])) == 2
    assert chosen(least, judged([0.0], [1.0]), allowed=range(1, 3)) == 2


def test_one_component_of_least_icl_is_one_cluster_unless_others_were_asked_for() -> None:
    good = judged([0.0], [0.9], [0.8])
    assert chosen(good) == 2
    assert chosen(good, least_icl=1) == 1
    assert chosen(good, least_icl=1, allowed=range(2, 4)) == 2
    assert chosen(judged([0.0], [0.9], [0.9]), least_icl=1) == 2


def test_of_equally_fine_partitions_the_one_found_again_best_is_chosen() -> None:
    good, better = judged([0.0], [0.95], family="VVV", bic=-10.0), judged([0.0], [0.97], family="EEE")
    assert choose([good, better], range(1, 5), 2).judged is better


def test_what_was_asked_for_is_given_and_told_as_not_stable() -> None:
    choice = choose([judged([0.3, 0.3], [0.4, 0.5])], range(2, 4), 2)
    assert (choice.n_clusters, choice.stable) == (3, False)
    assert "these are not stable clusters" in sentence(choice, "stability", [candidate(bic=-1.0)] * 2, range(2, 4))


def test_one_cluster_is_told_with_its_reason() -> None:
    one = Choice(judged([0.3], [0.4]), 1)
    by_icl = [candidate(n_components=1), candidate(bic=1.0)]
    assert "one component had the least ICL" in sentence(one, "stability", by_icl, range(1, 4))
    assert "none splits the data" in sentence(one, "stability", [candidate(), candidate(bic=1.0)], range(1, 4))


def test_the_sentence_of_a_number_asked_for_says_so() -> None:
    choice = Choice(judged([0.0, 0.01], [1.0, 0.9]), 3)
    said = sentence(choice, "stability", [candidate()] * 2, range(3, 4))
    assert said.endswith("at most 1.0% of one are taken for another; so many were asked for.")
    assert sentence(choice, "bic", [candidate()] * 2, range(3, 4)).endswith("which had the least BIC of 2 candidates.")


def test_two_families_are_judged_for_each_number_of_components() -> None:
    candidates = [
        *(candidate(family, 1, 9.0) for family in ("EII", "EEE")),
        *(candidate(family, 2, bic) for family, bic in (("EII", 5.0), ("EEE", 4.0), ("VVV", 3.0), ("VII", 2.0))),
        candidate("EEE", 3, 6.0),
    ]
    assert [one.name for one in worth_judging(candidates)] == [("EII", 1), ("EEE", 2), ("VII", 2)]


def islands(n: int = 90) -> tuple[np.ndarray, np.ndarray]:
    groups = np.arange(n) % 3
    return 6.0 * np.eye(3)[groups] + np.random.default_rng(0).normal(size=(n, 3)), groups


def test_with_one_component_families_that_are_the_same_are_fitted_once() -> None:
    x, _ = islands()
    names = [one.name for one in sweep(x, ("EII", "VII", "VEI", "EEI", "VVV", "EEE"), (1, 2), SEARCH)]
    assert [name for name in names if name[1] == 1] == [("EII", 1), ("VEI", 1), ("VVV", 1)]
    assert len(names) == 9


def test_the_criteria_are_those_of_the_definitions() -> None:
    x, groups = islands()
    candidates = sweep(x, ("EII", "kmeans"), (2, 3), SEARCH)
    best = best_of(candidates, "bic")
    assert best.n_components == 3
    assert adjusted_rand_index(best.fitted.responsibilities(x).argmax(axis=1), groups) == 1.0
    for one in candidates:
        assert one.n_parameters == (one.n_components * 4 if one.family == "EII" else one.n_components * 3 + 1)
        np.testing.assert_allclose(one.bic, -2 * one.log_likelihood + one.n_parameters * np.log(90))
        assert one.icl >= one.bic


def test_k_means_has_the_log_likelihood_of_its_hard_assignment() -> None:
    x, groups = islands()
    (found,) = sweep(x, ("kmeans",), (3,), SEARCH)
    means = np.array([x[groups == group].mean(axis=0) for group in range(3)])
    variance = ((x - means[groups]) ** 2).mean()
    density = -1.5 * np.log(2 * np.pi * variance) - ((x - means[groups]) ** 2).sum(axis=1) / (2 * variance)
    np.testing.assert_allclose(found.log_likelihood, (density - np.log(3)).sum())


def test_half_samples_know_the_number_of_islands_on_any_number_of_threads() -> None:
    x, _ = islands()
    wrong, right = (judge(x, one, SEARCH) for one in sweep(x, ("EII",), (2, 3), SEARCH))
    assert right.agreement[2] > 0.95 > wrong.agreement[1]
    # Of two clusters one is an island, another time found alone or with a second one; so both dissolve now and then.
    assert right.recovery[2] > 0.95 > wrong.recovery[1]
    again = judge(x, right.candidate, SEARCH, Threads(2))
    np.testing.assert_array_equal(again.agreement, right.agreement)
    np.testing.assert_array_equal(again.recovery, right.recovery)


def observed(x: np.ndarray, **options: object) -> Prepared:
    genes, samples = (tuple(f"{letter}{i}" for i in range(n)) for letter, n in zip("gs", x.shape, strict=True))
    return prepare(Expression(x, genes, samples, "x.tsv"), PreparingOptions(transform=(), **options))


def test_every_order_of_the_genes_gives_the_same_clusters() -> None:
    x, groups = islands()
    order = np.random.default_rng(1).permutation(len(x))
    options = ClusteringOptions(families=("EII", "VVI"), counts=range(1, 5), restarts=5)
    for data, truth in ((x, groups), (x[order], groups[order])):
        assert adjusted_rand_index(cluster(observed(data), options).labels, truth) == 1.0


def test_too_many_clusters_and_unknown_families_are_told() -> None:
    x, _ = islands(12)
    with pytest.raises(InputError, match="13 clusters are asked for, and there are only 12 genes"):
        cluster(observed(x), ClusteringOptions(counts=[13]))
    with pytest.raises(ConfigurationError, match="there is no such family: 'XYZ'"):
        cluster(observed(x), ClusteringOptions(families=("XYZ",)))
    with pytest.raises(InputError, match="all observations are the same"):
        cluster(observed(np.ones((6, 3))), ClusteringOptions(counts=[1]))
