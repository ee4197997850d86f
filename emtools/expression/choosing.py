"""Which mixture, and which of its components make one cluster."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emtools.em import Executor, FitOptions
from emtools.expression.merging import Level, merge_path
from emtools.expression.searching import Candidate, best_of
from emtools.expression.stability import FoundAgain, found_again

#: Clusters may not be confused more often than this: one observation in ten taken for one of another cluster.
MOST_OVERLAP = 0.1

#: A cluster whose recovery is less than this has dissolved; from the other on it is highly stable (Hennig 2007, and the
#: guide of his `clusterboot`).
DISSOLVED, HIGHLY_STABLE = 0.6, 0.85

#: Agreements that differ by less than this are equal: two standard errors of a mean over the half-samples, about.
SAME_AGREEMENT = 0.03
#: Below this the sentence says that clusters hardly hold.
_LITTLE_AGREEMENT = 0.6


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate, the merges of its components, and how half-samples find each again.

    Attributes
    ----------
    candidate : Candidate
    path : tuple of Level
        The merges, by number of clusters from 1.
    agreement, recovery : ndarray of shape (n_components,)
        Those of `FoundAgain`, by number of clusters from 1; NaN where it was not asked for.
    """

    candidate: Candidate
    path: tuple[Level, ...]
    agreement: NDArray[np.float64]
    recovery: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Choice:
    """A candidate and where the merging of its components stops.

    Attributes
    ----------
    judged : Judged
    n_clusters : int
    stable : bool
        Whether the clusters are distinct and found again, or only what was asked for.
    """

    judged: Judged
    n_clusters: int
    stable: bool = True

    @property
    def level(self) -> Level:
        """The partition of the components."""
        return self.judged.path[self.n_clusters - 1]

    @property
    def agreement(self) -> float:
        """How far half-samples agree with it."""
        return float(self.judged.agreement[self.n_clusters - 1])

    @property
    def recovery(self) -> float:
        """How well half-samples find the cluster again that they find worst."""
        return float(self.judged.recovery[self.n_clusters - 1])

    @property
    def distinct(self) -> bool:
        """Whether it has several clusters, none of which is confused with another more than `MOST_OVERLAP`."""
        return self.n_clusters > 1 and self.level.overlap <= MOST_OVERLAP


def unmerged(candidate: Candidate, responsibilities: NDArray[np.float64]) -> Choice:
    """Every component is a cluster, and nothing is judged."""
    path = merge_path(responsibilities)
    unknown = np.full(len(path), np.nan)
    return Choice(Judged(candidate, path, unknown, unknown), len(path))


def worth_judging(candidates: Sequence[Candidate]) -> list[Candidate]:
    """For each number of components the equal-volume and the variable-volume family of least BIC.

    Families of variable volume spend components on the tails of a cluster, which BIC rewards and half-samples do not
    repeat; families of equal volume cannot. Numbers of components above that of least BIC are not considered.
    """
    most = best_of(candidates, "bic").n_components
    able = [candidate for candidate in candidates if candidate.mixture and candidate.n_components <= most]
    kinds = sorted({(candidate.n_components, candidate.family.startswith("V")) for candidate in able})
    return [best_of([c for c in able if (c.n_components, c.family.startswith("V")) == kind], "bic") for kind in kinds]


def judge(
    x: NDArray[np.float64], candidate: Candidate, options: FitOptions, executor: Executor | None = None
) -> Judged:
    """Merge the components of a candidate, and ask half-samples about each merge."""
    responsibilities = candidate.fitted.responsibilities(x)
    path = merge_path(responsibilities)
    if len(path) == 1:
        again = FoundAgain(np.ones(1), np.ones(1))
    else:
        again = found_again(x, candidate.family, responsibilities, path, options, executor=executor)
    return Judged(candidate, path, again.agreement, again.recovery)


def choose(judged: Sequence[Judged], allowed: Collection[int], least_icl: int) -> Choice:
    """The finest clusters that stand apart and are found again from half of the observations.

    1. Where the components of least BIC are distinct, and each is highly stable, they are the clusters.
    2. Otherwise, where ICL, which charges for every observation between components, prefers one component, there is one
       cluster (Biernacki, Celeux and Govaert 2000, IEEE Transactions on Pattern Analysis and Machine Intelligence
       22:719).
    3. Otherwise some components share a cluster with heavy tails or a bent shape: they are merged in the order in which
       they are confused (DEMP: Hennig 2010, Advances in Data Analysis and Classification 4:3). Of the partitions that
       are distinct, have no dissolved cluster, and agree over half-samples as well as the best one, those with most
       clusters remain, and of these that of best agreement.
    4. Where there is none, there is one cluster.

    Parameters
    ----------
    judged : sequence of Judged
    allowed : collection of int
        The numbers of clusters asked for. If the answer is not among them, the one of best agreement among them is.
    least_icl : int
        The number of components of least ICL.
    """
    choices = [Choice(one, n) for one in judged for n in range(1, len(one.path) + 1) if n in allowed]
    of_one = [choice for choice in choices if choice.n_clusters == 1]
    found = _components_of_least_bic(judged, allowed)
    if found is None and not (of_one and least_icl == 1):
        found = _finest_of_merged(choices)
    if found is not None:
        return found
    if of_one:
        return min(of_one, key=lambda choice: choice.judged.candidate.bic)
    forced = max(choices, key=lambda choice: choice.agreement)
    return Choice(forced.judged, forced.n_clusters, stable=False)


def _components_of_least_bic(judged: Sequence[Judged], allowed: Collection[int]) -> Choice | None:
    best = min(judged, key=lambda one: one.candidate.bic)
    choice = Choice(best, len(best.path))
    right = choice.n_clusters in allowed and choice.distinct and choice.recovery >= HIGHLY_STABLE
    return choice if right else None


def _finest_of_merged(choices: Sequence[Choice]) -> Choice | None:
    real = [choice for choice in choices if choice.distinct and choice.recovery >= DISSOLVED]
    best = max((choice.agreement for choice in real), default=0.0)
    return max(
        (choice for choice in real if choice.agreement >= best - SAME_AGREEMENT),
        key=lambda choice: (choice.n_clusters, choice.agreement, -choice.judged.candidate.bic),
        default=None,
    )


def sentence(choice: Choice, criterion: str, candidates: Sequence[Candidate], asked: Collection[int]) -> str:
    """Why this won, in plain words; `asked` are the numbers of clusters asked for."""
    candidate, n = choice.judged.candidate, choice.n_clusters
    k, kmeans = candidate.n_components, candidate.family == "kmeans"
    kind = "k-means component" if kmeans else "Gaussian component"
    model = f"{k} {kind}{_s(k)}{'' if kmeans else f' of family {candidate.family}'}"
    begin = f"{n} cluster{_s(n)} from {model}"
    among = f"of {len(candidates)} candidates"
    if len(candidates) == 1:
        return f"{begin}, {'as asked for' if len(asked) == 1 else 'the only model that so few data allow'}."
    if criterion != "stability":
        return f"{begin}, which had the least {criterion.upper()} {among}."
    if n == 1:
        if len(asked) == 1:
            return f"{begin}, as asked for, with the least BIC {among}."
        if best_of(candidates, "icl").n_components == 1:
            return f"1 cluster: {among}, one component had the least ICL, since others leave too much in between."
        return (
            f"1 cluster: {among}, none splits the data into clusters that are distinct (confused in at most "
            f"{MOST_OVERLAP:.0%}) and found again from half of the data (a Jaccard index of at least {DISSOLVED:g})."
        )
    merged = ", merged where they are confused most" if k > n else ""
    found = f"half of the data finds them again with an agreement of {choice.agreement:.2f} (adjusted Rand index)"
    confused = f"at most {choice.level.overlap:.1%} of one are taken for another"
    if len(asked) == 1:
        end = "so many were asked for"
    elif n == k and candidate.bic == best_of(candidates, "bic").bic:
        end = "no other mixture has a lower BIC"
    elif choice.stable:
        end = "more clusters are less distinct or not found again as well"
        if choice.agreement < _LITTLE_AGREEMENT:
            end += "; so little agreement says that other data of this kind may well give other clusters"
    else:
        end = "these are not stable clusters, but the other numbers asked for do worse"
    return f"{begin}{merged}: {found}, {confused}; {end}."


def _s(count: int) -> str:
    return "" if count == 1 else "s"
