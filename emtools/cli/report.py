"""`emtools report`: one page of results."""

from pathlib import Path
from typing import Annotated

import typer

EPILOG = """
Examples:

emtools report results --out report.html

emtools report results/expression/yeast results/joined/yeast/cluster_1 --out yeast.html
"""


def report(
    *,
    directories: Annotated[
        list[Path], typer.Argument(metavar="DIR...", help="Result directories of any kind, or a tree such as results/.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="HTML", help="The page: one file, readable without network.")],
) -> None:
    """Make one self-contained HTML page of results.

    The page is made of the result files alone, so it can be made again later.
    """
    from emtools.report.pages import write_report

    write_report(directories, out)
