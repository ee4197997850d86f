"""A wrong configuration is one clear line before any job starts."""

from pathlib import Path

import pytest
import yaml

from emtools.cli.configuration import Configuration, check_syntax, read_configuration
from emtools.errors import EmtoolsError

ROOT = Path(__file__).parents[2]
SCHEMAS = {name: ROOT / f"workflow/schemas/{name}.schema.yaml" for name in ("config", "expression", "sequences")}
EXPRESSION_HEADER = "dataset\tpath\tpromoters\tgenome\tannotation\tupstream\tdatabase\n"


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a table of each kind and the files that they name."""
    monkeypatch.chdir(tmp_path)
    for name in ("matrix.tsv", "promoters.fa", "genome.fa", "genes.gff", "peaks.fa"):
        Path(name).write_text("here\n")
    Path("expression.tsv").write_text(f"{EXPRESSION_HEADER}yeast\tmatrix.tsv\tpromoters.fa\n")
    Path("sequences.tsv").write_text("dataset\tpath\tcontrol\tdatabase\npeaks\tpeaks.fa\n")
    return tmp_path


TABLES = "expression: expression.tsv\nsequences: sequences.tsv\n"


def read(text: str = TABLES) -> Configuration:
    return read_configuration(yaml.safe_load(text), SCHEMAS, "config.yaml")


def message(text: str = TABLES) -> str:
    with pytest.raises(EmtoolsError) as caught:
        read(text)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2
    return str(caught.value)


def expression_message(rows: str, header: str = EXPRESSION_HEADER) -> str:
    Path("expression.tsv").write_text(header + rows)
    return message("expression: expression.tsv\n")


def test_what_is_left_out_has_its_default(lab: Path) -> None:
    settings, expression, sequences = read()
    assert settings["motifs"]["model"] == "zoops"
    assert expression == {
        "yeast": {
            "dataset": "yeast",
            "path": "matrix.tsv",
            "promoters": "promoters.fa",
            "upstream": settings["promoters"]["upstream"],
            "database": settings["name"]["database"],
        }
    }
    assert sequences == {"peaks": {"dataset": "peaks", "path": "peaks.fa", "database": settings["name"]["database"]}}


def test_a_dataset_overrules_the_settings(lab: Path) -> None:
    Path("expression.tsv").write_text(f"{EXPRESSION_HEADER}yeast\tmatrix.tsv\t\tgenome.fa\tgenes.gff\t800\tnone\n")
    row = read().expression["yeast"]
    assert (row["upstream"], row["database"]) == (800, "none")
    assert "promoters" not in row


def test_either_table_may_be_left_out(lab: Path) -> None:
    assert read("expression: expression.tsv").sequences == {}
    assert read("sequences: sequences.tsv").expression == {}


def test_spreadsheets_leave_traces_that_do_no_harm(lab: Path) -> None:
    Path("sequences.tsv").write_text("\ufeffdataset\tpath\t\t\r\n peaks \tpeaks.fa\t\t\r\n\t\t\t\r\n", encoding="utf-8")
    assert list(read().sequences) == ["peaks"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TABLES + "sed: 1", "config.yaml, key sed: is not known here (did you mean seed?)"),
        (
            TABLES + "cluster: {modle: gmm}",
            "config.yaml, key cluster.modle: is not known here (did you mean model?)",
        ),
        (
            TABLES + "cluster: {model: gmmm}",
            "config.yaml, key cluster.model: is not one of gmm, kmeans: 'gmmm' (did you mean gmm?)",
        ),
        (
            TABLES + "cluster: {min_clusters: 5, max_clusters: 3}",
            "config.yaml, key cluster: min_clusters 5 is more than max_clusters 3 (exchange the two)",
        ),
        (
            TABLES + "motifs: {min_width: 21}",
            "config.yaml, key motifs: min_width 21 is more than max_width 20 (exchange the two)",
        ),
        (
            TABLES + "cluster: {max_clusters: many}",
            "config.yaml, key cluster.max_clusters: is not a whole number: 'many' (choose a whole number from 1)",
        ),
        (
            TABLES + "cluster: {min_clusters: 0}",
            "config.yaml, key cluster.min_clusters: is less than 1: 0 (choose a whole number from 1)",
        ),
        (
            TABLES + "motifs: {max_width: 51}",
            "config.yaml, key motifs.max_width: is more than 50: 51 (choose a whole number from 3 to 50)",
        ),
        (
            TABLES + "motifs: {one_strand: 2}",
            "config.yaml, key motifs.one_strand: is not true or false: 2 (choose true or false)",
        ),
        (
            TABLES + "motifs:",
            "config.yaml, key motifs: is not a group of keys (indent the keys below it by two spaces)",
        ),
        (
            "expression: expresion.tsv",
            (
                "config.yaml, key expression: there is no such file: 'expresion.tsv' "
                "(paths count from the directory in which snakemake runs)"
            ),
        ),
        (
            "seed: 1",
            (
                "config.yaml: there is no dataset (list one in the table that the key expression or the key "
                "sequences names)"
            ),
        ),
    ],
)
def test_wrong_settings(lab: Path, text: str, expected: str) -> None:
    assert message(text) == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            "yeast\tmatrix.csv\n",
            (
                "expression.tsv, row 2, column path: there is no such file: 'matrix.csv' "
                "(paths count from the directory in which snakemake runs)"
            ),
        ),
        ("yeast\t\n", "expression.tsv, row 2, column path: is missing (give a file)"),
        (
            "yeast\tmatrix.tsv\n\nYeast\tmatrix.tsv\n",
            (
                "expression.tsv, row 4, column dataset: the name is that of row 2, too: 'Yeast' "
                "(give each dataset a name of its own)"
            ),
        ),
        (
            "a/b\tmatrix.tsv\n",
            (
                "expression.tsv, row 2, column dataset: does not fit: 'a/b' "
                "(use letters, digits, _, - and . only, and begin with a letter or a digit)"
            ),
        ),
        (
            "yeast\tmatrix.tsv\t\t\t\t\t\textra\n",
            (
                "expression.tsv, row 2: has more cells than the header, which has 7: 'extra' "
                "(separate cells by one tab each)"
            ),
        ),
        (
            "yeast\tmatrix.tsv\tpromoters.fa\tgenome.fa\tgenes.gff\n",
            "expression.tsv, dataset yeast: names both promoters and a genome (leave one of them empty)",
        ),
        (
            "yeast\tmatrix.tsv\t\tgenome.fa\n",
            "expression.tsv, dataset yeast: has genome but no annotation: 'genome.fa' (fill the column annotation)",
        ),
        (
            "yeast\tmatrix.tsv\tpromoters.fa\t\t\t800\n",
            "expression.tsv, dataset yeast: has upstream but no genome: 800 (fill the column genome)",
        ),
        (
            "yeast\tmatrix.tsv\t\tgenome.fa\tgenes.gff\tfar\n",
            (
                "expression.tsv, row 2, column upstream: is not a whole number: 'far' "
                "(give a number of base pairs from 0, or leave it empty)"
            ),
        ),
        (
            "yeast\tmatrix.tsv\tpromoters.fa\t\t\t\tjasper:fungi\n",
            (
                "expression.tsv, row 2, column database: there is no such file: 'jasper:fungi' "
                "(choose none, or one of jaspar:diatoms, jaspar:fungi, jaspar:insects, jaspar:nematodes, "
                "jaspar:plants, jaspar:urochordates, jaspar:vertebrates, or a file; paths count from the directory in "
                "which snakemake runs)"
            ),
        ),
    ],
)
def test_wrong_rows(lab: Path, rows: str, expected: str) -> None:
    assert expression_message(rows) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (
            "dataset,path\n",
            "expression.tsv, row 1: the column dataset is missing: 'dataset,path' (separate columns by tabs)",
        ),
        (
            "dataset\tfile\n",
            "expression.tsv, row 1: the column path is missing: 'dataset\\tfile' (separate columns by tabs)",
        ),
        (
            "dataset\tpath\tclass\n",
            (
                "expression.tsv, row 1: the column is not known here: 'class' "
                "(choose from dataset, path, orientation, layer, promoters, genome, annotation, upstream, database)"
            ),
        ),
        (
            "dataset\tpath\tpath\n",
            "expression.tsv, row 1: the column is there twice: 'path' (remove one of them)",
        ),
    ],
)
def test_wrong_headers(lab: Path, header: str, expected: str) -> None:
    assert expression_message("yeast\tmatrix.tsv\n", header) == expected


def test_clusters_of_samples_have_no_promoters(lab: Path) -> None:
    assert message("expression: expression.tsv\ncluster: {axis: samples}") == (
        "expression.tsv, dataset yeast: has promoters, but samples are clustered "
        "(set the key cluster.axis to genes, or leave the columns of promoters empty)"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "motifs:\n  min_width: 6\n   max_width: 9\n",
            (
                "config.yaml, line 3: is not YAML: mapping values are not allowed here "
                "(write key: value, and indent with spaces, alike for the keys of one group)"
            ),
        ),
        (
            "motifs:\n  min_width: 6\n  min_width: 9\n",
            "config.yaml, line 3: the key is there twice: 'min_width' (remove one of them)",
        ),
    ],
)
def test_wrong_syntax(lab: Path, text: str, expected: str) -> None:
    Path("config.yaml").write_text(text)
    with pytest.raises(EmtoolsError) as caught:
        check_syntax("config.yaml")
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            TABLES + "cluster: {model: gmmm}",
            ", key cluster.model: is not one of gmm, kmeans: 'gmmm' (did you mean gmm?)",
        ),
        (
            "cluster: model: gmm",
            (
                ", line 1: is not YAML: mapping values are not allowed here (write key: value, and indent "
                "with spaces, alike for the keys of one group)"
            ),
        ),
        (TABLES + "clusters: {model: gmm}", ", key clusters: is not known here (did you mean cluster?)"),
    ],
)
def test_a_dry_run_stops_before_any_job(lab: Path, snakemake, text: str, expected: str) -> None:
    Path("config").mkdir()
    Path("config/config.yaml").write_text(text)
    run = snakemake(lab, "--snakefile", ROOT / "Snakefile", "--dry-run")
    assert run.exit_code == 1
    assert f"config/config.yaml{expected}" in run.screen.splitlines()
    assert "Traceback" not in run.screen
    assert not Path("results").exists()
