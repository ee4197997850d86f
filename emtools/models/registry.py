"""The only list of the models: the laws run over it, and so does whoever wants to know what there is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emtools.models.assignment import Assignment
from emtools.models.families.binomial import Binomial
from emtools.models.families.covariance import NAMES, Structure
from emtools.models.families.gaussian import Gaussian, WishartPrior
from emtools.models.families.poisson import Poisson
from emtools.models.lloyd import kmeans
from emtools.models.mixture import Mixture
from emtools.models.motif import MotifModel, Occurrence, SiteBlock
from emtools.models.observations import blocks_of

Example = tuple[Any, Sequence[Any], Any]


@dataclass(frozen=True, slots=True)
class RegisteredModel:
    """A model by name.

    Attributes
    ----------
    describe : str
        One line.
    example : callable
        From a Generator: the model, data in blocks, and the same data as one block.
    """

    describe: str
    example: Callable[[np.random.Generator], Example]


def _islands(rng: np.random.Generator) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Three Gaussian clusters in four columns, far from the origin."""
    centers = 1e4 + rng.normal(scale=3.0, size=(3, 4))
    return centers[rng.integers(3, size=300)] + rng.normal(size=(300, 4)) @ np.diag([0.5, 1.0, 1.5, 0.8])


def _mixture_example(model: Any, x: Any) -> Example:
    return model, blocks_of(x, rows=64), blocks_of(x, rows=len(x))[0]


def _binomial(assignment: Assignment, rng: np.random.Generator) -> Example:
    trials = rng.integers(5, 20, size=200).astype(float)
    successes = rng.binomial(trials.astype(int), rng.choice([0.2, 0.7], size=200)).astype(float)
    return _mixture_example(Mixture(Binomial(1.0, 1.0), 2, assignment), np.column_stack([successes, trials]))


def _gaussian(name: str, assignment: Assignment, rng: np.random.Generator) -> Example:
    x = _islands(rng)
    family = Gaussian(Structure.named(name), WishartPrior.weak(x, 3))
    return _mixture_example(Mixture(family, 3, assignment), x)


def _poisson(rng: np.random.Generator) -> Example:
    rates = rng.gamma(2.0, 3.0, size=(3, 4))
    return _mixture_example(Mixture(Poisson(), 3), rng.poisson(rates[rng.integers(3, size=300)]))


def _motif(occurrence: Occurrence, rng: np.random.Generator, highest_occupancy: float = 1.0) -> Example:
    """Random sequences with a word of six letters in most of them."""
    width, sequences = 6, [rng.integers(4, size=40) for _ in range(12)]
    for sequence in sequences[:9]:
        sequence[10 : 10 + width] = [0, 1, 2, 3, 0, 0]
    model = MotifModel(occurrence, width, np.full(4, 0.25), np.array([3, 2, 1, 0]), highest_occupancy=highest_occupancy)
    return model, [_sites(sequences[:7], width), _sites(sequences[7:], width)], _sites(sequences, width)


def _sites(sequences: Sequence[NDArray[np.int64]], width: int) -> SiteBlock:
    """Sequences as the motif models see them, their words one letter long."""
    lengths = np.array([len(sequence) for sequence in sequences])
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    letters = np.concatenate([*sequences, np.zeros(width)]).astype(np.uint16)
    odds = np.concatenate([np.arange(n) <= n - width for n in lengths]).astype(np.float32)
    return SiteBlock(letters, odds, offsets, (lengths - width + 1.0), 1, np.array([3, 2, 1, 0]))


def _kmeans(rng: np.random.Generator) -> Example:
    return _mixture_example(kmeans(3), _islands(rng))


REGISTRY: dict[str, RegisteredModel] = {
    "binomial": RegisteredModel("binomial mixture", partial(_binomial, Assignment.SOFT)),
    "binomial-hard": RegisteredModel("binomial mixture, hard assignment", partial(_binomial, Assignment.HARD)),
    **{
        f"gaussian-{name}": RegisteredModel(f"Gaussian mixture, {name}", partial(_gaussian, name, Assignment.SOFT))
        for name in NAMES
    },
    "gaussian-VVV-hard": RegisteredModel(
        "Gaussian mixture, VVV, hard assignment", partial(_gaussian, "VVV", Assignment.HARD)
    ),
    "poisson": RegisteredModel("Poisson mixture", _poisson),
    "kmeans": RegisteredModel("k-means", _kmeans),
    **{
        f"motif-{occurrence}": RegisteredModel(f"motif, {occurrence.upper()}", partial(_motif, occurrence))
        for occurrence in Occurrence
    },
    "motif-zoops-bounded": RegisteredModel(
        "motif, ZOOPS, in a third of the sequences at most", partial(_motif, Occurrence.ZOOPS, highest_occupancy=0.33)
    ),
    "motif-anr-bounded": RegisteredModel(
        "motif, ANR, a site in 200 letters at most", partial(_motif, Occurrence.ANR, highest_occupancy=0.005)
    ),
}
