"""`emtools assign`: new observations under a fitted clustering."""

from pathlib import Path

import click

from emtools.cli import options
from emtools.cli.console import say

EPILOG = """
\b
Example:
  emtools assign result new_genes.tsv --out assigned.tsv
"""


@click.command(epilog=EPILOG)
@click.argument("directory", type=options.PATH, metavar="DIR")
@click.argument("expression", type=options.PATH)
@click.option("--out", type=options.PATH, metavar="TSV", required=True, help="Where the assignments go.")
@options.orientation
@options.layer
@click.option(
    "--level",
    type=click.FloatRange(0.0, 1.0),
    metavar="NUMBER",
    default=0.001,
    help="To none, if members lie so far out more rarely.",
)
def assign(
    *,
    directory: Path,
    expression: Path,
    out: Path,
    orientation: options.Orientation | None,
    layer: str | None,
    level: float,
) -> None:
    """Give new observations a cluster under a fitted model, a probability, or none of the clusters.

    DIR is what emtools cluster wrote; EXPRESSION has new genes in the same samples (or new samples of the same genes).
    An observation belongs to none if its squared Mahalanobis distance to every component, or what of it lies outside
    of the principal components, is beyond the quantile of chi-square that members pass with probability LEVEL. The
    most probable cluster is told all the same.
    """
    from emtools.expression.assigning import assign as assign_new
    from emtools.expression.reading import read_expression
    from emtools.expression.result import read_fitted
    from emtools.files import atomic_path, write_table

    fitted = read_fitted(directory)
    matrix = read_expression(expression, orientation=orientation, layer=layer)
    found = assign_new(fitted, matrix)
    say(*found.messages)
    none = found.p_values < level
    axis = fitted.preparation.axis
    say(f"{int(none.sum())} of {len(none)} {axis} belong to none of the clusters (p below {level:g}).")
    with atomic_path(out) as path:
        write_table(
            path,
            [axis.removesuffix("s"), "cluster", "most_probable", "probability", "p_value"],
            (
                [name, "none" if apart else cluster, cluster, probability, p_value]
                for name, apart, cluster, probability, p_value in zip(
                    found.names, none, found.clusters, found.responsibilities.max(axis=1), found.p_values, strict=True
                )
            ),
        )
