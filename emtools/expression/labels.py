"""Known classes of some observations."""

import csv
from pathlib import Path

from emtools.errors import InputError
from emtools.files import open_text


def read_labels(path: str | Path) -> dict[str, str]:
    """Read a table of names and labels: two columns, tab-separated, below a header; a name without a label is unknown.

    Raises
    ------
    emtools.errors.InputError
        If a line has not two columns, a name is there twice, or there is no label.
    """
    labels: dict[str, str] = {}
    with open_text(path) as text:
        table = csv.reader(text, delimiter="\t")
        next(table)
        for cells in filter(None, table):
            where = f"{path}, line {table.line_num}"
            if len(cells) != 2:
                raise InputError(
                    f"has {len(cells)} cells, and 2 are expected", where=where, cure="a name, a tab, a label"
                )
            name, label = (cell.strip() for cell in cells)
            if name in labels:
                raise InputError("the name is there twice", where=where, value=name, cure="remove one of them")
            if label:
                labels[name] = label
    if not labels:
        raise InputError(
            "there is no label", where=str(path), cure="a name, a tab, a label on each line below a header"
        )
    return labels
