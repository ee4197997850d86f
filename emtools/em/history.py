"""The record of a fit: every run, every iteration, and why each run ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic

from emtools.em.protocol import Params, StatsT
from emtools.em.stopping import StopReason, rounding


@dataclass(frozen=True, slots=True)
class Iteration:
    """One entry of a history.

    Attributes
    ----------
    iteration : int
        0 for the start.
    objective : float
        The objective of the state after this iteration, in nats: log-likelihood plus log prior.
    gain : float
        The rise over the entry before; 0.0 for the start.
    evaluations : int
        E-steps spent on this iteration.
    seconds : float
        Wall time spent on this iteration.
    note : str
        Anything out of the ordinary.
    """

    iteration: int
    objective: float
    gain: float
    evaluations: int
    seconds: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Run(Generic[Params, StatsT]):
    """One run of EM from one start.

    `objective` and `stats` are those of `params`: evaluated after the last M-step, not before it.
    """

    index: int
    start: str
    params: Params
    stats: StatsT
    objective: float
    history: tuple[Iteration, ...]
    stop: StopReason

    @property
    def log_likelihood(self) -> float:
        """The log-likelihood of `params`, without the prior."""
        return self.stats.log_likelihood

    @property
    def converged(self) -> bool:
        """Whether the objective had stopped rising."""
        return self.stop is StopReason.CONVERGED

    @property
    def iterations(self) -> int:
        """The number of EM steps."""
        return self.history[-1].iteration

    @property
    def evaluations(self) -> int:
        """The number of E-steps over all data."""
        return sum(entry.evaluations for entry in self.history)


@dataclass(frozen=True, slots=True)
class Fit(Generic[Params, StatsT]):
    """All runs of a fit, in the order of their starts; `best` has the highest objective."""

    runs: tuple[Run[Params, StatsT], ...]
    failures: tuple[str, ...] = ()

    @property
    def best(self) -> Run[Params, StatsT]:
        """The run with the highest objective of those carried to their end; failed ones only where all failed."""
        finished = [run for run in self.runs if run.stop is not StopReason.NOT_CONTINUED]
        sound = [run for run in finished if run.stop is not StopReason.FAILED]
        return max(sound or finished, key=lambda run: run.objective)

    @property
    def n_reaching_best(self) -> int:
        """How many runs ended at the objective of the best, within a thousandth of a nat or rounding."""
        best = self.best
        slack = max(1e-3, rounding(best.objective, best.stats.weight))
        return sum(run.objective >= best.objective - slack for run in self.runs)


def history_rows(fit: Fit[Any, Any]) -> Iterator[tuple[int, int, float, float, int, str]]:
    """The rows of ``history.tsv``: run, iteration, objective, gain, evaluations, note.

    Durations stay out, so that the same seed writes the same file.
    """
    for run in fit.runs:
        for entry in run.history:
            yield run.index, entry.iteration, entry.objective, entry.gain, entry.evaluations, entry.note


HISTORY_HEADER = ("run", "iteration", "objective", "gain", "evaluations", "note")


def run_summaries(fit: Fit[Any, Any]) -> list[dict[str, Any]]:
    """The entries of ``runs`` in ``summary.json``: how each run started, ended, and why."""
    best = fit.best
    return [
        {
            "run": run.index,
            "start": run.start,
            "stop_reason": str(run.stop),
            "iterations": run.iterations,
            "evaluations": run.evaluations,
            "objective": run.objective,
            "best": run is best,
        }
        for run in fit.runs
    ]
