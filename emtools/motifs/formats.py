"""Motif files: MEME, JASPAR and TRANSFAC, written and read."""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emtools.errors import ConfigurationError, InputError
from emtools.files import open_text
from emtools.motifs.alphabet import DNA, PROTEIN, RNA, Alphabet, custom, in_file_order
from emtools.motifs.matrices import CountMatrix, FrequencyMatrix, Matrix

#: What MEME assumes where a file does not say how many sites a motif has.
DEFAULT_SITES = 20.0

#: What TRANSFAC's format, which needs no motif after its line of a version, says of a result without motifs.
NO_TRANSFAC = "VV  emtools: no motifs"

Lines = list[tuple[int, str]]


def read_motifs(path: str | Path) -> list[CountMatrix]:
    """Read the motifs of a file in the format of MEME, JASPAR or TRANSFAC, which its lines tell.

    Parameters
    ----------
    path : str or Path
        Plain or compressed by gzip.

    Returns
    -------
    list of CountMatrix
        MEME's frequencies become counts by its number of sites. There may be none in a file of MEME's, in an empty one
        called .jaspar, and in one of TRANSFAC that says so: those are what is written of no motifs.

    Raises
    ------
    InputError
        If the file is in none of these formats, or a matrix is damaged.
    """
    path = Path(path)
    if path.suffix == ".jaspar" and path.is_file() and path.stat().st_size == 0:
        return []
    with open_text(path) as text:
        lines = [(number, line.strip()) for number, line in enumerate(text, start=1) if line.strip()]
    if any(line.startswith("MEME version") for _, line in lines):
        return list(_meme(path, lines))
    if lines and lines[0][1].startswith(">"):
        return list(_jaspar(path, lines))
    if any(re.match(r"(P0|PO)\s", line) or line == NO_TRANSFAC for _, line in lines):
        return list(_transfac(path, lines))
    raise InputError(
        "is not a file of motifs",
        where=str(path),
        value=lines[0][1][:40] if lines else "",
        cure="give the format of MEME, JASPAR or TRANSFAC",
    )


def write_meme(
    path: str | Path,
    motifs: Sequence[FrequencyMatrix],
    background: NDArray[np.float64],
    n_sites: Sequence[int],
    e_values: Sequence[float],
    *,
    alphabet: Alphabet = DNA,
    both_strands: bool = True,
) -> None:
    """Write motifs in MEME's minimal format, as MEME Suite's programs read it."""
    with Path(path).open("w", encoding="utf-8", newline="\n") as out:
        out.write(f"MEME version 5\n\n{_meme_alphabet(alphabet)}\n\n")
        if alphabet.complement:
            out.write(f"strands: {'+ -' if both_strands else '+'}\n\n")
        letters = zip(alphabet.letters, background.tolist(), strict=True)
        out.write("Background letter frequencies\n" + " ".join(f"{a} {f!r}" for a, f in letters) + "\n")
        for motif, sites, e_value in zip(motifs, n_sites, e_values, strict=True):
            out.write(f"\nMOTIF {motif.identifier} {motif.name}\n")
            out.write(f"letter-probability matrix: alength= {alphabet.size} w= {len(motif)} ")
            out.write(f"nsites= {sites} E= {e_value!r}\n")
            out.writelines(" ".join(map(repr, row)) + "\n" for row in motif.values.tolist())


def write_jaspar(path: str | Path, motifs: Iterable[CountMatrix]) -> None:
    """Write motifs in JASPAR's format: a header, and the counts of each letter in a line.

    The format has neither comments nor a header of its own, so no motifs are an empty file.
    """
    with Path(path).open("w", encoding="utf-8", newline="\n") as out:
        for motif in motifs:
            out.write(f">{motif.identifier} {motif.name}\n")
            for letter, row in zip(motif.alphabet.letters, motif.values.T.tolist(), strict=True):
                out.write(f"{letter} [ {' '.join(map(repr, row))} ]\n")


def write_transfac(path: str | Path, motifs: Iterable[CountMatrix]) -> None:
    """Write motifs in TRANSFAC's format: an entry each, and the counts of each column in a line.

    An empty file might be a mistake, so no motifs are written as an entry that says so.
    """
    motifs = list(motifs)
    with Path(path).open("w", encoding="utf-8", newline="\n") as out:
        if not motifs:
            out.write(f"{NO_TRANSFAC}\nXX\n//\n")
        for motif in motifs:
            out.write(f"ID  {motif.identifier}\nXX\nNA  {motif.name}\nXX\n")
            out.write("P0  " + "  ".join(motif.alphabet.letters) + "\n")
            for place, row in enumerate(motif.values.tolist(), start=1):
                out.write(f"{place:02d}  " + "  ".join(map(repr, row)) + "\n")
            out.write("XX\n//\n")


def _meme_alphabet(alphabet: Alphabet) -> str:
    if alphabet in (DNA, RNA, PROTEIN):
        return f"ALPHABET= {alphabet.letters}"
    return "\n".join([f'ALPHABET "{alphabet.name}"', *alphabet.letters, "END ALPHABET"])


def _meme(path: str | Path, lines: Lines) -> Iterator[CountMatrix]:
    columns, identifier, name = _columns_of_meme(path, lines), "", ""
    for at, (number, line) in enumerate(lines):
        if re.match(r"MOTIF(\s|$)", line):
            identifier, name = _named(f"{path}, line {number}", line.split()[1:3])
        elif line.startswith("letter-probability matrix:") and identifier:
            where = f"{path}, line {number}, motif {identifier!r}"
            settings = dict(re.findall(r"(\w+)=\s*(\S+)", line))
            rows = list(_number_rows(lines[at + 1 :]))
            if settings.get("w", str(len(rows))) != str(len(rows)):
                raise InputError(
                    f"w= is not the number of rows below it, {len(rows)}",
                    where=where,
                    value=settings["w"],
                    cure="give one row for each column of the motif",
                )
            values, alphabet = columns.matrix(where, rows)
            if not np.allclose(values.sum(axis=1), 1.0, atol=0.01):
                raise InputError("the probabilities of a column do not add up to 1", where=where)
            values /= values.sum(axis=1, keepdims=True)
            n_sites = _n_sites(where, settings.get("nsites", "0")) or DEFAULT_SITES
            yield FrequencyMatrix(identifier, name or identifier, values, alphabet).counts(n_sites)
            identifier = ""


def _n_sites(where: str, text: str) -> float:
    try:
        n_sites = float(text)
    except ValueError:
        n_sites = math.nan
    if not 0.0 <= n_sites < math.inf:
        raise InputError("nsites= is no number of sites", where=where, value=text, cure="give it, or leave it out")
    return n_sites


def _columns_of_meme(path: str | Path, lines: Lines) -> "_Columns":
    """The letters that a file of MEME's declares; those of DNA where it declares none."""
    for at, (number, line) in enumerate(lines):
        where = f"{path}, line {number}"
        if line.startswith("ALPHABET="):
            return _Columns.of(where, line.partition("=")[2].strip())
        if line.startswith("ALPHABET "):
            # The letters of the block stand one a line; a pair such as "A ~ T" is two letters and their strands.
            block = [entry for _, entry in lines[at + 1 :]]
            if "END ALPHABET" not in block:
                raise InputError(
                    "the block of letters has no end", where=where, value=line, cure="close it by a line END ALPHABET"
                )
            letters = [entry for entry in block[: block.index("END ALPHABET")] if "=" not in entry]
            core = [re.sub(r'"[^"]*"|[0-9A-F]{6}', "", entry) for entry in letters]
            return _Columns.of(where, in_file_order("".join(re.findall(r"\b\w\b", " ".join(core)))))
    return _Columns(DNA.letters, DNA)


def _jaspar(path: str | Path, lines: Lines) -> Iterator[CountMatrix]:
    starts = [at for at, (_, line) in enumerate(lines) if line.startswith(">")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        number, header = lines[start]
        identifier, name = _named(f"{path}, line {number}", header[1:].split(maxsplit=1))
        where = f"{path}, line {number}, motif {identifier!r}"
        texts = [line for _, line in lines[start + 1 : end]]
        # Of digits only those before a bracket are letters, and not counts.
        labeled = bool(texts) and all(re.match(r"[A-Za-z](\s|\[|$)|\d\s*\[", text) for text in texts)
        letters = "".join(text[0] for text in texts).upper() if labeled else DNA.letters
        rows = [re.sub(r"[\[\]]", " ", text[1:] if labeled else text).split() for text in texts]
        values, alphabet = _Columns.of(where, letters).matrix(where, _numbers(where, rows).T.tolist())
        yield CountMatrix(identifier, name or identifier, values, alphabet)


def _transfac(path: str | Path, lines: Lines) -> Iterator[CountMatrix]:
    fields: dict[str, str] = {}
    for at, (number, line) in enumerate(lines):
        key, _, value = line.partition(" ")
        if key in ("P0", "PO"):
            identifier = fields.get("ID") or fields.get("AC") or f"line {number}"
            where = f"{path}, line {number}, motif {identifier!r}"
            columns = _Columns.of(where, "".join(value.split()))
            rows = [row[1 : len(columns.letters) + 1] for row in _numbered_rows(lines[at + 1 :])]
            values, alphabet = columns.matrix(where, rows)
            yield CountMatrix(identifier, fields.get("NA") or identifier, values, alphabet)
        elif key == "//":
            fields = {}
        elif value:
            fields.setdefault(key, value.strip())


def _named(where: str, words: Sequence[str]) -> tuple[str, str]:
    """The identifier and the name of a motif, of which the name may be left out."""
    if not words:
        raise InputError("a motif has no name", where=where, cure="write one in this line")
    return words[0], "".join(words[1:])


def _number_rows(lines: Lines) -> Iterator[list[str]]:
    for _, line in lines:
        if not re.match(r"[-+.\d]", line) or line.startswith("---"):
            return
        yield line.split()


def _numbered_rows(lines: Lines) -> Iterator[list[str]]:
    for _, line in lines:
        if not re.match(r"\d+\s", line):
            return
        yield line.split()


def _numbers(where: str, rows: Sequence[Sequence[str | float]]) -> Matrix:
    try:
        values = np.array(rows, dtype=np.float64)
    except ValueError:
        raise InputError("is not a matrix of numbers", where=where, cure="each line needs as many numbers") from None
    if values.ndim != 2 or not values.size:
        raise InputError("is not a whole matrix", where=where, value="x".join(map(str, values.shape)))
    return values


@dataclass(frozen=True, slots=True)
class _Columns:
    """The letters of the columns of a matrix in a file, in their order, and the alphabet that they are."""

    letters: str
    alphabet: Alphabet

    @classmethod
    def of(cls, where: str, letters: str) -> "_Columns":
        known = {each.letters: each for each in (DNA, RNA, PROTEIN)}
        try:
            return cls(letters.upper(), known.get(in_file_order(letters.upper())) or custom(letters))
        except ConfigurationError as error:
            raise InputError(error.what, where=where, value=letters, cure=error.cure) from None

    def matrix(self, where: str, rows: Sequence[Sequence[str | float]]) -> tuple[Matrix, Alphabet]:
        """The matrix of these rows with its columns in the order of the alphabet."""
        values = _numbers(where, rows)
        if values.shape[1] != len(self.letters):
            raise InputError("is not a whole matrix", where=where, value="x".join(map(str, values.shape)))
        if not (np.isfinite(values).all() and (values >= 0).all() and (values.sum(axis=1) > 0).all()):
            raise InputError("every column needs counts, and none may be negative", where=where)
        return values[:, [self.letters.index(letter) for letter in self.alphabet.letters]], self.alphabet
