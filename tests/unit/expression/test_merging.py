"""Merging and comparing partitions, against independent software and by their properties."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.metrics import adjusted_rand_score

from emtools.expression.merging import merge_path, misclassification
from emtools.expression.partitions import adjusted_rand_index

groups = hnp.arrays(np.int64, st.just(25), elements=st.integers(0, 4))


@given(groups, groups)
def test_the_adjusted_rand_index_is_that_of_scikit_learn(first: np.ndarray, second: np.ndarray) -> None:
    np.testing.assert_allclose(adjusted_rand_index(first, second), adjusted_rand_score(first, second), atol=1e-12)


def test_the_adjusted_rand_index_does_not_overflow() -> None:
    many = np.arange(200_000) % 3
    assert adjusted_rand_index(many, many) == 1.0


responsibilities = st.tuples(st.integers(1, 6), st.integers(0, 10_000)).map(
    lambda drawn: np.random.default_rng(drawn[1]).dirichlet(np.full(drawn[0], 0.2), size=40)
)


@given(responsibilities)
def test_a_path_merges_one_pair_at_a_time(r: np.ndarray) -> None:
    path = merge_path(r)
    assert [level.n_clusters for level in path] == list(range(1, r.shape[1] + 1))
    for coarse, fine in pairwise(path):
        pairs = set(zip(fine.groups.tolist(), coarse.groups.tolist(), strict=True))
        assert len(pairs) == fine.n_clusters
        assert set(coarse.groups.tolist()) == set(range(coarse.n_clusters))
        np.testing.assert_allclose(coarse.pooled(r).sum(axis=1), 1.0)
    assert path[-1].overlap == misclassification(r).max()


def test_the_two_that_are_confused_are_merged_first() -> None:
    r = np.array([[0.6, 0.4, 0.0]] * 5 + [[0.4, 0.6, 0.0]] * 5 + [[0.0, 0.0, 1.0]] * 5)
    assert merge_path(r)[1].groups.tolist() == [0, 0, 1]
    assert merge_path(r)[2].overlap == 0.4
