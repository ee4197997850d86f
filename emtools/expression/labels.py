"""Known classes of some observations."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emtools.errors import ConfigurationError, InputError
from emtools.expression.preparing import Prepared
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


def known_components(
    prepared: Prepared, known: Mapping[str, str], fewest: int
) -> tuple[NDArray[np.int64] | None, tuple[str, ...]]:
    """The component of each observation with a known label, and the labels in the order of their components.

    Parameters
    ----------
    prepared : Prepared
    known : mapping of str to str
        Labels by name.
    fewest : int
        The fewest components that will be fitted; each label needs one of its own.

    Returns
    -------
    components : ndarray of shape (n,), int64, or None
        -1 where unknown; None where nothing is known.
    classes : tuple of str
    """
    if not known:
        return None, ()
    axis = prepared.preparation.axis
    strangers = [name for name in known if name not in set(prepared.names)]
    if strangers:
        raise InputError(
            f"{len(strangers)} labeled {axis} are not among those clustered",
            where="labels",
            value=strangers[0],
            cure="label only what is in the matrix",
        )
    classes = tuple(sorted(set(known.values())))
    if len(classes) > fewest:
        raise ConfigurationError(
            f"there are {len(classes)} labels, and fewer clusters are asked for",
            where="k",
            value=fewest,
            cure=f"ask for at least {len(classes)}",
        )
    component = {name: i for i, name in enumerate(classes)}
    labels = [component[known[name]] if name in known else -1 for name in prepared.names]
    return np.array(labels, dtype=np.int64), classes


def clusters_of_labels(classes: Sequence[str], groups: NDArray[np.int64]) -> list[str]:
    """Which cluster each label is, in one sentence each."""
    return [f"Label {name!r} is cluster {groups[i] + 1}." for i, name in enumerate(classes)]
