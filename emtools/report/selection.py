"""The charts of the choice: which mixture, and how many clusters its components make."""

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from emtools.report.charts import color_class
from emtools.report.parsing import Row
from emtools.report.svg import Frame, drawing, element
from emtools.report.wording import count, decimal

MOST_FAMILIES_IN_COLOR = 5


def is_chosen(row: Row) -> bool:
    """Whether a row of ``selection.tsv`` is the clustering that the result holds."""
    return row.get("chosen", "").lower() in ("yes", "true", "1")


def families_in_color(selection: Sequence[Row], criterion: str) -> list[tuple[str, str]]:
    """The chosen family and those that come closest to it, each with its color; the others are drawn in gray."""
    values = _values(selection, criterion)
    chosen = {row["family"] for row in selection if is_chosen(row)}
    best = {family: min(points.values()) for family, points in values.items()}
    ordered = sorted(best, key=lambda family: (family not in chosen, best[family]))
    return [(family, color_class(i)) for i, family in enumerate(ordered[:MOST_FAMILIES_IN_COLOR])]


def selection_curve(selection: Sequence[Row], criterion: str) -> Markup | None:
    """The criterion against the number of components, one line a family, the chosen mixture ringed."""
    values = _values(selection, criterion)
    everything = [value for points in values.values() for value in points.values()]
    components = sorted({k for points in values.values() for k in points})
    if len(everything) < 2:
        return None
    colors = dict(families_in_color(selection, criterion))
    chosen = {(row["family"], int(row["n_components"])) for row in selection if is_chosen(row)}
    low, high = min(everything), _highest_of_interest(values)
    margin = (high - low) * 0.06 or 1.0
    frame = Frame.of((components[0] - 0.3, components[-1] + 0.3), (low - margin, high + margin), left=60)
    ordered = sorted(values, key=lambda family: family in colors)
    lines = [_line(frame, family, values[family], colors.get(family, "color-other")) for family in ordered]
    rings = [_ring(frame, k, values[family][k]) for family, k in sorted(chosen) if k in values.get(family, {})]
    ticks = [(float(k), str(k)) for k in components if len(components) <= 15 or k % 5 == 0]
    axes = frame.axes("number of components", criterion.upper(), x_ticks=ticks)
    label = f"{criterion.upper()} against the number of components for {count(len(values), 'family', 'families')}"
    return drawing(frame.width, frame.height, label, axes, *lines, *rings)


def stability_curve(selection: Sequence[Row]) -> Markup | None:
    """How well clusters are found again from half of the data, and how often they are confused, by their number."""
    rows = sorted((row for row in selection if row.get("agreement")), key=lambda row: int(row["n_clusters"]))
    if not rows:
        return None
    numbers = [int(row["n_clusters"]) for row in rows]
    frame = Frame.of((numbers[0] - 0.3, numbers[-1] + 0.3), (0.0, 1.0))
    agreement = {int(row["n_clusters"]): float(row["agreement"]) for row in rows}
    overlap = {int(row["n_clusters"]): float(row["overlap"]) for row in rows if row.get("overlap")}
    ticks = [(float(number), str(number)) for number in numbers]
    return drawing(
        frame.width,
        frame.height,
        "Agreement of half-samples and overlap of clusters by the number of clusters",
        frame.axes("number of clusters", "share", x_ticks=ticks),
        _line(frame, "agreement of halves", agreement, color_class(0), digits=2),
        _line(frame, "confused", overlap, color_class(1), digits=3),
        *[_ring(frame, int(row["n_clusters"]), float(row["agreement"])) for row in rows if is_chosen(row)],
    )


def _values(selection: Sequence[Row], criterion: str) -> dict[str, dict[int, float]]:
    """The criterion by family and number of components, where it is known."""
    values: dict[str, dict[int, float]] = {}
    for row in selection:
        if row.get(criterion) and np.isfinite(float(row[criterion])):
            values.setdefault(row["family"], {})[int(row["n_components"])] = float(row[criterion])
    return values


def _highest_of_interest(values: dict[str, dict[int, float]]) -> float:
    """The worst value but for the fewest components, which dwarf everything else; they are held at the upper edge."""
    fewest = min(k for points in values.values() for k in points)
    others = [value for points in values.values() for k, value in points.items() if k > fewest]
    return max(others or [value for points in values.values() for value in points.values()])


def _line(frame: Frame, name: str, points: dict[int, float], color: str, *, digits: int = 1) -> Markup:
    x = sorted(points)
    y = [points[k] for k in x]
    marks = [element("polyline", class_="line", points=frame.points(x, y))]
    for k, value in zip(x, y, strict=True):
        title = element("title", f"{name}, {k}: {decimal(value, digits)}")
        at = max(frame.y(value), frame.y.end)
        marks.append(element("circle", title, class_="dot", r=3.0, cx=frame.x(k), cy=at))
    return element("g", *marks, class_=color)


def _ring(frame: Frame, x: int, y: float) -> Markup:
    return element("circle", class_="chosen", r=8.0, cx=frame.x(x), cy=max(frame.y(y), frame.y.end))
