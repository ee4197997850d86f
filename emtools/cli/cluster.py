"""`emtools cluster`: the clusters of an expression matrix."""

from pathlib import Path
from typing import Literal, get_args

import click

from emtools.cli import options
from emtools.cli.console import progress, say
from emtools.errors import ConfigurationError

ModelName = Literal["gmm", "kmeans"]
Criterion = Literal["stability", "bic", "icl", "aic"]
Axis = Literal["genes", "samples"]
Missing = Literal["error", "drop", "mean", "knn"]
Constant = Literal["error", "drop"]
Start = Literal["k-means++", "hierarchical", "random"]

#: A table with so many more samples than genes may have its samples in rows.
_MANY = 5

EPILOG = """
\b
Examples:
  emtools cluster expression.tsv --out result
  emtools cluster counts.h5ad --out result --transform log2,zscore --k 2:20 --threads 4
  emtools cluster expression.csv.gz --out result --axis samples --k 3 --covariance full
"""


@click.command(epilog=EPILOG)
@click.argument("expression", type=options.PATH)
@click.option("--out", type=options.DIRECTORY, metavar="DIR", required=True, help="Where the result goes.")
@click.option("--model", type=click.Choice(get_args(ModelName)), default="gmm", help="Gaussian mixtures or k-means.")
@click.option(
    "--k",
    type=options.span,
    metavar="K|LOW:HIGH",
    help="Clusters allowed, 1:12 by default; one number asks for so many.",
)
@click.option(
    "--covariance",
    default="auto",
    metavar="auto|NAME,...",
    help="Covariance families: EII ... VVV, spherical, diag, tied, full.",
)
@click.option(
    "--criterion",
    type=click.Choice(get_args(Criterion)),
    default="stability",
    help="stability: the most clusters that are distinct and that half of the data finds again.",
)
@click.option("--axis", type=click.Choice(get_args(Axis)), default="genes", help="What is clustered.")
@options.orientation
@options.layer
@click.option(
    "--transform",
    default="zscore",
    metavar="NAME,...|none",
    help="In this order: log2, quantile, center, zscore (of each gene).",
)
@click.option("--pseudo-count", type=float, metavar="NUMBER", default=1.0, help="Added before log2.")
@click.option(
    "--missing",
    type=click.Choice(get_args(Missing)),
    default="knn",
    help="Missing cells: an error, their genes left out, or filled.",
)
@click.option(
    "--constant",
    type=click.Choice(get_args(Constant)),
    default="error",
    help="Genes that zscore cannot standardize: an error, or left out.",
)
@click.option("--components", default="auto", metavar="auto|N|none", help="Principal components to cluster in.")
@click.option(
    "--labels",
    type=options.PATH,
    metavar="TSV",
    help="Known classes of some genes: name and label on each line, below a header.",
)
@click.option("--restarts", type=click.IntRange(min=1), metavar="N", default=20, help="Starts of the final fit.")
@click.option(
    "--start",
    type=click.Choice(get_args(Start)),
    default="k-means++",
    help="Where they come from.",
)
@options.seed
@options.threads
@click.pass_context
def cluster(
    context: click.Context,
    *,
    expression: Path,
    out: Path,
    model: ModelName,
    k: options.Span | None,
    covariance: str,
    criterion: Criterion,
    axis: Axis,
    orientation: options.Orientation | None,
    layer: str | None,
    transform: str,
    pseudo_count: float,
    missing: Missing,
    constant: Constant,
    components: str,
    labels: Path | None,
    restarts: int,
    start: Start,
    seed: int,
    threads: int,
) -> None:
    """Cluster the genes of an expression matrix; the number of clusters is chosen from a range.

    EXPRESSION is a table (TSV, CSV; .gz or not) or an .h5ad file.
    DIR gets assignments.tsv, profiles.tsv, selection.tsv, history.tsv, parameters.json, summary.json and result.h5ad.
    """
    from emtools.expression.clustering import ClusteringOptions
    from emtools.expression.clustering import cluster as find_clusters
    from emtools.expression.labels import read_labels
    from emtools.expression.preparing import PreparingOptions, prepare
    from emtools.expression.reading import read_expression
    from emtools.expression.result import FILES, write_result
    from emtools.files import check_result_directory

    inputs = [path for path in (expression, labels) if path]
    check_result_directory(out, FILES, inputs)
    preparing = PreparingOptions(
        axis=axis,
        transform=() if transform == "none" else _words(transform),
        pseudo_count=pseudo_count,
        missing=missing,
        constant=constant,
    )
    matrix = read_expression(expression, orientation=orientation, layer=layer)
    prepared = prepare(matrix, preparing)
    say(*prepared.messages)
    if orientation is None and expression.suffix != ".h5ad" and len(matrix.samples) > _MANY * len(matrix.genes):
        say(
            f"{expression}: {len(matrix.genes)} genes and {len(matrix.samples)} samples were read. If the rows are "
            "samples, say --orientation samples-by-genes."
        )
    n = len(prepared.names)
    asked = options.Span(1, min(12, n - 1)) if k is None else k
    settings = ClusteringOptions(
        model=model,
        counts=range(asked.low, asked.high + 1),
        families=() if covariance == "auto" else _words(covariance),
        criterion=criterion,
        components=_components(components),
        restarts=restarts,
        start=start,
        seed=seed,
    )
    known = read_labels(labels) if labels else None
    with progress("clusters") as observe:
        clustering = find_clusters(prepared, settings, known=known, threads=threads, observe=observe)
    say(*clustering.messages, clustering.sentence)
    write_result(
        out,
        prepared,
        clustering,
        config=options.chosen(context),
        inputs=inputs,
    )


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(","))


def _components(text: str) -> int | str:
    if text in ("auto", "none"):
        return text
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise ConfigurationError(
        "is not a number of components", where="--components", value=text, cure="auto, none, or 5, say"
    )
