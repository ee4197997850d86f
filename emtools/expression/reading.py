"""Expression matrices from TSV, CSV and h5ad, checked cell by cell, with errors that name the place."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from emtools.errors import InputError
from emtools.files import existing_file, open_text

Orientation = Literal["genes-by-samples", "samples-by-genes"]

#: How a missing cell may be written in a text file.
MISSING = ["", "NA", "NaN", "nan"]


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression matrix with its names.

    Attributes
    ----------
    values : numpy.ndarray
        float64, shape (genes, samples); a missing cell is NaN, and nothing is infinite.
    genes, samples : tuple of str
        The names of the rows and of the columns, each unique.
    source : str
        Where it was read from, for messages.
    """

    values: np.ndarray
    genes: tuple[str, ...]
    samples: tuple[str, ...]
    source: str


def read_expression(
    path: str | Path, *, orientation: Orientation | None = None, layer: str | None = None
) -> Expression:
    """Read an expression matrix.

    Parameters
    ----------
    path : str or pathlib.Path
        A table with a header line and names in the first column (tab, comma or semicolon between cells, told by the
        content; compressed by gzip or not), or an ``.h5ad`` file.
    orientation : {"genes-by-samples", "samples-by-genes"}, optional
        What the rows are. A table has genes by samples unless told otherwise; AnnData has samples (or cells) by genes.
    layer : str, optional
        The layer of an ``.h5ad`` file to read in place of ``.X``.

    Returns
    -------
    Expression

    Raises
    ------
    emtools.errors.InputError
        If the file is missing or empty, a cell is text or infinite, a name is empty or there twice, or a row is too
        short or too long.
    """
    path = existing_file(path)
    if path.suffix == ".h5ad":
        return _from_h5ad(path, orientation or "samples-by-genes", layer)
    if layer is not None:
        raise InputError("a table has no layers", where=str(path), value=layer, cure="leave --layer out")
    rows, columns, values = _read_table(path)
    return _oriented(values, rows, columns, str(path), orientation or "genes-by-samples")


def from_anndata(
    adata: Any, *, layer: str | None = None, orientation: Orientation = "samples-by-genes", source: str = "AnnData"
) -> Expression:
    """The matrix of an AnnData object, `.X` or a layer, sparse or dense, as float64."""
    if layer is not None and layer not in adata.layers:
        there = ", ".join(adata.layers) or "none"
        raise InputError("there is no such layer", where=source, value=layer, cure=f"layers there: {there}")
    matrix = adata.X if layer is None else adata.layers[layer]
    if matrix is None:
        raise InputError("there is no matrix X", where=source, cure="name a layer")
    dense = matrix.toarray() if hasattr(matrix, "toarray") else matrix
    values = np.asarray(dense, dtype=np.float64)
    rows, columns = adata.obs_names.astype(str).tolist(), adata.var_names.astype(str).tolist()
    return _oriented(values, rows, columns, source, orientation)


def _from_h5ad(path: Path, orientation: Orientation, layer: str | None) -> Expression:
    import anndata

    try:
        adata = anndata.read_h5ad(path)
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise InputError(
            "is not a readable h5ad file", where=str(path), cure="write it with AnnData.write_h5ad"
        ) from error
    return from_anndata(adata, layer=layer, orientation=orientation, source=str(path))


def _oriented(
    values: np.ndarray, rows: Sequence[str], columns: Sequence[str], source: str, orientation: Orientation
) -> Expression:
    """Genes by samples, with the names and the values checked."""
    if orientation == "samples-by-genes":
        values, rows, columns = values.T, columns, rows
    for kind, names in (("gene", rows), ("sample", columns)):
        if not names:
            raise InputError(f"there is no {kind}", where=source, cure="check how the file was made")
        _check_unique(names, kind, source)
        _check_names(names, kind, source)
    infinite = np.argwhere(np.isinf(values))
    if len(infinite):
        gene, sample = infinite[0]
        raise InputError(
            "is infinite",
            where=f"{source}, gene {rows[gene]!r}, sample {columns[sample]!r}",
            value=float(values[gene, sample]),
            cure="leave the cell empty if it is missing; take logarithms with a pseudo-count",
        )
    return Expression(np.ascontiguousarray(values), tuple(rows), tuple(columns), source)


def _check_names(names: Sequence[str], kind: str, source: str) -> None:
    """Names that are numbers, and none of them one to count by, are the values of a line or a column without names."""
    if len(names) < 2 or not all(map(_is_value, names)):
        return
    cure = "write a header line" if kind == "sample" else "name each gene in the first column"
    raise InputError(f"the {kind}s have numbers in place of names", where=source, value=names[0], cure=cure)


def _is_value(name: str) -> bool:
    try:
        float(name)
    except ValueError:
        return False
    return not name.isdecimal()


def _check_unique(names: Sequence[str], kind: str, source: str) -> None:
    index = pd.Index(names)
    if (index == "").any():
        raise InputError(
            f"{kind} number {int(np.argmax(index == '')) + 1} has no name", where=source, cure="name or delete it"
        )
    if index.has_duplicates:
        twice = index[index.duplicated()].unique()
        raise InputError(
            f"the name of a {kind} is there more than once",
            where=source,
            value=twice[0],
            cure=f"{len(twice)} such name(s); rename or merge them",
        )


def _read_table(path: Path) -> tuple[list[str], list[str], np.ndarray]:
    """The names of rows and columns, and the cells, of a text table."""
    with open_text(path) as text:
        lines = text.read().split("\n")
    # A spreadsheet writes lines of delimiters alone for rows that were emptied.
    numbers = [i for i, line in enumerate(lines) if line.strip("\t,; \r")]
    if len(numbers) < 2:
        raise InputError("there is no row below the header", where=str(path), cure="check how the file was made")
    header = lines[numbers[0]]
    delimiter = _delimiter(header, path)
    columns = _cells(header, delimiter)
    width = len(_cells(lines[numbers[1]], delimiter))
    if len(columns) == width:
        columns = columns[1:]
    elif len(columns) != width - 1:
        raise _ragged(path, numbers[1] + 1, width, len(columns))
    elif not any(_cells(lines[number], delimiter)[-1].strip() for number in numbers[1:]):
        raise InputError(
            "ends with an empty cell, as all rows do, and the header does not",
            where=f"{path}, line {numbers[1] + 1}",
            cure="take the delimiters at the ends of the lines away",
        )
    rows = []
    for number in numbers[1:]:
        cells = _cells(lines[number], delimiter)
        if len(cells) != width:
            raise _ragged(path, number + 1, len(cells), width)
        rows.append(cells[0].strip())
    columns = [name.strip() for name in columns]
    values = _parse("\n".join(lines[i] for i in numbers[1:]), delimiter, rows, columns, path, numbers[1:])
    return rows, columns, values


def _parse(
    body: str, delimiter: str, rows: list[str], columns: list[str], path: Path, numbers: list[int]
) -> np.ndarray:
    """The numbers of the rows; the slow way is taken for cells padded with blanks, and to say where a text is."""

    def read(**options: Any) -> pd.DataFrame:
        table: pd.DataFrame = pd.read_csv(
            io.StringIO(body),
            sep=delimiter,
            header=None,
            usecols=range(1, len(columns) + 1),
            keep_default_na=False,
            skipinitialspace=True,
            **options,
        )
        return table

    def slowly() -> np.ndarray:
        table = read(dtype=str).apply(lambda cells: cells.str.strip())
        for j, (_, cells) in enumerate(table.items()):
            wrong = pd.to_numeric(cells, errors="coerce").isna() & ~cells.isin(MISSING)
            if wrong.any():
                i = int(np.argmax(wrong))
                raise InputError(
                    "is not a number",
                    where=f"{path}, line {numbers[i] + 1}, row {rows[i]!r}, column {columns[j]!r}",
                    value=cells[i],
                    cure="a missing cell is left empty or written NA; decimals have a point",
                )
        return np.asarray(table.replace(MISSING, "nan"), dtype=np.float64)

    # A column of truth values would be read as zeros and ones.
    if re.search("true|false", body, re.IGNORECASE):
        return slowly()
    try:
        return read(dtype=float, na_values=MISSING, float_precision="round_trip").to_numpy(dtype=np.float64)
    except ValueError:
        return slowly()


def _delimiter(header: str, path: Path) -> str:
    """The tab if the header has one, else whichever of comma and semicolon it has more of."""
    delimiter = "\t" if "\t" in header else max(",", ";", key=header.count)
    if delimiter not in header:
        raise InputError(
            "there is only one column",
            where=f"{path}, header",
            value=header[:60],
            cure="separate cells by tabs or commas",
        )
    return delimiter


def _cells(line: str, delimiter: str) -> list[str]:
    # The general reader is slow on wide rows, and few tables have quotes.
    return next(csv.reader([line], delimiter=delimiter)) if '"' in line else line.split(delimiter)


def _ragged(path: Path, number: int, n_cells: int, expected: int) -> InputError:
    return InputError(
        f"has {n_cells} cells, and {expected} are expected", where=f"{path}, line {number}", cure="fill the row up"
    )
