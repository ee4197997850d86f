"""What is done to an expression matrix before it is clustered: explicit, said aloud, and repeatable on new data."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from emtools.errors import ConfigurationError, InputError
from emtools.expression.cleaning import (
    check_logarithm,
    check_scale,
    looks_like_counts,
    without_constant,
    without_missing,
)
from emtools.expression.reading import Expression
from emtools.expression.steps import (
    Center,
    FillMeans,
    FillNearest,
    Logarithm,
    Quantiles,
    Standardize,
    Step,
    again,
    described,
)

Axis = Literal["genes", "samples"]
Missing = Literal["error", "drop", "mean", "knn"]

Learner = Callable[[NDArray[np.float64]], Step]

TRANSFORMS = ("log2", "quantile", "center", "zscore")


@dataclass(frozen=True, slots=True)
class PreparingOptions:
    """How a matrix is prepared.

    Attributes
    ----------
    axis : {"genes", "samples"}
        What is clustered.
    transform : sequence of str
        Of `TRANSFORMS`, in the order in which they are done; a logarithm comes first.
    pseudo_count : float
        Added before the logarithm.
    missing : {"error", "drop", "mean", "knn"}
        What becomes of missing cells: an error, their genes left out, the mean of their gene, or the mean over the
        most similar genes (samples, where these are clustered).
    constant : {"error", "drop"}
        What becomes of constant genes where genes are standardized.
    """

    axis: Axis = "genes"
    transform: Sequence[str] = ("zscore",)
    pseudo_count: float = 1.0
    missing: Missing = "knn"
    constant: Literal["error", "drop"] = "error"

    def __post_init__(self) -> None:
        for name in self.transform:
            if name not in TRANSFORMS:
                raise ConfigurationError(
                    "there is no such transformation",
                    where="transform",
                    value=name,
                    cure=f"one of {', '.join(TRANSFORMS)}",
                )
        if len(set(self.transform)) < len(self.transform):
            raise ConfigurationError("names a transformation twice", where="transform", value=",".join(self.transform))
        if not np.isfinite(self.pseudo_count):
            raise ConfigurationError("is not a number to add", where="pseudo_count", value=self.pseudo_count)
        if "log2" in self.transform[1:]:
            raise ConfigurationError("must be the first", where="transform", value="log2", cure="put log2 first")


@dataclass(frozen=True, slots=True)
class Preparation:
    """The fitted steps, to be repeated on new observations.

    Attributes
    ----------
    axis : {"genes", "samples"}
    genes, samples : tuple of str
        Those the steps were learned from.
    steps : tuple of Step
    """

    axis: Axis
    genes: tuple[str, ...]
    samples: tuple[str, ...]
    steps: tuple[Step, ...]

    @property
    def features(self) -> tuple[str, ...]:
        """The names of what an observation is measured in."""
        return self.samples if self.axis == "genes" else self.genes

    def apply(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Prepared observations, of shape (observations, features), of a matrix of genes by samples."""
        for step in self.steps:
            values = step.apply(values)
        return np.ascontiguousarray(values.T if self.axis == "samples" else values)

    def to_json(self) -> dict[str, Any]:
        """What can be written down; `from_json` takes it back."""
        return {"axis": self.axis, "steps": [described(step) for step in self.steps]}

    @classmethod
    def from_json(cls, content: Mapping[str, Any], expression: Expression) -> "Preparation":
        """The preparation again, from what was written down and the expression matrix it was learned from."""
        axis, values = content["axis"], expression.values
        steps: list[Step] = []
        for entry in content["steps"]:
            steps.append(again(entry, values, axis))
            values = steps[-1].apply(values)
        return cls(axis, expression.genes, expression.samples, tuple(steps))


@dataclass(frozen=True, slots=True)
class Prepared:
    """Observations ready to be clustered.

    Attributes
    ----------
    observations : ndarray of shape (n, p), float64
    expression : Expression
        The input without the genes that were left out.
    preparation : Preparation
    messages : tuple of str
        What was changed or left out, in plain sentences.
    """

    observations: NDArray[np.float64]
    expression: Expression
    preparation: Preparation
    messages: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the observations."""
        return self.expression.genes if self.preparation.axis == "genes" else self.expression.samples


def prepare(expression: Expression, options: PreparingOptions) -> Prepared:
    """Prepare an expression matrix.

    The logarithm comes first, then missing cells are dealt with, then everything that compares cells with each other.

    Raises
    ------
    emtools.errors.InputError
        If a cell has no logarithm, a cell is missing and must not be, a gene to be standardized is constant, or squares
        of the values overflow or vanish.

    Examples
    --------
    >>> x = Expression(np.array([[1.0, 2.0, 3.0], [4.0, np.nan, 0.0]]), ("a", "b"), ("s1", "s2", "s3"), "example")
    >>> prepared = prepare(x, PreparingOptions(missing="mean"))
    >>> prepared.messages
    ('1 of 6 cells (16.7%) is missing, in 1 of 2 genes: filled with the mean of its gene.',)
    """
    check_scale(expression)
    messages = [] if "log2" in options.transform else looks_like_counts(expression)
    expression = without_missing(expression, options.missing, options.axis, messages)
    if "zscore" in options.transform:
        expression = without_constant(expression, options.constant, messages)
    steps: list[Step] = []
    values = expression.values
    for learn in _plan(expression, options):
        steps.append(learn(values))
        values = steps[-1].apply(values)
    preparation = Preparation(options.axis, expression.genes, expression.samples, tuple(steps))
    observations = values.T if options.axis == "samples" else values
    if min(observations.shape) < 2:
        raise InputError(
            f"{observations.shape[0]} {options.axis} with {observations.shape[1]} values each cannot be clustered",
            where=expression.source,
            cure="at least 2 genes and 2 samples are needed",
        )
    return Prepared(np.ascontiguousarray(observations), expression, preparation, tuple(messages))


def _plan(expression: Expression, options: PreparingOptions) -> list[Learner]:
    """What learns each step, in the order in which they are done."""
    learners: dict[str, Learner] = {
        "log2": lambda _: Logarithm(options.pseudo_count),
        "knn": lambda values: FillNearest.learn(values, options.axis),
        "mean": lambda values: FillMeans.learn(values, options.axis),
        "quantile": lambda values: Quantiles.learn(values, options.axis),
        "center": lambda values: Center.learn(values, options.axis),
        "zscore": lambda values: Standardize.learn(values, options.axis),
    }
    names = list(options.transform)
    if "log2" in names:
        check_logarithm(expression, options.pseudo_count)
    if options.missing in learners:
        names.insert(names[:1].count("log2"), options.missing)
    return [learners[name] for name in names]
