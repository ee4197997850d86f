"""How a fit searches, and what it tells of itself meanwhile."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FitOptions:
    """How `fit` searches.

    Attributes
    ----------
    n_starts : int
        Random starts (used only where no starts are given).
    n_long : int
        How many of the short runs are carried to convergence (emEM: Biernacki, Celeux and Govaert 2003, Computational
        Statistics and Data Analysis 41:561). With as many starts or fewer there are no short runs.
    short_iterations : int
        The EM steps of a short run.
    max_iterations : int
        The EM steps of a long run, those of its short part included.
    tolerance : float
        A run has converged when the estimated remaining gain per observation is below this, in nats.
    seed : int
        Start ``i`` draws from child ``i`` of this seed, so that it can be repeated alone.
    """

    n_starts: int = 10
    n_long: int = 3
    short_iterations: int = 15
    max_iterations: int = 1000
    tolerance: float = 1e-6
    seed: int = 0

    def __post_init__(self) -> None:
        if min(self.n_starts, self.n_long, self.short_iterations, self.max_iterations) < 1:
            raise ValueError("n_starts, n_long, short_iterations and max_iterations must be at least 1")
        if not self.tolerance >= 0.0:
            raise ValueError(f"tolerance must not be negative, got {self.tolerance}")


@dataclass(frozen=True, slots=True)
class Progress:
    """What `fit` tells its observer after each iteration of each run."""

    run: int
    n_runs: int
    long: bool
    iteration: int
    objective: float


def silent(progress: Progress) -> None:
    """Observe nothing."""
