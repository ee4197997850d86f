"""FASTA: records as the file has them, and the other way round."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from emtools.errors import InputError
from emtools.files import open_text

LINE_LENGTH = 60


class FastaRecord(NamedTuple):
    """One record of a FASTA file; `line` is that of its header, from 1."""

    name: str
    description: str
    text: str
    line: int


def fasta_records(path: str | Path, *, allow_empty: bool = False) -> Iterator[FastaRecord]:
    """The records of a FASTA file, unchecked but for their form."""
    if allow_empty and Path(path).is_file() and Path(path).stat().st_size == 0:
        return
    header, header_line, parts = "", 0, list[str]()
    with open_text(path) as text:
        for number, line in enumerate(text, start=1):
            if line.startswith(">"):
                if header_line:
                    yield _record(header, parts, header_line)
                header, header_line, parts = line[1:].strip(), number, []
                if not header:
                    raise InputError("a sequence has no name", where=f"{path}, line {number}", cure="name it after '>'")
            elif line.strip():
                if not header_line:
                    raise InputError(
                        "is not a FASTA file",
                        where=f"{path}, line {number}",
                        value=line.strip()[:40],
                        cure="its first line must start with '>' and a name",
                    )
                parts.append(line)
    if header_line:
        yield _record(header, parts, header_line)
    elif not allow_empty:
        raise InputError("there are no sequences in it", where=str(path), cure="check how it was made")


def write_fasta(path: str | Path, records: Iterable[tuple[str, str]]) -> None:
    """Write (header, text) pairs, the text in lines of 60 letters."""
    with Path(path).open("w", encoding="utf-8", newline="\n") as out:
        for header, text in records:
            out.write(f">{header}\n")
            out.writelines(f"{text[at : at + LINE_LENGTH]}\n" for at in range(0, len(text), LINE_LENGTH))


def _record(header: str, parts: list[str], line: int) -> FastaRecord:
    name, *description = header.split(maxsplit=1)
    return FastaRecord(name, " ".join(description), "".join("".join(parts).split()), line)
