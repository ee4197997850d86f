"""One sweep over covariance families and numbers of components."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emtools.em import Executor, FitOptions, Progress, Run, fit, silent
from emtools.em.selection import aic, bic, entropy, icl
from emtools.errors import NumericalError
from emtools.expression.fitted import FittedMixture, fitted_mixture, mixture_model, settled, sharing
from emtools.models import Mixture, blocks_of


@dataclass(frozen=True, slots=True)
class Candidate:
    """One family with one number of components.

    Attributes
    ----------
    family : str
    n_components : int
    mixture : FittedMixture or None
        None where every run failed; then the numbers are NaN.
    log_likelihood : float
    n_parameters : int
    bic, icl, aic : float
        Lower is better.
    stop_reason : str
    """

    family: str
    n_components: int
    mixture: FittedMixture | None
    log_likelihood: float
    n_parameters: int
    bic: float
    icl: float
    aic: float
    stop_reason: str

    @property
    def name(self) -> tuple[str, int]:
        """The family and the number of components."""
        return self.family, self.n_components

    @property
    def fitted(self) -> FittedMixture:
        """The mixture of a candidate that could be fitted."""
        if self.mixture is None:
            raise NumericalError(
                "the mixture could not be fitted", where=f"{self.family}, {self.n_components} components"
            )
        return self.mixture


def sweep(
    x: NDArray[np.float64],
    families: Sequence[str],
    counts: Sequence[int],
    options: FitOptions,
    *,
    labels: NDArray[np.int64] | None = None,
    executor: Executor | None = None,
    observe: Callable[[Progress], None] = silent,
) -> list[Candidate]:
    """Fit every family with every number of components.

    Parameters
    ----------
    x : ndarray of shape (n, d)
    families : sequence of str
        Names of covariance families, or "kmeans".
    counts : sequence of int
        Numbers of components.
    options : FitOptions
        How each is searched.
    labels : ndarray of shape (n,), optional
        Known components, -1 where unknown.
    executor : Executor, optional
        Candidates are fitted side by side; the results do not depend on it.
    observe : callable, optional
        Called after each candidate; candidates count as runs.
    """
    executor = sharing(x, executor)
    tasks = [(family, n) for n in counts for family in families if n > 1 or _stands_for_one(family, families)]

    def candidates(place: int) -> list[Candidate]:
        candidate = _candidate(x, *tasks[place], options, labels)
        observe(Progress(place, len(tasks), True, candidate.n_components, candidate.log_likelihood))
        return [candidate]

    with executor.session():
        return executor.fold(candidates, range(len(tasks)))


def best_of(candidates: Sequence[Candidate], criterion: str) -> Candidate:
    """The candidate with the least value of a criterion; fewer parameters win a tie."""
    able = [candidate for candidate in candidates if candidate.mixture is not None]
    if not able:
        raise NumericalError(
            "no candidate could be fitted", cure="ask for fewer clusters, or check the scale of the data"
        )
    return min(able, key=lambda candidate: (getattr(candidate, criterion), candidate.n_parameters))


def _stands_for_one(family: str, families: Sequence[str]) -> bool:
    """Whether a family is fitted with one component: of those that are then the same, only the first is."""
    return family == next(name for name in families if _alone(name) == _alone(family))


def _alone(family: str) -> str:
    """What is left of a family's name where there is nothing to be equal to."""
    return family if family == "kmeans" else family[1:].replace("V", "E")


def candidate_of(x: NDArray[np.float64], family: str, model: Mixture[Any, Any], run: Run[Any, Any]) -> Candidate:
    """What a run of EM found, with its criteria."""
    mixture, log_likelihood, n_parameters = fitted_mixture(model, run, family)
    return Candidate(
        family,
        model.n_components,
        mixture,
        log_likelihood,
        n_parameters,
        bic(log_likelihood, n_parameters, len(x)),
        icl(log_likelihood, n_parameters, len(x), entropy(mixture.responsibilities(x))),
        aic(log_likelihood, n_parameters),
        str(run.stop),
    )


def _candidate(
    x: NDArray[np.float64], family: str, n_components: int, options: FitOptions, labels: NDArray[np.int64] | None
) -> Candidate:
    model = mixture_model(x, family, n_components)
    try:
        return candidate_of(x, family, model, fit(model, blocks_of(x, labels), settled(options, family)).best)
    except NumericalError as error:
        nan = float("nan")
        return Candidate(family, n_components, None, nan, 0, nan, nan, nan, f"failed: {error.what}")
