"""The default run on real data: whole, repeatable, and with the answers that are known.

The classes of the genes say here which cluster is which; the workflow never sees them.
"""

import csv
import json
import re
from collections import Counter
from itertools import groupby, pairwise
from pathlib import Path

import pytest
from Bio import motifs as matrices

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.xdist_group("default_run")

TABLES = {
    "selection.tsv": "family n_components n_clusters log_likelihood n_parameters bic icl aic stop_reason chosen "
    "overlap agreement recovery",
    "motifs.tsv": "motif rank consensus width n_sites n_sequences p_value e_value log_likelihood_ratio "
    "information_bits n_hits n_compared n_control_hits n_controls word palindrome low_complexity",
    "sites.tsv": "motif sequence start end strand site score_bits posterior",
    "names.tsv": "motif rank database_id name p_value e_value q_value offset overlap strand similarity",
}
HISTORY = "run iteration objective gain evaluations note"


@pytest.fixture(scope="module")
def results(default_run) -> Path:
    assert default_run.exit_code == 0, default_run.screen
    return default_run.directory / "results"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as table:
        return list(csv.DictReader(table, delimiter="\t"))


def columns(path: Path) -> list[str]:
    return path.read_text().splitlines()[0].split("\t")


def cluster_of_class(results: Path, name: str) -> Path:
    """The joined result of the cluster that has most genes of a class."""
    classes = {row["gene"]: row["class"] for row in rows(ROOT / "resources/yeast/brown186_class.tsv")}
    assignments = rows(results / "expression/brown186/assignments.tsv")
    counts = Counter(row["cluster"] for row in assignments if classes[row["gene"]] == name)
    return results / f"joined/brown186/cluster_{counts.most_common(1)[0][0]}"


def first_motif(result: Path) -> str:
    """The likeliest word of the first motif, and the same on the other strand."""
    with (result / "motifs.meme").open() as file:
        motif = matrices.parse(file, "minimal")[0]
    return f"{motif.consensus} {motif.consensus.reverse_complement()}"


def names_of_first_motif(result: Path) -> list[str]:
    return [row["name"] for row in rows(result / "names.tsv") if row["motif"] == "motif_1"]


def test_every_result_is_there(results: Path) -> None:
    summary = json.loads((results / "expression/brown186/summary.json").read_text())
    expected = {
        "report.html",
        *(f"expression/brown186/{name}" for name in ("parameters.json", "assignments.tsv", "profiles.tsv")),
        *(f"expression/brown186/{name}" for name in ("selection.tsv", "summary.json", "history.tsv", "result.h5ad")),
    }
    motif_files = {f"motifs.{ending}" for ending in ("tsv", "meme", "jaspar", "transfac")}
    motif_files |= {"sites.tsv", "history.tsv", "summary.json"}
    expected |= {f"motifs/crp0/{name}" for name in motif_files}
    for cluster in range(1, summary["n_clusters"] + 1):
        more = {"promoters.fa", "promoters.json", "names.tsv", "names.json"}
        expected |= {f"joined/brown186/cluster_{cluster}/{name}" for name in motif_files | more}
    found = {str(path.relative_to(results)) for path in results.rglob("*") if path.is_file()}
    assert {name for name in found if not name.startswith(("logs/", "benchmarks/"))} == expected


def test_tables_have_the_columns_that_are_documented(results: Path) -> None:
    for name, expected in TABLES.items():
        for path in results.glob(f"[ejm]*/**/{name}"):
            assert columns(path) == expected.split(), path
    n_clusters = len(rows(results / "expression/brown186/profiles.tsv"))
    numbered = [f"cluster_{number}" for number in range(1, n_clusters + 1)]
    assert columns(results / "expression/brown186/assignments.tsv") == [
        "gene",
        "cluster",
        "probability",
        "uncertainty",
        *numbered,
    ]
    assert columns(results / "expression/brown186/history.tsv") == HISTORY.split()
    assert columns(results / "motifs/crp0/history.tsv") == ["motif", *HISTORY.split()]


def test_summaries_say_what_was_run(results: Path) -> None:
    for path in results.glob("[ejm]*/**/summary.json"):
        summary = json.loads(path.read_text())
        assert {"emtools_version", "command", "config", "inputs", "seed", "messages", "runs"} <= summary.keys(), path
        assert all(not Path(entry["path"]).is_absolute() for entry in summary["inputs"]), path


def test_every_history_is_monotone(results: Path) -> None:
    histories = list(results.glob("[ejm]*/**/history.tsv"))
    assert len(histories) >= 4
    for path in histories:
        for key, steps in groupby(rows(path), key=lambda row: (row.get("motif"), row["run"])):
            objectives = [float(step["objective"]) for step in steps]
            for before, after in pairwise(objectives):
                assert after >= before - 1e-9 * abs(before), (path, key)


def test_genes_of_the_proteasome_share_the_site_of_rpn4(results: Path) -> None:
    cluster = cluster_of_class(results, "Proteas")
    assert "GGTGGCAAA" in first_motif(cluster)
    assert "RPN4" in names_of_first_motif(cluster)[:3]


def test_promoters_of_a_cluster_are_compared_with_those_of_all_other_genes(results: Path) -> None:
    first = rows(cluster_of_class(results, "Proteas") / "motifs.tsv")[0]
    assert int(first["n_controls"]) > 4_000
    assert any(word in first["word"] for word in ("GGTGGC", "GCCACC"))
    assert int(first["n_hits"]) / int(first["n_compared"]) > 0.7
    assert float(first["p_value"]) < 1e-20


def test_genes_of_the_ribosome_share_the_site_of_rap1(results: Path) -> None:
    assert names_of_first_motif(cluster_of_class(results, "Ribo"))[0] == "RAP1"


def test_genes_of_respiration_share_the_site_of_hap(results: Path) -> None:
    assert names_of_first_motif(cluster_of_class(results, "Resp"))[0] in {"HAP2", "HAP3", "HAP4", "HAP5"}


def test_crp0_has_the_palindrome_of_crp(results: Path) -> None:
    assert re.search("TGTGA......TCACA", first_motif(results / "motifs/crp0"))


def test_the_report_is_one_page_that_needs_no_network(results: Path) -> None:
    page = (results / "report.html").read_text()
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", page)
    for name in ("brown186", "crp0", "RPN4"):
        assert name in page


def test_a_second_run_has_nothing_to_do(default_run, snakemake) -> None:
    second = snakemake(default_run.directory)
    assert second.exit_code == 0
    assert "Nothing to be done" in second.screen
