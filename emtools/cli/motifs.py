"""`emtools motifs`: the motifs in sequences."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from emtools.cli.console import progress, say
from emtools.cli.options import Seed, Span, Threads, chosen, span

EPILOG = """
Examples:

emtools motifs promoters.fa --out result

emtools motifs peaks.fa.gz --out result --control open_chromatin.fa --width 8:20 --mask-lower

The answer is in result/motifs.tsv, each site in result/sites.tsv, how EM got there in result/history.tsv.
"""


WIDTHS = Span(6, 15)


class Occurrence(StrEnum):
    """How often a sequence has a site."""

    oops = "oops"
    zoops = "zoops"
    anr = "anr"


class Duplicates(StrEnum):
    """What becomes of a sequence name that occurs again."""

    error = "error"
    rename = "rename"


def motifs(
    *,
    context: typer.Context,
    fasta: Annotated[Path, typer.Argument(metavar="FASTA", help="The sequences; may be compressed by gzip.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", file_okay=False, help="Where the result goes.")],
    model: Annotated[
        Occurrence, typer.Option("--model", help="Sites a sequence: oops one, zoops none or one, anr any number.")
    ] = Occurrence.zoops,
    width: Annotated[
        Span, typer.Option("--width", parser=span, metavar="MIN:MAX", help="The widths to try, or one width.")
    ] = WIDTHS,
    max_motifs: Annotated[int, typer.Option("--max-motifs", min=1, help="Stop after so many motifs.")] = 3,
    control: Annotated[
        Path | None, typer.Option("--control", metavar="FASTA", help="Sequences like these, without the motifs.")
    ] = None,
    background: Annotated[
        str | None,
        typer.Option(
            "--background",
            metavar="FILE|ORDER",
            help="A file in MEME's format, or how many letters (0 to 5) the next one depends on; by default chosen.",
        ),
    ] = None,
    position_priors: Annotated[
        Path | None,
        typer.Option(
            "--position-priors", metavar="FILE", help="How likely a site is at each position, in MEME's PSP format."
        ),
    ] = None,
    one_strand: Annotated[bool, typer.Option("--one-strand", help="Search the strand as given only.")] = False,
    alphabet: Annotated[
        str, typer.Option("--alphabet", metavar="dna|rna|protein|LETTERS", help="What the letters are.")
    ] = "dna",
    mask_lower: Annotated[bool, typer.Option("--mask-lower", help="Keep sites out of lower case (repeats).")] = False,
    duplicates: Annotated[
        Duplicates, typer.Option("--duplicates", help="A name that occurs again: an error, or a new name.")
    ] = Duplicates.error,
    allow_empty: Annotated[
        bool, typer.Option("--allow-empty", help="No sequence is an answer: a result without motifs.")
    ] = False,
    seed: Seed = 0,
    threads: Threads = 1,
) -> None:
    """Find the motifs in DNA, RNA or protein sequences.

    Sequences that cannot hold a site are left out and named. Finding no motif is an answer.
    """
    from emtools.motifs.alphabet import by_name
    from emtools.motifs.discovery import DiscoveryOptions
    from emtools.motifs.task import Sources, search_files

    letters = by_name(alphabet)
    sources = Sources(fasta, control, background, letters, mask_lower, duplicates.value, allow_empty, position_priors)
    options = DiscoveryOptions(
        occurrence=model.value,
        narrowest=width.low,
        widest=width.high,
        max_motifs=max_motifs,
        both_strands=letters.complement is not None and not one_strand,
        seed=seed,
    )
    with progress("motifs") as observe:
        search_files(sources, out, options, config=chosen(context), threads=threads, say=say, observe=observe)
