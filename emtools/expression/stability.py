"""Whether a partition survives when it is found again from half of the observations."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from emtools.em import Executor, FitOptions, fit
from emtools.errors import NumericalError
from emtools.expression.fitted import fitted_mixture, mixture_model, settled, sharing
from emtools.expression.merging import Level, merge_path
from emtools.expression.partitions import adjusted_rand_index, recovered
from emtools.models import blocks_of

#: Half-samples drawn. The standard error of a mean agreement is then about 0.02.
N_HALVES = 20

#: A half-sample need not be larger: clusters that so many observations do not show are not stable.
LARGEST_HALF = 2000


@dataclass(frozen=True, slots=True)
class FoundAgain:
    """How the merges of a mixture are found again, each by number of clusters from 1.

    Attributes
    ----------
    agreement : ndarray of shape (n_components,)
        The adjusted Rand index, mean over the half-samples.
    recovery : ndarray of shape (n_components,)
        The Jaccard index of the cluster that is found again worst, mean over the half-samples.
    """

    agreement: NDArray[np.float64]
    recovery: NDArray[np.float64]


def found_again(
    x: NDArray[np.float64],
    family: str,
    responsibilities: NDArray[np.float64],
    path: Sequence[Level],
    options: FitOptions,
    *,
    executor: Executor | None = None,
) -> FoundAgain:
    """How far partitions found from half of the observations agree with those found from all.

    Half of the observations are drawn without replacement, the same mixture is fitted to them from new starts, its
    components are merged in their own order, and all observations are assigned (the scheme of Ben-Hur, Elisseeff and
    Guyon 2002, Pacific Symposium on Biocomputing 7:6).

    Parameters
    ----------
    x : ndarray of shape (n, d)
    family : str
    responsibilities : ndarray of shape (n, n_components)
        Found from all observations.
    path : sequence of Level
        Their merges, by number of clusters from 1.
    options : FitOptions
        How each half is searched; half-sample i draws from child i of the seed.
    executor : Executor, optional

    Returns
    -------
    FoundAgain
        A half that cannot be fitted agrees with nothing: 0.
    """
    executor = sharing(x, executor)
    # A partition settles long before the likelihood does.
    options = replace(options, tolerance=1e-4)
    partitions = [level.pooled(responsibilities).argmax(axis=1) for level in path]

    def compared(seed: np.random.SeedSequence) -> list[list[NDArray[np.float64]]]:
        """For each merge: the agreement, and then the recovery of each cluster."""
        again = _partitions_of_half(x, family, len(path), options, seed)
        if again is None:
            return [[np.zeros(1 + level.n_clusters) for level in path]]
        return [
            [
                np.append(adjusted_rand_index(all_, half), recovered(all_, half, level.n_clusters))
                for level, all_, half in zip(path, partitions, again, strict=True)
            ]
        ]

    with executor.session():
        halves = executor.fold(compared, np.random.SeedSequence(options.seed).spawn(N_HALVES))
    means = [np.mean(of_level, axis=0) for of_level in zip(*halves, strict=True)]
    return FoundAgain(np.array([mean[0] for mean in means]), np.array([mean[1:].min() for mean in means]))


def _partitions_of_half(
    x: NDArray[np.float64], family: str, n_components: int, options: FitOptions, seed: np.random.SeedSequence
) -> list[NDArray[np.int64]] | None:
    """All observations by what half of them shows, by number of clusters from 1; None where it cannot be fitted."""
    chosen = np.sort(np.random.default_rng(seed).choice(len(x), min(len(x) // 2, LARGEST_HALF), replace=False))
    half = x[chosen]
    model = mixture_model(half, family, n_components)
    try:
        run = fit(model, blocks_of(half), settled(options, family)).best
    except NumericalError:
        return None
    found = fitted_mixture(model, run, family)[0].responsibilities(x)
    return [level.pooled(found).argmax(axis=1) for level in merge_path(found)]
