"""Curves of a benchmark: small charts side by side, one for each thing that was varied."""

import math
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from emtools.report.svg import Frame, drawing, element, number

COLUMNS, WIDTH, HEIGHT = 3, 320, 210
COLORS = ("#0969da", "#1a7f37", "#bc4c00")
STYLE = (
    "text{font:11px sans-serif;fill:#57606a}.axis{fill:#1f2328}.end{text-anchor:end}.middle{text-anchor:middle}"
    ".grid{stroke:#d0d7de}polyline{fill:none;stroke-width:2}"
)


def curves(charts: Mapping[str, tuple[Sequence[str], Mapping[str, Sequence[float]]]], label: str) -> str:
    """An SVG: for each name its values and, from 0 to 1, a line for each thing measured at them."""
    n_rows = -(-len(charts) // COLUMNS)
    parts = [element("style", Markup(STYLE)), element("rect", width="100%", height="100%", fill="#ffffff")]
    for place, (name, (values, lines)) in enumerate(charts.items()):
        row, column = divmod(place, COLUMNS)
        move = f"translate({column * WIDTH} {24 + row * HEIGHT})"
        parts.append(element("g", chart(name, values, lines), transform=move))
    first = next(iter(charts.values()))[1]
    for i, (name, color) in enumerate(zip(first, COLORS, strict=True)):
        x = 60.0 + 150 * i
        parts.append(element("line", x1=x, x2=x + 24, y1=12, y2=12, stroke=color, stroke_width=2))
        parts.append(element("text", name, x=x + 30, y=16))
    picture = drawing(COLUMNS * WIDTH, 24 + n_rows * HEIGHT, label, *parts, xmlns="http://www.w3.org/2000/svg")
    return str(picture) + "\n"


def chart(name: str, values: Sequence[str], lines: Mapping[str, Sequence[float]]) -> Markup:
    frame = Frame.of((-0.3, len(values) - 0.7), (0.0, 1.02), width=WIDTH, height=HEIGHT)
    ticks = list(enumerate(values))
    drawn = [frame.axes(name, "", x_ticks=ticks, y_ticks=[(tick / 4, number(tick / 4)) for tick in range(5)])]
    for numbers, color in zip(lines.values(), COLORS, strict=True):
        points = [(x, y) for x, y in enumerate(numbers) if not math.isnan(y)]
        drawn.append(element("polyline", points=frame.points(*zip(*points, strict=True)), stroke=color))
        drawn += [element("circle", cx=frame.x(x), cy=frame.y(y), r=2.5, fill=color) for x, y in points]
    return Markup("").join(drawn)
