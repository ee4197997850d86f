"""`emtools motifs` through the real command: results, and bad input."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from Bio import motifs as biopython

from emtools.cli.app import main
from emtools.motifs.fasta import fasta_records

RESOURCES = Path(__file__).parents[2] / "resources"
CRP = str(RESOURCES / "motifs" / "crp0.fa")
WRITTEN = {
    *("motifs.tsv", "sites.tsv", "history.tsv", "summary.json"),
    *("motifs.meme", "motifs.jaspar", "motifs.transfac"),
}


def table(path: Path) -> list[dict[str, str]]:
    header, *rows = [line.split("\t") for line in path.read_text().splitlines()]
    return [dict(zip(header, row, strict=True)) for row in rows]


@pytest.fixture(scope="module")
def crp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("crp") / "result"
    assert main(["motifs", CRP, "--out", str(out), "--max-motifs", "1"]) == 0
    return out


def test_a_result_is_whole(crp: Path) -> None:
    assert {path.name for path in crp.iterdir()} == WRITTEN
    summary = json.loads((crp / "summary.json").read_text())
    assert summary["command"] == "motifs"
    assert summary["config"]["width"] == "6:15"
    assert (summary["n_sequences"], summary["n_letters"], summary["n_motifs"]) == (18, 1890, 1)
    assert {run["motif"] for run in summary["runs"]} == {"motif_1"}
    assert any("what all sequences of this kind have in common" in message for message in summary["messages"])


def test_each_site_is_where_the_table_says(crp: Path) -> None:
    sequences = {record.name: record.text for record in fasta_records(CRP)}
    complement = str.maketrans("ACGT", "TGCA")
    sites = table(crp / "sites.tsv")
    assert len(sites) >= 17
    for row in sites:
        text = sequences[row["sequence"]][int(row["start"]) - 1 : int(row["end"])]
        assert row["site"] == (text if row["strand"] == "+" else text.translate(complement)[::-1])


def test_the_matrices_of_all_formats_agree_with_the_sites(crp: Path) -> None:
    sites = [row["site"] for row in table(crp / "sites.tsv")]
    counted = np.array([[column.count(letter) for letter in "ACGT"] for column in zip(*sites, strict=True)])
    for name, their_format in (
        ("motifs.jaspar", "jaspar"),
        ("motifs.transfac", "transfac"),
        ("motifs.meme", "minimal"),
    ):
        with (crp / name).open() as handle:
            (motif,) = biopython.parse(handle, their_format)
        counts = np.array([motif.counts[letter] for letter in "ACGT"]).T
        np.testing.assert_allclose(counts, counted, atol=0 if their_format != "minimal" else 3)


def test_a_motif_is_in_as_many_sequences_as_sites_say(crp: Path) -> None:
    (row,), sites = table(crp / "motifs.tsv"), table(crp / "sites.tsv")
    assert int(row["n_sites"]) == len(sites)
    assert int(row["n_sequences"]) == len({site["sequence"] for site in sites})
    assert not any(row[key] for key in ("n_hits", "n_compared", "n_control_hits", "n_controls", "word"))


def test_histories_are_monotone_and_belong_to_their_motif(crp: Path) -> None:
    history = table(crp / "history.tsv")
    assert {row["motif"] for row in history} == {"motif_1"}
    assert all(float(row["gain"]) >= 0 for row in history)


def test_the_same_seed_gives_the_same_files_on_any_number_of_threads(crp: Path, tmp_path: Path) -> None:
    assert main(["motifs", CRP, "--out", str(tmp_path / "again"), "--max-motifs", "1", "--threads", "2"]) == 0
    for name in sorted(WRITTEN):
        assert (crp / name).read_bytes() == (tmp_path / "again" / name).read_bytes(), name


def test_sites_are_placed_where_names_give_coordinates(tmp_path: Path) -> None:
    site, out = "TTGACGTCAATCGA", tmp_path / "out"
    rng = np.random.default_rng(5)
    with (tmp_path / "peaks.fa").open("w") as fasta:
        for i in range(20):
            text = "".join(rng.choice(list("ACGT"), 60))
            fasta.write(f">chr1:{1000 * i}-{1000 * i + 60}\n{text[:20]}{site}{text[34:]}\n")
    call = ["motifs", str(tmp_path / "peaks.fa"), "--out", str(out), "--max-motifs", "1", "--width", "14"]
    assert main(call) == 0
    bed = [line.split("\t") for line in (out / "sites.bed").read_text().splitlines()]
    gff = [line.split("\t") for line in (out / "sites.gff3").read_text().splitlines()[1:]]
    rows = table(out / "sites.tsv")
    assert len(bed) == len(gff) == len(rows) >= 15
    for row, bed_row, gff_row in zip(rows, bed, gff, strict=True):
        start = int(row["sequence"].partition(":")[2].partition("-")[0]) + int(row["start"])
        assert (int(bed_row[1]) + 1, int(gff_row[3])) == (start, start)
        assert int(bed_row[2]) == int(gff_row[4]) == start + 13
    assert main(["motifs", CRP, "--out", str(out), "--max-motifs", "1"]) == 0
    assert {path.name for path in out.iterdir()} == WRITTEN


def test_no_sequence_is_an_answer_when_it_is_allowed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "none.fa").write_text("")
    assert main(["motifs", str(tmp_path / "none.fa"), "--out", str(tmp_path / "out"), "--allow-empty"]) == 0
    assert capsys.readouterr().err == (
        f"There are no sequences to search, so there is no motif.\nThe result is in {tmp_path / 'out'}.\n"
    )
    assert {path.name for path in (tmp_path / "out").iterdir()} == WRITTEN
    assert table(tmp_path / "out" / "motifs.tsv") == []
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["n_motifs"] == 0


def test_no_controls_are_an_answer_when_it_is_allowed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    none, out = tmp_path / "none.fa", tmp_path / "out"
    none.write_text("")
    asked = ["motifs", CRP, "--control", str(none), "--max-motifs", "1", "--out", str(out)]
    assert main([*asked, "--allow-empty"]) == 0
    said = f"{none}: there are no controls, so the sequences are compared with shuffled copies of themselves.\n"
    assert capsys.readouterr().err.startswith(said)
    assert len(table(out / "motifs.tsv")) == 1
    assert main(asked) == 2
    assert capsys.readouterr().err.startswith(f"error: {none}: ")


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--background", "9", "--background: is no order of a background: '9'"),
        ("--background", "absent.txt", "absent.txt: there is no such file"),
        ("--position-priors", "absent.psp", "absent.psp: there is no such file"),
    ],
)
def test_what_is_asked_for_is_checked_though_there_are_no_sequences(
    option: str, value: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "none.fa").write_text("")
    out = tmp_path / "out"
    assert main(["motifs", str(tmp_path / "none.fa"), "--out", str(out), "--allow-empty", option, value]) == 2
    assert capsys.readouterr().err.startswith(f"error: {said}")
    assert not out.exists()


@pytest.mark.parametrize(
    ("text", "more", "said"),
    [
        (">a\nACGT\n", ["--alphabet", "A"], "--alphabet: is not an alphabet"),
        (None, [], "there is no such file"),
        ("", [], "the file is empty"),
        ("\n", [], "there are no sequences in it"),
        ("gene\ts1\n", [], "line 1: is not a FASTA file"),
        (">a\nACGTACGT\n>a\nACGTACGT\n", [], "line 3: the sequence name of line 1 occurs again: 'a'"),
        (">a\nACGTACGT\n>b\nAC*TACGT\n", [], "sequence 'b', position 3: is not a letter of DNA: '*'"),
        (">a\nACG\n>b\nNNNNNNNNNN\n", [], "no sequence is left"),
        (">a\nACGTACGTACGT\n", ["--width", "9:6"], "Invalid value for '--width'"),
        (">a\nACGTACGTACGT\n", ["--width", "2:60"], "--width: is no range of widths: '2:60'"),
        (">a\nACGTACGTACGT\n", ["--width", "2"], "--width: is no range of widths: '2' (stay between 3 and 50)"),
        (">a\nACGTACGTACGT\n", ["--model", "best"], "Invalid value for '--model'"),
        (">a\nACGTACGTACGT\n", ["--alphabet", "aminoacid"], "'aminoacid' (choose dna, rna or protein, or give two or"),
        (">a\nACGTACGTACGT\n", ["--background", "absent.freq"], "absent.freq: there is no such file"),
        (">a\nACGTACGTACGT\n", ["--background", "9"], "--background: is no order of a background: '9' (choose 0 to 5)"),
        (">a\nACGTACGTACGT\n", ["--background", "²"], "²: there is no such file"),
        (
            ">a\nACGTACGTACGT\n",
            ["--background", "5", "--alphabet", "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"],
            "background: a chain of this order over 36 letters needs a table of 2,176,782,336 words, above 100,000,000",
        ),
        (">a\nACGTACGTACGT\n", ["--control", "absent.fa"], "absent.fa: there is no such file"),
        (">a\nACGTACGTACGT\n", ["--position-priors", "absent.psp"], "absent.psp: there is no such file"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(
    text: str | None, more: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fasta = tmp_path / "sequences.fa"
    if text is not None:
        fasta.write_text(text)
    assert main(["motifs", str(fasta), "--out", str(tmp_path / "out"), *more]) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("error: ")
    assert said in error
    assert {path.name for path in tmp_path.iterdir()} <= {"sequences.fa"}


def test_what_is_left_out_or_renamed_is_said_and_recorded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "".join(f">{record.name}\n{record.text}\n" for record in fasta_records(CRP))
    (tmp_path / "crp.fa").write_text(f"{text}>short\nACG\n>ara\n{'ACGTTGCA' * 8}N\n")
    out = tmp_path / "out"
    call = ["motifs", str(tmp_path / "crp.fa"), "--out", str(out), "--max-motifs", "1", "--duplicates", "rename"]
    assert main(call) == 0
    messages = json.loads((out / "summary.json").read_text())["messages"]
    assert [message.partition(": ")[2] for message in messages[:3]] == [
        "renamed 1 of 20 sequences: ara of line 39 to ara_2.",
        "left out 1 of 20 sequences, without a stretch of 6 letters: short.",
        "ambiguous letters (1, in 1 of 19 sequences) are never part of a site.",
    ]
    assert "\n".join(messages[:3]) in capsys.readouterr().err


def test_position_priors_are_listened_to_and_recorded(crp: Path, tmp_path: Path) -> None:
    first = table(crp / "sites.tsv")[0]
    numbers = ["0.001"] * 100 + ["0"] * 5
    numbers[int(first["start"]) - 1] = "0"
    (tmp_path / "crp.psp").write_text(f">{first['sequence']} 6 by hand\n{' '.join(numbers)}\n")
    call = ["motifs", CRP, "--out", str(tmp_path / "out"), "--max-motifs", "1"]
    assert main([*call, "--position-priors", str(tmp_path / "crp.psp")]) == 0
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert [Path(entry["path"]).name for entry in summary["inputs"]] == ["crp0.fa", "crp.psp"]
    assert summary["messages"][0].startswith(f"{tmp_path}/crp.psp: priors for 1 of 18 sequences; none for ")
    moved = table(tmp_path / "out" / "sites.tsv")[0]
    assert (moved["sequence"], moved["start"]) != (first["sequence"], first["start"])


def test_a_new_result_has_no_names_of_an_old_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    out.mkdir()
    for name in ("names.tsv", "names.json", "notes.txt"):
        (out / name).write_text("old")
    assert main(["motifs", CRP, "--out", str(out), "--max-motifs", "1"]) == 0
    assert {path.name for path in out.iterdir()} == {*WRITTEN, "notes.txt"}
    capsys.readouterr()
    assert main(["motifs", str(out), "--out", str(tmp_path / "other")]) == 2
    assert capsys.readouterr().err == f"error: {out}: is a directory (name a file in it)\n"


@pytest.mark.parametrize("name", [*sorted(WRITTEN), "sites.bed", "sites.gff3", "names.tsv", "names.json"])
def test_what_is_read_is_not_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    fasta = tmp_path / name
    fasta.write_bytes(Path(CRP).read_bytes())
    assert main(["motifs", str(fasta), "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"error: {fasta}: is read, and would be overwritten (name another file)\n"
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [Path(CRP).read_bytes()]


def test_widths_that_no_sequence_can_hold_are_not_tried(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fasta = tmp_path / "short.fa"
    fasta.write_text("".join(f">s{i}\n{text}\n" for i, text in enumerate(["ACGTGACGTT", "TTGTGACA", "GGGTGACC"])))
    assert main(["motifs", str(fasta), "--out", str(tmp_path / "out")]) == 0
    assert "no sequence has more than 10 letters in a row" in capsys.readouterr().err


def test_sequences_may_be_as_long_as_the_motif(tmp_path: Path) -> None:
    letters = np.random.default_rng(2).choice(list("ACGT"), size=(10, 6))
    (tmp_path / "x.fa").write_text("".join(f">s{i}\n{''.join(row)}\n" for i, row in enumerate(letters)))
    assert (
        main(["motifs", str(tmp_path / "x.fa"), "--out", str(tmp_path / "out"), "--model", "anr", "--width", "6"]) == 0
    )


def test_help_needs_nothing_heavy() -> None:
    script = (
        "import sys; from emtools.cli.app import main; main(['motifs', '--help']); print(*sys.modules, file=sys.stderr)"
    )
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stderr.split()
    assert not {"numpy", "numba", "Bio", "pandas"} & set(loaded)


def test_sequences_without_any_motif_have_no_p_value(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fasta = tmp_path / "polya.fa"
    fasta.write_text("".join(f">s{i}\n{'A' * 60}\n" for i in range(6)))
    assert main(["motifs", str(fasta), "--out", str(tmp_path / "result")]) == 0
    said = capsys.readouterr().err
    assert "p-value: none, since no motif was found" in said
    assert "No motif was found" in said


def test_a_motif_of_low_complexity_is_marked_in_the_table(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    texts = ["".join(rng.choice(list("ACGT"), 80)) for _ in range(40)]
    records = [f">s{i}\n{text[:20]}TGACGTGGCA{text[30:]}{'CA' * 9}\n" for i, text in enumerate(texts)]
    (tmp_path / "repeats.fa").write_text("".join(records))
    assert main(["motifs", str(tmp_path / "repeats.fa"), "--out", str(tmp_path / "out")]) == 0
    marks = {row["consensus"]: row["low_complexity"] for row in table(tmp_path / "out" / "motifs.tsv")}
    assert any(mark == "yes" and "CACA" in consensus for consensus, mark in marks.items())
    assert any(mark == "no" and ("GACGTGG" in consensus or "CCACGTC" in consensus) for consensus, mark in marks.items())
