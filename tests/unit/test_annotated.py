"""`emtools.cluster` on AnnData: cells and genes, layers and representations, results where scanpy's users look."""

import subprocess
import sys

import anndata
import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.metrics import adjusted_rand_score

import emtools
from emtools.errors import ConfigurationError, InputError

QUICK = {"k": 3, "covariance": "spherical", "restarts": 2}


@pytest.fixture
def adata():
    """90 cells of three kinds, 12 genes of three profiles."""
    rng = np.random.default_rng(0)
    kind, profile = np.repeat([0, 1, 2], [40, 30, 20]), np.repeat([0, 1, 2], [5, 4, 3])
    means = np.array([[0.0, 5.0, 9.0], [6.0, 0.0, 3.0], [1.0, 7.0, 0.0]])
    x = means[kind][:, profile] + rng.normal(size=(90, 12))
    return anndata.AnnData(
        x,
        obs=pd.DataFrame({"kind": kind}, index=[f"cell{i}" for i in range(90)]),
        var=pd.DataFrame({"profile": profile}, index=[f"gene{i}" for i in range(12)]),
        layers={"shuffled": rng.permutation(x.ravel()).reshape(x.shape), "sparse": sparse.csr_matrix(x)},
        obsm={"X_pca": x @ rng.normal(size=(12, 4))},
        varm={"PCs": x.T[:, [0, 45, 75]]},
    )


def test_cells(adata):
    assert emtools.cluster(adata, **QUICK) is None
    assert adjusted_rand_score(adata.obs["kind"], adata.obs["cluster"]) == 1.0
    assert adata.obs["cluster"].cat.categories.tolist() == ["1", "2", "3"]
    assert adata.obs["cluster"].value_counts().to_dict() == {"1": 40, "2": 30, "3": 20}
    assert adata.obsm["responsibilities"].shape == (90, 3)
    np.testing.assert_allclose(adata.obsm["responsibilities"].sum(axis=1), 1.0)
    np.testing.assert_array_equal(adata.obs["probability"], adata.obsm["responsibilities"].max(axis=1))
    left = adata.uns["emtools"]
    assert left["parameters"]["weights"].sum() == pytest.approx(1.0)
    assert (left["history"].groupby("run")["objective"].diff().dropna() >= 0.0).all()
    assert left["runs"]["best"].sum() == 1
    assert left["sentence"]


def test_genes(adata):
    emtools.cluster(adata, axis="var", **QUICK)
    assert adjusted_rand_score(adata.var["profile"], adata.var["cluster"]) == 1.0
    assert adata.varm["responsibilities"].shape == (12, 3)
    assert "cluster" not in adata.obs


@pytest.mark.parametrize(("axis", "key", "truth"), [("obs", "X_pca", "kind"), ("var", "PCs", "profile")])
def test_a_representation_is_clustered_as_it_is(adata, axis, key, truth):
    emtools.cluster(adata, axis=axis, use_rep=key, **QUICK)
    frame = adata.obs if axis == "obs" else adata.var
    assert adjusted_rand_score(frame[truth], frame["cluster"]) == 1.0
    means = adata.uns["emtools"]["parameters"]["means"]
    assert means.shape[1] == (adata.obsm if axis == "obs" else adata.varm)[key].shape[1]


def test_layers_and_keys_stand_beside_each_other_in_a_copy(adata):
    before = adata.copy()
    noise = emtools.cluster(adata, layer="shuffled", key_added="noise", copy=True, **QUICK)
    both = emtools.cluster(noise, layer="sparse", key_added="cells", copy=True, **QUICK)
    assert adjusted_rand_score(both.obs["kind"], both.obs["cells_cluster"]) == 1.0
    assert adjusted_rand_score(both.obs["kind"], both.obs["noise_cluster"]) < 0.2
    assert {"cells_emtools", "noise_emtools"} <= set(both.uns)
    assert list(adata.obs) == list(before.obs)


def test_what_is_left_out_is_missing_and_said(adata):
    adata.X[3, 2] = np.nan
    emtools.cluster(adata, axis="var", missing="drop", **QUICK)
    assert adata.var["cluster"].isna().tolist() == [i == 2 for i in range(12)]
    assert np.isnan(adata.varm["responsibilities"][2]).all()
    assert any("left out" in message for message in adata.uns["emtools"]["messages"])


def test_known_classes_hold(adata):
    adata.obs["known"] = pd.Series(["x", "y"], index=["cell89", "cell0"])
    emtools.cluster(adata, labels="known", **QUICK)
    assert adjusted_rand_score(adata.obs["kind"], adata.obs["cluster"]) == 1.0
    assert adata.uns["emtools"]["messages"][-2:].tolist() == ["Label 'x' is cluster 3.", "Label 'y' is cluster 1."]


def test_the_number_of_clusters_is_chosen(adata):
    emtools.cluster(adata, k=range(1, 5), covariance=("EII", "EEE"), criterion="bic", restarts=2)
    assert adata.obs["cluster"].nunique() == 3


def test_the_result_is_written_and_read_again(adata, tmp_path):
    emtools.cluster(adata, **QUICK)
    adata.write_h5ad(tmp_path / "result.h5ad")
    again = anndata.read_h5ad(tmp_path / "result.h5ad")
    pd.testing.assert_series_equal(again.obs["cluster"], adata.obs["cluster"])
    pd.testing.assert_frame_equal(again.uns["emtools"]["history"], adata.uns["emtools"]["history"], check_dtype=False)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"axis": "cells"}, ConfigurationError, "there is no such axis: 'cells'"),
        ({"use_rep": "X_umap"}, ConfigurationError, r"\.obsm: there is no such key: 'X_umap' \(keys there: X_pca\)"),
        ({"use_rep": "X_pca", "layer": "sparse"}, ConfigurationError, "a representation has no layers"),
        ({"layer": "raw"}, InputError, "there is no such layer: 'raw'"),
        ({"labels": "type"}, ConfigurationError, r"\.obs: there is no such column: 'type' \(columns: kind\)"),
        ({"k": 0}, ConfigurationError, "k: is no number of clusters: 0"),
        ({"k": 91}, InputError, "91 clusters are asked for"),
        ({"covariance": "round"}, ConfigurationError, "there is no such family: 'round'"),
    ],
)
def test_what_cannot_be_used_is_said(adata, options, error, message):
    with pytest.raises(error, match=message):
        emtools.cluster(adata, **QUICK | options)
    assert "cluster" not in adata.obs


def test_it_is_imported_only_when_asked_for():
    code = "import emtools, sys; assert 'numpy' not in sys.modules; emtools.cluster; assert 'sklearn' in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
    with pytest.raises(AttributeError, match="no attribute 'clusters'"):
        _ = emtools.clusters
