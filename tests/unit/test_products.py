"""Products of small results, sums that a block remembers, and inverses of triangles, against plain code."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emtools.kernels.products import MOST_RESULTS, add_weighted, differences, in_parts, joined, rooms, scores
from emtools.kernels.triangular import whitening_of
from emtools.models import Observations, blocks_of

SHAPES = st.tuples(st.integers(1, 90), st.integers(1, 90), st.integers(1, 40), st.integers(0, 2**32 - 1))


@given(SHAPES)
@settings(max_examples=80, deadline=None)
def test_products_in_parts_are_those_of_plain_code(shape):
    k, d, n, seed = shape
    rng = np.random.default_rng(seed)
    x, origin, coefficients, constants = (rng.normal(size=size) for size in ((n, d), d, (k, d), k))
    parts = in_parts.py_func(coefficients)
    n_parts, _, width = parts.shape
    assert n_parts == 1 or k * width <= max(MOST_RESULTS, 16 * k)
    columns, joint, room = rooms.py_func(parts, n)
    differences(x, origin, columns.reshape(n_parts * width, n))
    scores(parts, constants, columns, room, joint)
    z = x - origin
    np.testing.assert_allclose(joint, coefficients @ z.T + constants[:, None], rtol=1e-11, atol=1e-11)
    sums = np.zeros(parts.shape)
    add_weighted(joint, columns, np.empty((k, width)), sums)
    np.testing.assert_allclose(joined.py_func(sums, d), joint @ z, rtol=1e-11, atol=1e-10)


@given(st.integers(1, 5), st.integers(1, 30), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_whitening_is_a_factor_of_the_inverse(k, d, seed):
    roots = np.random.default_rng(seed).normal(size=(k, d, d)) + 3.0 * np.sqrt(d) * np.eye(d)
    covariances = roots @ np.swapaxes(roots, 1, 2)
    whitening, log_determinants = whitening_of(covariances)
    np.testing.assert_allclose(
        whitening @ np.swapaxes(whitening, 1, 2), np.linalg.inv(covariances), rtol=1e-8, atol=1e-12
    )
    np.testing.assert_allclose(log_determinants, np.linalg.slogdet(covariances)[1], rtol=1e-10, atol=1e-10)
    assert (np.tril(whitening, -1) == 0.0).all()


def test_what_is_not_positive_definite_is_refused():
    with pytest.raises(np.linalg.LinAlgError):
        whitening_of(np.array([np.eye(2), [[1.0, 2.0], [2.0, 1.0]]]))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_products_are_remembered_for_an_origin_and_are_no_part_of_the_data(dtype):
    x = np.random.default_rng(0).normal(size=(300, 4)).astype(dtype)
    (block,) = blocks_of(x)
    before = pickle.dumps(block)
    first = block.products(np.ones(4))
    np.testing.assert_allclose(first, (x - 1.0).T.astype(np.float64) @ (x - 1.0), rtol=1e-6)
    assert block.products(np.ones(4)) is first
    np.testing.assert_allclose(block.products(np.zeros(4)), x.T.astype(np.float64) @ x, rtol=1e-6)
    np.testing.assert_array_equal(block.products(np.ones(4)), first)
    assert pickle.dumps(block) == before
    np.testing.assert_array_equal(pickle.loads(before).x, x)


def test_products_that_are_large_beside_their_rows_are_not_remembered():
    block = Observations(np.random.default_rng(0).normal(size=(10, 30)))
    origin = np.zeros(30)
    assert block.products(origin) is not block.products(origin)
