"""How EM got there: the objective of every run, why each ended, and how far the answer depends on the start."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from emtools.report.parsing import Row
from emtools.report.svg import Frame, drawing, element
from emtools.report.wording import count, decimal, listed

SAME_OBJECTIVE = 1e-3
SMALLEST_GAP = 1e-4
MARKS = {"converged": "●", "iteration limit reached": "■"}
NOT_CONTINUED = "short run"
ENDS = {
    "converged": "converged",
    "iteration limit reached": "reached the iteration limit",
    "short run, not continued: others were better": "short, not continued because others were better",
    "objective decreased": "stopped because the objective fell",
    "numerical failure": "failed numerically",
}


@dataclass(frozen=True)
class Trace:
    """One run of EM; `objective` holds one value an iteration, in nats, the start included."""

    run: int
    start: str
    stop_reason: str
    best: bool
    iteration: NDArray[np.int64]
    objective: NDArray[np.float64]
    gain: NDArray[np.float64]
    notes: list[str]

    @property
    def final(self) -> float:
        """The objective at which the run ended."""
        return float(self.objective[-1])

    @property
    def short(self) -> bool:
        """Whether the run was given up because others were better."""
        return self.stop_reason.startswith(NOT_CONTINUED)

    @property
    def falls(self) -> NDArray[np.int64]:
        """The iterations at which the objective fell by more than rounding can explain."""
        rounding = 1e-12 * (np.abs(self.objective) + 1.0)
        return self.iteration[self.gain < -rounding]


@dataclass(frozen=True)
class Convergence:
    """What the page shows of a fit."""

    climb: Markup
    gap: Markup
    sentences: list[str]
    traces: list[Trace]

    @property
    def marks(self) -> list[tuple[str, str]]:
        """The signs at the ends of the curves and what they mean."""
        reasons = dict.fromkeys(trace.stop_reason for trace in self.traces if not trace.short)
        return [(MARKS.get(reason, "×"), ENDS.get(reason, reason)) for reason in reasons]


def convergence(history: Sequence[Row], runs: Sequence[dict[str, Any]]) -> Convergence | None:
    """The view of one fit from the rows of its history and the entries of ``runs``; None where there is no history."""
    traces = _traces(history, runs)
    if not traces:
        return None
    return Convergence(_climb(traces), _gap(traces), _sentences(traces), traces)


def _traces(history: Sequence[Row], runs: Sequence[dict[str, Any]]) -> list[Trace]:
    described = {int(run["run"]): run for run in runs}
    rows: dict[int, list[Row]] = {}
    for row in history:
        rows.setdefault(int(row["run"]), []).append(row)
    return [
        Trace(
            run=run,
            start=str(described.get(run, {}).get("start", "")),
            stop_reason=str(described.get(run, {}).get("stop_reason", "not recorded")),
            best=bool(described.get(run, {}).get("best", False)),
            iteration=np.array([int(row["iteration"]) for row in entries]),
            objective=np.array([float(row["objective"]) for row in entries]),
            gain=np.array([float(row["gain"]) for row in entries]),
            notes=[row["note"] for row in entries if row.get("note")],
        )
        for run, entries in rows.items()
    ]


def _sentences(traces: list[Trace]) -> list[str]:
    reasons = Counter(trace.stop_reason for trace in traces)
    ended = listed([f"{number} {ENDS.get(reason, reason)}" for reason, number in reasons.items()])
    return [
        f"{count(len(traces), 'run')} of EM: {ended}.",
        _monotone(traces),
        _dependence([trace for trace in traces if not trace.short]),
    ]


def _monotone(traces: list[Trace]) -> str:
    steps = sum(len(trace.iteration) - 1 for trace in traces)
    fallen = [f"run {trace.run} at iteration {trace.falls[0]}" for trace in traces if len(trace.falls)]
    if fallen:
        return f"Checked over {count(steps, 'iteration')}: the objective fell in {listed(fallen)}; look at these runs."
    return f"Checked over {count(steps, 'iteration')}: the objective never went down, as EM promises."


def _dependence(finished: list[Trace]) -> str:
    if len(finished) < 2:
        return "Only one run was carried to its end, so how far the answer depends on the start cannot be told."
    finals = np.array([trace.final for trace in finished])
    behind = finals.max() - finals
    same = int(np.sum(behind <= SAME_OBJECTIVE))
    if same == len(finished):
        everyone = f"All {same} runs that were carried to their end reached the same objective"
        return f"{everyone}: the answer does not depend on the start."
    reached = f"{same} of the {len(finished)} runs that were carried to their end reached the best objective"
    spread = f"the others ended {decimal(float(behind[behind > SAME_OBJECTIVE].min()), 2)} nats or more below it"
    care = " The best was found once only: more restarts would make it surer." if same == 1 else ""
    return f"{reached}; {spread}.{care}"


def _climb(traces: list[Trace]) -> Markup:
    """The objective of every run; a start far below the rest is held at the lower edge."""
    low = min(float(trace.objective[min(1, len(trace.objective) - 1)]) for trace in traces)
    high = max(trace.final for trace in traces)
    margin = (high - low) * 0.05 or 1.0
    frame = Frame.of((0, _last_iteration(traces)), (low - margin, high + margin), left=66)
    lines = [_line(frame, trace, trace.objective) for trace in _best_last(traces)]
    return drawing(
        frame.width,
        frame.height,
        f"Objective of {count(len(traces), 'run')} at each iteration, rising to {decimal(high)} nats",
        frame.axes("iteration", "objective (nats)"),
        *lines,
    )


def _gap(traces: list[Trace]) -> Markup:
    """How far below the best of all each run still is, by powers of ten."""
    best = max(trace.final for trace in traces)
    gaps = {trace.run: np.log10(np.maximum(best - trace.objective, SMALLEST_GAP)) for trace in traces}
    low = math.log10(SMALLEST_GAP)
    high = max(low + 1, math.ceil(max(float(gap[min(1, len(gap) - 1)]) for gap in gaps.values())))
    frame = Frame.of((0, _last_iteration(traces)), (low, high), left=66)
    powers = range(int(low), int(high) + 1, 2 if high - low > 6 else 1)
    ticks = [(float(power), _power(power)) for power in powers]
    return drawing(
        frame.width,
        frame.height,
        "Distance of each run to the best objective of all runs, on a logarithmic scale",
        frame.axes("iteration", "below the best (nats)", y_ticks=ticks),
        *[_line(frame, trace, gaps[trace.run]) for trace in _best_last(traces)],
    )


def _power(exponent: int) -> str:
    return f"{10**exponent:,}".replace(",", "\u202f") if exponent >= 0 else f"{10.0**exponent:.{-exponent}f}"


def _line(frame: Frame, trace: Trace, values: NDArray[np.float64]) -> Markup:
    kind = "best" if trace.best else "short" if trace.short else "long"
    title = f"run {trace.run} ({trace.start}): {trace.stop_reason} at {decimal(trace.final, 3)} nats"
    line = element("polyline", class_="line", points=frame.points(trace.iteration.tolist(), values.tolist()))
    low, high = sorted((frame.y.start, frame.y.end))
    x, y = frame.x(float(trace.iteration[-1])), min(max(frame.y(float(values[-1])), low), high)
    mark = element("text", MARKS.get(trace.stop_reason, "×"), class_="mark middle", x=x, y=y + 3.5)
    return element("g", element("title", title), line, "" if trace.short else mark, class_=f"run {kind}")


def _best_last(traces: list[Trace]) -> list[Trace]:
    return sorted(traces, key=lambda trace: (trace.best, not trace.short, trace.run))


def _last_iteration(traces: list[Trace]) -> int:
    return max(1, *(int(trace.iteration[-1]) for trace in traces))
