"""Where genes lie on a genome: BED, GFF3 and GTF, all as half-open intervals from 0."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

from emtools.errors import InputError
from emtools.files import open_text

Strand = Literal["+", "-", "?"]

#: The attributes of GFF3 and GTF that name a gene, the one people list genes by first.
NAMING_ATTRIBUTES = ("gene_id", "locus_tag", "ID", "Name", "gene_name", "gene", "Alias")


@dataclass(frozen=True, slots=True)
class Gene:
    """A gene on a genome.

    Attributes
    ----------
    names : tuple of str
        Its identifier first, then what else it is called.
    chromosome : str
    start, end : int
        The half-open interval from 0, whatever the file counts from.
    strand : {"+", "-", "?"}
        "?" where it is not known, as of genes whose transcripts are spliced from both.
    """

    names: tuple[str, ...]
    chromosome: str
    start: int
    end: int
    strand: Strand


def read_genes(path: str | Path, feature: str = "gene") -> list[Gene]:
    """Read the genes of an annotation; BED, GFF3 and GTF are told apart by their columns.

    Parameters
    ----------
    path : str or Path
        Plain or compressed by gzip.
    feature : str
        Which lines of a GFF3 or GTF count, by their third column. Several of one gene (the exons of a coding sequence)
        make one gene from the first start to the last end; those on other chromosomes or strands are genes of their
        own, of the same name.

    Raises
    ------
    InputError
        If a line cannot be read, or there are no lines of that feature.
    """
    rows = list(_rows(path))
    if not rows:
        raise InputError("there are no genes in it", where=str(path), cure="check how it was made")
    if _is_gff(rows[0][1]):
        return _gff_genes(path, rows, feature)
    return [_bed_gene(f"{path}, line {number}", columns) for number, columns in rows]


def _is_gff(columns: list[str]) -> bool:
    """Whether a line is GFF; BED of nine columns has a number where GFF has the strand, and may have one for a name."""
    return len(columns) == 9 and columns[3].isdigit() and not columns[6].isdigit()


def _rows(path: str | Path) -> Iterator[tuple[int, list[str]]]:
    with open_text(path) as text:
        for number, line in enumerate(text, start=1):
            if line.startswith(("##FASTA", ">")):
                return
            if line.strip() and not line.startswith(("#", "track", "browser")):
                yield number, line.rstrip("\r\n").split("\t")


def _bed_gene(where: str, columns: list[str]) -> Gene:
    if len(columns) < 6:
        raise InputError(
            "a gene needs six columns: chromosome, start, end, name, score, strand",
            where=where,
            value="\t".join(columns)[:60],
            cure="write BED with tabs, or GFF3 or GTF",
        )
    chromosome, start, end, name, other, strand = columns[:6]
    # The fifth column of BED is a score; where it is no number, it holds the gene's common name.
    names = (name,) if other == "." or _is_number(other) or other == name else (name, other)
    return Gene(names, chromosome, *_interval(where, start, end, counts_from=0), _strand(where, strand))


def _gff_genes(path: str | Path, rows: list[tuple[int, list[str]]], feature: str) -> list[Gene]:
    parents: dict[str, str] = {}
    named: dict[str, tuple[str, ...]] = {}
    parts: dict[str, list[Gene]] = defaultdict(list)
    seen = set()
    attributes_of = _gtf_attributes if re.search(r'\b(gene|transcript)_id "', rows[0][1][-1]) else _gff3_attributes
    for number, columns in rows:
        where = f"{path}, line {number}"
        if len(columns) != 9:
            raise InputError("a line of GFF has nine columns", where=where, value=len(columns), cure="separate by tabs")
        chromosome, _, kind, start, end, _, strand, _, text = columns
        attributes = attributes_of(text)
        key = attributes.get("ID", attributes.get("gene_id", f"line {number}"))
        if "Parent" in attributes:
            parents[key] = attributes["Parent"].split(",")[0]
        elif "ID" in attributes or key not in named:
            named[key] = _names(attributes)
        seen.add(kind)
        if kind == feature:
            interval = _interval(where, start, end, counts_from=1)
            parts[key].append(Gene(_names(attributes), chromosome, *interval, _strand(where, strand)))
    if not parts:
        raise InputError(
            f"there is no feature {feature!r}", where=str(path), cure=f"choose one of {', '.join(sorted(seen))}"
        )
    together: dict[tuple[str, str, Strand], list[Gene]] = defaultdict(list)
    for key, several in parts.items():
        for part in several:
            together[_ancestor(key, parents), part.chromosome, part.strand].append(part)
    # A parent without a line of its own is known by its identifier.
    return [_joined(path, named.get(key, _names({"ID": key})), several) for (key, *_), several in together.items()]


def _joined(path: str | Path, names: tuple[str, ...], parts: list[Gene]) -> Gene:
    first = parts[0]
    if not (names or first.names):
        raise InputError(
            "a gene has no name",
            where=str(path),
            value=f"{first.chromosome}:{first.start + 1}-{first.end}",
            cure="give it an ID, Name or gene_id",
        )
    start, end = min(part.start for part in parts), max(part.end for part in parts)
    return Gene(names or first.names, first.chromosome, start, end, first.strand)


def _ancestor(key: str, parents: dict[str, str]) -> str:
    seen = {key}
    while parents.get(key, key) not in seen:
        key = parents[key]
        seen.add(key)
    return key


def _interval(where: str, start: str, end: str, *, counts_from: int) -> tuple[int, int]:
    try:
        interval = int(start) - counts_from, int(end)
    except ValueError:
        raise InputError("start and end must be whole numbers", where=where, value=f"{start}, {end}") from None
    if not 0 <= interval[0] < interval[1]:
        raise InputError("the start must lie before the end", where=where, value=f"{start}, {end}")
    return interval


def _strand(where: str, strand: str) -> Strand:
    if strand == "+":
        return "+"
    if strand == "-":
        return "-"
    if strand in ("?", "."):
        return "?"
    raise InputError("a strand is + or -, or ? where it is not known", where=where, value=strand)


def _names(attributes: dict[str, str]) -> tuple[str, ...]:
    found = [
        # Ensembl writes the kind of a feature before its identifier.
        name.strip().removeprefix("gene:")
        for attribute in NAMING_ATTRIBUTES
        for name in attributes.get(attribute, "").split(",")
    ]
    return tuple(dict.fromkeys(filter(None, found)))


def _gff3_attributes(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.strip().strip(";").split(";"))
    return {key.strip(): unquote(value.strip()) for key, _, value in pairs}


def _gtf_attributes(text: str) -> dict[str, str]:
    return dict(re.findall(r'(\w+)\s+"([^"]*)"', text))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
