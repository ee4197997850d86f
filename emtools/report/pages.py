"""The page: all results of one or several directories in one HTML file that needs no other file and no network."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

import emtools
from emtools.files import atomic_path
from emtools.report import wording
from emtools.report.cluster_section import Cluster, ClusterSection
from emtools.report.known import known_matrices
from emtools.report.logos import glyph_definitions
from emtools.report.motif_section import MotifSection, MotifView
from emtools.report.reading import Motifs, Record, Results, read_results

MOST_TITLES = 4
FILES = {
    "assignments.tsv": "the cluster of each gene or sample, its probability, and that of every other cluster",
    "profiles.tsv": "the mean expression of each cluster",
    "selection.tsv": "every model that was tried, with its criteria",
    "parameters.json": "the parameters of the fitted model",
    "result.h5ad": "the expression with clusters, probabilities and parameters, for scanpy and anndata",
    "promoters.fa": "the sequences that were searched",
    "motifs.tsv": "the motifs with their significance",
    "sites.tsv": "every site of every motif",
    "sites.bed": "the sites in genome coordinates, for genome browsers",
    "sites.gff3": "the sites in genome coordinates, as annotation",
    "motifs.meme": "the motifs in MEME's format",
    "motifs.jaspar": "the motifs in JASPAR's format",
    "motifs.transfac": "the motifs in TRANSFAC's format",
    "promoters.json": "whose promoters were taken, and which genes have none",
    "names.tsv": "the known motifs that resemble them",
    "names.json": "the database of known motifs, and how they were compared",
    "history.tsv": "the objective of every run at every iteration",
    "summary.json": "version, options, checksums, seed, messages and why each run stopped",
}


@dataclass(frozen=True)
class Dataset:
    """What belongs together: a clustering with the motifs of its clusters, or the motifs of some sequences."""

    name: str
    id: str
    clusters: ClusterSection | None = None
    motifs: list[MotifSection] = field(default_factory=list)

    @property
    def records(self) -> list[Record]:
        """The results that it holds."""
        own: list[Record] = [self.clusters.result] if self.clusters else []
        return own + [section.result for section in self.motifs]

    def motif_id(self, section: MotifSection) -> str:
        """The address of a set of motifs inside the page."""
        cluster = section.result.cluster
        return f"{self.id}-motifs" + (f"-{cluster}" if cluster is not None else "")

    def section_of(self, cluster: Cluster) -> MotifSection | None:
        """The motifs of the promoters of a cluster, if they were searched."""
        return next((section for section in self.motifs if section.result.cluster == cluster.number), None)


@dataclass(frozen=True)
class OverviewRow:
    """One line of the overview: a cluster, or a set of sequences, with its first motif."""

    dataset: Dataset
    cluster: Cluster | None
    section: MotifSection | None

    @property
    def motif(self) -> MotifView | None:
        """The first motif, if any was found."""
        return self.section.motifs[0] if self.section and self.section.motifs else None

    @property
    def size(self) -> str:
        """How much was clustered or searched."""
        if self.cluster and self.dataset.clusters:
            genes = wording.count(self.cluster.size, self.dataset.clusters.result.item)
            some = self.section and 0 < self.section.n_sequences < self.cluster.size
            return f"{genes}, {self.section.n_sequences} with a promoter" if self.section and some else genes
        return wording.count(self.section.n_sequences if self.section else 0, "sequence")

    @property
    def note(self) -> str:
        """What stands where no motif stands."""
        if self.section is None:
            return "not searched"
        if self.section.n_sequences:
            return "no motif found"
        return "no promoter for these genes" if self.cluster else "no sequence to search"


@dataclass(frozen=True)
class Page:
    """Everything that the templates need."""

    datasets: list[Dataset]
    base: Path

    @property
    def title(self) -> str:
        """The datasets by name while they are few."""
        names = list(dict.fromkeys(dataset.name for dataset in self.datasets))
        return wording.listed(names) if len(names) <= MOST_TITLES else wording.count(len(names), "dataset")

    @cached_property
    def overview(self) -> list[list[OverviewRow]]:
        """For each dataset, one line for each of its clusters, or one for its sequences."""
        return [
            [OverviewRow(dataset, cluster, dataset.section_of(cluster)) for cluster in dataset.clusters.clusters]
            if dataset.clusters
            else [OverviewRow(dataset, None, section) for section in dataset.motifs]
            for dataset in self.datasets
        ]

    @property
    def has_clusters(self) -> bool:
        """Whether there is any clustering."""
        return any(dataset.clusters for dataset in self.datasets)

    @property
    def has_motifs(self) -> bool:
        """Whether any sequences were searched."""
        return any(dataset.motifs for dataset in self.datasets)

    @property
    def versions(self) -> str:
        """The versions of emtools that made the results."""
        return wording.listed(
            sorted({str(r.summary.get("emtools_version", "?")) for d in self.datasets for r in d.records})
        )

    @property
    def records(self) -> list[Record]:
        """Every result of the page."""
        return [record for dataset in self.datasets for record in dataset.records]

    @property
    def letters(self) -> list[str]:
        """The letters that the logos need."""
        motifs = [motif for dataset in self.datasets for section in dataset.motifs for motif in section.result.motifs]
        return sorted({letter for motif in motifs for letter in motif.letters})

    def place(self, record: Record) -> str:
        """Where the files of a result lie, seen from the page."""
        return Path(os.path.relpath(record.path, self.base)).as_posix()

    @staticmethod
    def files(record: Record) -> list[tuple[str, str]]:
        """The files of a result and what they hold."""
        return [(name, meaning) for name, meaning in FILES.items() if (record.path / name).exists()]


def write_report(directories: Iterable[str | Path], out: str | Path) -> None:
    """Write one self-contained HTML file of all results in the directories.

    Parameters
    ----------
    directories : iterable of path
        Result directories of any kind, or trees of them.
    out : path
        The HTML file.

    Raises
    ------
    InputError
        If there is no result, or one is damaged.
    """
    results = read_results(directories)
    html = render(results, Path(out).parent)
    with atomic_path(out) as temporary:
        temporary.write_text(html, encoding="utf-8", newline="\n")


def render(results: Results, base: Path) -> str:
    """The page as text; `base` is the directory from which paths are told."""
    environment = Environment(
        loader=PackageLoader("emtools.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(statistic=wording.statistic, decimal=wording.decimal, flat=flat)
    environment.globals.update(count=wording.count, listed=wording.listed)
    page = Page(list(_datasets(results)), base)
    return environment.get_template("page.html.j2").render(
        page=page,
        glyphs=glyph_definitions(page.letters),
        style=_asset("report.css"),
        script=_asset("report.js"),
        version=emtools.__version__,
    )


def _datasets(results: Results) -> Iterator[Dataset]:
    """Clusterings with their motifs first, then motifs of sequences; every address in the page is given once."""
    remaining = sections(results.motifs)
    taken: set[str] = set()
    for clusters in results.clusters:
        own = [s for s in remaining if s.result.cluster is not None and s.result.name == clusters.name]
        remaining = [section for section in remaining if section not in own]
        yield Dataset(clusters.name, _address("expression", clusters.name, taken), ClusterSection(clusters), own)
    for section in remaining:
        cluster = section.result.cluster
        name = section.result.name if cluster is None else f"{section.result.name}, cluster {cluster}"
        yield Dataset(name, _address("sequences", name, taken), None, [section])


def sections(motifs: Sequence[Motifs]) -> list[MotifSection]:
    """The motifs of each result beside the known ones that resemble them."""
    identifiers = {row["database_id"] for result in motifs for motif in result.motifs for row in motif.names}
    known = known_matrices(identifiers)
    return [MotifSection(result, known) for result in motifs]


def _address(kind: str, name: str, taken: set[str]) -> str:
    base = wording.slug(kind, name)
    address = next(a for n in range(1, len(taken) + 2) if (a := base if n == 1 else f"{base}-{n}") not in taken)
    taken.add(address)
    return address


def flat(config: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Nested options as pairs of a dotted key and a text."""
    pairs: list[tuple[str, str]] = []
    for key, value in config.items():
        if isinstance(value, dict):
            pairs += flat(value, f"{prefix}{key}.")
        else:
            shown = ", ".join(map(str, value)) if isinstance(value, list) else value
            pairs.append((f"{prefix}{key}", "–" if shown is None else str(shown)))
    return pairs


def _asset(name: str) -> Markup:
    return Markup((resources.files("emtools.report") / "templates" / name).read_text(encoding="utf-8"))
