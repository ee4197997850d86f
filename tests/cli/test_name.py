"""`emtools name` through the real command."""

import json
from pathlib import Path

import numpy as np
import pytest

from emtools.cli.app import main
from emtools.motifs.formats import read_motifs, write_jaspar, write_meme, write_transfac
from emtools.motifs.matrices import CountMatrix


def written_as(identifier: str, consensus: str) -> CountMatrix:
    return CountMatrix(identifier, consensus, 20.0 * np.eye(4)[["ACGT".index(letter) for letter in consensus]])


@pytest.fixture
def motifs(tmp_path: Path) -> Path:
    write_jaspar(
        tmp_path / "motifs.jaspar", [written_as("motif_1", "CACCCATACAT"), written_as("motif_2", "GATTAGACTA")]
    )
    return tmp_path / "motifs.jaspar"


def test_names_are_ranked(motifs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "names.tsv"
    call = [
        "name",
        str(motifs),
        "--database",
        "jaspar:fungi",
        "--out",
        str(out),
        "--best",
        "3",
        "--max-e-value",
        "0.01",
    ]
    assert main(call) == 0
    header, *rows = [line.split("\t") for line in out.read_text().splitlines()]
    assert header[:6] == ["motif", "rank", "database_id", "name", "p_value", "e_value"]
    assert rows[0][:2] == ["motif_1", "1"]
    assert rows[0][3] == "RAP1"
    assert [int(row[1]) for row in rows] == list(range(1, len(rows) + 1))
    assert {row[0] for row in rows} == {"motif_1"}
    assert capsys.readouterr().err == "No known motif resembles motif_2.\n"
    summary = json.loads(out.with_suffix(".json").read_text())
    assert summary["database"].endswith(" CORE fungi")
    assert summary["messages"] == ["No known motif resembles motif_2."]


def test_a_file_may_be_the_database(motifs: Path, tmp_path: Path) -> None:
    out = tmp_path / "names.tsv"
    assert main(["name", str(motifs), "--database", str(motifs), "--out", str(out)]) == 0
    assert out.read_text().splitlines()[1].split("\t")[:4] == ["motif_1", "1", "motif_1", "CACCCATACAT"]


def test_a_result_directory_stands_for_its_motifs(motifs: Path, tmp_path: Path) -> None:
    result = tmp_path / "result"
    result.mkdir()
    write_meme(
        result / "motifs.meme",
        [each.frequencies() for each in read_motifs(motifs)],
        np.full(4, 0.25),
        [20, 20],
        [1e-9, 1e-9],
    )
    for given, out in ((motifs, "of_file.tsv"), (result, "of_directory.tsv")):
        assert main(["name", str(given), "--database", "jaspar:fungi", "--out", str(tmp_path / out)]) == 0
    named = [
        (tmp_path / out).read_text().splitlines()[1].split("\t")[:4] for out in ("of_file.tsv", "of_directory.tsv")
    ]
    assert named[0] == named[1]


def test_no_motif_is_an_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_meme(tmp_path / "none.meme", [], np.full(4, 0.25), [], [])
    write_jaspar(tmp_path / "none.jaspar", [])
    write_transfac(tmp_path / "none.transfac", [])
    out = tmp_path / "names.tsv"
    for name in ("none.meme", "none.jaspar", "none.transfac"):
        assert main(["name", str(tmp_path / name), "--database", "jaspar:fungi", "--out", str(out)]) == 0
        assert len(out.read_text().splitlines()) == 1
        assert "there is nothing to name" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["absent.meme", "--database", "jaspar:fungi"], "absent.meme: there is no such file"),
        (["MOTIFS", "--database", "absent.meme"], "absent.meme: there is no such file"),
        (["MOTIFS", "--database", "jaspar:mushrooms"], "JASPAR has no such group: 'mushrooms'"),
        (["MOTIFS"], "Missing option '--database'"),
        (["FOLDER", "--database", "jaspar:fungi"], "folder/motifs.meme: there is no such file"),
        (["TEXT", "--database", "jaspar:fungi"], "is not a file of motifs: 'hello'"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(
    arguments: list[str], said: str, motifs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.txt").write_text("hello\n")
    (tmp_path / "folder").mkdir()
    named = {"MOTIFS": str(motifs), "TEXT": str(tmp_path / "text.txt"), "FOLDER": str(tmp_path / "folder")}
    call = [named.get(argument, argument) for argument in arguments]
    assert main(["name", *call, "--out", str(tmp_path / "out" / "names.tsv")]) == 2
    shown = capsys.readouterr().err
    assert shown.startswith("error: ")
    assert said in shown
    assert shown.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_the_motifs_named_are_not_overwritten(motifs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = motifs.read_text()
    assert main(["name", str(motifs), "--database", "jaspar:fungi", "--out", str(motifs)]) == 2
    assert "motifs.jaspar: is read, and would be overwritten" in capsys.readouterr().err
    assert motifs.read_text() == before
