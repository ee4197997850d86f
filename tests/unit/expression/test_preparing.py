"""Preparation: each step against independent software, everything said aloud, and repeatable on new observations."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import zscore
from sklearn.decomposition import PCA
from sklearn.impute import KNNImputer

from emtools.errors import ConfigurationError, InputError
from emtools.expression.components import PrincipalComponents, enough_components
from emtools.expression.imputing import fill_from_nearest
from emtools.expression.preparing import Preparation, PreparingOptions, prepare
from emtools.expression.reading import Expression


def matrix(values: np.ndarray) -> Expression:
    n, p = values.shape
    return Expression(values, tuple(f"g{i}" for i in range(n)), tuple(f"s{j}" for j in range(p)), "x.tsv")


def with_holes(seed: int = 0, shape: tuple[int, int] = (30, 8)) -> np.ndarray:
    rng = np.random.default_rng(seed)
    values = rng.gamma(2.0, size=shape)
    values[rng.random(shape) < 0.1] = np.nan
    return values


@given(st.integers(0, 1000), st.integers(1, 12))
@settings(max_examples=25, deadline=None)
def test_nearest_neighbors_as_scikit_learn(seed: int, neighbors: int) -> None:
    x = with_holes(seed)
    np.testing.assert_allclose(
        fill_from_nearest(x, x, neighbors), KNNImputer(n_neighbors=neighbors).fit_transform(x), rtol=1e-12
    )


def test_standardized_genes_as_scipy() -> None:
    x = np.random.default_rng(0).normal(size=(20, 5))
    prepared = prepare(matrix(x), PreparingOptions())
    np.testing.assert_allclose(prepared.observations, zscore(x, axis=1), rtol=1e-12)
    assert prepared.messages == ()


def test_standardized_genes_where_samples_are_clustered() -> None:
    x = np.random.default_rng(0).normal(size=(20, 5))
    prepared = prepare(matrix(x), PreparingOptions(axis="samples"))
    np.testing.assert_allclose(prepared.observations, zscore(x, axis=1).T, rtol=1e-12)
    assert prepared.names == ("s0", "s1", "s2", "s3", "s4")


def test_quantiles_are_those_of_the_worked_example() -> None:
    # The example of Bolstad's method on Wikipedia (Quantile normalization), ties included.
    x = np.array([[5.0, 4, 3], [2, 1, 4], [3, 4, 6], [4, 2, 8]])
    prepared = prepare(matrix(x), PreparingOptions(transform=("quantile",)))
    expected = [[5.67, 5.17, 2.0], [2.0, 2.0, 3.0], [3.0, 5.17, 4.67], [4.67, 3.0, 5.67]]
    np.testing.assert_allclose(prepared.observations, expected, atol=0.005)


def test_the_logarithm_comes_first_and_then_missing_cells() -> None:
    x = np.array([[1.0, 3.0, np.nan], [7.0, 15.0, 31.0]])
    prepared = prepare(matrix(x), PreparingOptions(transform=("log2",), missing="mean"))
    np.testing.assert_array_equal(prepared.observations, [[1.0, 2.0, 1.5], [3.0, 4.0, 5.0]])


@pytest.mark.parametrize("axis", ["genes", "samples"])
@pytest.mark.parametrize("missing", ["knn", "mean"])
@pytest.mark.parametrize("transform", [(), ("zscore",), ("log2", "quantile", "zscore"), ("center",), ("quantile",)])
def test_a_preparation_survives_writing_and_repeats_itself(axis: str, missing: str, transform: tuple[str, ...]) -> None:
    expression = matrix(with_holes())
    prepared = prepare(expression, PreparingOptions(axis=axis, missing=missing, transform=transform))
    assert np.isfinite(prepared.observations).all()
    text = json.dumps(prepared.preparation.to_json(), default=lambda array: array.tolist())
    again = Preparation.from_json(json.loads(text), expression)
    np.testing.assert_array_equal(again.apply(expression.values), prepared.observations)


@pytest.mark.parametrize("axis", ["genes", "samples"])
def test_an_observation_is_prepared_alone_as_among_the_others(axis: str) -> None:
    expression = matrix(with_holes())
    prepared = prepare(expression, PreparingOptions(axis=axis, transform=("log2", "quantile", "zscore")))
    alone = expression.values[3:4] if axis == "genes" else expression.values[:, 3:4]
    np.testing.assert_allclose(prepared.preparation.apply(alone), prepared.observations[3:4], rtol=1e-12)


def test_what_is_left_out_is_said() -> None:
    x = np.array([[1.0, 2.0, 4.0], [3.0, 3.0, 3.0], [np.nan, 1.0, 2.0], [5.0, 2.0, 1.0]])
    prepared = prepare(matrix(x), PreparingOptions(missing="drop", constant="drop"))
    assert prepared.names == ("g0", "g3")
    assert prepared.messages == (
        "1 of 12 cells (8.3%) is missing, in 1 of 4 genes: these genes are left out.",
        "1 gene is constant over the samples (g1): left out.",
    )


def test_counts_are_told_from_logarithms() -> None:
    counts = np.array([[0.0, 250.0, 3.0], [4.0, 5.0, 1.0]])
    (hint,) = prepare(matrix(counts), PreparingOptions()).messages
    assert hint.startswith("No value is below 0, and the largest is 250: ")
    assert prepare(matrix(counts), PreparingOptions(transform=("log2", "zscore"))).messages == ()
    assert prepare(matrix(counts - 1.0), PreparingOptions()).messages == ()


@pytest.mark.parametrize(
    ("values", "options", "said"),
    [
        ([[1, 1, 1], [1, 2, 3]], {}, r"x.tsv: 1 gene is constant over the samples \(g0\) and cannot be standardized"),
        ([[0.1 + 0.2, 0.3, 0.3], [1, 2, 3]], {}, "1 gene is constant"),
        ([[1, 2, np.nan], [1, 2, 3]], {"missing": "error"}, "gene 'g0', sample 's2': the cell is missing"),
        ([[np.nan, np.nan], [1, 2]], {}, "the gene has no value at all: 'g0'"),
        ([[np.nan, 1], [np.nan, 2]], {"transform": ()}, "the sample has no value at all: 's0'"),
        ([[np.nan, 1], [np.nan, 2]], {"missing": "drop"}, "there are no genes without missing cells"),
        ([[1, -2, 3], [1, 2, 3]], {"transform": ("log2",)}, "gene 'g0', sample 's1': has no logarithm"),
        ([[1, 2, 3]], {}, "1 genes with 3 values each cannot be clustered"),
    ],
)
def test_what_cannot_be_prepared_is_told(values: list[list[float]], options: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        prepare(matrix(np.array(values, dtype=float)), PreparingOptions(**options))


@pytest.mark.parametrize("transform", [("zscores",), ("zscore", "zscore"), ("zscore", "log2")])
def test_a_transformation_that_makes_no_sense_is_told(transform: tuple[str, ...]) -> None:
    with pytest.raises(ConfigurationError, match="transform: "):
        PreparingOptions(transform=transform)


@pytest.mark.parametrize("shape", [(30, 6), (6, 30)])
def test_principal_components_as_scikit_learn(shape: tuple[int, int]) -> None:
    x = np.random.default_rng(1).normal(size=shape) + 5.0
    found, peer = PrincipalComponents.of(x), PCA(n_components=5).fit(x)
    np.testing.assert_allclose(found.variances[:5] * len(x) / (len(x) - 1), peer.explained_variance_, rtol=1e-10)
    np.testing.assert_allclose(np.abs(found.first(5).scores(x)), np.abs(peer.transform(x)), atol=1e-10)


def test_standardized_genes_lose_one_component() -> None:
    x = zscore(np.random.default_rng(2).normal(size=(50, 7)), axis=1)
    assert len(PrincipalComponents.of(x).variances) == 6


def test_components_beyond_the_broken_stick_are_enough() -> None:
    assert enough_components(np.array([3.0, 2.0])) == 2
    assert enough_components(np.ones(30)) == 4
    assert enough_components(np.array([10.0] * 7 + [0.1] * 23)) == 7


@pytest.mark.parametrize("size", [1e200, 1e-200])
def test_values_of_no_scale_are_refused(size):
    values = size * np.random.default_rng(0).normal(size=(5, 4))
    expression = Expression(values, tuple("abcde"), tuple("wxyz"), "huge.tsv")
    with pytest.raises(InputError, match=r"huge.tsv: the squares .* out of range.*\(give the values in another unit\)"):
        prepare(expression, PreparingOptions())
