"""Reading and writing files so that a result is there whole or not at all."""

import csv
import gzip
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from emtools.errors import ConfigurationError, InputError


def existing_file(path: str | Path) -> Path:
    """The path, if a readable, non-empty file is there; `InputError` otherwise."""
    path = Path(path)
    if path.is_dir():
        raise InputError("is a directory", where=str(path), cure="name a file in it")
    if path.exists() and not path.is_file():
        raise InputError("is no regular file", where=str(path), cure="write what comes through a pipe to a file first")
    if not path.is_file():
        raise InputError("there is no such file", where=str(path), cure="check the path")
    if path.stat().st_size == 0:
        raise InputError("the file is empty", where=str(path), cure="check how it was made")
    return path


@contextmanager
def open_text(path: str | Path) -> Iterator[TextIO]:
    """Open a text file, compressed by gzip or not (told by its first bytes, not by its name).

    A byte order mark, which spreadsheets write before the first character, is no part of the text.
    """
    path = existing_file(path)
    with path.open("rb") as raw:
        compressed = raw.read(2) == b"\x1f\x8b"
    try:
        with gzip.open(path, "rt", encoding="utf-8-sig") if compressed else path.open(encoding="utf-8-sig") as text:
            yield text
    except UnicodeDecodeError as error:
        raise InputError(
            "is not a text file in UTF-8", where=str(path), cure="export it as plain text, not as a spreadsheet"
        ) from error
    except (gzip.BadGzipFile, EOFError) as error:
        raise InputError("the gzip file is damaged", where=str(path), cure="copy it again") from error


def sha256(path: str | Path) -> str:
    """The SHA-256 checksum of a file, in hexadecimal."""
    with Path(path).open("rb") as raw:
        return hashlib.file_digest(raw, "sha256").hexdigest()


def check_outputs(outputs: Iterable[str | Path], inputs: Iterable[str | Path]) -> None:
    """Raise `ConfigurationError` if a file to be written is one that is read, or is named twice."""
    known = {Path(path).resolve(): "is read" for path in inputs}
    for path in outputs:
        if use := known.get(Path(path).resolve()):
            raise ConfigurationError(f"{use}, and would be overwritten", where=str(path), cure="name another file")
        known[Path(path).resolve()] = "is written already"


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """A temporary path beside `path`, renamed to it if the block ends without an error."""
    path = Path(path)
    if path.is_dir():
        raise InputError("is a directory, and a file is to be written", where=str(path), cure="name a file")
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}.", suffix="".join(path.suffixes), dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def check_result_directory(path: str | Path, files: Iterable[str] = (), inputs: Iterable[str | Path] = ()) -> None:
    """Raise an error if `result_directory` could not write there: to be called before the work, not after it.

    It is a `ConfigurationError` where one of the `files` to be written, or removed, there is one that is read, else an
    `InputError`. What decides is whether a directory can be made, in the nearest one that is there; permissions do not
    tell all.
    """
    path = Path(path)
    check_outputs([path / name for name in files], inputs)
    if path.is_file():
        raise InputError("is a file, and a directory is to be written", where=str(path), cure="name a directory")
    # The result is made beside the directory, and then moved into it.
    for place in (path.parent, path):
        there = next(each for each in (place, *place.absolute().parents) if each.exists())
        try:
            tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=there).cleanup()
        except OSError as error:
            raise InputError(
                f"a directory cannot be made in {there}",
                where=str(path),
                value=error.strerror,
                cure="name another directory for the result",
            ) from error


@contextmanager
def result_directory(path: str | Path) -> Iterator[Path]:
    """A temporary directory whose files replace those of `path` if the block ends without an error.

    Files of `path` that the new result does not write itself stay (a directory may hold what other steps wrote there).
    """
    path = Path(path)
    check_result_directory(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        yield temporary
        if path.exists():
            for made in sorted(temporary.iterdir()):
                made.replace(path / made.name)
        else:
            temporary.chmod(0o777 & ~_umask())
            temporary.rename(path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def write_table(path: str | Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a tab-separated table with a header: floats round-trip, None is an empty cell, and nothing is quoted.

    Raises
    ------
    InputError
        If a name holds a tab or a line break.
    """
    with Path(path).open("w", encoding="utf-8", newline="\n") as out:
        table = csv.writer(out, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_NONE, quotechar=None)
        for row in chain([header], rows):
            try:
                table.writerow(row)
            except csv.Error as error:
                names = (value for value in row if isinstance(value, str))
                raise InputError(
                    "the name cannot stand in a table",
                    where=Path(path).name,
                    value=next(name for name in names if set(name) & set("\t\n")),
                    cure="rename it, without tabs and line breaks",
                ) from error


def write_json(path: str | Path, content: Any) -> None:
    """Write JSON that people can read: indented, keys in the order given, arrays of numpy as lists."""

    def plain(value: Any) -> Any:
        if isinstance(value, (np.ndarray, np.generic)):
            return value.tolist()
        raise TypeError(f"cannot write {type(value).__name__} as JSON")

    with Path(path).open("w", encoding="utf-8", newline="\n") as out:
        json.dump(content, out, indent=1, default=plain, allow_nan=False)
        out.write("\n")


def described_inputs(paths: Iterable[str | Path]) -> list[dict[str, str]]:
    """The entries of `inputs` in a summary: each path as given, with its checksum."""
    return [{"path": str(path), "sha256": sha256(path)} for path in paths]


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
