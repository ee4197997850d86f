"""`emtools cluster`: the clusters of an expression matrix."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from emtools.cli.console import progress, say
from emtools.cli.options import Seed, Span, Threads, chosen, span
from emtools.errors import ConfigurationError

EPILOG = """
Examples:

emtools cluster expression.tsv --out result

emtools cluster counts.h5ad --out result --transform log2,zscore --k 2:20 --threads 4

emtools cluster expression.csv.gz --out result --axis samples --k 3 --covariance full
"""


class Axis(StrEnum):
    """What is clustered."""

    GENES = "genes"
    SAMPLES = "samples"


class Orientation(StrEnum):
    """What the rows and the columns of a table are."""

    GENES_BY_SAMPLES = "genes-by-samples"
    SAMPLES_BY_GENES = "samples-by-genes"


class ModelName(StrEnum):
    """What is fitted."""

    GMM = "gmm"
    KMEANS = "kmeans"


class Criterion(StrEnum):
    """How the number of clusters is chosen."""

    STABILITY = "stability"
    BIC = "bic"
    ICL = "icl"
    AIC = "aic"


class Missing(StrEnum):
    """What becomes of missing cells."""

    ERROR = "error"
    DROP = "drop"
    MEAN = "mean"
    KNN = "knn"


class Constant(StrEnum):
    """What becomes of constant genes."""

    ERROR = "error"
    DROP = "drop"


class Start(StrEnum):
    """Where starts come from."""

    KMEANS = "k-means++"
    HIERARCHICAL = "hierarchical"
    RANDOM = "random"


RowsAre = Annotated[
    Orientation | None,
    typer.Option("--orientation", help="What the rows are; by default genes in a table, samples in .h5ad."),
]
Layer = Annotated[str | None, typer.Option("--layer", help="The layer of an .h5ad file to read in place of X.")]


def cluster(
    *,
    context: typer.Context,
    expression: Annotated[Path, typer.Argument(help="A table (TSV, CSV; .gz or not) or an .h5ad file.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", file_okay=False, help="Where the result goes.")],
    model: Annotated[ModelName, typer.Option("--model", help="Gaussian mixtures or k-means.")] = ModelName.GMM,
    k: Annotated[
        Span | None,
        typer.Option(
            "--k",
            metavar="K|LOW:HIGH",
            parser=span,
            help="Clusters allowed, 1:12 by default; one number asks for so many.",
        ),
    ] = None,
    covariance: Annotated[
        str,
        typer.Option(
            "--covariance",
            metavar="auto|NAME,...",
            help="Covariance families: EII ... VVV, spherical, diag, tied, full.",
        ),
    ] = "auto",
    criterion: Annotated[
        Criterion,
        typer.Option(
            "--criterion",
            help="stability: the most clusters that are distinct and that half of the data finds again.",
        ),
    ] = Criterion.STABILITY,
    axis: Annotated[Axis, typer.Option("--axis", help="What is clustered.")] = Axis.GENES,
    orientation: RowsAre = None,
    layer: Layer = None,
    transform: Annotated[
        str,
        typer.Option(
            "--transform", metavar="NAME,...|none", help="In this order: log2, quantile, center, zscore (of each gene)."
        ),
    ] = "zscore",
    pseudo_count: Annotated[float, typer.Option("--pseudo-count", help="Added before log2.")] = 1.0,
    missing: Annotated[
        Missing, typer.Option("--missing", help="Missing cells: an error, their genes left out, or filled.")
    ] = Missing.KNN,
    constant: Annotated[
        Constant, typer.Option("--constant", help="Genes that zscore cannot standardize: an error, or left out.")
    ] = Constant.ERROR,
    components: Annotated[
        str, typer.Option("--components", metavar="auto|N|none", help="Principal components to cluster in.")
    ] = "auto",
    labels: Annotated[
        Path | None,
        typer.Option(
            "--labels", metavar="TSV", help="Known classes of some genes: name and label on each line, below a header."
        ),
    ] = None,
    restarts: Annotated[int, typer.Option("--restarts", min=1, help="Starts of the final fit.")] = 20,
    start: Annotated[Start, typer.Option("--start", help="Where they come from.")] = Start.KMEANS,
    seed: Seed = 0,
    threads: Threads = 1,
) -> None:
    """Cluster the genes of an expression matrix; the number of clusters is chosen from a range.

    DIR gets assignments.tsv, profiles.tsv, selection.tsv, history.tsv, parameters.json, summary.json and result.h5ad.
    """
    from emtools.expression.clustering import ClusteringOptions
    from emtools.expression.clustering import cluster as find_clusters
    from emtools.expression.labels import read_labels
    from emtools.expression.preparing import PreparingOptions, prepare
    from emtools.expression.reading import read_expression
    from emtools.expression.result import write_result

    preparing = PreparingOptions(
        axis=axis.value,
        transform=() if transform == "none" else tuple(transform.split(",")),
        pseudo_count=pseudo_count,
        missing=missing.value,
        constant=constant.value,
    )
    matrix = read_expression(expression, orientation=orientation.value if orientation else None, layer=layer)
    prepared = prepare(matrix, preparing)
    say(*prepared.messages)
    n = len(prepared.names)
    asked = Span(1, min(12, n - 1)) if k is None else k
    options = ClusteringOptions(
        model=model.value,
        counts=range(asked.low, asked.high + 1),
        families=() if covariance == "auto" else tuple(covariance.split(",")),
        criterion=criterion.value,
        components=_components(components),
        restarts=restarts,
        start=start.value,
        seed=seed,
    )
    known = read_labels(labels) if labels else None
    with progress("clusters") as observe:
        clustering = find_clusters(prepared, options, known=known, threads=threads, observe=observe)
    say(*clustering.messages, clustering.sentence)
    write_result(
        out, prepared, clustering, config=chosen(context), inputs=[path for path in (expression, labels) if path]
    )


def _components(text: str) -> int | str:
    if text in ("auto", "none"):
        return text
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise ConfigurationError(
        "is not a number of components", where="--components", value=text, cure="auto, none, or 5, say"
    )
