"""`emtools report`: one page of results."""

from pathlib import Path

import click

from emtools.cli import options

EPILOG = """
\b
Examples:
  emtools report results --out report.html
  emtools report results/expression/yeast results/joined/yeast/cluster_1 --out yeast.html
"""


@click.command(epilog=EPILOG)
@click.argument("directories", type=options.PATH, metavar="DIR...", nargs=-1, required=True)
@click.option(
    "--out",
    type=options.PATH,
    metavar="HTML",
    required=True,
    help="The page: one file, readable without network.",
)
def report(*, directories: tuple[Path, ...], out: Path) -> None:
    """Make one self-contained HTML page of results.

    DIR... are result directories of any kind, or a tree such as results/. The page is made of the result files alone,
    so it can be made again later.
    """
    from emtools.report.pages import write_report

    write_report(list(directories), out)
