"""Where the sites of motifs lie: along each sequence, and over all sequences."""

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from emtools.report.charts import color_class
from emtools.report.parsing import Row
from emtools.report.reading import Motif
from emtools.report.svg import Frame, Scale, drawing, element, plain_ticks
from emtools.report.wording import count

MOST_SEQUENCES = 150
LONGEST_NAME = 18
ROW = 13.0


def span_of(motifs: Sequence[Motif], lengths: dict[str, int], mean_length: float) -> int:
    """The last position to be drawn: the longest sequence known, or what the sites and the mean length tell."""
    ends = [int(site["end"]) for motif in motifs for site in motif.sites]
    return max([1, *ends, *lengths.values(), round(mean_length)])


def site_map(motifs: Sequence[Motif], lengths: dict[str, int], span: int) -> tuple[Markup, int]:
    """A line for each sequence with its sites, and the number of sequences that have any.

    A site on the given strand stands above the line, one on the other strand below. Where there are many sequences,
    the ones with the strongest sites are drawn.
    """
    strongest: dict[str, float] = {}
    for motif in motifs:
        for site in motif.sites:
            score = float(site.get("score_bits") or 0.0)
            strongest[site["sequence"]] = max(score, strongest.get(site["sequence"], -np.inf))
    shown = sorted(strongest, key=lambda name: (-strongest[name], name))[:MOST_SEQUENCES]
    place = {name: 26 + ROW * i for i, name in enumerate(shown)}
    x = Scale(1, span, 130, 712)
    parts: list[str] = []
    bottom = 26 + ROW * len(shown)
    for value, text in plain_ticks(Scale(0, span, 0, 1)):
        at = x(max(value, 1))
        parts.append(element("line", class_="grid", x1=at, x2=at, y1=16.0, y2=bottom))
        parts.append(element("text", text if value else "1", class_="tick middle", x=at, y=11.0))
    for name, y in place.items():
        short = name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
        parts.append(element("text", element("title", name), short, class_="tick end", x=122.0, y=y + 3.5))
        parts.append(element("line", class_="base", x1=x(1), x2=x(lengths.get(name, span)), y1=y, y2=y))
    for index, motif in enumerate(motifs):
        boxes = [
            _box(site, motif.name, place[site["sequence"]], x) for site in motif.sites if site["sequence"] in place
        ]
        parts.append(element("g", *boxes, class_=color_class(index)))
    label = f"Positions of the sites of {count(len(motifs), 'motif')} in {count(len(shown), 'sequence')}"
    return drawing(720, bottom, label, *parts, class_="chart sites"), len(strongest)


def _box(site: Row, motif: str, y: float, x: Scale) -> Markup:
    start, end = int(site["start"]), int(site["end"])
    title = f"{motif}: {site['sequence']}, {start} to {end}, strand {site['strand']} {site.get('site', '')}"
    width = max(x(end + 1) - x(start), 3.0)
    top = y - 5.5 if site["strand"] != "-" else y + 0.5
    return element("rect", element("title", title), class_="site", x=x(start), y=top, width=width, height=5.0)


def position_histogram(sites: Sequence[Row], span: int, color: str, label: str) -> Markup:
    """How many sites lie where: those on the given strand upwards, those on the other strand downwards."""
    edges = np.linspace(1, span + 1, 26)
    middles = {"+": list[float](), "-": list[float]()}
    for site in sites:
        middles["-" if site["strand"] == "-" else "+"].append((int(site["start"]) + int(site["end"])) / 2)
    up, down = (np.histogram(middles[strand], edges)[0] for strand in "+-")
    high, low = max(1, int(up.max())), int(down.max())
    frame = Frame.of((1, span + 1), (-low - 0.3, high + 0.3), width=320, height=230, left=44)
    bars: list[str] = []
    for left, right, above, below in zip(edges[:-1], edges[1:], up.tolist(), down.tolist(), strict=True):
        if above or below:
            text = f"{left:.0f} to {right:.0f}: {above} on the given strand, {below} on the other"
            box = {"x": frame.x(left) + 0.5, "width": frame.x(right) - frame.x(left) - 1}
            height = frame.y(-below) - frame.y(above)
            bars.append(element("rect", element("title", text), class_="bar", y=frame.y(above), height=height, **box))
    zero = element("line", class_="zero", x1=frame.x.start, x2=frame.x.end, y1=frame.y(0), y2=frame.y(0))
    ticks = [(value, text.lstrip("−")) for value, text in plain_ticks(frame.y) if value == round(value)]
    axes = frame.axes("position in the sequence", "sites", y_ticks=ticks)
    return drawing(frame.width, frame.height, label, axes, element("g", *bars, class_=color), zero)
