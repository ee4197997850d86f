"""The promoters of genes: from a FASTA keyed by gene, or cut from a genome."""

import sys
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from emtools.errors import ConfigurationError, InputError
from emtools.motifs.annotation import Gene, read_genes
from emtools.motifs.fasta import FastaRecord, fasta_records, write_fasta
from emtools.motifs.sequences import listed

_OPPOSITE = str.maketrans("ACGTURYKMBDHVacgturykmbdhv", "TGCAAYRMKVHDBtgcaayrmkvhdb")


class Promoter(NamedTuple):
    """A promoter: what the gene is called (its identifier first), where it lies if that is known, and its letters.

    `clipped` says that the end of the chromosome cut it short.
    """

    names: tuple[str, ...]
    place: str
    text: str
    clipped: bool = False


@dataclass(frozen=True)
class Selection:
    """The promoters of the genes asked for.

    Attributes
    ----------
    found : dict of str to Promoter
        By the name asked for, in the order asked for.
    missing : tuple of str
        The names that have no promoter.
    same : tuple of str
        Names of genes that were already found under another name; each promoter is there once.
    ambiguous : tuple of str
        Those of the missing that name several genes.
    """

    found: dict[str, Promoter]
    missing: tuple[str, ...]
    same: tuple[str, ...]
    ambiguous: tuple[str, ...] = ()

    @property
    def messages(self) -> list[str]:
        """What people should know before they trust the selection."""
        said = []
        if self.missing:
            asked = len(self.found) + len(self.missing) + len(self.same)
            said.append(f"No promoter for {len(self.missing)} of {asked} genes: {listed(self.missing)}.")
        if self.ambiguous:
            said.append(f"Names of several genes, and so of none: {listed(self.ambiguous)}.")
        if self.same:
            said.append(f"Listed under another name already, and taken once: {listed(self.same)}.")
        if clipped := [name for name, promoter in self.found.items() if promoter.clipped]:
            said.append(f"Cut short by the end of a chromosome: the promoters of {listed(clipped)}.")
        return said


@dataclass(frozen=True)
class Promoters:
    """All promoters there are, found by any name that means one gene only.

    Attributes
    ----------
    promoters : tuple of Promoter
    messages : tuple of str
        What could not be cut.

    Examples
    --------
    >>> source = Promoters((Promoter(("YBR160W", "CDC28"), "", "ACGT"), Promoter(("YAL001C", "TFC3"), "", "TTTT")))
    >>> source.select(["CDC28", "YXX"]).messages
    ['No promoter for 1 of 2 genes: YXX.']
    """

    promoters: tuple[Promoter, ...]
    messages: tuple[str, ...] = ()

    def select(self, genes: Iterable[str]) -> Selection:
        """The promoters of genes, asked for by any of their names."""
        shared = Counter(name for promoter in self.promoters for name in set(promoter.names[1:]))
        by_name = {name: each for each in self.promoters for name in each.names[1:] if shared[name] == 1}
        by_name |= {promoter.names[0]: promoter for promoter in self.promoters}
        found: dict[str, Promoter] = {}
        missing, same, identifiers = [], [], set()
        for gene in genes:
            if gene not in by_name:
                missing.append(gene)
            elif by_name[gene].names[0] in identifiers:
                same.append(gene)
            else:
                found[gene] = by_name[gene]
                identifiers.add(found[gene].names[0])
        return Selection(found, tuple(missing), tuple(same), tuple(gene for gene in missing if shared[gene] > 1))

    def require_any_of(self, genes: Sequence[str], where: str | Path) -> None:
        """Raise `InputError` if no promoter has a name of these genes, as where another authority named them."""
        selection = self.select(genes)
        if not selection.found and selection.ambiguous:
            raise InputError(
                "several genes share a name, and no other is found",
                where=str(where),
                value=listed(selection.ambiguous, 3),
                cure="name genes by their identifiers",
            )
        if not selection.found:
            raise InputError(
                f"has no gene, of {len(genes)}, of which there is a promoter",
                where=str(where),
                value=listed(genes, 3),
                cure=f"name the genes as the promoters are: {listed([each.names[0] for each in self.promoters], 3)}",
            )

    def others(self, selection: Selection) -> dict[str, Promoter]:
        """The promoters of all genes outside a selection, by their identifiers."""
        taken = {promoter.names[0] for promoter in selection.found.values()}
        return {each.names[0]: each for each in self.promoters if each.names[0] not in taken}


def write_promoters(path: str | Path, promoters: dict[str, Promoter]) -> None:
    """Write promoters as FASTA: the name asked for, then the place (as bedtools writes it) and the other names."""
    write_fasta(
        path,
        (
            (" ".join(filter(None, (name, each.place, *(other for other in each.names if other != name)))), each.text)
            for name, each in promoters.items()
        ),
    )


def read_promoters(path: str | Path) -> Promoters:
    """Read promoters from a FASTA: the first word of a header is the gene, the second another name of it."""
    records = _each_once(path, "the gene has a second promoter", "keep one promoter a gene")
    promoters = [Promoter((each.name, *each.description.split()[:1]), "", each.text) for each in records]
    return Promoters(tuple(promoter for promoter in promoters if promoter.text))


def cut_promoters(
    genome: str | Path,
    annotation: str | Path,
    *,
    upstream: int = 500,
    downstream: int = 0,
    stop_at_genes: bool = False,
    feature: str = "gene",
) -> Promoters:
    """Cut the promoters of all genes of an annotation from a genome.

    Parameters
    ----------
    genome : str or Path
        FASTA; one chromosome at a time is in memory.
    annotation : str or Path
        BED, GFF3 or GTF. A promoter is counted from the gene's start on its own strand.
    upstream, downstream : int
        The letters before and after the start.
    stop_at_genes : bool
        Whether a promoter ends where a neighboring gene begins.
    feature : str
        Which lines of a GFF3 or GTF are genes.

    Raises
    ------
    InputError
        If a file cannot be read, the two share no chromosome, one is there twice, or a gene lies beyond its end.
    ConfigurationError
        If a promoter would have no letters.
    """
    if upstream + downstream == 0:
        raise ConfigurationError(
            "a promoter of 0 letters before and 0 after the start of a gene is empty", cure="raise upstream"
        )
    genes, messages = _one_each(annotation, read_genes(annotation, feature))
    on_chromosome: dict[str, list[Gene]] = defaultdict(list)
    for gene in genes:
        on_chromosome[gene.chromosome].append(gene)
    names = sorted(on_chromosome)
    cut: dict[str, Promoter] = {}
    beyond: list[str] = []
    for chromosome in _each_once(genome, "the chromosome is there twice", "keep one of each name"):
        there = on_chromosome.pop(chromosome.name, [])
        neighbors = _Neighbors(there) if stop_at_genes else None
        _require_within(annotation, there, chromosome)
        beyond += [each.names[0] for each in there if _begins_beyond(each, chromosome)]
        for gene in (each for each in there if each.strand != "?" and not _begins_beyond(each, chromosome)):
            low, high = _region(gene, upstream, downstream, neighbors)
            start, end = max(low, 0), min(high, len(chromosome.text))
            if start < end:
                clipped = (start, end) != (low, high)
                cut[gene.names[0]] = _promoter(gene, chromosome.text[start:end], start, end, clipped=clipped)
    if len(on_chromosome) == len(names):
        raise InputError(
            f"has none of the chromosomes of {annotation}",
            where=str(genome),
            value=listed(names, 3),
            cure="name chromosomes alike in both",
        )
    messages += [
        f"{genome}: chromosome {name} is missing, and so are the promoters on it ({len(there)})."
        for name, there in on_chromosome.items()
    ]
    if beyond:
        messages.append(
            f"{genome}: beginning beyond the end of a chromosome, and so without a promoter: {listed(beyond)}."
        )
    return Promoters(tuple(cut[gene.names[0]] for gene in genes if gene.names[0] in cut), tuple(messages))


def _one_each(annotation: str | Path, genes: list[Gene]) -> tuple[list[Gene], list[str]]:
    """Each gene once, and what is to be said of those that are there twice or on no known strand."""
    first: dict[str, Gene] = {}
    for gene in genes:
        first.setdefault(gene.names[0], gene)
    repeated = [name for name, count in Counter(gene.names[0] for gene in genes).items() if count > 1]
    unknown = [gene.names[0] for gene in first.values() if gene.strand == "?"]
    messages = {
        f"{annotation}: annotated more than once, and the first counts: {listed(repeated)}.": repeated,
        f"{annotation}: on no strand that is known, and so without a promoter: {listed(unknown)}.": unknown,
    }
    return list(first.values()), [message for message, names in messages.items() if names]


def _each_once(path: str | Path, twice: str, cure: str) -> Iterator[FastaRecord]:
    """The records of a FASTA, none of which may have the name of another."""
    seen = set()
    for record in fasta_records(path):
        if record.name in seen:
            raise InputError(twice, where=f"{path}, line {record.line}", value=record.name, cure=cure)
        seen.add(record.name)
        yield record


def _require_within(annotation: str | Path, genes: Iterable[Gene], chromosome: FastaRecord) -> None:
    length = len(chromosome.text)
    if beyond := [gene.names[0] for gene in genes if gene.start >= length]:
        raise InputError(
            f"genes begin beyond the end of {chromosome.name}, which has {length} letters",
            where=str(annotation),
            value=listed(beyond, 3),
            cure="take the annotation of this version of the genome",
        )


def _begins_beyond(gene: Gene, chromosome: FastaRecord) -> bool:
    """Whether a gene ends within the chromosome and begins behind it, as one across the origin of a circular one."""
    return gene.strand == "-" and gene.end > len(chromosome.text)


def _region(gene: Gene, upstream: int, downstream: int, neighbors: "_Neighbors | None") -> tuple[int, int]:
    if gene.strand == "+":
        low = gene.start - upstream
        return (max(low, neighbors.free_from(gene.start)) if neighbors else low), gene.start + downstream
    high = gene.end + upstream
    return gene.end - downstream, (min(high, neighbors.free_to(gene.end)) if neighbors else high)


def _promoter(gene: Gene, text: str, start: int, end: int, *, clipped: bool) -> Promoter:
    place = f"{gene.chromosome}:{start}-{end}({gene.strand})"
    return Promoter(gene.names, place, text if gene.strand == "+" else text.translate(_OPPOSITE)[::-1], clipped)


class _Neighbors:
    """How far the space before the start of a gene is free of other genes, on one chromosome."""

    def __init__(self, genes: list[Gene]) -> None:
        by_start = sorted(genes, key=lambda gene: gene.start)
        by_end = sorted(genes, key=lambda gene: gene.end)
        self.starts = [gene.start for gene in by_start]
        self.furthest_ends = list(accumulate((gene.end for gene in by_start), max))
        self.ends = [gene.end for gene in by_end]
        self.nearest_starts = list(accumulate((gene.start for gene in reversed(by_end)), min))[::-1]

    def free_from(self, start: int) -> int:
        """The end of the genes that begin before `start`, at most `start`."""
        before = bisect_left(self.starts, start)
        return min(self.furthest_ends[before - 1], start) if before else 0

    def free_to(self, end: int) -> int:
        """The start of the genes that end after `end`, at least `end`."""
        after = bisect_right(self.ends, end)
        return max(self.nearest_starts[after], end) if after < len(self.ends) else sys.maxsize
