"""Whether a partition survives when it is found again from half of the observations."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from emtools.em import Executor, FitOptions, Serial, fit
from emtools.errors import NumericalError
from emtools.expression.fitted import fitted_mixture, mixture_model, settled
from emtools.expression.merging import Level, merge_path
from emtools.expression.partitions import adjusted_rand_index
from emtools.models import blocks_of

#: Half-samples drawn. The standard error of a mean agreement is then about 0.02.
N_HALVES = 20

#: A half-sample need not be larger: clusters that so many observations do not show are not stable.
LARGEST_HALF = 2000


def agreement_of_halves(
    x: NDArray[np.float64],
    family: str,
    responsibilities: NDArray[np.float64],
    path: Sequence[Level],
    options: FitOptions,
    *,
    executor: Executor | None = None,
) -> NDArray[np.float64]:
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
    ndarray of shape (n_halves, n_components)
        The adjusted Rand index by half-sample and by number of clusters from 1. A half that cannot be fitted agrees
        with nothing: 0.
    """
    executor = executor or Serial()
    # A partition settles long before the likelihood does.
    options = replace(options, tolerance=1e-4)
    n_components = len(path)
    partitions = [level.pooled(responsibilities).argmax(axis=1) for level in path]

    def agreements(seed: np.random.SeedSequence) -> list[list[float]]:
        chosen = np.sort(np.random.default_rng(seed).choice(len(x), min(len(x) // 2, LARGEST_HALF), replace=False))
        half = x[chosen]
        model = mixture_model(half, family, n_components)
        try:
            run = fit(model, blocks_of(half), settled(options, family)).best
        except NumericalError:
            return [[0.0] * n_components]
        found = fitted_mixture(model, run, family)[0].responsibilities(x)
        again = [level.pooled(found).argmax(axis=1) for level in merge_path(found)]
        return [[adjusted_rand_index(*pair) for pair in zip(partitions, again, strict=True)]]

    with executor.session():
        return np.array(executor.fold(agreements, np.random.SeedSequence(options.seed).spawn(N_HALVES)))
