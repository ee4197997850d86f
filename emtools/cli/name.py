"""`emtools name`: the known motifs that resemble these."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emtools.cli import options
from emtools.cli.console import say

if TYPE_CHECKING:
    from emtools.motifs.naming import Match

EPILOG = """
\b
Examples:
  emtools name result --database jaspar:fungi --out result/names.tsv
  emtools name motifs.transfac --database our_motifs.meme --out names.tsv
"""

HEADER = (
    *("motif", "rank", "database_id", "name", "p_value", "e_value", "q_value"),
    *("offset", "overlap", "strand", "similarity"),
)


@click.command(epilog=EPILOG)
@click.argument("motifs", type=options.PATH)
@click.option(
    "--database",
    metavar="jaspar:GROUP|FILE",
    required=True,
    help="JASPAR's fungi, insects, nematodes, plants, vertebrates and others (needs no network), or a file of motifs.",
)
@click.option("--out", type=options.PATH, metavar="TSV", required=True, help="Where the names go.")
@click.option(
    "--best", type=click.IntRange(min=1), metavar="N", default=10, help="Known motifs to list for each motif, at most."
)
@click.option(
    "--max-e-value",
    type=click.FloatRange(min=0.0),
    metavar="NUMBER",
    default=10.0,
    help="List none that chance alone gives more often than this.",
)
@click.pass_context
def name(context: click.Context, *, motifs: Path, database: str, out: Path, best: int, max_e_value: float) -> None:
    """Find the known motifs that resemble these, and how often chance alone gives as close a resemblance.

    MOTIFS are in the format of MEME, JASPAR or TRANSFAC, or the result directory of `emtools motifs`.

    Matches with an E-value above 1 are to be expected by chance; they are listed for you to judge.
    """
    from emtools.files import atomic_path, check_outputs, write_json, write_table
    from emtools.motifs.databases import known_motifs, source_of
    from emtools.motifs.formats import read_motifs
    from emtools.motifs.naming import KnownMotifs
    from emtools.motifs.result import summary

    beside = options.summary_beside(out)
    if motifs.is_dir():
        motifs = motifs / "motifs.meme"
    read = [motifs, *([Path(database)] if Path(database).is_file() else [])]
    check_outputs([out, beside], read)
    found = read_motifs(motifs)
    known = KnownMotifs(known_motifs(database))
    matches = [
        (motif.identifier, [match for match in known.resembling(motif)[:best] if match.e_value <= max_e_value])
        for motif in found
    ]
    messages = [f"No known motif resembles {motif}." for motif, listed in matches if not listed]
    if not found:
        messages = [f"{motifs}: there are no motifs in it, so there is nothing to name."]
    say(*messages)
    content = summary(
        "name",
        options.chosen(context),
        read,
        messages,
        database=source_of(database),
        n_known_motifs=len(known.motifs),
    )
    with atomic_path(out) as path:
        write_table(path, HEADER, _rows(matches))
    with atomic_path(beside) as path:
        write_json(path, content)


def _rows(matches: "list[tuple[str, list[Match]]]") -> Iterator[tuple[object, ...]]:
    for motif, listed in matches:
        for rank, match in enumerate(listed, start=1):
            yield (
                *(motif, rank, match.database_id, match.name, match.p_value, match.e_value, match.q_value),
                *(match.offset, match.overlap, match.strand, match.similarity),
            )
