"""The steps of a preparation. Each keeps what it learned, so that it can be repeated on new observations.

A step works on the matrix of genes by samples. What a gene-wise step needs is learned and kept where samples are
clustered (new samples bring no statistics of a gene); where genes are clustered, a new gene brings its own row.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from emtools.expression.imputing import fill_from_nearest

#: How many similar observations a missing cell is averaged over: Troyanskaya et al. 2001 find 10 to 20 best.
NEIGHBORS = 10

Matrix = NDArray[np.float64]
Column = NDArray[np.float64] | None


class Step(Protocol):
    """Something done to a matrix of genes by samples."""

    name: ClassVar[str]

    def apply(self, values: Matrix) -> Matrix:
        """The matrix after the step."""
        ...


@dataclass(frozen=True, slots=True)
class Logarithm:
    """The logarithm to base 2 after adding a pseudo-count."""

    name: ClassVar[str] = "log2"
    pseudo_count: float

    def apply(self, values: Matrix) -> Matrix:
        """``log2(values + pseudo_count)``."""
        return np.log2(values + self.pseudo_count)


@dataclass(frozen=True, slots=True)
class FillMeans:
    """Missing cells become the mean of their gene."""

    name: ClassVar[str] = "fill_means"
    means: Column

    @classmethod
    def learn(cls, values: Matrix, axis: str) -> Self:
        """The means of the genes, where samples are clustered."""
        return cls(np.nanmean(values, axis=1) if axis == "samples" else None)

    def apply(self, values: Matrix) -> Matrix:
        """The matrix without missing cells."""
        if not np.isnan(values).any():
            return values
        means = np.nanmean(values, axis=1) if self.means is None else self.means
        return np.where(np.isnan(values), means[:, None], values)


@dataclass(frozen=True, slots=True)
class FillNearest:
    """Missing cells become the mean over the most similar genes (or samples, where samples are clustered)."""

    name: ClassVar[str] = "fill_nearest"
    axis: str
    donors: Matrix

    @classmethod
    def learn(cls, values: Matrix, axis: str) -> Self:
        """The matrix itself: the donors."""
        return cls(axis, values)

    def apply(self, values: Matrix) -> Matrix:
        """The matrix without missing cells."""
        if not np.isnan(values).any():
            return values
        if self.axis == "samples":
            return fill_from_nearest(values.T, self.donors.T, NEIGHBORS).T
        return fill_from_nearest(values, self.donors, NEIGHBORS)


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Every sample gets the same distribution: the mean over samples of the sorted values.

    Bolstad et al. 2003, Bioinformatics 19:185; tied values get the mean of their places. A new gene is placed in each
    known sample by interpolation; a new sample is ranked by itself.
    """

    name: ClassVar[str] = "quantile"
    axis: str
    learned: Matrix

    @classmethod
    def learn(cls, values: Matrix, axis: str) -> Self:
        """The sorted values of each sample."""
        return cls(axis, np.sort(values, axis=0))

    def apply(self, values: Matrix) -> Matrix:
        """The matrix with the distribution learned."""
        reference = self.learned.mean(axis=1)
        by = np.sort(values, axis=0) if self.axis == "samples" else self.learned
        return np.column_stack(
            [_placed(column, ordered, reference) for column, ordered in zip(values.T, by.T, strict=True)]
        )


@dataclass(frozen=True, slots=True)
class Center:
    """The mean of each gene is taken off."""

    name: ClassVar[str] = "center"
    means: Column

    @classmethod
    def learn(cls, values: Matrix, axis: str) -> Self:
        """The means of the genes, where samples are clustered."""
        return cls(values.mean(axis=1) if axis == "samples" else None)

    def apply(self, values: Matrix) -> Matrix:
        """Differences from the means."""
        means = values.mean(axis=1) if self.means is None else self.means
        return values - means[:, None]


@dataclass(frozen=True, slots=True)
class Standardize:
    """Each gene gets mean 0 and variance 1."""

    name: ClassVar[str] = "zscore"
    means: Column
    deviations: Column

    @classmethod
    def learn(cls, values: Matrix, axis: str) -> Self:
        """Means and deviations of the genes, where samples are clustered."""
        if axis == "genes":
            return cls(None, None)
        return cls(values.mean(axis=1), values.std(axis=1))

    def apply(self, values: Matrix) -> Matrix:
        """Differences from the means, in deviations."""
        means = values.mean(axis=1) if self.means is None else self.means
        deviations = values.std(axis=1) if self.deviations is None else self.deviations
        return (values - means[:, None]) / deviations[:, None]


def described(step: Any) -> dict[str, Any]:
    """A step as JSON: its name and what it learned, but for what is learned again from the data in the result."""
    if isinstance(step, FROM_DATA):
        return {"step": step.name}
    return {"step": step.name} | {field.name: getattr(step, field.name) for field in fields(step)}


def again(content: Mapping[str, Any], values: Matrix, axis: str) -> Step:
    """The step of which `described` gave the content; `values` is what it was learned from."""
    for kind in FROM_DATA:
        if content["step"] == kind.name:
            return kind.learn(values, axis)
    kept = KEPT[content["step"]]
    learned = [content[field.name] for field in fields(kept)]
    step: Step = kept(*(np.array(value) if isinstance(value, list) else value for value in learned))
    return step


#: Steps that learn the whole matrix; it is in the result as it was read, and is not written twice.
FROM_DATA = (FillNearest, Quantiles)

KEPT: dict[str, Any] = {step.name: step for step in (Logarithm, FillMeans, Center, Standardize)}


def _placed(values: Matrix, ordered: Matrix, reference: Matrix) -> Matrix:
    """The places of values among the ordered ones, as the reference says them; tied values share their mean place."""
    distinct, places = np.unique(ordered, return_inverse=True)
    shared = np.bincount(places, weights=reference) / np.bincount(places)
    return np.interp(values, distinct, shared)
