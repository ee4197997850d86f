"""The Expectation-Maximization engine. It knows no model: see `emtools.models` for what runs on it."""

from emtools.em.acceleration import Plain, Squarem, State, Stepper
from emtools.em.engine import evaluate, fit
from emtools.em.execution import Executor, Serial, Threads, executor_for
from emtools.em.history import HISTORY_HEADER, Fit, Iteration, Run, history_rows, run_summaries
from emtools.em.options import FitOptions, Progress, silent
from emtools.em.protocol import Inference, Inferring, Model, Stats, Sums
from emtools.em.stopping import StopReason

__all__ = [
    "HISTORY_HEADER",
    "Executor",
    "Fit",
    "FitOptions",
    "Inference",
    "Inferring",
    "Iteration",
    "Model",
    "Plain",
    "Progress",
    "Run",
    "Serial",
    "Squarem",
    "State",
    "Stats",
    "Stepper",
    "StopReason",
    "Sums",
    "Threads",
    "evaluate",
    "executor_for",
    "fit",
    "history_rows",
    "run_summaries",
    "silent",
]
