"""Small made-up data through the whole workflow: what has no motif goes on, what is wrong stops with one line."""

import csv
import json
import os
from pathlib import Path

import numpy as np
import pytest

GENES = [f"gene{number:02}" for number in range(24)]


@pytest.fixture
def lab(workflow: Path) -> Path:
    """Two clusters of twelve genes, and promoters of the first twelve genes only."""
    rng = np.random.default_rng(7)
    centers = np.repeat([[3.0, 3, 3, 0, 0, 0], [0.0, 0, 0, 3, 3, 3]], 12, axis=0)
    values = centers + rng.normal(scale=0.3, size=(24, 6))
    lines = ["\t".join([gene, *(f"{value:.4f}" for value in row)]) for gene, row in zip(GENES, values, strict=True)]
    (workflow / "matrix.tsv").write_text("\n".join(["gene\ts1\ts2\ts3\ts4\ts5\ts6", *lines]) + "\n")
    promoters = ("".join(rng.choice(list("ACGT"), 60)) for _ in GENES[:12])
    fasta = "".join(f">{gene}\n{promoter}\n" for gene, promoter in zip(GENES, promoters, strict=False))
    (workflow / "promoters.fa").write_text(fasta)
    (workflow / "config/expression.tsv").write_text("dataset\tpath\tpromoters\nsmall\tmatrix.tsv\tpromoters.fa\n")
    (workflow / "config/config.yaml").write_text(
        "expression: config/expression.tsv\n"
        "cluster: {min_clusters: 2, max_clusters: 2, covariance: spherical}\n"
        "motifs: {max_motifs: 1, max_width: 8}\n"
    )
    return workflow


def cluster_of(gene: str, lab: Path) -> Path:
    with (lab / "results/expression/small/assignments.tsv").open(newline="") as table:
        clusters = {row["gene"]: row["cluster"] for row in csv.DictReader(table, delimiter="\t")}
    return lab / f"results/joined/small/cluster_{clusters[gene]}"


def test_a_cluster_without_promoters_has_no_motifs_and_the_workflow_goes_on(lab: Path, snakemake) -> None:
    run = snakemake(lab)
    assert run.exit_code == 0, run.screen
    without = cluster_of("gene12", lab)
    assert without != cluster_of("gene00", lab)
    assert (without / "promoters.fa").read_text() == ""
    summary = json.loads((without / "promoters.json").read_text())
    assert (summary["n_genes"], summary["n_promoters"]) == (12, 0)
    assert json.loads((without / "summary.json").read_text())["n_motifs"] == 0
    for name in ("motifs.tsv", "sites.tsv", "names.tsv"):
        assert len((without / name).read_text().splitlines()) == 1, name
    assert (cluster_of("gene00", lab) / "promoters.fa").read_text().count(">") == 12
    said = json.loads((cluster_of("gene00", lab) / "summary.json").read_text())["messages"]
    assert any(
        "controls.fa: there are no controls, so the sequences are compared with shuffled" in line for line in said
    )
    assert (lab / "results/report.html").is_file()


def test_a_dataset_that_takes_the_place_of_another_is_run_though_its_files_are_older(lab: Path, snakemake) -> None:
    for name in ("matrix.tsv", "promoters.fa"):
        os.utime(lab / name, (0, 0))
    first = snakemake(lab)
    assert first.exit_code == 0, first.screen
    assert "Done: open results/report.html in a browser." in first.screen
    table = lab / "config/expression.tsv"
    table.write_text(table.read_text().replace("small\t", "another\t"))
    run = snakemake(lab)
    assert run.exit_code == 0, run.screen
    assert (lab / "results/expression/another/summary.json").is_file()
    page = (lab / "results/report.html").read_text()
    assert "another" in page
    assert "small" not in page.split("</title>")[0]


def cut_promoters_from_a_genome(lab: Path) -> str:
    """Let each gene have 40 letters behind 60 of its own, on a genome in a directory whose name has a space."""
    genome = "".join(np.random.default_rng(8).choice(list("ACGT"), 100 * len(GENES)))
    (lab / "my genome").mkdir()
    (lab / "my genome/genome.fa").write_text(f">chr1\n{genome}\n")
    places = (f"chr1\t{100 * number + 60}\t{100 * number + 100}\t{gene}\t0\t+" for number, gene in enumerate(GENES))
    (lab / "my genome/genes.bed").write_text("\n".join(places) + "\n")
    (lab / "config/expression.tsv").write_text(
        "dataset\tpath\tgenome\tannotation\tupstream\tdatabase\n"
        "small\tmatrix.tsv\tmy genome/genome.fa\tmy genome/genes.bed\t60\tnone\n"
    )
    return genome


def test_one_core_and_two_give_the_same_files(lab: Path, snakemake) -> None:
    def files() -> dict[Path, bytes]:
        paths = (path for part in ("expression", "joined") for path in (lab / "results" / part).rglob("*.*"))
        return {path: path.read_bytes() for path in paths}

    genome = cut_promoters_from_a_genome(lab)
    run = snakemake(lab, "--cores", "1")
    assert run.exit_code == 0, run.screen
    first = files()
    assert genome[100:160] in (cluster_of("gene01", lab) / "promoters.fa").read_text().splitlines()
    assert snakemake(lab, "--cores", "2", "--forceall").exit_code == 0
    assert files() == first


@pytest.mark.parametrize(("controls", "n_read"), [("others", 2), ("shuffled", 1)])
def test_a_cluster_is_compared_with_what_was_asked_for(controls: str, n_read: int, lab: Path, snakemake) -> None:
    cut_promoters_from_a_genome(lab)
    with (lab / "config/config.yaml").open("a") as config:
        config.write(f"joined: {{controls: {controls}}}\n")
    run = snakemake(lab)
    assert run.exit_code == 0, run.screen
    result = cluster_of("gene01", lab)
    assert len(json.loads((result / "summary.json").read_text())["inputs"]) == n_read
    assert not (result / "controls.fa").exists()


def test_a_job_that_fails_shows_its_one_line_and_leaves_nothing(lab: Path, snakemake) -> None:
    matrix = lab / "matrix.tsv"
    matrix.write_text(matrix.read_text().replace("gene05\t", "gene05\thigh", 1))
    run = snakemake(lab)
    assert run.exit_code == 1
    lines = [line for line in run.screen.splitlines() if line.strip().startswith("error: ")]
    # Once where the job failed, and once at the end.
    assert len(lines) == 2, run.screen
    assert len(set(map(str.strip, lines))) == 1
    for part in ("matrix.tsv", "gene05", "s1", "high"):
        assert part in lines[0]
    assert not any((lab / "results/expression").rglob("*.*"))
