"""New observations under a fitted clustering."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emtools.errors import InputError
from emtools.expression.reading import Expression
from emtools.expression.result import Fitted


@dataclass(frozen=True, slots=True)
class Assignments:
    """Where new observations belong.

    Attributes
    ----------
    names : tuple of str
    responsibilities : ndarray of shape (n, n_clusters)
    p_values : ndarray of shape (n,)
        How often a member lies at least as far out: by its distance to the nearest component, and by what of it lies
        outside of the principal components; twice the smaller of the two (Bonferroni).
    messages : tuple of str
        What was filled in and what was passed over.
    """

    names: tuple[str, ...]
    responsibilities: NDArray[np.float64]
    p_values: NDArray[np.float64]
    messages: tuple[str, ...] = ()

    @property
    def clusters(self) -> NDArray[np.int64]:
        """The most probable cluster of each observation, from 1."""
        return np.asarray(self.responsibilities.argmax(axis=1)) + 1


def assign(fitted: Fitted, expression: Expression) -> Assignments:
    """Assign new genes (or samples, where these were clustered).

    Parameters
    ----------
    fitted : Fitted
    expression : Expression
        With the samples (or the genes) that the clusters were found with, in any order; others are passed over.

    Raises
    ------
    emtools.errors.InputError
        If one of them is not there, a new gene is constant and would be standardized, or a value has no logarithm.
    """
    preparation = fitted.preparation
    values, messages = _arranged(preparation.axis, preparation.features, expression)
    with np.errstate(invalid="ignore", divide="ignore"):
        x = preparation.apply(values)
    names = expression.genes if preparation.axis == "genes" else expression.samples
    bad = ~np.isfinite(x).all(axis=1)
    if bad.any():
        raise InputError(
            "cannot be prepared as those that were clustered: it is constant, has no value, or has no logarithm",
            where=f"{expression.source}, {preparation.axis.removesuffix('s')} {names[int(np.argmax(bad))]!r}",
            cure=f"{int(bad.sum())} such {preparation.axis}; leave them out",
        )
    clusters = np.eye(int(fitted.groups.max()) + 1)[fitted.groups]
    if fitted.rotation is None:
        return Assignments(names, fitted.mixture.responsibilities(x) @ clusters, fitted.mixture.p_values(x), messages)
    scores = fitted.rotation.scores(x)
    within, outside = fitted.mixture.p_values(scores), fitted.rotation.residual_p_values(x)
    p_values = np.minimum(1.0, 2.0 * np.minimum(within, outside))
    return Assignments(names, fitted.mixture.responsibilities(scores) @ clusters, p_values, messages)


def _arranged(
    axis: str, features: tuple[str, ...], expression: Expression
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """The matrix with the known samples (or genes), in their order; and what is to be said of it."""
    have = expression.samples if axis == "genes" else expression.genes
    kind = "sample" if axis == "genes" else "gene"
    place = {name: i for i, name in enumerate(have)}
    lacking = [name for name in features if name not in place]
    if lacking:
        raise InputError(
            f"a {kind} that the clusters were found with is not there",
            where=expression.source,
            value=lacking[0],
            cure=f"{len(lacking)} of {len(features)} are missing; new {axis} need the same {kind}s",
        )
    chosen = [place[name] for name in features]
    values = expression.values[:, chosen] if axis == "genes" else expression.values[chosen]
    messages = []
    if len(have) > len(features):
        known = frozenset(features)
        first = next(name for name in have if name not in known)
        messages.append(
            f"{expression.source}: {len(have) - len(features)} of {len(have)} {kind}s are not among those that the"
            f" clusters were found with, and are passed over: the first is {first}."
        )
    if n_missing := int(np.isnan(values).sum()):
        messages.append(
            f"{expression.source}: missing cells ({n_missing}) are filled in as when the clusters were found."
        )
    return values, tuple(messages)
