"""Sequence logos as crisp SVG, drawn from letter probabilities (Schneider and Stephens 1990)."""

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from emtools.report.svg import Scale, drawing, element, number, plain_ticks

Floats = NDArray[np.float64]

#: The letters, each filling a box of 100 x 100 (fill rule: even-odd).
GLYPHS = {
    "A": "M38 0H62L100 100H74L67 79H33L26 100H0ZM39 60H61L50 26Z",
    "C": "M97 34A50 50 0 1 0 97 66L74 62A26 30 0 1 1 74 38Z",
    "D": "M0 0H45A55 50 0 0 1 45 100H0ZM25 20V80H45A30 30 0 0 0 45 20Z",
    "E": "M0 0H100V20H26V39H92V59H26V80H100V100H0Z",
    "F": "M0 0H100V20H27V41H90V61H27V100H0Z",
    "G": "M97 34A50 50 0 1 0 99 60V46H54V64H73A26 30 0 1 1 74 38Z",
    "H": "M0 0H26V39H74V0H100V100H74V60H26V100H0Z",
    "I": "M37 0H63V100H37Z",
    "K": "M0 0H26V38L66 0H100L50 46L100 100H67L26 56V100H0Z",
    "L": "M0 0H27V80H100V100H0Z",
    "M": "M0 0H27L50 54L73 0H100V100H77V36L58 82H42L23 36V100H0Z",
    "N": "M0 0H28L75 66V0H100V100H72L25 34V100H0Z",
    "P": "M0 0H60A40 32 0 0 1 60 64H26V100H0ZM26 20V44H58A14 12 0 0 0 58 20Z",
    "Q": "M50 0A50 47 0 0 1 84 81L98 100H68L60 92A50 47 0 1 1 50 0ZM50 20A25 27 0 1 0 50 74A25 27 0 1 0 50 20Z",
    "R": "M0 0H60A38 31 0 0 1 70 60L100 100H70L46 62H26V100H0ZM26 20V43H58A14 11.5 0 0 0 58 20Z",
    "S": (
        "M93 30C88 8 72 0 50 0C22 0 4 11 4 30C4 47 16 54 40 59C64 64 72 65 72 71C72 77 64 81 51 81"
        "C36 81 28 76 25 66L0 69C4 90 20 100 51 100C82 100 98 89 98 70C98 51 84 45 60 40"
        "C38 35 29 34 29 28C29 22 37 19 48 19C60 19 66 23 69 32Z"
    ),
    "T": "M0 0H100V21H62V100H38V21H0Z",
    "U": "M0 0H25V60A25 21 0 0 0 75 60V0H100V60A50 40 0 0 1 0 60Z",
    "V": "M0 0H28L50 68L72 0H100L64 100H36Z",
    "W": "M0 0H23L33 62L43 14H57L67 62L77 0H100L82 100H57L50 62L43 100H18Z",
    "Y": "M0 0H30L50 36L70 0H100L63 59V100H37V59Z",
}
COLUMN = 26.0
SMALL_COLUMN = 20.0


def letter_heights(probabilities: Floats, n_sites: float) -> Floats:
    """The height of every letter, in bits: its probability times the information content of its column.

    Parameters
    ----------
    probabilities : (width, n_letters) array
        The letter probabilities; rows sum to 1.
    n_sites : float
        How many sites they come from. Few sites look more certain than they are: the expected excess
        (Schneider et al. 1986, ``(n_letters - 1) / (2 ln 2 n_sites)``) is taken off. ``inf`` for no correction.

    Returns
    -------
    (width, n_letters) array
        Each row sums to the information content of its column, which is never below zero.

    Examples
    --------
    >>> letter_heights(np.array([[1.0, 0.0, 0.0, 0.0], [0.25, 0.25, 0.25, 0.25]]), np.inf).sum(axis=1).tolist()
    [2.0, 0.0]
    """
    p = np.asarray(probabilities, dtype=np.float64)
    n_letters = p.shape[1]
    entropy = -np.sum(p * np.log2(np.where(p > 0, p, 1.0)), axis=1)
    excess = (n_letters - 1) / (2 * np.log(2) * max(n_sites, 1.0))
    information: Floats = np.maximum(np.log2(n_letters) - entropy - excess, 0.0)
    return p * information[:, None]


def reverse_complement(probabilities: Floats) -> Floats:
    """The probabilities of the same motif as read on the other strand; the letters are ACGT, in this order.

    >>> reverse_complement(np.array([[0.7, 0.2, 0.1, 0.0]])).tolist()
    [[0.0, 0.1, 0.2, 0.7]]
    """
    return np.asarray(probabilities)[::-1, ::-1]


def logo(probabilities: Floats, letters: str, n_sites: float, label: str) -> Markup:
    """A logo with its axis in bits and numbered columns; `label` is said by screen readers."""
    heights = letter_heights(probabilities, n_sites)
    top = float(np.log2(len(letters)))
    scale = Scale(0.0, top, 118, 8)
    left = 34.0
    right = left + COLUMN * len(heights)
    parts = []
    for value, text in plain_ticks(Scale(0.0, top, 0, 1)) if len(letters) > 4 else [(0.0, "0"), (1.0, "1"), (2.0, "2")]:
        parts.append(element("line", class_="grid", x1=left, x2=right, y1=scale(value), y2=scale(value)))
        parts.append(element("text", text, class_="tick end", x=left - 5, y=scale(value) + 3.5))
    parts.append(element("text", "bits", class_="axis middle", transform="translate(10 63) rotate(-90)"))
    parts.append(_stacks(heights, letters, left, COLUMN, scale))
    middles = [left + COLUMN * (i + 0.5) for i in range(len(heights))]
    parts += [element("text", str(i + 1), class_="tick middle", x=x, y=132.0) for i, x in enumerate(middles)]
    width, height = right + 4, 138.0
    return drawing(width, height, label, *parts, class_="logo", width=width, height=height)


def bare_logo(
    probabilities: Floats, letters: str, n_sites: float, label: str, *, before: int = 0, columns: int = 0
) -> Markup:
    """A logo without axes, `before` empty columns in front, in a picture of at least `columns` columns."""
    heights = letter_heights(probabilities, n_sites)
    scale = Scale(0.0, float(np.log2(len(letters))), 50, 0)
    width = SMALL_COLUMN * max(columns, before + len(heights))
    left, right = SMALL_COLUMN * before, SMALL_COLUMN * (before + len(heights))
    base = element("line", class_="base", x1=left, x2=right, y1=50.5, y2=50.5)
    stacks = _stacks(heights, letters, left, SMALL_COLUMN, scale)
    return drawing(width, 52, label, stacks, base, class_="logo bare", preserveAspectRatio="xMinYMid")


def glyph_definitions(letters: Sequence[str]) -> Markup:
    """The letters as shapes that every logo of the page refers to; those without a shape here as text."""
    text = {"textLength": 100, "lengthAdjust": "spacingAndGlyphs", "y": 100, "style": "font: bold 137px sans-serif"}
    paths = [
        element("path", id=f"glyph-{letter}", d=GLYPHS[letter], fill_rule="evenodd")
        if letter in GLYPHS
        else element("text", letter, id=f"glyph-{letter}", **text)
        for letter in letters
    ]
    return element("svg", element("defs", *paths), width="0", height="0", class_="definitions", aria_hidden="true")


def _stacks(heights: Floats, letters: str, left: float, column_width: float, scale: Scale) -> Markup:
    """The columns of letters, the tallest letter on top; what is below a tenth of a pixel is not drawn."""
    parts = []
    for i, column in enumerate(heights):
        height = 0.0
        for j in np.argsort(column, kind="stable"):
            below, height = height, height + float(column[j])
            pixels = scale(below) - scale(height)
            if pixels < 0.1:
                continue
            place = f"translate({number(left + column_width * i + 0.5)} {number(scale(height))})"
            size = f"scale({number((column_width - 1) / 100)} {pixels / 100:.4f})"
            letter = letters[j]
            parts.append(
                element("use", href=f"#glyph-{letter}", class_=f"letter-{letter}", transform=f"{place} {size}")
            )
    return Markup("").join(parts)
