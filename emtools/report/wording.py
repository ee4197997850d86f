"""Numbers and counts as people write them."""

import math
import re

from markupsafe import Markup, escape


def decimal(value: float, digits: int = 1) -> str:
    r"""A number with thousands set apart and a true minus sign.

    >>> decimal(-12345.67)
    '−12\u202f345.7'
    """
    return f"{value:,.{digits}f}".replace(",", "\u202f").replace("-", "−")


def scientific(value: float) -> Markup:
    """A small or large number by its power of ten; one between 0.001 and 10,000 as it is.

    Values near 1e-300 stand for whatever is smaller.

    >>> str(scientific(3.2e-34)), str(scientific(0.04)), str(scientific(2e-300))
    ('3.2 × 10<sup>−34</sup>', '0.04', '&lt; 10<sup>−299</sup>')
    """
    if 0.0 <= value < 1e-299:
        return Markup("&lt; 10<sup>−299</sup>")
    if 1e-3 <= abs(value) < 1e4:
        return escape(f"{value:.2g}" if abs(value) < 10 else decimal(value, 0))
    mantissa, exponent = f"{value:.1e}".split("e")
    return Markup("{} × 10<sup>{}</sup>").format(mantissa.replace("-", "−"), str(int(exponent)).replace("-", "−"))


def statistic(text: str | None) -> Markup:
    """A cell of a table as `scientific`; an empty one as a dash."""
    return scientific(float(text)) if text and not math.isnan(float(text)) else Markup("–")


def count(number: int, noun: str, plural: str = "") -> str:
    r"""A number with its noun.

    >>> count(1, "gene"), count(1200, "gene"), count(2, "matrix", "matrices")
    ('1 gene', '1\u202f200 genes', '2 matrices')
    """
    return f"{decimal(number, 0)} {noun if number == 1 else plural or noun + 's'}"


def listed(words: list[str]) -> str:
    """Words joined as in a sentence.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def family_words(name: str) -> str:
    """What the three letters of a Gaussian family (Celeux and Govaert 1995) say of its components; else nothing.

    >>> family_words("VEI")
    'volumes differ, one shape, along the axes'
    """
    if not re.fullmatch(r"[EV](II|[EV][IEV])", name):
        return ""
    volume = {"E": "one volume", "V": "volumes differ"}[name[0]]
    if name.endswith("II"):
        return f"{volume}, spherical"
    shape = {"E": "one shape", "V": "shapes differ"}[name[1]]
    orientation = {"I": "along the axes", "E": "one orientation", "V": "orientations differ"}[name[2]]
    return f"{volume}, {shape}, {orientation}"


def slug(*words: object) -> str:
    """An address inside the page.

    >>> slug("motifs", "My <set>", 3)
    'motifs-my-set-3'
    """
    return re.sub(r"[^a-z0-9]+", "-", " ".join(map(str, words)).lower()).strip("-")
