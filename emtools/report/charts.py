"""The charts of a clustering: profiles, the choice of the number of clusters, and how sure the assignment is."""

import re
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from emtools.report.reading import Row
from emtools.report.svg import Frame, Scale, drawing, element, number
from emtools.report.wording import count, decimal

Floats = NDArray[np.float64]
MOST_GROUPS = 12
MOST_NAMED_SAMPLES = 12
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


def sample_groups(samples: Sequence[str]) -> list[tuple[str, int, int]]:
    """Runs of neighboring samples that begin with the same word, as (word, first, end); one run if that tells nothing.

    >>> sample_groups(["alpha 0", "alpha 7", "heat 5", "heat 10"])
    [('alpha', 0, 2), ('heat', 2, 4)]
    """
    words = [
        (match.group() if (match := re.match(r"[^\W\d_]+\d*(?=[\W_])|[^\W\d_]+", name)) else "") for name in samples
    ]
    groups, first = [], 0
    for word, members in groupby(words):
        end = first + len(list(members))
        groups.append((word, first, end))
        first = end
    if not 2 <= len(groups) <= MOST_GROUPS or len(groups) == len(samples):
        return [("", 0, len(samples))]
    return groups


def profile(
    mean: Floats, spread: tuple[Floats, Floats], samples: Sequence[str], y_range: tuple[float, float], *, look: Look
) -> Markup:
    """The mean of a cluster over the samples with a band for the spread, broken where a series of samples ends."""
    low, high = spread
    frame = Frame.of((-0.5, len(samples) - 0.5), y_range, width=330, height=185, left=52)
    groups = sample_groups(samples)
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
    axes = frame.axes("samples", "expression", x_ticks=_sample_ticks(samples, groups, frame))
    inside = y_range[0] < 0 < y_range[1]
    body = element("g", *marks, class_=look.color)
    return drawing(frame.width, frame.height, look.label, axes, zero if inside else "", body)


def _sample_ticks(samples: Sequence[str], groups: list[tuple[str, int, int]], frame: Frame) -> list[tuple[float, str]]:
    """Names of samples where they are few, of series where there are some, else numbers; only where there is room."""
    if len(groups) > 1:
        named = [((first + end - 1) / 2, word, end - first) for word, first, end in groups]
        pixel = frame.x(1) - frame.x(0)
        return [(middle, word) for middle, word, width in named if len(word) * 5.5 < width * pixel]
    if len(samples) <= MOST_NAMED_SAMPLES and max(map(len, samples)) * len(samples) * 6 < frame.width:
        return list(enumerate(samples))
    return [(tick - 1, f"{tick:.0f}") for tick in Scale(1, len(samples), 0, 1).ticks()]


def sparkline(mean: Floats, look: Look) -> Markup:
    """A profile small enough for a table."""
    finite = mean[np.isfinite(mean)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    x, y = Scale(0, len(mean) - 1, 2, 158), Scale(low, high, 32, 4)
    points = " ".join(f"{number(x(i))},{number(y(value))}" for i, value in enumerate(mean) if np.isfinite(value))
    line = element("polyline", class_="line", points=points)
    return drawing(160, 36, look.label, element("g", line, class_=look.color), class_="sparkline")


def selection_curve(selection: Sequence[Row], criterion: str) -> Markup | None:
    """The criterion against the number of components, one line a family, the chosen model ringed."""
    rows = [row for row in selection if row.get(criterion) and np.isfinite(float(row[criterion]))]
    if not rows:
        return None
    components = [int(row["n_components"]) for row in rows]
    values = [float(row[criterion]) for row in rows]
    margin = (max(values) - min(values)) * 0.06 or 1.0
    x_range = (min(components) - 0.3, max(components) + 0.3)
    frame = Frame.of(x_range, (min(values) - margin, max(values) + margin), width=520, height=270, left=76)
    marks: list[str] = []
    for index, family in enumerate(dict.fromkeys(row["family"] for row in rows)):
        own = sorted((row for row in rows if row["family"] == family), key=lambda row: int(row["n_components"]))
        marks.append(_family(own, criterion, frame, index))
    ticks = [(float(k), str(k)) for k in sorted(set(components)) if len(set(components)) <= 15 or k % 5 == 0]
    axes = frame.axes("number of components", criterion.upper(), x_ticks=ticks)
    label = f"{criterion.upper()} against the number of components for each family of models"
    return drawing(frame.width, frame.height, label, axes, *marks)


def _family(rows: Sequence[Row], criterion: str, frame: Frame, index: int) -> Markup:
    x = [int(row["n_components"]) for row in rows]
    y = [float(row[criterion]) for row in rows]
    marks: list[str] = [element("polyline", class_="line", points=frame.points(x, y))]
    for row, k, value in zip(rows, x, y, strict=True):
        title = f"{row['family']}, {count(k, 'component')}: {decimal(value)}"
        dot = {"cx": frame.x(k), "cy": frame.y(value)}
        marks.append(element("circle", element("title", title), class_="dot", r=3.0, **dot))
        if is_chosen(row):
            marks.append(element("circle", class_="chosen", r=8.0, **dot))
    return element("g", *marks, class_=color_class(index))


def is_chosen(row: Row) -> bool:
    """Whether a row of ``selection.tsv`` is the model that the result holds."""
    return row.get("chosen", "").lower() in ("1", "true", "yes")


def certainty_bars(probability: Floats, assigned: NDArray[np.int64], n_clusters: int) -> Markup:
    """For each cluster, the share of its genes in each class of assignment probability."""
    step, left, right = 26, 76, 510
    rows: list[str] = []
    for cluster in range(1, n_clusters + 1):
        own = probability[assigned == cluster]
        rows.append(_certainty_bar(own, cluster, step * (cluster - 1), Scale(0, max(len(own), 1), left, right)))
    label = "Share of the genes of each cluster by the probability of their assignment"
    return drawing(520, step * n_clusters, label, *rows)


def _certainty_bar(own: Floats, cluster: int, top: float, x: Scale) -> Markup:
    name = element("text", f"cluster {cluster}", class_="tick end", x=x.start - 8, y=top + 16)
    parts: list[str] = [name]
    seen = 0
    bins = np.array([sum(p < floor for floor, _ in CERTAINTY) for p in own], dtype=int)
    for level, (_, words) in enumerate(CERTAINTY):
        members = int(np.sum(bins == level))
        if not members:
            continue
        start, end = x(seen), x(seen + members)
        title = element("title", f"cluster {cluster}: {count(members, 'gene')} at probability {words}")
        box = {"x": start, "y": top + 3.0, "width": max(end - start - 1, 1.0), "height": 19.0}
        parts.append(element("rect", title, class_=f"certainty-{level + 1}", **box))
        if end - start > 24:
            place = {"x": (start + end) / 2, "y": top + 16.5}
            parts.append(element("text", str(members), class_=f"inside middle on-{level + 1}", **place))
        seen += members
    return element("g", *parts)
