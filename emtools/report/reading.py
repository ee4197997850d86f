"""Reading results: what the files of a result directory say, and nothing that they do not say."""

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emtools.errors import InputError
from emtools.files import existing_file, open_text

Row = dict[str, str]
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
    """A result of `emtools cluster`.

    `responsibilities` is (genes, clusters), `profiles` (clusters, samples); `expression` (genes, samples) is there
    if ``result.h5ad`` is.
    """

    genes: list[str]
    assigned: NDArray[np.int64]
    probability: Floats
    responsibilities: Floats
    samples: list[str]
    profiles: Floats
    selection: list[Row]
    expression: Floats | None

    @property
    def n_clusters(self) -> int:
        """The number of clusters."""
        return len(self.profiles)

    def members(self, cluster: int) -> NDArray[np.int64]:
        """The rows of the genes of a cluster (1-based)."""
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
    """A result of `emtools motifs`; `lengths` holds those sequences whose FASTA lies beside the result."""

    cluster: int | None
    motifs: list[Motif]
    lengths: dict[str, int]
    named: bool


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
    assignments = read_table(path / "assignments.tsv", ["gene", "cluster", "probability"])
    profiles = read_table(path / "profiles.tsv", ["cluster", "n_genes"])
    columns = [f"cluster_{row['cluster']}" for row in profiles]
    genes = [row["gene"] for row in assignments]
    samples = [name for name in profiles[0] if name not in ("cluster", "n_genes")]
    matrix = path / "result.h5ad"
    return Clusters(
        name=path.name,
        path=path,
        summary=_read_summary(path),
        history=_read_history(path),
        genes=genes,
        assigned=np.array([int(row["cluster"]) for row in assignments]),
        probability=np.array([float(row["probability"]) for row in assignments]),
        responsibilities=np.array([[float(row[name]) for name in columns] for row in assignments]),
        samples=samples,
        profiles=np.array([[float(row[name] or "nan") for name in samples] for row in profiles]),
        selection=read_table(path / "selection.tsv") if (path / "selection.tsv").exists() else [],
        expression=_read_expression(matrix, genes, samples) if matrix.exists() else None,
    )


def read_motifs(path: Path) -> Motifs:
    """Read a result of `emtools motifs`, with the names that `emtools name` gave, if it did."""
    rows = _optional_table(path / "motifs.tsv", ["motif", "rank", "n_sites"])
    sites = _optional_table(path / "sites.tsv", ["motif", "sequence", "start", "end", "strand"])
    names = _optional_table(path / "names.tsv", ["motif", "rank", "database_id", "name"])
    letters, matrices = _read_meme(path / "motifs.meme")
    number = path.name.removeprefix("cluster_")
    belongs = path.name.startswith("cluster_") and number.isdigit()
    promoters = path / "promoters.fa"
    return Motifs(
        name=path.parent.name if belongs else path.name,
        path=path,
        summary=_read_summary(path),
        history=_read_history(path),
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
        lengths=_fasta_lengths(promoters) if promoters.is_file() and promoters.stat().st_size else {},
        named=(path / "names.tsv").exists(),
    )


def read_table(path: Path, required: Iterable[str] = ()) -> list[Row]:
    """The rows of a tab-separated table with a header, as text."""
    with open_text(path) as text:
        table = csv.DictReader(text, delimiter="\t", quoting=csv.QUOTE_NONE)
        missing = [name for name in required if name not in (table.fieldnames or ())]
        if missing:
            raise InputError("has no column", where=str(path), value=missing[0], cure="make the result again")
        return list(table)


def _optional_table(path: Path, required: Iterable[str]) -> list[Row]:
    return read_table(path, required) if path.exists() else []


def _read_summary(path: Path) -> dict[str, Any]:
    file = existing_file(path / "summary.json")
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise InputError(f"is not JSON: {error}", where=str(file), cure="make the result again") from error
    if not isinstance(content, dict):
        raise InputError("is not a JSON object", where=str(file), cure="make the result again")
    return content


def _read_history(path: Path) -> list[Row]:
    return _optional_table(path / "history.tsv", ["run", "iteration", "objective", "gain"])


def _read_expression(path: Path, genes: list[str], samples: list[str]) -> Floats:
    """The matrix of an ``.h5ad``, genes in rows as in ``assignments.tsv`` whichever way it was stored."""
    from anndata import read_h5ad

    data = read_h5ad(path)
    if set(genes) <= set(data.var_names):
        data = data.T
    try:
        part = data[genes, samples].X
    except KeyError as error:
        raise InputError(
            "holds other genes or samples than the tables beside it", where=str(path), cure="make the result again"
        ) from error
    return np.asarray(part.toarray() if hasattr(part, "toarray") else part, dtype=np.float64)


def _read_meme(path: Path) -> tuple[str, dict[str, Floats]]:
    """The letters and the probabilities of each motif of a file in MEME's minimal format."""
    letters, name, matrices = "ACGT", "", dict[str, list[list[float]]]()
    if not path.exists():
        return letters, {}
    with open_text(path) as text:
        inside = False
        for line in text:
            words = line.split()
            if line.startswith("ALPHABET="):
                letters = words[1] if len(words) > 1 else line.removeprefix("ALPHABET=").strip()
            elif line.startswith("MOTIF"):
                name, inside = words[1], False
            elif line.startswith("letter-probability matrix"):
                matrices[name], inside = [], True
            elif inside and len(words) == len(letters):
                matrices[name].append([float(word) for word in words])
            else:
                inside = False
    return letters, {name: np.array(rows) for name, rows in matrices.items()}


def _fasta_lengths(path: Path) -> dict[str, int]:
    lengths: dict[str, int] = {}
    name = ""
    with open_text(path) as text:
        for line in text:
            if line.startswith(">"):
                name = (line[1:].split() or [""])[0]
                lengths[name] = 0
            else:
                lengths[name] = lengths.get(name, 0) + len(line.strip())
    return lengths
