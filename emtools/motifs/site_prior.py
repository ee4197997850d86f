"""Position-specific priors: how likely a site is to start at each letter, before the letters are looked at."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emtools.errors import InputError
from emtools.files import open_text
from emtools.motifs.sequences import SequenceSet, listed

#: Priors are printed with few digits, so that their sum may exceed 1 by this.
_SUM_MAY_EXCEED = 0.01


@dataclass(frozen=True, slots=True)
class SitePrior:
    """How likely a site is to start at each letter of a set of sequences.

    Attributes
    ----------
    values : ndarray of float64, shape (n_letters,)
        Not negative. Only their ratios within a sequence count: whether it has a site at all is estimated, not given.
    width : int
        The width of motif they were made for.

    Examples
    --------
    >>> SitePrior(np.array([0.2, 0.8, 0.0]), 2).of_width(3, np.array([0, 3])).round(6)
    array([0.4, 0. , 0. ])
    """

    values: NDArray[np.float64]
    width: int = 1

    def of_width(self, width: int, offsets: NDArray[np.int64]) -> NDArray[np.float64]:
        """The prior for motifs of another width, shape (n_letters,).

        As in MEME, a wider site has the geometric mean of the sites within it, and a narrower one that of its start.
        """
        n_inside = width - self.width + 1
        if n_inside <= 1:
            return self.values
        never = self.values == 0.0
        logs = np.log(np.where(never, 1.0, self.values))
        sums, zeros = (np.concatenate([[0.0], np.cumsum(each)]) for each in (logs, never))
        result = np.zeros(len(self.values))
        mean = np.exp((sums[n_inside:] - sums[:-n_inside]) / n_inside)
        result[: len(mean)] = np.where(zeros[n_inside:] > zeros[:-n_inside], 0.0, mean)
        starts = np.arange(len(result))
        ends = np.repeat(offsets[1:], np.diff(offsets))
        return np.where(starts + width <= ends, result, 0.0)

    def subset(self, sequences: SequenceSet, indices: NDArray[np.integer]) -> SitePrior:
        """The prior of some of the sequences, whose letters it is for."""
        return replace(self, values=sequences.values_of(indices, self.values))


@dataclass(slots=True)
class _Entry:
    """The numbers of one sequence; `line` is that of its header, from 1."""

    name: str
    width: int
    line: int
    values: list[float] = field(default_factory=list)


def read_site_prior(path: str | Path, sequences: SequenceSet) -> tuple[SitePrior, list[str]]:
    """Read position-specific priors in MEME's PSP format, compressed by gzip or not.

    Each entry is a line ``>NAME WIDTH`` and then, on any number of lines, one number from 0 to 1 for each letter of the
    sequence of that name: the probability that a site of that width starts there, on either strand. The numbers of an
    entry add up to 1 at most; those of the last WIDTH - 1 letters are 0. A sequence without an entry has no preference.

    Parameters
    ----------
    path : str or Path
    sequences : SequenceSet
        Those that the names refer to; entries of sequences that were left out of it are passed over.

    Returns
    -------
    prior : SitePrior
    messages : list of str
        For how many sequences there are priors, and which have none.

    Raises
    ------
    InputError
        If it is not PSP, a name is unknown or repeated, the widths differ or are above the length of a sequence, an
        entry has not one number for each letter, a number or the sum of an entry is no probability, or a site could
        start so late that the sequence ends within it.
    """
    index = {name: i for i, name in enumerate(sequences.names)}
    values = np.ones(len(sequences.codes))
    entries = _alike(path, _entries(path))
    for entry in entries.values():
        where = f"{path}, line {entry.line}"
        if entry.name in index:
            first, last = sequences.offsets[index[entry.name] : index[entry.name] + 2]
            values[first:last] = _checked(entry, int(last - first), where)
        elif entry.name not in sequences.left_out:
            raise InputError(
                "there is no such sequence", where=where, value=entry.name, cure="name the entries as in the FASTA file"
            )
    without = [name for name in sequences.names if name not in entries]
    message = f"{path}: priors for {len(sequences) - len(without)} of {len(sequences)} sequences"
    prior = SitePrior(values, next(iter(entries.values())).width)
    return prior, [f"{message}{f'; none for {listed(without)}' if without else ''}."]


def _alike(path: str | Path, entries: Iterable[_Entry]) -> dict[str, _Entry]:
    """The entries by name: no name twice, all of one width."""
    known: dict[str, _Entry] = {}
    for entry in entries:
        where, first = f"{path}, line {entry.line}", next(iter(known.values()), entry)
        if entry.name in known:
            raise InputError(
                f"the sequence name of line {known[entry.name].line} occurs again",
                where=where,
                value=entry.name,
                cure="give each sequence one entry",
            )
        if entry.width != first.width:
            raise InputError(
                f"the width is not that of the first entry, {first.width}",
                where=where,
                value=entry.width,
                cure="make the priors of all sequences for one width",
            )
        known[entry.name] = entry
    return known


def _checked(entry: _Entry, length: int, where: str) -> list[float]:
    """The numbers of an entry, as many as letters, that can be probabilities of one site."""
    total = math.fsum(entry.values)
    if len(entry.values) != length:
        raise InputError(
            f"{entry.name} has {length} letters, and not as many numbers",
            where=where,
            value=len(entry.values),
            cure="give one number for each letter, also for the last ones",
        )
    if entry.width > length:
        raise InputError(
            f"the width is above the length of {entry.name}, {length}",
            where=where,
            value=entry.width,
            cure="leave the entry out, or make the priors for a narrower width",
        )
    if any(late := entry.values[length - entry.width + 1 :]):
        raise InputError(
            f"a site of width {entry.width} cannot start so late in {entry.name}",
            where=where,
            value=next(filter(None, late)),
            cure=f"make the last {len(late)} of the numbers 0",
        )
    if total > 1.0 + _SUM_MAY_EXCEED:
        raise InputError(
            f"the numbers of {entry.name} add up to more than 1",
            where=where,
            value=round(total, 6),
            cure="divide them by their sum",
        )
    if total == 0.0:
        raise InputError(f"all numbers of {entry.name} are 0", where=where, cure="leave the entry out, or the sequence")
    return entry.values


def _entries(path: str | Path) -> Iterator[_Entry]:
    entry: _Entry | None = None
    with open_text(path) as lines:
        for number, line in enumerate(lines, start=1):
            where = f"{path}, line {number}"
            if line.startswith(">"):
                if entry:
                    yield entry
                entry = _header(line, number, where)
            elif line.strip():
                if not entry:
                    raise InputError(
                        "is not a file of position-specific priors",
                        where=where,
                        value=line.strip()[:40],
                        cure="its first line must start with '>', a name and a width",
                    )
                entry.values += [_probability(word, where) for word in line.split()]
    if not entry:
        raise InputError("there are no priors in it", where=str(path), cure="check how it was made")
    yield entry


def _header(line: str, number: int, where: str) -> _Entry:
    fields = line[1:].split()
    if len(fields) < 2 or not fields[1].isdecimal() or int(fields[1]) < 1:
        raise InputError(
            "is not a name and a width", where=where, value=line.strip()[:40], cure="write lines such as '>name 8'"
        )
    return _Entry(fields[0], int(fields[1]), number)


def _probability(word: str, where: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not 0.0 <= value <= 1.0:
        raise InputError("is not a probability", where=where, value=word[:40], cure="give numbers from 0 to 1")
    return value
