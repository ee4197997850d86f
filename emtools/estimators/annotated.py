"""Clusters of an AnnData object, left where scanpy's users look for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from emtools.errors import ConfigurationError
from emtools.expression.annotating import annotate
from emtools.expression.clustering import ClusteringOptions, Criterion
from emtools.expression.clustering import cluster as find_clusters
from emtools.expression.preparing import Missing, Prepared, PreparingOptions, prepare
from emtools.expression.reading import Expression, from_anndata
from emtools.models.families.covariance import NAMES


def cluster(
    adata: Any,
    *,
    axis: Literal["obs", "var"] = "obs",
    layer: str | None = None,
    use_rep: str | None = None,
    k: int | Sequence[int] | None = None,
    covariance: str | Sequence[str] = NAMES,
    model: Literal["gmm", "kmeans"] = "gmm",
    criterion: Criterion = "stability",
    transform: Sequence[str] | None = None,
    missing: Missing = "knn",
    constant: Literal["error", "drop"] = "error",
    components: int | Literal["auto", "none"] | None = None,
    labels: str | None = None,
    restarts: int = 20,
    seed: int = 0,
    n_threads: int = 1,
    key_added: str | None = None,
    copy: bool = False,
) -> Any:
    """Cluster the cells or the genes of an AnnData object, as `emtools cluster` does a table.

    Parameters
    ----------
    adata : anndata.AnnData
    axis : {"obs", "var"}
        What is clustered: observations (cells, samples) or variables (genes).
    layer : str, optional
        The layer to read in place of `.X`.
    use_rep : str, optional
        A representation to cluster in: a key of `.obsm` ("X_pca", say), or of `.varm` where genes are clustered.
    k : int or sequence of int, optional
        Numbers of clusters to choose from; by default 1 to 12.
    covariance : str or sequence of str
        Covariance families to choose from: mclust's names, or spherical, diag, tied, full.
    model : {"gmm", "kmeans"}
    criterion : {"stability", "bic", "icl", "aic"}
    transform : sequence of str, optional
        Of "log2", "quantile", "center" and "zscore", done in this order. By default ("zscore",), which gives each gene
        mean 0 and variance 1, and nothing to a representation.
    missing : {"error", "drop", "mean", "knn"}
        What becomes of missing cells: an error, their genes left out, or filled.
    constant : {"error", "drop"}
        What becomes of genes that "zscore" cannot standardize.
    components : int, "auto" or "none", optional
        Principal components to cluster in. By default "auto", and "none" for a representation.
    labels : str, optional
        The column of `.obs` (`.var`) with known classes, missing where unknown.
    restarts : int
        Starts of the final fit.
    seed : int
    n_threads : int
        The result does not depend on it.
    key_added : str, optional
        Put before each name below, with an underscore.
    copy : bool
        Leave `adata` as it is, and return a copy with the result.

    Returns
    -------
    anndata.AnnData or None
        Sets, or sets in the copy, with `.obs` and `.obsm` being `.var` and `.varm` where genes are clustered:

        ``.obs["cluster"]``
            Categories "1", "2", ..., the largest cluster first; missing for what was left out.
        ``.obs["probability"]``
            Of that cluster.
        ``.obsm["responsibilities"]``
            The probability of each cluster.
        ``.uns["emtools"]``
            "sentence" (why this won), "family", "messages" (what was changed or left out), "parameters" (of the
            mixture, and the cluster of each of its components), "history" (each iteration of each restart), "runs" (how
            each ended).

    Raises
    ------
    emtools.errors.InputError, emtools.errors.ConfigurationError
        If the data or an option cannot be used.

    Examples
    --------
    >>> import anndata
    >>> rng = np.random.default_rng(0)
    >>> adata = anndata.AnnData(rng.normal(size=(60, 5)) + np.repeat([[0.0], [6.0]], [20, 40], axis=0))
    >>> cluster(adata, k=2, covariance="spherical", restarts=2)
    >>> adata.obs["cluster"].value_counts().to_dict()
    {'1': 40, '2': 20}
    """
    if axis not in ("obs", "var"):
        raise ConfigurationError("there is no such axis", where="axis", value=axis, cure="obs or var")
    result = adata.copy() if copy else adata
    preparing = PreparingOptions(
        axis="genes" if axis == "var" and use_rep is None else "samples",
        transform=transform if transform is not None else ("zscore",) if use_rep is None else (),
        missing=missing,
        constant=constant,
    )
    matrix = from_anndata(adata, layer=layer) if use_rep is None else _representation(adata, axis, use_rep, layer)
    prepared = prepare(matrix, preparing)
    options = ClusteringOptions(
        model=model,
        counts=_counts(k, prepared),
        families=(covariance,) if isinstance(covariance, str) else tuple(covariance),
        criterion=criterion,
        components=components if components is not None else "auto" if use_rep is None else "none",
        restarts=restarts,
        seed=seed,
    )
    known = None if labels is None else _known(adata, axis, labels, prepared)
    found = find_clusters(prepared, options, known=known, threads=n_threads)
    annotate(result, axis, prepared, found, prefix="" if key_added is None else f"{key_added}_")
    return result if copy else None


def _representation(adata: Any, axis: Literal["obs", "var"], key: str, layer: str | None) -> Expression:
    """A representation as a matrix of its dimensions by what it represents."""
    if layer is not None:
        raise ConfigurationError("a representation has no layers", where="layer", value=layer, cure="leave layer out")
    where, names = (adata.obsm, adata.obs_names) if axis == "obs" else (adata.varm, adata.var_names)
    if key not in where:
        there = ", ".join(where) or "none"
        raise ConfigurationError("there is no such key", where=f".{axis}m", value=key, cure=f"keys there: {there}")
    represented = type(adata)(np.asarray(where[key], dtype=np.float64))
    represented.obs_names = names.astype(str)
    represented.var_names = [f"{key}_{i + 1}" for i in range(represented.n_vars)]
    return from_anndata(represented, source=f".{axis}m[{key!r}]")


def _counts(k: int | Sequence[int] | None, prepared: Prepared) -> Sequence[int]:
    if k is None:
        return range(1, min(12, len(prepared.names) - 1) + 1)
    counts = (k,) if isinstance(k, int) else tuple(k)
    if not counts or min(counts) < 1:
        raise ConfigurationError("is no number of clusters", where="k", value=k, cure="2, or range(2, 13), say")
    return counts


def _known(adata: Any, axis: Literal["obs", "var"], column: str, prepared: Prepared) -> dict[str, str]:
    frame = adata.obs if axis == "obs" else adata.var
    if column not in frame:
        there = ", ".join(map(str, frame.columns)) or "none"
        raise ConfigurationError("there is no such column", where=f".{axis}", value=column, cure=f"columns: {there}")
    known = frame[column].dropna().astype(str)
    kept = set(prepared.names)
    return {name: label for name, label in zip(known.index.astype(str), known, strict=True) if name in kept}
