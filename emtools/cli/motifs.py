"""`emtools motifs`: the motifs in sequences."""

from pathlib import Path
from typing import Literal, get_args

import click

from emtools.cli import options
from emtools.cli.console import progress, say

Occurrence = Literal["oops", "zoops", "anr"]
Duplicates = Literal["error", "rename"]

EPILOG = """
\b
Examples:
  emtools motifs promoters.fa --out result
  emtools motifs peaks.fa.gz --out result --control open_chromatin.fa --width 8:20 --mask-lower

The answer is in result/motifs.tsv, each site in result/sites.tsv, how EM got there in result/history.tsv.
"""


@click.command(epilog=EPILOG)
@click.argument("fasta", type=options.PATH)
@click.option("--out", type=options.DIRECTORY, metavar="DIR", required=True, help="Where the result goes.")
@click.option(
    "--model",
    type=click.Choice(get_args(Occurrence)),
    default="zoops",
    help="Sites a sequence: oops one, zoops none or one, anr any number.",
)
@click.option("--width", type=options.span, default="6:15", metavar="MIN:MAX", help="The widths to try, or one width.")
@click.option("--max-motifs", type=click.IntRange(min=1), metavar="N", default=3, help="Stop after so many motifs.")
@click.option(
    "--significance",
    type=click.FloatRange(min=0, min_open=True, max=1),
    metavar="P",
    default=0.05,
    help="The highest p-value of a motif; 1 lists the best there are, chance or not.",
)
@click.option("--control", type=options.PATH, metavar="FASTA", help="Sequences like these, without the motifs.")
@click.option(
    "--background",
    metavar="FILE|ORDER",
    help="A file in MEME's format, or how many letters (0 to 5) the next one depends on; by default chosen.",
)
@click.option(
    "--position-priors",
    type=options.PATH,
    metavar="FILE",
    help="How likely a site is at each position, in MEME's PSP format.",
)
@click.option("--one-strand", is_flag=True, help="Search the strand as given only.")
@click.option("--alphabet", default="dna", metavar="dna|rna|protein|LETTERS", help="What the letters are.")
@click.option("--mask-lower", is_flag=True, help="Keep sites out of lower case (repeats).")
@click.option(
    "--duplicates",
    type=click.Choice(get_args(Duplicates)),
    default="error",
    help="A name that occurs again: an error, or a new name.",
)
@click.option("--allow-empty", is_flag=True, help="No sequence is an answer, a result without motifs; no control, too.")
@options.seed
@options.threads
@click.pass_context
def motifs(
    context: click.Context,
    *,
    fasta: Path,
    out: Path,
    model: Occurrence,
    width: options.Span,
    max_motifs: int,
    significance: float,
    control: Path | None,
    background: str | None,
    position_priors: Path | None,
    one_strand: bool,
    alphabet: str,
    mask_lower: bool,
    duplicates: Duplicates,
    allow_empty: bool,
    seed: int,
    threads: int,
) -> None:
    """Find the motifs in DNA, RNA or protein sequences.

    FASTA may be compressed by gzip. Sequences that cannot hold a site are left out and named.
    Finding no motif is an answer.
    """
    from emtools.motifs.alphabet import by_name
    from emtools.motifs.discovery import DiscoveryOptions
    from emtools.motifs.task import Sources, search_files

    with options.named(context), progress("motifs") as observe:
        letters = by_name(alphabet)
        sources = Sources(fasta, control, background, letters, mask_lower, duplicates, allow_empty, position_priors)
        settings = DiscoveryOptions(
            occurrence=model,
            narrowest=width.low,
            widest=width.high,
            max_motifs=max_motifs,
            significance=significance,
            both_strands=letters.complement is not None and not one_strand,
            seed=seed,
        )
        search_files(sources, out, settings, config=options.chosen(context), threads=threads, say=say, observe=observe)
