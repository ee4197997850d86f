"""The result of a clustering on disk, whole or not at all, and read back."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import emtools
from emtools.em import HISTORY_HEADER, history_rows, run_summaries
from emtools.errors import InputError
from emtools.expression.annotating import annotate
from emtools.expression.clustering import Clustering
from emtools.expression.components import PrincipalComponents
from emtools.expression.fitted import FittedMixture
from emtools.expression.preparing import Preparation, Prepared
from emtools.expression.reading import read_expression
from emtools.files import described_inputs, existing_file, result_directory, write_json, write_table

FILES = (
    *("assignments.tsv", "profiles.tsv", "selection.tsv", "history.tsv"),
    *("parameters.json", "summary.json", "result.h5ad"),
)
"""What is written."""


def write_result(
    out: str | Path,
    prepared: Prepared,
    clustering: Clustering,
    *,
    config: Mapping[str, Any],
    inputs: Sequence[str | Path],
) -> None:
    """Write the result directory of a clustering.

    Parameters
    ----------
    out : str or pathlib.Path
        The directory.
    prepared : Prepared
    clustering : Clustering
    config : mapping
        Every option, for ``summary.json``.
    inputs : sequence of path
        The files read.
    """
    names = [f"cluster_{i + 1}" for i in range(clustering.choice.n_clusters)]
    what = prepared.preparation.axis.removesuffix("s")
    parameters = _parameters(prepared, clustering)
    with result_directory(out) as directory:
        write_table(
            directory / "assignments.tsv",
            [what, "cluster", "probability", "uncertainty", *names],
            _assignments(prepared.names, clustering.responsibilities),
        )
        write_table(directory / "profiles.tsv", *_profiles(prepared, clustering))
        write_table(directory / "selection.tsv", _SELECTION, _selection(clustering))
        write_table(directory / "history.tsv", HISTORY_HEADER, history_rows(clustering.fit))
        write_json(directory / "parameters.json", parameters)
        write_json(directory / "summary.json", _summary(prepared, clustering, config, inputs))
        _write_anndata(directory / "result.h5ad", prepared, clustering)


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a result directory holds for new observations.

    Attributes
    ----------
    preparation : Preparation
    rotation : PrincipalComponents or None
    mixture : FittedMixture
    groups : ndarray of shape (n_components,), int64
        The cluster of each component, from 0.
    """

    preparation: Preparation
    rotation: PrincipalComponents | None
    mixture: FittedMixture
    groups: NDArray[np.int64]


def read_fitted(directory: str | Path) -> Fitted:
    """Read what `write_result` wrote.

    Raises
    ------
    emtools.errors.InputError
        If it is not the result of a clustering.
    """
    path = existing_file(Path(directory) / "parameters.json")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        rotation = content["components"]
        # The matrix is there as it was read: steps that learn from all of it learn the same again.
        expression = read_expression(path.parent / "result.h5ad")
        return Fitted(
            Preparation.from_json(content["preparation"], expression),
            rotation and PrincipalComponents(**{key: np.array(value) for key, value in rotation.items()}),
            FittedMixture.from_json(content["mixture"]),
            np.array(content["mixture"]["cluster"]) - 1,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            "is not what emtools cluster writes", where=str(path), cure="name the --out directory of emtools cluster"
        ) from error


def _assignments(names: Sequence[str], responsibilities: NDArray[np.float64]) -> Iterator[Sequence[object]]:
    for name, row in zip(names, responsibilities, strict=True):
        cluster = int(row.argmax())
        # The others are summed, because 1 minus a probability near 1 loses its digits.
        yield [name, cluster + 1, row[cluster], np.delete(row, cluster).sum(), *row]


def _profiles(prepared: Prepared, clustering: Clustering) -> tuple[list[str], list[list[object]]]:
    """The mean of the input over the members of each cluster, where it was measured."""
    axis, expression = prepared.preparation.axis, prepared.expression
    values, columns = (
        (expression.values, expression.samples) if axis == "genes" else (expression.values.T, expression.genes)
    )
    rows: list[list[object]] = []
    for cluster in range(clustering.choice.n_clusters):
        members = values[clustering.labels == cluster]
        measured = (~np.isnan(members)).sum(axis=0)
        sums = np.nansum(members, axis=0)
        means = [total / count if count else None for total, count in zip(sums, measured, strict=True)]
        rows.append([cluster + 1, len(members), *means])
    return ["cluster", f"n_{axis}", *columns], rows


_SELECTION = (
    "family",
    "n_components",
    "n_clusters",
    "log_likelihood",
    "n_parameters",
    "bic",
    "icl",
    "aic",
    "stop_reason",
    "chosen",
    "overlap",
    "agreement",
    "recovery",
)


def _selection(clustering: Clustering) -> Iterator[Sequence[object]]:
    """Every candidate; where half-samples were asked, with the clusters that merging its components makes."""
    choice = clustering.choice
    judged = {one.candidate.name: one for one in clustering.judged or [choice.judged]}
    for candidate in clustering.candidates:
        numbers = (candidate.log_likelihood, candidate.n_parameters, candidate.bic, candidate.icl, candidate.aic)
        given = [*(None if math.isnan(number) else number for number in numbers), candidate.stop_reason]
        first, one = [candidate.family, candidate.n_components], judged.get(candidate.name)
        if one is None:
            yield [*first, candidate.n_components, *given, "no", None, None, None]
            continue
        for n in range(len(one.path), 0, -1):
            chosen = "yes" if one is choice.judged and n == choice.n_clusters else "no"
            again = [float(one.agreement[n - 1]), float(one.recovery[n - 1])]
            if chosen == "yes" or not math.isnan(again[0]):
                known = [None if math.isnan(number) else number for number in again]
                yield [*first, n, *given, chosen, one.path[n - 1].overlap, *known]


def _parameters(prepared: Prepared, clustering: Clustering) -> dict[str, Any]:
    rotation = clustering.rotation
    return {
        "preparation": prepared.preparation.to_json(),
        "components": rotation and asdict(rotation),
        "mixture": clustering.mixture.to_json()
        | {"family": clustering.choice.judged.candidate.family, "cluster": clustering.groups + 1},
    }


def _summary(
    prepared: Prepared, clustering: Clustering, config: Mapping[str, Any], inputs: Sequence[str | Path]
) -> dict[str, Any]:
    return {
        "emtools_version": emtools.__version__,
        "command": "cluster",
        "config": dict(config),
        "inputs": described_inputs(inputs),
        "seed": config["seed"],
        "messages": [*prepared.messages, *clustering.messages],
        "n_genes": len(prepared.expression.genes),
        "n_samples": len(prepared.expression.samples),
        "n_clusters": clustering.choice.n_clusters,
        "n_components": clustering.choice.judged.candidate.n_components,
        "family": clustering.choice.judged.candidate.family,
        "criterion": config["criterion"],
        "sentence": clustering.sentence,
        "sizes": np.bincount(clustering.labels, minlength=clustering.choice.n_clusters),
        "runs": run_summaries(clustering.fit),
    }


def _write_anndata(path: Path, prepared: Prepared, clustering: Clustering) -> None:
    """The input with the clusters where scanpy's users look for them."""
    import anndata
    import pandas as pd

    expression = prepared.expression
    adata = anndata.AnnData(
        expression.values.T,
        obs=pd.DataFrame(index=list(expression.samples)),
        var=pd.DataFrame(index=list(expression.genes)),
    )
    annotate(adata, "var" if prepared.preparation.axis == "genes" else "obs", prepared, clustering)
    adata.write_h5ad(path)
