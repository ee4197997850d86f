"""`emtools promoters` through the real command."""

import json
from pathlib import Path

import pytest

from emtools.cli.app import main
from emtools.motifs.fasta import fasta_records

DATA = Path(__file__).parents[1] / "data"
GENOME = ["--genome", str(DATA / "yeast_chrI.fa.gz"), "--annotation", str(DATA / "yeast_chrI_genes.bed")]


@pytest.fixture
def assignments(tmp_path: Path) -> Path:
    path = tmp_path / "assignments.tsv"
    path.write_text("gene\tcluster\nYAL068C\t1\nYAL067C\t1\nYXX\t1\nYAL003W\t2\nYZZ\t3\n")
    return path


def test_the_promoters_of_a_cluster_and_of_all_others(
    assignments: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, controls = tmp_path / "new" / "promoters.fa", tmp_path / "controls.fa"
    call = ["--genes", str(assignments), "--cluster", "1", "--out", str(out), "--controls-out", str(controls)]
    assert main(["promoters", *GENOME, *call]) == 0
    assert [record.name for record in fasta_records(out)] == ["YAL068C", "YAL067C"]
    assert {len(record.text) for record in fasta_records(out)} == {500}
    assert len(list(fasta_records(controls))) == 92
    assert capsys.readouterr().err == "No promoter for 1 of 3 genes: YXX.\n"
    summary = json.loads(out.with_suffix(".json").read_text())
    assert summary["missing"] == ["YXX"]
    assert summary["config"]["cluster"] == "1"


def test_genes_without_any_promoter_leave_an_empty_fasta(
    assignments: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "promoters.fa"
    assert main(["promoters", *GENOME, "--genes", str(assignments), "--cluster", "3", "--out", str(out)]) == 0
    assert out.read_text() == ""
    assert capsys.readouterr().err == "No promoter for 1 of 1 genes: YZZ.\n"


def test_controls_that_no_gene_is_left_for_are_said_to_be_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fasta, genes, controls = (tmp_path / name for name in ("all.fa", "genes.txt", "controls.fa"))
    fasta.write_text(">a\nACGT\n")
    genes.write_text("a\n")
    out = tmp_path / "promoters.fa"
    call = ["--fasta", str(fasta), "--genes", str(genes), "--out", str(out), "--controls-out", str(controls)]
    assert main(["promoters", *call]) == 0
    assert controls.read_text() == ""
    said = f"{controls}: no other gene has a promoter, so there are no controls."
    assert said in capsys.readouterr().err
    assert said in json.loads(out.with_suffix(".json").read_text())["messages"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--genes", "GENES"], "promoters come from --fasta, or from --genome and --annotation"),
        (["--genes", "GENES", *GENOME, "--fasta", "x.fa"], "promoters come from --fasta, or from --genome"),
        (["--genes", "GENES", "--fasta", "absent.fa"], "absent.fa: there is no such file"),
        (
            ["--genes", "GENES", "--fasta", "a.fa", "--upstream", "9"],
            "--upstream: says how promoters are cut from a genome",
        ),
        (["--genes", "GENES", "--fasta", "a.fa", "--stop-at-genes"], "--stop-at-genes: says how promoters are cut"),
        (["--genes", "absent.tsv", *GENOME], "absent.tsv: there is no such file"),
        (["--genes", "GENES", *GENOME, "--cluster", "9"], "there is no such cluster: '9' (there are 1, 2, 3)"),
        (["--genes", "GENES", *GENOME, "--upstream", "-5"], "Invalid value for '--upstream'"),
        (["--genes", "GENES", *GENOME, "--upstream", "0"], "a promoter of 0 letters before and 0 after"),
        (["--genes", "GENES", *GENOME, "--out", "genes.json"], "--out: is where the summary of the result goes"),
        (GENOME, "Missing option '--genes'"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(
    arguments: list[str], said: str, assignments: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = [str(assignments) if argument == "GENES" else argument for argument in arguments]
    assert main(["promoters", "--out", str(tmp_path / "out" / "promoters.fa"), *call]) == 2
    shown = capsys.readouterr().err
    assert shown.startswith("error: ")
    assert said in shown
    assert shown.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_what_is_read_is_not_overwritten(assignments: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, out = assignments.read_text(), str(tmp_path / "promoters.fa")
    for more in (["--out", str(assignments)], ["--out", out, "--controls-out", str(assignments)]):
        assert main(["promoters", *GENOME, "--genes", str(assignments), *more]) == 2
        assert "assignments.tsv: is read, and would be overwritten (name another file)" in capsys.readouterr().err
    assert main(["promoters", *GENOME, "--genes", str(assignments), "--out", out, "--controls-out", out]) == 2
    assert "is written already" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["assignments.tsv"]
    assert assignments.read_text() == before
