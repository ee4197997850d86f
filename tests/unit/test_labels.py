"""Labels decide which component is which from the start on."""

import numpy as np
import pytest

from emtools.errors import NumericalError
from emtools.models import blocks_of, gaussian_mixture

CENTERS = np.array([[0.0, 0.0], [20.0, 0.0], [0.0, 20.0], [20.0, 20.0]])


@pytest.mark.parametrize("seed", range(6))
def test_one_labeled_row_names_the_component_of_its_neighbors(seed):
    rng = np.random.default_rng(seed)
    truth = np.repeat(np.arange(4), 30)
    x = CENTERS[truth] + rng.normal(size=(120, 2))
    labels = np.full(120, -1)
    labels[[95, 5, 40]] = [0, 1, 2]
    start = gaussian_mixture(4).initialize(blocks_of(x, labels, rows=32), rng)
    np.testing.assert_allclose(start.components.means, CENTERS[[3, 0, 1, 2]], atol=1.5)
    np.testing.assert_allclose(start.weights, 0.25, atol=0.02)


def test_with_every_label_known_the_start_is_maximum_likelihood():
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(60, 2)), rng.integers(3, size=60)
    start = gaussian_mixture(3).initialize(blocks_of(x, labels, rows=25), rng)
    for component in range(3):
        rows = x[labels == component]
        np.testing.assert_allclose(start.components.means[component], rows.mean(axis=0), rtol=1e-12)
        np.testing.assert_allclose(start.components.covariances[component], np.cov(rows.T, bias=True), rtol=1e-9)


def test_a_label_without_a_component_is_an_error():
    blocks = blocks_of(np.arange(8.0).reshape(4, 2), [0, -1, 5, 1])
    with pytest.raises(NumericalError, match="a label is not below the number of components: 5"):
        gaussian_mixture(2, "EII").initialize(blocks, np.random.default_rng(0))
