"""What the page shows of the motifs of one set of sequences."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from emtools.report import logos, sitemap
from emtools.report.charts import color_class
from emtools.report.convergence import Convergence, convergence
from emtools.report.parsing import Row
from emtools.report.reading import Motif, Motifs
from emtools.report.wording import count, decimal, scientific

Floats = NDArray[np.float64]
DNA = "ACGT"
MOST_NAMES = 6
MOST_LIKELIEST = 3
MOST_SITES = 300


@dataclass(frozen=True)
class Name:
    """A known motif that resembles ours, drawn in line with it."""

    row: Row
    picture: Markup

    @property
    def by_chance(self) -> bool:
        """Whether the database holds as good a match by chance."""
        return not _better_than_chance(self.row)


@dataclass(frozen=True)
class MotifView:
    """One motif, ready for the page."""

    motif: Motif
    index: int
    section: "MotifSection"

    @property
    def row(self) -> Row:
        """Its row of ``motifs.tsv``."""
        return self.motif.row

    @property
    def title(self) -> str:
        """What to call it."""
        return self.row.get("consensus") or self.motif.name

    @property
    def color(self) -> str:
        """The CSS class of its color."""
        return color_class(self.index)

    @cached_property
    def logo(self) -> Markup | None:
        """The motif as found."""
        if self.motif.probabilities is None:
            return None
        label = f"Logo of {self.motif.name}, {self.title}"
        return logos.logo(self.motif.probabilities, self.motif.letters, self.motif.n_sites, label)

    @cached_property
    def reverse_logo(self) -> Markup | None:
        """The motif as read on the other strand; None where only one strand was searched."""
        one_strand = self.section.result.summary.get("config", {}).get("one_strand")
        if self.motif.probabilities is None or self.motif.letters != DNA or one_strand:
            return None
        other = logos.reverse_complement(self.motif.probabilities)
        label = f"Logo of {self.motif.name} on the other strand"
        return logos.logo(other, self.motif.letters, self.motif.n_sites, label)

    @cached_property
    def small_logo(self) -> Markup | None:
        """The motif small enough for a table."""
        if self.motif.probabilities is None:
            return None
        label = f"Logo of {self.title}"
        return logos.bare_logo(self.motif.probabilities, self.motif.letters, self.motif.n_sites, label)

    @property
    def p_value(self) -> Markup | None:
        """Its p-value, if there is one."""
        return _number(self.row.get("p_value"))

    @property
    def e_value(self) -> Markup | None:
        """Its E-value, if there is one; above 1 it says no more than that."""
        cell = self.row.get("e_value")
        return Markup("above 1") if cell and float(cell) > 1.0 else _number(cell)

    @property
    def word(self) -> str:
        """The word that was compared; empty where the motif itself was."""
        return self.row.get("word", "")

    @property
    def hits(self) -> tuple[str, str] | None:
        """The share of the sequences compared that hold it, and of the controls, if the test was of these."""
        if not self.row.get("n_compared"):
            return None
        return self._share("n_hits", "n_compared"), self._share("n_control_hits", "n_controls")

    def _share(self, part: str, whole: str) -> str:
        n, of = int(self.row[part]), int(self.row[whole])
        return f"{decimal(n, 0)} of {decimal(of, 0)} ({n / of:.0%})"

    @property
    def figures(self) -> list[tuple[str, str]]:
        """Those figures that need no explanation."""
        figures = [("width", self.row.get("width", "")), ("sites", decimal(self.motif.n_sites, 0))]
        if self.row.get("n_sequences"):
            figures.append(("sequences with sites", decimal(int(self.row["n_sequences"]), 0)))
        for key, name, unit in (
            ("information_bits", "information", " bits"),
            ("log_likelihood_ratio", "log-likelihood ratio", " nats"),
        ):
            if self.row.get(key):
                figures.append((name, decimal(float(self.row[key])) + unit))
        return figures

    @cached_property
    def positions(self) -> Markup:
        """Where the sites lie."""
        label = f"Positions of the sites of {self.motif.name}"
        return sitemap.position_histogram(self.motif.sites, self.section.span, self.color, label)

    @cached_property
    def sites(self) -> list[Row]:
        """The strongest sites, in falling order of their score."""
        ordered = sorted(self.motif.sites, key=lambda site: -float(site.get("score_bits") or 0.0))
        return ordered[:MOST_SITES]

    @cached_property
    def names(self) -> list[Name]:
        """The known motifs most like it: those that are better than chance, and the next for comparison."""
        return [Name(row, self._aligned(row)) for row in self._shown_names]

    @cached_property
    def _shown_names(self) -> list[Row]:
        better = sum(_better_than_chance(row) for row in self.motif.names)
        return self.motif.names[: min(better + 1, MOST_NAMES)]

    @property
    def likeliest(self) -> list[Name]:
        """The known motifs to name it by: those that are better than chance, or the best if none is; each name once."""
        better = [name for name in self.names if not name.by_chance] or self.names[:1]
        first = {name.row["name"]: name for name in reversed(better)}
        return [name for name in better if first[name.row["name"]] is name][:MOST_LIKELIEST]

    def _aligned(self, row: Row) -> Markup:
        matrix = self.section.known.get(row["database_id"])
        if matrix is None or self.motif.letters != DNA:
            return Markup("")
        if row.get("strand") == "-":
            matrix = logos.reverse_complement(matrix)
        before, after = self._margins
        offset = int(row.get("offset") or 0)
        columns = before + len(self.motif.probabilities if self.motif.probabilities is not None else ()) + after
        label = f"Logo of {row['name']}, aligned"
        letters = self.motif.letters
        return logos.bare_logo(matrix, letters, np.inf, label, before=before + offset, columns=columns)

    @cached_property
    def query_logo(self) -> Markup:
        """The motif in the columns in which the known motifs are drawn."""
        if self.motif.probabilities is None:
            return Markup("")
        before, after = self._margins
        columns = before + len(self.motif.probabilities) + after
        label = f"Logo of {self.title}, for comparison"
        return logos.bare_logo(
            self.motif.probabilities, self.motif.letters, self.motif.n_sites, label, before=before, columns=columns
        )

    @cached_property
    def _margins(self) -> tuple[int, int]:
        """How many columns known motifs reach out before and behind the motif."""
        width = len(self.motif.probabilities) if self.motif.probabilities is not None else 0
        before = after = 0
        for row in self._shown_names:
            matrix = self.section.known.get(row["database_id"])
            if matrix is not None:
                offset = int(row.get("offset") or 0)
                before, after = max(before, -offset), max(after, offset + len(matrix) - width)
        return before, after

    @cached_property
    def convergence(self) -> Convergence | None:
        """How EM got to this motif."""
        result = self.section.result
        history = [row for row in result.history if row.get("motif") == self.motif.name]
        runs = [run for run in result.summary.get("runs", []) if run.get("motif", self.motif.name) == self.motif.name]
        return convergence(history, runs)


@dataclass(frozen=True)
class MotifSection:
    """The motifs of one set of sequences, ready for the page; `known` holds the matrices of known motifs."""

    result: Motifs
    known: Mapping[str, Floats]

    @cached_property
    def motifs(self) -> list[MotifView]:
        """The motifs, best first."""
        return [MotifView(motif, i, self) for i, motif in enumerate(self.result.motifs)]

    @property
    def n_sequences(self) -> int:
        """The number of sequences that were searched."""
        return int(self.result.summary.get("n_sequences") or len(self.result.lengths))

    @property
    def span(self) -> int:
        """The last position to be drawn."""
        mean = float(self.result.summary.get("n_letters") or 0) / max(self.n_sequences, 1)
        return sitemap.span_of(self.result.motifs, self.result.lengths, mean)

    @property
    def conclusion(self) -> str:
        """What was found, in a sentence."""
        found = self.result.summary.get("conclusion")
        if found:
            return str(found)
        return f"{count(len(self.motifs), 'motif')} found." if self.motifs else "No motif was found."

    @cached_property
    def site_map(self) -> tuple[Markup, int]:
        """The sites along each sequence, and how many sequences have any."""
        return sitemap.site_map(self.result.motifs, self.result.lengths, self.span)

    @property
    def has_sites(self) -> bool:
        """Whether there is any site to be drawn."""
        return any(motif.sites for motif in self.result.motifs)


def _better_than_chance(row: Row) -> bool:
    return float(row.get("e_value") or 0.0) <= 1.0


def _number(cell: str | None) -> Markup | None:
    return scientific(float(cell)) if cell and not math.isnan(float(cell)) else None
