"""Reading results: what the files of a result directory say, and nothing that they do not say."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emtools.errors import InputError
from emtools.report.parsing import Row, fasta_lengths, read_meme, read_object, read_table

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Record:
    """What every result directory holds: its summary and its history."""

    name: str
    path: Path
    summary: dict[str, Any]
    history: list[Row]

    @property
    def messages(self) -> list[str]:
        """Everything that was said aloud when the result was made."""
        return [str(message) for message in self.summary.get("messages", [])]


@dataclass(frozen=True)
class Clusters(Record):
    """A result of `emtools cluster`: the items that were put in clusters by their values in the columns.

    Items are genes and columns are samples, or the other way round; `item` and `column` say which. `responsibilities`
    is (items, clusters), `profiles` (clusters, columns); `expression` (items, columns) is there if ``result.h5ad`` is.
    """

    item: str
    items: list[str]
    assigned: NDArray[np.int64]
    probability: Floats
    responsibilities: Floats
    columns: list[str]
    profiles: Floats
    selection: list[Row]
    expression: Floats | None

    @property
    def column(self) -> str:
        """What a column is."""
        return "sample" if self.item == "gene" else "gene"

    @property
    def n_clusters(self) -> int:
        """The number of clusters."""
        return len(self.profiles)

    def members(self, cluster: int) -> NDArray[np.int64]:
        """The rows of the items of a cluster (1-based)."""
        return np.flatnonzero(self.assigned == cluster)


@dataclass(frozen=True)
class Motif:
    """One motif: its row of ``motifs.tsv``, its letter probabilities, its sites and the known motifs like it."""

    row: Row
    letters: str
    probabilities: Floats | None
    sites: list[Row]
    names: list[Row]

    @property
    def name(self) -> str:
        """The name by which all files of the result call it."""
        return self.row["motif"]

    @property
    def n_sites(self) -> float:
        """From how many sites the probabilities come."""
        return float(self.row["n_sites"])


@dataclass(frozen=True)
class Motifs(Record):
    """A result of `emtools motifs`, with what the steps before and after it left beside it.

    `lengths` holds the sequences of ``promoters.fa``; `promoters` and `naming` are the summaries of those steps.
    """

    cluster: int | None
    motifs: list[Motif]
    lengths: dict[str, int]
    promoters: dict[str, Any]
    naming: dict[str, Any]
    named: bool

    @property
    def messages(self) -> list[str]:
        """Everything that was said aloud, in the order of the steps."""
        return [str(said) for step in (self.promoters, self.summary, self.naming) for said in step.get("messages", [])]


@dataclass(frozen=True)
class Results:
    """All results to be shown, in the order in which they were given."""

    clusters: list[Clusters] = field(default_factory=list)
    motifs: list[Motifs] = field(default_factory=list)


def read_results(directories: Iterable[str | Path]) -> Results:
    """Read result directories, or trees of them.

    Raises
    ------
    InputError
        If a directory is not there, holds no result, or a result is damaged.
    """
    results = Results()
    seen: set[Path] = set()
    for given in map(Path, directories):
        if not given.is_dir():
            raise InputError("there is no such directory", where=str(given), cure="check the path")
        found = list(_result_directories(given))
        if not found:
            raise InputError(
                "holds no result",
                where=str(given),
                cure="give a directory written by emtools cluster or emtools motifs",
            )
        for path in found:
            if path.resolve() in seen:
                continue
            seen.add(path.resolve())
            if (path / "assignments.tsv").exists():
                results.clusters.append(read_clusters(path))
            else:
                results.motifs.append(read_motifs(path))
    return results


def _result_directories(given: Path) -> Iterator[Path]:
    candidates = [given, *sorted((p for p in given.rglob("*") if p.is_dir()), key=_natural)]
    return (path for path in candidates if (path / "summary.json").is_file())


def _natural(path: Path) -> list[tuple[str, int]]:
    """A key by which cluster_2 comes before cluster_10."""
    return [(part.rstrip("0123456789"), int(part[len(part.rstrip("0123456789")) :] or 0)) for part in path.parts]


def read_clusters(path: Path) -> Clusters:
    """Read a result of `emtools cluster`."""
    assignments = read_table(path / "assignments.tsv", ["cluster", "probability"])
    profiles = read_table(path / "profiles.tsv", ["cluster"])
    clusters = [f"cluster_{row['cluster']}" for row in profiles]
    item = next(iter(assignments[0]))
    items = [row[item] for row in assignments]
    columns = list(profiles[0])[2:]
    matrix = path / "result.h5ad"
    return Clusters(
        name=path.name,
        path=path,
        summary=read_object(path / "summary.json"),
        history=_history(path),
        item=item,
        items=items,
        assigned=np.array([int(row["cluster"]) for row in assignments]),
        probability=np.array([float(row["probability"]) for row in assignments]),
        responsibilities=np.array([[float(row[name]) for name in clusters] for row in assignments]),
        columns=columns,
        profiles=np.array([[float(row[name] or "nan") for name in columns] for row in profiles]),
        selection=read_table(path / "selection.tsv", optional=True),
        expression=_read_expression(matrix, items, columns) if matrix.exists() else None,
    )


def read_motifs(path: Path) -> Motifs:
    """Read a result of `emtools motifs`, with the names that `emtools name` gave, if it did."""
    rows = read_table(path / "motifs.tsv", ["motif", "rank", "n_sites"], optional=True)
    sites = read_table(path / "sites.tsv", ["motif", "sequence", "start", "end", "strand"], optional=True)
    names = read_table(path / "names.tsv", ["motif", "rank", "database_id", "name"], optional=True)
    letters, matrices = read_meme(path / "motifs.meme")
    number = path.name.removeprefix("cluster_")
    belongs = path.name.startswith("cluster_") and number.isdigit()
    return Motifs(
        name=path.parent.name if belongs else path.name,
        path=path,
        summary=read_object(path / "summary.json"),
        history=_history(path),
        cluster=int(number) if belongs else None,
        motifs=[
            Motif(
                row,
                letters,
                matrices.get(row["motif"]),
                [site for site in sites if site["motif"] == row["motif"]],
                [name for name in names if name["motif"] == row["motif"]],
            )
            for row in rows
        ],
        lengths=fasta_lengths(path / "promoters.fa"),
        promoters=read_object(path / "promoters.json", optional=True),
        naming=read_object(path / "names.json", optional=True),
        named=(path / "names.tsv").exists(),
    )


def _read_expression(path: Path, items: list[str], columns: list[str]) -> Floats:
    """The matrix of an ``.h5ad``, items in rows as in ``assignments.tsv`` whichever way it was stored."""
    from anndata import read_h5ad

    data = read_h5ad(path)
    if set(items) <= set(data.var_names):
        data = data.T
    try:
        part = data[items, columns].X
    except KeyError as error:
        raise InputError(
            "holds other genes or samples than the tables beside it", where=str(path), cure="make the result again"
        ) from error
    return np.asarray(part.toarray() if hasattr(part, "toarray") else part, dtype=np.float64)


def _history(path: Path) -> list[Row]:
    return read_table(path / "history.tsv", ["run", "iteration", "objective", "gain"], optional=True)
