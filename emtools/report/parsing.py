"""The formats of result files: tables, JSON, MEME's matrices, FASTA."""

import csv
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emtools.errors import InputError
from emtools.files import existing_file, open_text

Row = dict[str, str]


def read_table(path: Path, required: Iterable[str] = (), *, optional: bool = False) -> list[Row]:
    """The rows of a tab-separated table with a header, as text; none where an `optional` file is not there.

    Raises
    ------
    InputError
        If the file or a required column is not there, or if a file that is not optional has no rows.
    """
    if optional and not path.exists():
        return []
    with open_text(path) as text:
        table = csv.DictReader(text, delimiter="\t", quoting=csv.QUOTE_NONE)
        missing = [name for name in required if name not in (table.fieldnames or ())]
        rows = list(table)
    if missing:
        raise InputError("has no column", where=str(path), value=missing[0], cure="make the result again")
    if not (rows or optional):
        raise InputError("has no rows", where=str(path), cure="make the result again")
    return rows


def read_object(path: Path, *, optional: bool = False) -> dict[str, Any]:
    """The content of a JSON file that holds an object; an empty one where an `optional` file is not there."""
    if optional and not path.exists():
        return {}
    try:
        content = json.loads(existing_file(path).read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise InputError(f"is not JSON: {error}", where=str(path), cure="make the result again") from error
    if not isinstance(content, dict):
        raise InputError("is not a JSON object", where=str(path), cure="make the result again")
    return content


def read_meme(path: Path) -> tuple[str, dict[str, NDArray[np.float64]]]:
    """The letters and the probabilities of each motif of a file in MEME's minimal format."""
    if not path.exists():
        return "ACGT", {}
    with open_text(path) as text:
        content = text.read()
    line = re.search(r"^ALPHABET=\s*(\S+)", content, re.MULTILINE)
    block = re.search(r'^ALPHABET "[^"]*"\n(.*?)^END ALPHABET', content, re.MULTILINE | re.DOTALL)
    letters = line[1] if line else "".join(block[1].split()) if block else "ACGT"
    matrices = {}
    for motif in re.split(r"^MOTIF\s+", content, flags=re.MULTILINE)[1:]:
        rows = re.search(r"^letter-probability matrix.*\n((?:[ \t]*\d.*\n?)*)", motif, re.MULTILINE)
        if rows:
            matrices[motif.split(maxsplit=1)[0]] = np.array(rows[1].split(), dtype=float).reshape(-1, len(letters))
    return letters, matrices


def fasta_lengths(path: Path) -> dict[str, int]:
    """The length of each sequence of a FASTA by its name; nothing where there is no file or it is empty."""
    if not path.is_file() or not path.stat().st_size:
        return {}
    lengths: dict[str, int] = {}
    name = ""
    with open_text(path) as text:
        for line in text:
            if line.startswith(">"):
                name = (line[1:].split() or [""])[0]
                lengths[name] = 0
            else:
                lengths[name] = lengths.get(name, 0) + len(line.strip())
    return lengths
