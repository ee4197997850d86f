"""What a family of distributions must offer, and a base for those that need nothing special."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from emtools.em.protocol import Sums
from emtools.models.assignment import Assignment
from emtools.models.observations import Observations

Components = TypeVar("Components")
Moments = TypeVar("Moments", bound=Sums)
MomentsOut = TypeVar("MomentsOut", bound=Sums, covariant=True)


class View(Protocol[MomentsOut]):
    """One block of rows under given components, as the E-step of a mixture sees it.

    Attributes
    ----------
    joint : ndarray of shape (k, n)
        ``log weight + log density`` less what all components share in a row.
    shared : float
        The sum over the rows of what was left out of `joint`.
    """

    joint: NDArray[np.floating]
    shared: float

    def moments(self, responsibilities: NDArray[np.floating], counts: NDArray[np.float64], /) -> MomentsOut:
        """The moments of the block from responsibilities (k, n) and their row sums."""
        ...


@dataclass(frozen=True, slots=True)
class AssignedSums(Generic[MomentsOut]):
    """What an E-step of one block adds up.

    Attributes
    ----------
    log_likelihood : float
    counts : ndarray of shape (k,)
        The sums of the responsibilities.
    moments
        Those of the family.
    """

    log_likelihood: float
    counts: NDArray[np.float64]
    moments: MomentsOut


class Family(Protocol[Components, Moments]):
    """The distribution of the observations of one component; serves mixtures and hidden Markov models alike."""

    def start(self, x: NDArray[np.floating], n_components: int, rng: np.random.Generator, /) -> Components:
        """Components to start from; `x` has shape (n, n_columns)."""
        ...

    def log_density(self, x: NDArray[np.floating], components: Components, /) -> NDArray[np.floating]:
        """``log p(x | z)`` of shape (n, n_components)."""
        ...

    def accumulate(
        self, x: NDArray[np.floating], responsibilities: NDArray[np.floating], components: Components, /
    ) -> Moments:
        """Weighted sums over the rows of `x`; responsibilities have shape (n, n_components)."""
        ...

    def view(
        self, x: NDArray[np.floating], components: Components, log_weights: NDArray[np.float64], /
    ) -> View[Moments]:
        """A block for one E-step."""
        ...

    def assigned_sums(
        self, block: Observations, components: Components, log_weights: NDArray[np.float64], policy: Assignment, /
    ) -> AssignedSums[Moments] | None:
        """The E-step of a block without labels in one pass, or None where a view has to do it."""
        ...

    def update(self, moments: Moments, components: Components, /) -> Components:
        """The components that maximize the expected log density plus log prior."""
        ...

    def log_prior(self, components: Components, /) -> float:
        """The log prior density of the components, up to a constant."""
        ...

    def n_parameters(self, components: Components, /) -> int:
        """Free parameters of all components together."""
        ...

    def to_vector(self, components: Components, /) -> NDArray[np.float64]:
        """The components as a vector in which every value is allowed."""
        ...

    def from_vector(self, vector: NDArray[np.float64], components: Components, /) -> Components:
        """The components back from a vector; those given lend its layout."""
        ...


class PlainFamily:
    """Base of a family whose densities and moments share no work: it needs no view of its own."""

    __slots__ = ()

    def view(self, x: NDArray[np.floating], components: Any, log_weights: NDArray[np.float64]) -> PlainView[Any]:
        """A block by `log_density` and `accumulate`."""
        return PlainView(self, x, components, log_weights)

    def assigned_sums(self, block: Any, components: Any, log_weights: Any, policy: Assignment) -> None:
        """None: there is no faster way than the view."""


class PlainView(Generic[Moments]):
    """A block by `log_density` and `accumulate` of a family."""

    def __init__(self, family: Any, x: NDArray[np.floating], components: Any, log_weights: NDArray[np.float64]) -> None:
        self._family, self._x, self._components = family, x, components
        self.joint = np.ascontiguousarray(family.log_density(x, components).T)
        self.joint += log_weights.astype(self.joint.dtype)[:, None]
        self.shared = 0.0

    def moments(self, responsibilities: NDArray[np.floating], counts: NDArray[np.float64]) -> Moments:
        """The moments of the block."""
        moments: Moments = self._family.accumulate(self._x, responsibilities.T, self._components)
        return moments
