"""`emtools report`: one page of results."""

from pathlib import Path
from typing import Annotated

import typer


def report(
    directories: Annotated[
        list[Path], typer.Argument(metavar="DIR...", help="Result directories of any kind, or a tree such as results/.")
    ],
    out: Annotated[Path, typer.Option(metavar="HTML", help="The page to write: one file, readable without network.")],
) -> None:
    """Make one self-contained HTML page of results."""
    from emtools.report.pages import write_report

    write_report(directories, out)
