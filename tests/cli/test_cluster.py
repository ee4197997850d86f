"""`emtools cluster` and `emtools assign` through the real command: results, known answers, and bad input."""

import json
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from emtools.cli.app import main

ROOT = Path(__file__).parents[2]
BROWN = ROOT / "resources" / "yeast" / "brown186_expression.tsv"
WRITTEN = {
    *("assignments.tsv", "profiles.tsv", "selection.tsv", "history.tsv"),
    *("parameters.json", "summary.json", "result.h5ad"),
}
QUICK = ["--covariance", "VII,VVI", "--k", "1:5", "--restarts", "5"]


def islands(path: Path, n: int = 90, seed: int = 0) -> np.ndarray:
    """Three groups of genes with profiles of their own; the group of each."""
    rng = np.random.default_rng(seed)
    groups = np.repeat([0, 1, 2], [n // 2, n // 3, n - n // 2 - n // 3])
    values = rng.normal(size=(3, 12))[groups] * 3.0 + rng.normal(size=(n, 12))
    frame = pd.DataFrame(values, index=[f"g{i}" for i in range(n)], columns=[f"s{j}" for j in range(12)])
    frame.to_csv(path, sep="\t", index_label="gene")
    return groups


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`x.tsv`, its clusters in `out`, and what was said in `said.txt`."""
    folder = tmp_path_factory.mktemp("islands")
    islands(folder / "x.tsv")
    assert main(["cluster", str(folder / "x.tsv"), "--out", str(folder / "out"), *QUICK]) == 0
    return folder


def table(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, sep="\t", float_precision="round_trip")


def test_a_result_is_whole(folder: Path) -> None:
    out = folder / "out"
    assert {path.name for path in out.iterdir()} == WRITTEN
    summary = json.loads((out / "summary.json").read_text())
    assert (summary["n_genes"], summary["n_samples"], summary["n_clusters"]) == (90, 12, 3)
    assert summary["sizes"] == [45, 30, 15]
    assert summary["sentence"].startswith("3 clusters from 3 Gaussian components")
    assert sum(run["best"] for run in summary["runs"]) == 1
    assert len(summary["runs"]) == 5


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_what_is_read_is_not_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    islands(tmp_path / name)
    before = (tmp_path / name).read_bytes()
    assert main(["cluster", str(tmp_path / name), "--out", str(tmp_path), *QUICK]) == 2
    assert f"{name}: is read, and would be overwritten (name another file)" in capsys.readouterr().err
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [before]


def test_clusters_are_the_islands_largest_first(folder: Path) -> None:
    found = table(folder / "out" / "assignments.tsv")
    assert found["cluster"].tolist() == [1] * 45 + [2] * 30 + [3] * 15
    probabilities = found[["cluster_1", "cluster_2", "cluster_3"]].to_numpy()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, rtol=1e-12)
    np.testing.assert_array_equal(found["probability"], probabilities.max(axis=1))
    np.testing.assert_allclose(found["uncertainty"], 1.0 - found["probability"], atol=1e-12)


def test_profiles_are_the_means_of_the_input(folder: Path) -> None:
    values = table(folder / "x.tsv").set_index("gene")
    profiles = table(folder / "out" / "profiles.tsv")
    assert profiles["n_genes"].tolist() == [45, 30, 15]
    np.testing.assert_allclose(profiles[values.columns].to_numpy()[2], values[75:].mean(axis=0), rtol=1e-12)


def test_the_selection_shows_every_candidate_and_what_was_chosen(folder: Path) -> None:
    selection = table(folder / "out" / "selection.tsv")
    chosen = selection[selection["chosen"] == "yes"]
    assert chosen["n_clusters"].tolist() == [3]
    first = selection.drop_duplicates(["family", "n_components"])
    assert len(first) == 10
    np.testing.assert_allclose(
        first["bic"], -2 * first["log_likelihood"] + np.log(90) * first["n_parameters"], rtol=1e-12
    )
    assert chosen["bic"].item() == selection["bic"].min()


def test_histories_never_go_down(folder: Path) -> None:
    history = table(folder / "out" / "history.tsv")
    assert set(history["run"]) == set(range(5))
    assert (history["gain"] >= 0).all()


def test_anndata_has_the_clusters_where_they_are_looked_for(folder: Path) -> None:
    adata = anndata.read_h5ad(folder / "out" / "result.h5ad")
    found = table(folder / "out" / "assignments.tsv")
    assert adata.var_names.tolist() == found["gene"].tolist()
    assert adata.var["cluster"].astype(int).tolist() == found["cluster"].tolist()
    np.testing.assert_array_equal(adata.varm["responsibilities"].max(axis=1), found["probability"])
    assert len(adata.uns["emtools"]["history"]) == len(table(folder / "out" / "history.tsv"))


def test_the_same_seed_gives_the_same_files_on_any_number_of_threads(folder: Path, tmp_path: Path) -> None:
    assert main(["cluster", str(folder / "x.tsv"), "--out", str(tmp_path / "again"), *QUICK, "--threads", "2"]) == 0
    for name in sorted(WRITTEN):
        assert (folder / "out" / name).read_bytes() == (tmp_path / "again" / name).read_bytes(), name


@pytest.mark.parametrize("axis", ["genes", "samples"])
def test_what_was_clustered_is_assigned_where_it_was(axis: str, tmp_path: Path) -> None:
    x = table(BROWN).set_index("gene")
    x.iloc[:60].to_csv(tmp_path / "x.tsv", sep="\t")
    call = ["cluster", str(tmp_path / "x.tsv"), "--out", str(tmp_path / "out"), "--axis", axis, *QUICK]
    assert main(call) == 0
    assert main(["assign", str(tmp_path / "out"), str(tmp_path / "x.tsv"), "--out", str(tmp_path / "new.tsv")]) == 0
    found, assigned = table(tmp_path / "out" / "assignments.tsv"), table(tmp_path / "new.tsv")
    assert assigned.columns[0] == axis.removesuffix("s")
    assert assigned["most_probable"].tolist() == found["cluster"].tolist()
    np.testing.assert_allclose(assigned["probability"], found["probability"], rtol=1e-9)


def test_new_genes_get_a_cluster_or_none(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    x = table(folder / "x.tsv").set_index("gene")
    rng = np.random.default_rng(7)
    new = x.iloc[[0, 50, 80]] + rng.normal(scale=0.3, size=(3, 12))
    new.loc["stranger"] = rng.normal(size=12)
    new[new.columns[::-1]].to_csv(folder / "new.csv")
    assert main(["assign", str(folder / "out"), str(folder / "new.csv"), "--out", str(folder / "new.tsv")]) == 0
    assert table(folder / "new.tsv")["cluster"].astype(str).tolist() == ["1", "2", "3", "none"]
    assert capsys.readouterr().err == "1 of 4 genes belong to none of the clusters (p below 0.001).\n"


def test_what_is_passed_over_or_filled_in_new_genes_is_said(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    x = table(folder / "x.tsv").set_index("gene").iloc[:5].assign(later=1.0)
    x.iloc[2, 3] = np.nan
    path = tmp_path / "more.tsv"
    x.to_csv(path, sep="\t")
    assert main(["assign", str(folder / "out"), str(path), "--out", str(tmp_path / "new.tsv")]) == 0
    shown = capsys.readouterr().err.splitlines()
    assert shown[0] == (
        f"{path}: 1 of 13 samples are not among those that the clusters were found with, and are passed over:"
        " the first is later."
    )
    assert shown[1] == f"{path}: missing cells (1) are filled in as when the clusters were found."


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("model", ["gmm", "kmeans"])
def test_every_gene_may_be_a_cluster_of_its_own(model: str, tmp_path: Path) -> None:
    islands(tmp_path / "x.tsv", n=30, seed=3)
    call = ["--k", "30", "--model", model, "--covariance", "EII", "--restarts", "1", "--out", str(tmp_path / "out")]
    assert main(["cluster", str(tmp_path / "x.tsv"), *call]) == 0
    mixture = json.loads((tmp_path / "out" / "parameters.json").read_text())["mixture"]
    assert np.array(mixture["covariances"])[:, 0, 0].min() > np.finfo(float).tiny
    assert table(tmp_path / "out" / "assignments.tsv")["probability"].between(0, 1).all()


def test_new_genes_need_the_same_samples(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table(folder / "x.tsv").drop(columns="s3").to_csv(folder / "less.tsv", sep="\t", index=False)
    assert main(["assign", str(folder / "out"), str(folder / "less.tsv"), "--out", str(folder / "none.tsv")]) == 2
    assert "a sample that the clusters were found with is not there: 's3'" in capsys.readouterr().err
    assert not (folder / "none.tsv").exists()


def test_known_labels_hold(tmp_path: Path) -> None:
    groups = islands(tmp_path / "x.tsv", n=60, seed=3)
    names = {0: "heat", 1: "cold", 2: "rest"}
    rows = [f"g{i}\t{names[groups[i]]}" for i in range(0, 60, 5)] + ["g59\theat"]
    (tmp_path / "labels.tsv").write_text("\n".join(["gene\tlabel", *rows, ""]))
    call = ["cluster", str(tmp_path / "x.tsv"), "--out", str(tmp_path / "out"), "--k", "3", "--covariance", "EEI"]
    assert main([*call, "--labels", str(tmp_path / "labels.tsv"), "--restarts", "3"]) == 0
    found = table(tmp_path / "out" / "assignments.tsv").set_index("gene")
    assert found.loc["g59", "cluster"] == 1
    assert (found["cluster"].iloc[:59] == groups[:59] + 1).all()
    messages = json.loads((tmp_path / "out" / "summary.json").read_text())["messages"]
    assert {"Label 'heat' is cluster 1.", "Label 'cold' is cluster 2."} <= set(messages)


def test_noise_is_one_cluster(tmp_path: Path) -> None:
    values = np.random.default_rng(1).normal(size=(100, 10))
    frame = pd.DataFrame(values, index=[f"g{i}" for i in range(100)], columns=[f"s{j}" for j in range(10)])
    frame.to_csv(tmp_path / "x.csv")
    assert main(["cluster", str(tmp_path / "x.csv"), "--out", str(tmp_path / "out"), *QUICK]) == 0
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["sizes"] == [100]


GOOD = "gene\ts1\ts2\ts3\na\t1\t2\t4\nb\t2\t1\t5\nc\t3\t3\t1\n"


@pytest.mark.parametrize(
    ("text", "more", "said"),
    [
        (None, [], "there is no such file"),
        ("", [], "the file is empty"),
        (GOOD.replace("5", "five"), [], "line 3, row 'b', column 's3': is not a number: 'five'"),
        (GOOD + "a\t1\t2\t3\n", [], "the name of a gene is there more than once: 'a'"),
        (GOOD.replace("s2", "s1"), [], "the name of a sample is there more than once: 's1'"),
        (GOOD.replace("\t5", ""), [], "line 3: has 3 cells, and 4 are expected"),
        (GOOD.replace("1\t2\t4", "2\t2\t2"), [], "1 gene is constant over the samples (a) and cannot be standardized"),
        (GOOD, ["--k", "4"], "4 clusters are asked for, and there are only 3 genes"),
        (GOOD, ["--k", "5:2"], "Invalid value for '--k'"),
        (GOOD, ["--covariance", "round"], "covariance: there is no such family: 'round'"),
        (GOOD, ["--transform", "log3"], "transform: there is no such transformation: 'log3'"),
        (GOOD, ["--components", "two"], "--components: is not a number of components: 'two'"),
        (GOOD, ["--components", "9"], "components: there are only 2 principal components: 9"),
        (GOOD.replace("5", ""), ["--missing", "error"], "gene 'b', sample 's3': the cell is missing"),
        (GOOD, ["--labels", "absent.tsv"], "absent.tsv: there is no such file"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(
    text: str | None, more: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if text is not None:
        (tmp_path / "x.tsv").write_text(text)
    assert main(["cluster", str(tmp_path / "x.tsv"), "--out", str(tmp_path / "out"), *more]) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("error: ")
    assert said in error
    assert {path.name for path in tmp_path.iterdir()} <= {"x.tsv"}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["g1\ta\tb"], "line 2: has 3 cells, and 2 are expected"),
        (["g1\ta", "g1\tb"], "line 3: the name is there twice: 'g1'"),
        (["g1\t"], "there is no label"),
        (["g1\ta", "x\tb"], "labels: 1 labeled genes are not among those clustered: 'x'"),
        (["g1\ta", "g2\tb"], "k: there are 2 labels, and fewer clusters are asked for: 1"),
    ],
)
def test_bad_labels_are_told(
    rows: list[str], said: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = tmp_path / "labels.tsv"
    labels.write_text("\n".join(["gene\tlabel", *rows, ""]))
    assert main(["cluster", str(folder / "x.tsv"), "--out", str(tmp_path / "out"), "--labels", str(labels)]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_what_is_no_result_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "parameters.json").write_text("{}")
    assert main(["assign", str(tmp_path), str(BROWN), "--out", str(tmp_path / "new.tsv")]) == 2
    assert "is not what emtools cluster writes" in capsys.readouterr().err


@pytest.fixture(scope="module")
def classes() -> pd.Series:
    return table(BROWN.with_name("brown186_class.tsv")).set_index("gene")["class"]


def agreement(out: Path, classes: pd.Series) -> float:
    found = table(out / "assignments.tsv").set_index("gene")["cluster"]
    return float(adjusted_rand_score(classes[found.index], found))


def test_the_default_finds_the_classes_of_yeast_genes(tmp_path: Path, classes: pd.Series) -> None:
    assert main(["cluster", str(BROWN), "--out", str(tmp_path / "out"), "--threads", "2"]) == 0
    assert agreement(tmp_path / "out", classes) >= 0.97


def test_the_default_finds_the_phases_of_the_cell_cycle(tmp_path: Path) -> None:
    data = ROOT / "tests" / "data"
    call = ["cluster", str(data / "spellman800_expression.tsv"), "--out", str(tmp_path / "out"), "--threads", "2"]
    assert main([*call, "--k", "1:8"]) == 0
    assert agreement(tmp_path / "out", table(data / "spellman800_class.tsv").set_index("gene")["class"]) >= 0.6


def test_three_clusters_of_yeast_genes_are_the_classes(tmp_path: Path, classes: pd.Series) -> None:
    assert main(["cluster", str(BROWN), "--out", str(tmp_path / "out"), "--k", "3"]) == 0
    assert agreement(tmp_path / "out", classes) >= 0.97
