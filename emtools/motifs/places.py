"""Where sequences lie on a genome, as far as their names or descriptions tell, and where sites lie therefore."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from emtools.motifs.sequences import SequenceSet

_NUMBER = r"\d{1,3}(?:,\d{3})+|\d+"
#: bedtools may write the name of an interval and two colons before it, and brackets also where it knows no strand.
_PLACE = re.compile(
    rf"(?:\S*::)?(?P<chromosome>[^\s=]+):(?P<start>{_NUMBER})-(?P<end>{_NUMBER})(?:\((?P<strand>[+.-]?)\))?"
)


@dataclass(frozen=True, slots=True)
class Place:
    """A half-open interval from 0 on a strand (+1 or -1) of a chromosome."""

    chromosome: str
    start: int
    end: int
    strand: int

    def part(self, start: int, end: int, strand: int) -> "Place":
        """The place of letters `start` to before `end` of a sequence that lies here, read on `strand`.

        Examples
        --------
        >>> Place("chr1", 100, 200, -1).part(0, 10, 1)
        Place(chromosome='chr1', start=190, end=200, strand=-1)
        """
        if self.strand < 0:
            start, end = self.end - self.start - end, self.end - self.start - start
        return Place(self.chromosome, self.start + start, self.start + end, self.strand * strand)


class PlacedSite(NamedTuple):
    """A site on the genome."""

    motif: str
    place: Place
    score_bits: float
    posterior: float


def places(sequences: SequenceSet) -> list[Place | None]:
    """Where each sequence lies: from its name, or from the first word after it.

    They may read chr1:100-200, chr1:100-200(-), chr1:1,100-1,200, peak::chr1:100-200(-) as bedtools names sequences, or
    range=chr1:100-200 ... strand=- as the table browser of UCSC describes them. Browsers count from 1, bedtools from 0;
    the length of the sequence tells which. Anything else is no place.
    """
    headers = zip(sequences.names, _descriptions(sequences), sequences.lengths.tolist(), strict=True)
    return [_place_of(*header) for header in headers]


def unplaced(where: Sequence[Place | None]) -> list[str]:
    """For how many sequences there is no place, if for some.

    Examples
    --------
    >>> unplaced([None, Place("chr1", 100, 200, 1)])
    ['Of 1 of 2 sequences the names say no place: their sites are not in sites.bed and sites.gff3.']
    """
    n = sum(place is None for place in where)
    message = (
        f"Of {n} of {len(where)} sequences the names say no place: their sites are not in sites.bed and sites.gff3."
    )
    return [message] if n else []


def write_bed(path: str | Path, sites: Iterable[PlacedSite]) -> None:
    """Write sites as BED; the score is a thousand times the posterior."""
    with Path(path).open("w", encoding="utf-8", newline="\n") as out:
        for site in sites:
            place, score = site.place, round(1000 * site.posterior)
            columns = (place.chromosome, place.start, place.end, site.motif, score, _sign(place.strand))
            out.write("\t".join(map(str, columns)) + "\n")


def write_gff3(path: str | Path, sites: Iterable[PlacedSite]) -> None:
    """Write sites as GFF3; the score is in bits."""
    with Path(path).open("w", encoding="utf-8", newline="\n") as out:
        out.write("##gff-version 3\n")
        for site in sites:
            place = site.place
            attributes = f"Name={site.motif};posterior={site.posterior!r}"
            columns = (
                *(place.chromosome, "emtools", "TF_binding_site", place.start + 1, place.end, repr(site.score_bits)),
                *(_sign(place.strand), ".", attributes),
            )
            out.write("\t".join(map(str, columns)) + "\n")


def _descriptions(sequences: SequenceSet) -> Iterator[str]:
    yield from sequences.descriptions or [""] * len(sequences)


def _place_of(name: str, description: str, length: int) -> Place | None:
    if ":" not in name and ":" not in description:
        return None
    return next(filter(None, (_place(word, length) for word in _words(name, description))), None)


def _words(name: str, description: str) -> tuple[str, ...]:
    """The words of a header that may be a place."""
    first, *others = description.split() or [""]
    if first.startswith("range="):
        # UCSC gives the strand in a word of its own, and its name ends in that of the interval, which may look a place.
        return (first.removeprefix("range=") + ("(-)" if "strand=-" in others else ""),)
    return name, first


def _place(word: str, length: int) -> Place | None:
    match = _PLACE.fullmatch(word)
    if not match:
        return None
    start, end = (int(match[bound].replace(",", "")) for bound in ("start", "end"))
    if end - start + 1 == length and start > 0:
        start -= 1
    if end - start != length:
        return None
    return Place(match["chromosome"], start, end, -1 if match["strand"] == "-" else 1)


def _sign(strand: int) -> str:
    return "+" if strand > 0 else "-"
