"""The configuration of the workflow: its settings and its tables of datasets, checked before any job starts."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from emtools.cli.schema import check, with_defaults
from emtools.errors import ConfigurationError, InputError
from emtools.files import open_text

Row = dict[str, Any]
Schema = Mapping[str, Any]


class Configuration(NamedTuple):
    """What the workflow runs on.

    Attributes
    ----------
    settings : dict
        Every key of the configuration, with its default where it was not given.
    expression, sequences : dict of dict
        The rows of the two tables by the name of the dataset. An empty cell is absent, or has the default of the
        settings.
    """

    settings: dict[str, Any]
    expression: dict[str, Row]
    sequences: dict[str, Row]


def check_syntax(path: str | Path) -> None:
    """Raise for a file that is not YAML, or that has a key twice, which YAML's readers pass over in silence.

    A file that is not there is no error here: Snakemake says so itself, or has been given another one.
    """
    if not Path(path).exists():
        return
    with open_text(path) as text:
        try:
            document = yaml.compose(text)
        except yaml.MarkedYAMLError as error:
            raise ConfigurationError(
                f"is not YAML: {error.problem}",
                where=_line(path, error.problem_mark),
                cure="write key: value, and indent with spaces, alike for the keys of one group",
            ) from None
    _check_keys(path, document)


def read_configuration(config: Mapping[str, Any], schemas: Mapping[str, str | Path], name: str) -> Configuration:
    """Check the configuration and read the tables it names.

    Parameters
    ----------
    config : mapping
        The configuration as it was written.
    schemas : mapping
        The JSON schemas (files in YAML) of `config` and of the tables `expression` and `sequences`.
    name : str
        The file the configuration comes from, for messages.

    Raises
    ------
    ConfigurationError, InputError
        One line: the file, the key or the row and column, the value, the cure.
    """
    rules = {part: yaml.safe_load(Path(path).read_text(encoding="utf-8")) for part, path in schemas.items()}
    check(config, rules["config"], lambda keys: f"{name}, key {'.'.join(keys)}")
    settings = with_defaults(config, rules["config"])
    _check_range(settings["cluster"], "clusters", f"{name}, key cluster")
    _check_range(settings["motifs"], "width", f"{name}, key motifs")
    expression = _read_table(settings["expression"], rules["expression"])
    sequences = _read_table(settings["sequences"], rules["sequences"])
    if not expression and not sequences:
        raise ConfigurationError(
            "there is no dataset",
            where=name,
            cure="list one in the table that the key expression or the key sequences names",
        )
    for dataset, row in expression.items():
        _check_promoters(row, settings["cluster"]["axis"], f"{settings['expression']}, dataset {dataset}")
    database, upstream = settings["name"]["database"], settings["promoters"]["upstream"]
    return Configuration(
        settings,
        {dataset: {"database": database, "upstream": upstream} | row for dataset, row in expression.items()},
        {dataset: {"database": database} | row for dataset, row in sequences.items()},
    )


def has_promoters(row: Row) -> bool:
    """Whether a row of the expression table names promoters or a genome to cut them from."""
    return "promoters" in row or "genome" in row


def _check_keys(path: str | Path, node: yaml.Node | None) -> None:
    keys: set[str] = set()
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        if key.value in keys:
            raise ConfigurationError(
                "the key is there twice", where=_line(path, key.start_mark), value=key.value, cure="remove one of them"
            )
        keys.add(key.value)
        _check_keys(path, value)


def _line(path: str | Path, mark: yaml.Mark | None) -> str:
    return f"{path}, line {mark.line + 1}" if mark else str(path)


def _check_range(settings: Mapping[str, Any], what: str, where: str) -> None:
    low, high = settings[f"min_{what}"], settings[f"max_{what}"]
    if low > high:
        raise ConfigurationError(
            f"min_{what} {low} is more than max_{what} {high}", where=where, cure="exchange the two"
        )


def _read_table(path: str, schema: Schema) -> dict[str, Row]:
    """The rows of a table of datasets by the name of the dataset; none if there is no table."""
    if not path:
        return {}
    rows: dict[str, Row] = {}
    first_seen: dict[str, int] = {}
    for number, row in _rows(path, schema):
        check(row, schema, partial(_place, path, number))
        name = row["dataset"]
        # Some file systems take upper and lower case for the same, so two such names would share one result.
        earlier = first_seen.setdefault(name.casefold(), number)
        if earlier != number:
            raise InputError(
                f"the name is that of row {earlier}, too",
                where=_place(path, number, ["dataset"]),
                value=name,
                cure="give each dataset a name of its own",
            )
        rows[name] = row
    return rows


def _place(path: str, number: int, keys: Sequence[str]) -> str:
    return f"{path}, row {number}, column {keys[-1]}"


def _rows(path: str, schema: Schema) -> Iterator[tuple[int, Row]]:
    """Number (from 1, the header's) and filled cells of each row."""
    with open_text(path) as text:
        table = csv.reader(text, delimiter="\t")
        header = [column.strip().lstrip("\ufeff") for column in next(table)]
        _check_header(path, header, schema)
        for cells in table:
            filled = {column: cell.strip() for column, cell in zip_longest(header, cells, fillvalue="") if cell.strip()}
            if "" in filled:
                raise InputError(
                    f"has more cells than the header, which has {len(header)}",
                    where=f"{path}, row {table.line_num}",
                    value=filled[""],
                    cure="separate cells by one tab each",
                )
            if filled:
                yield table.line_num, {column: _typed(cell, schema, column) for column, cell in filled.items()}


def _check_header(path: str, header: list[str], schema: Schema) -> None:
    known, where = ", ".join(schema["properties"]), f"{path}, row 1"
    for column in schema["required"]:
        if column not in header:
            raise InputError(
                f"the column {column} is missing", where=where, value="\t".join(header), cure="separate columns by tabs"
            )
    for column in filter(None, header):
        if column not in schema["properties"]:
            raise InputError("the column is not known here", where=where, value=column, cure=f"choose from {known}")
        if header.count(column) > 1:
            raise InputError("the column is there twice", where=where, value=column, cure="remove one of them")


def _typed(cell: str, schema: Schema, column: str) -> str | int:
    is_number = schema["properties"][column]["type"] == "integer" and cell.isdecimal()
    return int(cell) if is_number else cell


def _check_promoters(row: Row, axis: str, where: str) -> None:
    """Promoters come from a FASTA, or from a genome with its annotation, or there are none."""
    if "promoters" in row and "genome" in row:
        raise ConfigurationError("names both promoters and a genome", where=where, cure="leave one of them empty")
    for given, missing in (("genome", "annotation"), ("annotation", "genome"), ("upstream", "genome")):
        if given in row and missing not in row:
            raise ConfigurationError(
                f"has {given} but no {missing}", where=where, value=row[given], cure=f"fill the column {missing}"
            )
    if has_promoters(row) and axis == "samples":
        raise ConfigurationError(
            "has promoters, but samples are clustered",
            where=where,
            cure="set the key cluster.axis to genes, or leave the columns of promoters empty",
        )
