"""The charts of a clustering: the profile of each cluster, and how sure the assignment is."""

import re
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from emtools.report.svg import Frame, Scale, drawing, element, number
from emtools.report.wording import count

Floats = NDArray[np.float64]
MOST_GROUPS = 12
MOST_NAMED_COLUMNS = 12
N_COLORS = 7
CERTAINTY = (
    (0.999, "0.999 or more"),
    (0.99, "0.99 to 0.999"),
    (0.9, "0.9 to 0.99"),
    (0.5, "0.5 to 0.9"),
    (0.0, "below 0.5"),
)


def color_class(index: int) -> str:
    """The CSS class of the color of a cluster, a family or a motif (0-based; the colors repeat after seven)."""
    return f"color-{index % N_COLORS + 1}"


class Look(NamedTuple):
    """The color of a drawing (a CSS class) and what a screen reader says of it."""

    color: str
    label: str


def column_groups(columns: Sequence[str]) -> list[tuple[str, int, int]]:
    """Runs of neighboring columns that begin with the same word, as (word, first, end); one run if that tells nothing.

    >>> column_groups(["alpha 0", "alpha 7", "heat 5", "heat 10"])
    [('alpha', 0, 2), ('heat', 2, 4)]
    """
    words = [
        (match.group() if (match := re.match(r"[^\W\d_]+\d*(?=[\W_])|[^\W\d_]+", name)) else "") for name in columns
    ]
    groups, first = [], 0
    for word, members in groupby(words):
        end = first + len(list(members))
        groups.append((word, first, end))
        first = end
    if not 2 <= len(groups) <= MOST_GROUPS or len(groups) == len(columns):
        return [("", 0, len(columns))]
    return groups


def profile(
    mean: Floats,
    spread: tuple[Floats, Floats],
    columns: Sequence[str],
    y_range: tuple[float, float],
    *,
    look: Look,
    axis: str = "samples",
) -> Markup:
    """The mean of a cluster over the columns with a band for the spread, broken where a series of columns ends."""
    low, high = spread
    frame = Frame.of((-0.5, len(columns) - 0.5), y_range, width=330, height=185, left=52)
    groups = column_groups(columns)
    marks: list[str] = []
    for _, first, end in groups:
        x = list(range(first, end))
        there = [i for i in x if np.isfinite([mean[i], low[i], high[i]]).all()]
        upper = frame.points(there, high[there].tolist())
        lower = frame.points(there[::-1], low[there[::-1]].tolist())
        marks.append(element("polygon", class_="band", points=f"{upper} {lower}"))
        marks.append(element("polyline", class_="line", points=frame.points(there, mean[there].tolist())))
        if first:
            edge = frame.x(first - 0.5)
            marks.append(element("line", class_="divide", x1=edge, x2=edge, y1=frame.y.end, y2=frame.y.start))
    zero = element("line", class_="zero", x1=frame.x.start, x2=frame.x.end, y1=frame.y(0), y2=frame.y(0))
    axes = frame.axes(axis, "expression", x_ticks=_column_ticks(columns, groups, frame))
    inside = y_range[0] < 0 < y_range[1]
    body = element("g", *marks, class_=look.color)
    return drawing(frame.width, frame.height, look.label, axes, zero if inside else "", body)


def _column_ticks(columns: Sequence[str], groups: list[tuple[str, int, int]], frame: Frame) -> list[tuple[float, str]]:
    """Names of samples where they are few, of series where there are some, else numbers; only where there is room."""
    if len(groups) > 1:
        named = [((first + end - 1) / 2, word, end - first) for word, first, end in groups]
        pixel = frame.x(1) - frame.x(0)
        return [(middle, word) for middle, word, width in named if len(word) * 5.5 < width * pixel]
    room = abs(frame.x.end - frame.x.start)
    if len(columns) <= MOST_NAMED_COLUMNS and (max(map(len, columns)) + 1) * len(columns) * 6 < room:
        return list(enumerate(columns))
    return [(tick - 1, f"{tick:.0f}") for tick in Scale(1, len(columns), 0, 1).ticks() if tick.is_integer()]


def sparkline(mean: Floats, look: Look) -> Markup:
    """A profile small enough for a table."""
    finite = mean[np.isfinite(mean)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    x, y = Scale(0, len(mean) - 1, 2, 158), Scale(low, high, 32, 4)
    points = " ".join(f"{number(x(i))},{number(y(value))}" for i, value in enumerate(mean) if np.isfinite(value))
    line = element("polyline", class_="line", points=points)
    return drawing(160, 36, look.label, element("g", line, class_=look.color), class_="sparkline")


def certainty_bars(probability: Floats, assigned: NDArray[np.int64], n_clusters: int, item: str = "gene") -> Markup:
    """For each cluster, the share of its items in each class of assignment probability."""
    step, left, right = 26, 76, 510
    rows: list[str] = []
    for cluster in range(1, n_clusters + 1):
        own = probability[assigned == cluster]
        x = Scale(0, max(len(own), 1), left, right)
        rows.append(_certainty_bar(own, f"cluster {cluster}", item, step * (cluster - 1), x))
    label = f"Share of the {item}s of each cluster by the probability of their assignment"
    return drawing(520, step * n_clusters, label, *rows)


def _certainty_bar(own: Floats, name: str, item: str, top: float, x: Scale) -> Markup:
    parts: list[str] = [element("text", name, class_="tick end", x=x.start - 8, y=top + 16)]
    seen = 0
    bins = np.array([sum(p < floor for floor, _ in CERTAINTY) for p in own], dtype=int)
    for level, (_, words) in enumerate(CERTAINTY):
        members = int(np.sum(bins == level))
        if not members:
            continue
        start, end = x(seen), x(seen + members)
        title = element("title", f"{name}: {count(members, item)} at probability {words}")
        box = {"x": start, "y": top + 3.0, "width": max(end - start - 1, 1.0), "height": 19.0}
        parts.append(element("rect", title, class_=f"certainty-{level + 1}", **box))
        if end - start > 24:
            place = {"x": (start + end) / 2, "y": top + 16.5}
            parts.append(element("text", str(members), class_=f"inside middle on-{level + 1}", **place))
        seen += members
    return element("g", *parts)
