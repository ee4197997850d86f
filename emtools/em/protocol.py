"""What a model must be able to do so that the engine can fit it, and the sums that pass between the two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Block = TypeVar("Block")
Params = TypeVar("Params")
BlockIn = TypeVar("BlockIn", contravariant=True)
StatsT = TypeVar("StatsT", bound="Stats")


@dataclass(frozen=True, slots=True)
class Sums:
    """Numbers and arrays that are sums over observations, and therefore add up field by field.

    Examples
    --------
    >>> @dataclass(frozen=True, slots=True)
    ... class Tosses(Sums):
    ...     heads: float
    ...     tails: float
    >>> Tosses(3.0, 1.0) + Tosses(1.0, 2.0)
    Tosses(heads=4.0, tails=3.0)
    """

    def __add__(self, other: Self) -> Self:
        return type(self)(*[getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__])


@dataclass(frozen=True, slots=True)
class Stats(Sums):
    """Expected sufficient statistics: each field is a SUM over observations, never a mean, never a prior.

    Attributes
    ----------
    log_likelihood : float
        Sum of ``log p(x | params)`` in nats; under hard assignment the sum of ``max_z log p(x, z | params)``.
    weight : float
        The number of observations (or the sum of their weights).
    """

    log_likelihood: float
    weight: float


class Model(Protocol[BlockIn, Params, StatsT]):
    """The four functions the engine calls: E is a map over blocks, M works on the folded sum.

    None of them may change its arguments or remember anything between calls: the engine counts on it for
    restarts, threads and re-runs that give the same bits.
    """

    def initialize(self, blocks: Sequence[BlockIn], rng: np.random.Generator, /) -> Params:
        """Parameters to start from."""
        ...

    def expect(self, block: BlockIn, params: Params, /) -> StatsT:
        """E-step on one block."""
        ...

    def maximize(self, stats: StatsT, params: Params, /) -> Params:
        """M-step from the folded sum; the previous parameters serve generalised EM, freezing and empty components."""
        ...

    def log_prior(self, params: Params, /) -> float:
        """The log prior density up to a constant; 0.0 for maximum likelihood."""
        ...


@runtime_checkable
class Vectorized(Protocol):
    """Ability: parameters as an unconstrained vector, by bijections (what acceleration works on)."""

    def to_vector(self, params: Any, /) -> NDArray[np.float64]:
        """The parameters as a vector in which every value is allowed."""
        ...

    def from_vector(self, vector: NDArray[np.float64], params: Any, /) -> Any:
        """The parameters back from a vector; `params` lends what the vector does not hold."""
        ...


@dataclass(frozen=True, slots=True)
class Inference:
    """What a fitted model says of the observations of one block.

    Attributes
    ----------
    responsibilities : ndarray of shape (n, n_components), float64
        ``p(z | x, params)``; rows sum to one.
    log_likelihood : ndarray of shape (n,), float64
        ``log p(x | params)`` of each observation, in nats.
    """

    responsibilities: NDArray[np.float64]
    log_likelihood: NDArray[np.float64]


@runtime_checkable
class Inferring(Protocol):
    """Ability: the hidden variables of new observations under fitted parameters."""

    def infer(self, block: Any, params: Any, /) -> Inference:
        """Responsibilities and log-likelihood of every observation of the block."""
        ...
