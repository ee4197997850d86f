"""Drawing with SVG: elements whose text is escaped, numbers kept short, and the axes that every chart shares.

Colors are CSS classes and variables, never values, so that one drawing serves light pages, dark pages and paper.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup, escape


def number(value: float) -> str:
    """A coordinate with at most two decimals.

    >>> number(3.0), number(2.499)
    ('3', '2.5')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def element(name: str, *children: str, **attributes: object) -> Markup:
    """An element; children that are not `Markup` are escaped, `class_` stands for `class`, `fill_rule` for `fill-rule`.

    >>> str(element("text", "<b>", class_="tick", x=2.0))
    '<text class="tick" x="2">&lt;b&gt;</text>'
    """
    words = [name]
    for key, value in attributes.items():
        shown = number(value) if isinstance(value, float) else value
        words.append(f'{key.rstrip("_").replace("_", "-")}="{escape(shown)}"')
    inner = "".join(escape(child) for child in children)
    return Markup(f"<{' '.join(words)}>{inner}</{name}>" if inner else f"<{' '.join(words)}/>")


def drawing(box_width: float, box_height: float, label: str, *children: str, **attributes: object) -> Markup:
    """A picture that scales with its place on the page; `label` is what a screen reader says of it."""
    box = f"0 0 {number(box_width)} {number(box_height)}"
    return element("svg", *children, **{"class_": "chart", **attributes}, viewBox=box, role="img", aria_label=label)


@dataclass(frozen=True, slots=True)
class Scale:
    """The straight line from values (`low` to `high`) to pixels (`start` to `end`)."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The pixel of a value.

        >>> Scale(0, 10, 100, 200)(5)
        150.0
        """
        span = self.high - self.low or 1.0
        return self.start + (value - self.low) / span * (self.end - self.start)

    def ticks(self, count: int = 5) -> list[float]:
        """At most about `count` round values inside the scale.

        >>> Scale(0, 9.7, 0, 1).ticks()
        [0.0, 2.0, 4.0, 6.0, 8.0]
        """
        span = self.high - self.low
        if not span > 0:
            return [self.low]
        raw = span / count
        power = 10.0 ** math.floor(math.log10(raw))
        step = power * next(factor for factor in (1, 2, 2.5, 5, 10) if factor * power >= raw * (1 - 1e-9))
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [round(i * step, 12) for i in range(first, last + 1)]


@dataclass(frozen=True, slots=True)
class Frame:
    """A plotting area with its two scales."""

    width: float
    height: float
    x: Scale
    y: Scale

    @classmethod
    def of(
        cls,
        x: tuple[float, float],
        y: tuple[float, float],
        *,
        width: float = 400,
        height: float = 240,
        left: float = 52,
    ) -> "Frame":
        """A frame with room for tick labels on the left and below."""
        return cls(width, height, Scale(*x, left, width - 10), Scale(*y, height - 36, 10))

    def axes(
        self,
        x_label: str,
        y_label: str,
        *,
        x_ticks: Sequence[tuple[float, str]] | None = None,
        y_ticks: Sequence[tuple[float, str]] | None = None,
    ) -> Markup:
        """Grid lines, tick labels and axis titles."""
        parts = []
        for value, text in plain_ticks(self.y) if y_ticks is None else y_ticks:
            y = self.y(value)
            parts.append(element("line", class_="grid", x1=self.x.start, x2=self.x.end, y1=y, y2=y))
            parts.append(element("text", text, class_="tick end", x=self.x.start - 6, y=y + 3.5))
        for value, text in plain_ticks(self.x) if x_ticks is None else x_ticks:
            parts.append(element("text", text, class_="tick middle", x=self.x(value), y=self.y.start + 15))
        middle = (self.x.start + self.x.end) / 2
        parts.append(element("text", x_label, class_="axis middle", x=middle, y=self.height - 4))
        height = (self.y.start + self.y.end) / 2
        turn = f"translate(11 {number(height)}) rotate(-90)"
        parts.append(element("text", y_label, class_="axis middle", transform=turn))
        return Markup("").join(parts)

    def points(self, x: Sequence[float], y: Sequence[float]) -> str:
        """The corners of a line through the points, for `polyline`; pixels beyond the frame are held at its edge."""
        low, high = sorted((self.y.start, self.y.end))
        return " ".join(
            f"{number(self.x(a))},{number(min(max(self.y(b), low), high))}" for a, b in zip(x, y, strict=True)
        )


def plain_ticks(scale: Scale) -> list[tuple[float, str]]:
    """Round values with a text each; a minus sign is a minus sign, thousands are set apart."""
    ticks = scale.ticks()
    step = min((b - a for a, b in pairwise(ticks)), default=1.0)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9)) if step > 0 else 0
    if decimals and round(step * 10**decimals) != round(step * 10**decimals, 6):
        decimals += 1
    return [(tick, f"{tick:,.{decimals}f}".replace("-", "−").replace(",", " ")) for tick in ticks]
