"""From prepared observations to clusters: components, search, choice, and what the answer owes to the start."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from emtools.em import Executor, Fit, FitOptions, Serial, StopReason, fit
from emtools.errors import ConfigurationError, InputError
from emtools.expression.choosing import Cut, sentence, stable_cut, unmerged
from emtools.expression.components import PrincipalComponents, enough_components
from emtools.expression.fitted import FittedMixture, fitted_mixture, mixture_model
from emtools.expression.partitions import adjusted_rand_index
from emtools.expression.preparing import Prepared
from emtools.expression.searching import Candidate, best_of, sweep
from emtools.models import blocks_of
from emtools.models.families.covariance import FRIENDLY, NAMES

Criterion = Literal["stability", "bic", "icl", "aic"]


@dataclass(frozen=True, slots=True)
class ClusteringOptions:
    """How clusters are looked for.

    Attributes
    ----------
    model : {"gmm", "kmeans"}
    counts : sequence of int
        Numbers of components to try.
    families : sequence of str
        Covariance families to try; all 14 by default.
    criterion : {"stability", "bic", "icl", "aic"}
        How the choice is made. With one number of components nothing is merged, and the family is chosen by BIC.
    components : int, "auto" or "none"
        Principal components to cluster in: so many, as many as `enough_components` says, or the features themselves.
    restarts : int
        Starts of the final fit, each carried to its end.
    seed : int
    """

    model: Literal["gmm", "kmeans"] = "gmm"
    counts: Sequence[int] = range(1, 13)
    families: Sequence[str] = NAMES
    criterion: Criterion = "stability"
    components: int | str = "auto"
    restarts: int = 20
    seed: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """The families by their three letters, or "kmeans"."""
        if self.model == "kmeans":
            return ("kmeans",)
        for name in self.families:
            if name not in (*NAMES, *FRIENDLY):
                known = ", ".join((*NAMES, *FRIENDLY))
                raise ConfigurationError(
                    "there is no such family", where="covariance", value=name, cure=f"one of {known}"
                )
        return tuple(dict.fromkeys(FRIENDLY.get(name, name) for name in self.families))


@dataclass(frozen=True, slots=True)
class Clustering:
    """Clusters, and how they came about.

    Attributes
    ----------
    rotation : PrincipalComponents or None
        The components that were clustered in.
    mixture : FittedMixture
    groups : ndarray of shape (n_components,), int64
        The cluster of each component, from 0; the cluster with most observations is 0.
    responsibilities : ndarray of shape (n, n_clusters), float64
    fit : Fit
        The final fit: every restart.
    winner : Candidate
    candidates : list of Candidate
    cut : Cut
    sentence : str
        Why this won.
    messages : tuple of str
    """

    rotation: PrincipalComponents | None
    mixture: FittedMixture
    groups: NDArray[np.int64]
    responsibilities: NDArray[np.float64]
    fit: Fit[Any, Any]
    winner: Candidate
    candidates: list[Candidate]
    cut: Cut
    sentence: str
    messages: tuple[str, ...]

    @property
    def labels(self) -> NDArray[np.int64]:
        """The cluster of each observation, from 0."""
        return np.asarray(self.responsibilities.argmax(axis=1))


def cluster(
    prepared: Prepared,
    options: ClusteringOptions,
    *,
    known: Mapping[str, str] | None = None,
    executor: Executor | None = None,
    observe: Callable[[str, int], None] | None = None,
) -> Clustering:
    """Find clusters.

    Parameters
    ----------
    prepared : Prepared
    options : ClusteringOptions
    known : mapping of str to str, optional
        The class of some observations by name: they belong to a component of that class from the start to the end.
    executor : Executor, optional
    observe : callable, optional
        Called with the family and the number of components before each candidate is fitted.

    Raises
    ------
    emtools.errors.InputError
        If there are fewer observations than components.
    emtools.errors.NumericalError
        If nothing could be fitted.
    """
    executor = executor or Serial()
    _check_counts(prepared, options)
    labels, classes = _labels(prepared, known or {}, min(options.counts))
    with executor.session():
        rotation, x, said = _rotated(prepared.observations, options.components)
        search = FitOptions(n_starts=4, n_long=1, short_iterations=10, seed=options.seed)
        candidates = sweep(x, options.names, options.counts, search, labels=labels, executor=executor, observe=observe)
        stable = options.criterion == "stability"
        winner = best_of(candidates, "bic" if stable else options.criterion)
        model = mixture_model(x, winner.family, winner.n_components)
        final = fit(
            model,
            blocks_of(x, labels),
            FitOptions(n_starts=options.restarts, n_long=options.restarts, seed=options.seed),
            executor=executor,
        )
        mixture = fitted_mixture(model, final.best, winner.family)[0]
        responsibilities = mixture.responsibilities(x)
        if labels is not None:
            responsibilities[labels >= 0] = np.eye(winner.n_components)[labels[labels >= 0]]
        may_merge = stable and len(options.counts) > 1 and winner.n_components > 1 and labels is None
        cut = (
            stable_cut(x, winner.family, responsibilities, search, executor)
            if may_merge
            else unmerged(responsibilities)
        )
    groups = _largest_first(cut.level.pooled(responsibilities), cut.level.groups)
    pooled = responsibilities @ np.eye(cut.n_clusters)[groups]
    messages = (*said, _starts(final, model, x, winner.family), *_classes(classes, groups))
    why = sentence(options.criterion, winner, candidates, cut)
    return Clustering(rotation, mixture, groups, pooled, final, winner, candidates, cut, why, messages)


def _check_counts(prepared: Prepared, options: ClusteringOptions) -> None:
    n, axis = len(prepared.observations), prepared.preparation.axis
    if max(options.counts) > n:
        raise InputError(
            f"{max(options.counts)} clusters are asked for, and there are only {n} {axis}",
            where=prepared.expression.source,
            cure=f"ask for at most {n}",
        )


def _rotated(
    x: NDArray[np.float64], components: int | str
) -> tuple[PrincipalComponents | None, NDArray[np.float64], tuple[str, ...]]:
    """The coordinates to cluster in, and what is said of them."""
    if components == "none":
        return None, x, ()
    rotation = PrincipalComponents.of(x)
    there = len(rotation.variances)
    if there == 0:
        raise InputError("all observations are the same", cure="check the file")
    if isinstance(components, int) and components > there:
        raise ConfigurationError(
            f"there are only {there} principal components", where="components", value=components, cure="ask for fewer"
        )
    first = rotation.first(components if isinstance(components, int) else enough_components(rotation.variances))
    share = first.variances.sum() / rotation.variances.sum()
    n = len(first.variances)
    said = f"Clustered in the first {n} of {there} principal components, which hold {share:.0%} of the variance."
    return first, first.scores(x), (said,)


def _labels(
    prepared: Prepared, known: Mapping[str, str], fewest: int
) -> tuple[NDArray[np.int64] | None, tuple[str, ...]]:
    """The known component of each observation, -1 where unknown, and the classes in the order of their components."""
    if not known:
        return None, ()
    axis = prepared.preparation.axis
    strangers = [name for name in known if name not in set(prepared.names)]
    if strangers:
        raise InputError(
            f"{len(strangers)} labeled {axis} are not among those clustered",
            where="labels",
            value=strangers[0],
            cure="label only what is in the matrix",
        )
    classes = tuple(sorted(set(known.values())))
    if len(classes) > fewest:
        raise ConfigurationError(
            f"there are {len(classes)} labels, and fewer clusters are asked for",
            where="k",
            value=fewest,
            cure=f"ask for at least {len(classes)}",
        )
    component = {name: i for i, name in enumerate(classes)}
    labels = [component[known[name]] if name in known else -1 for name in prepared.names]
    return np.array(labels, dtype=np.int64), classes


def _largest_first(pooled: NDArray[np.float64], groups: NDArray[np.int64]) -> NDArray[np.int64]:
    sizes = np.bincount(pooled.argmax(axis=1), minlength=pooled.shape[1])
    place = np.empty(len(sizes), dtype=np.int64)
    place[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes))
    return place[groups]


def _starts(final: Fit[Any, Any], model: Any, x: NDArray[np.float64], family: str) -> str:
    """Whether the answer depends on the start, in one sentence."""
    ended = [run for run in final.runs if run.stop is not StopReason.NOT_CONTINUED]
    if len(ended) == 1:
        return "One restart was made, so whether the answer depends on the start is not known."
    reached = f"{final.n_reaching_best} of {len(ended)} restarts reached the best optimum"
    others = [run for run in ended if run.objective < final.best.objective - 1e-3]
    if not others:
        return f"{reached}: the answer does not depend on the start."
    least = final.best.objective - max(run.objective for run in others)
    best = fitted_mixture(model, final.best, family)[0].responsibilities(x).argmax(axis=1)
    agreement = [
        adjusted_rand_index(best, fitted_mixture(model, run, family)[0].responsibilities(x).argmax(axis=1))
        for run in others
    ]
    return (
        f"{reached}; the components of the others agree with it by an adjusted Rand index of {min(agreement):.2f} to "
        f"{max(agreement):.2f}, and their log-likelihoods are lower by {least:.3g} nats or more."
    )


def _classes(classes: Sequence[str], groups: NDArray[np.int64]) -> list[str]:
    return [f"Label {name!r} is cluster {groups[i] + 1}." for i, name in enumerate(classes)]
