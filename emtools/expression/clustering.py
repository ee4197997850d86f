"""From prepared observations to clusters: components, search, choice, and what the answer owes to the start."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from emtools.em import Executor, Fit, FitOptions, Progress, executor_for, fit, silent
from emtools.errors import ConfigurationError, InputError
from emtools.expression.choosing import Choice, Judged, choose, judge, sentence, unmerged, worth_judging
from emtools.expression.components import PrincipalComponents, enough_components
from emtools.expression.fitted import FittedMixture, mixture_model, settled
from emtools.expression.labels import clusters_of_labels, known_components
from emtools.expression.preparing import Prepared
from emtools.expression.searching import Candidate, best_of, candidate_of, sweep
from emtools.expression.starts import start_dependence
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
        Numbers of clusters allowed, and of components tried.
    families : sequence of str
        Covariance families to try; all 14 where none is named.
    criterion : {"stability", "bic", "icl", "aic"}
        How the choice is made. Where labels are known nothing is merged, and "stability" means BIC.
    components : int, "auto" or "none"
        Principal components to cluster in: so many, as many as `enough_components` says, or the features themselves.
    restarts : int
        Starts of the final fit, each carried to its end.
    start : {"k-means++", "hierarchical", "random"}
        Where the starts of the final fit come from.
    seed : int
    """

    model: Literal["gmm", "kmeans"] = "gmm"
    counts: Sequence[int] = range(1, 13)
    families: Sequence[str] = ()
    criterion: Criterion = "stability"
    components: int | str = "auto"
    restarts: int = 20
    start: Literal["k-means++", "hierarchical", "random"] = "k-means++"
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
        return tuple(dict.fromkeys(FRIENDLY.get(name, name) for name in self.families or NAMES))


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
    choice : Choice
    candidates : list of Candidate
    judged : list of Judged
        Those of the candidates that half-samples were asked about.
    sentence : str
        Why this won.
    messages : tuple of str
    """

    rotation: PrincipalComponents | None
    mixture: FittedMixture
    groups: NDArray[np.int64]
    responsibilities: NDArray[np.float64]
    fit: Fit[Any, Any]
    choice: Choice
    candidates: list[Candidate]
    judged: list[Judged]
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
    threads: int = 1,
    observe: Callable[[Progress], None] = silent,
) -> Clustering:
    """Find clusters.

    Parameters
    ----------
    prepared : Prepared
    options : ClusteringOptions
    known : mapping of str to str, optional
        The class of some observations by name: they belong to a component of that class from the start to the end.
    threads : int
        The result does not depend on it.
    observe : callable, optional
        Called after each candidate of the sweep, which count as runs, and after each iteration of the final fit.

    Raises
    ------
    emtools.errors.InputError
        If there are fewer observations than components.
    emtools.errors.NumericalError
        If nothing could be fitted.
    """
    executor = executor_for(threads)
    _check_counts(prepared, options)
    labels, classes = known_components(prepared, known or {}, min(options.counts))
    search = FitOptions(n_starts=4, n_long=1, short_iterations=10, tolerance=1e-5, seed=options.seed)
    with executor.session():
        rotation, x, said = _rotated(prepared.observations, options.components)
        task = _Task(x, labels, options, executor, observe)
        candidates = sweep(x, options.names, options.counts, search, labels=labels, executor=executor, observe=observe)
        if options.criterion == "stability" and labels is None:
            judged = [judge(x, candidate, search, executor) for candidate in worth_judging(candidates)]
            choice, final = _confirmed(task, judged, best_of(candidates, "icl").n_components, search)
        else:
            judged = []
            winner = best_of(candidates, "bic" if options.criterion == "stability" else options.criterion)
            final, found = task.final(winner)
            choice = unmerged(found, task.responsibilities(found))
    chosen = choice.judged.candidate
    responsibilities = task.responsibilities(chosen)
    groups = _largest_first(choice.level.pooled(responsibilities), choice.level.groups)
    pooled = responsibilities @ np.eye(choice.n_clusters)[groups]
    said += (start_dependence(x, chosen.family, chosen.n_components, final), *clusters_of_labels(classes, groups))
    return Clustering(
        rotation,
        chosen.fitted,
        groups,
        pooled,
        final,
        choice,
        [chosen if candidate.name == chosen.name else candidate for candidate in candidates],
        judged,
        sentence(choice, "bic" if labels is not None else options.criterion, candidates, options.counts),
        (*said, *_nobodys(pooled, prepared.preparation.axis)),
    )


@dataclass(frozen=True, slots=True)
class _Task:
    """What stays the same while candidates come and go."""

    x: NDArray[np.float64]
    labels: NDArray[np.int64] | None
    options: ClusteringOptions
    executor: Executor
    observe: Callable[[Progress], None]

    def final(self, candidate: Candidate) -> tuple[Fit[Any, Any], Candidate]:
        """The fit with all restarts, each carried to its end, and the candidate as that fit found it."""
        restarts = self.options.restarts
        model = mixture_model(self.x, candidate.family, candidate.n_components, self.options.start)
        options = FitOptions(n_starts=restarts, n_long=restarts, seed=self.options.seed)
        final = fit(
            model,
            blocks_of(self.x, self.labels),
            settled(options, candidate.family),
            executor=self.executor,
            observe=self.observe,
        )
        return final, candidate_of(self.x, candidate.family, model, final.best)

    def responsibilities(self, candidate: Candidate) -> NDArray[np.float64]:
        """Those of the components; what is known stays known."""
        responsibilities = candidate.fitted.responsibilities(self.x)
        if self.labels is not None:
            known = self.labels >= 0
            responsibilities[known] = np.eye(candidate.n_components)[self.labels[known]]
        return responsibilities


def _confirmed(task: _Task, judged: list[Judged], least_icl: int, search: FitOptions) -> tuple[Choice, Fit[Any, Any]]:
    """Choose, judge the choice again as all restarts find it, and go on until the choice stays."""
    fits: dict[int, Fit[Any, Any]] = {}
    while True:
        choice = choose(judged, task.options.counts, least_icl)
        place = next(i for i, one in enumerate(judged) if one is choice.judged)
        if place in fits:
            return choice, fits[place]
        fits[place], found = task.final(choice.judged.candidate)
        judged[place] = judge(task.x, found, search, task.executor)


def _nobodys(responsibilities: NDArray[np.float64], axis: str) -> tuple[str, ...]:
    n_clusters = responsibilities.shape[1]
    n_empty = n_clusters - len(np.unique(responsibilities.argmax(axis=1)))
    if not n_empty:
        return ()
    return (f"{n_empty} of the {n_clusters} clusters have no {axis}: fewer clusters say as much.",)


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


def _largest_first(pooled: NDArray[np.float64], groups: NDArray[np.int64]) -> NDArray[np.int64]:
    sizes = np.bincount(pooled.argmax(axis=1), minlength=pooled.shape[1])
    place = np.empty(len(sizes), dtype=np.int64)
    place[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes))
    return place[groups]
