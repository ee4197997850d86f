"""What a motif search writes: tables, matrices, places on the genome, and how it got there."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any

import numpy as np

from emtools import __version__
from emtools.em import HISTORY_HEADER, history_rows, run_summaries
from emtools.files import described_inputs, result_directory, write_json, write_table
from emtools.motifs.alphabet import Alphabet
from emtools.motifs.discovery import Discovery
from emtools.motifs.formats import write_jaspar, write_meme, write_transfac
from emtools.motifs.judge import Comparison
from emtools.motifs.matrices import CountMatrix, FrequencyMatrix
from emtools.motifs.motif import Motif
from emtools.motifs.places import Place, PlacedSite, places, unplaced, write_bed, write_gff3
from emtools.motifs.sequences import SequenceSet

MOTIF_HEADER = (
    *("motif", "rank", "consensus", "width", "n_sites", "n_sequences"),
    *("p_value", "e_value", "log_likelihood_ratio", "information_bits"),
    *("n_hits", "n_compared", "n_control_hits", "n_controls", "word", "palindrome", "low_complexity"),
)
FILES = (
    *("motifs.tsv", "sites.tsv", "history.tsv", "motifs.meme", "motifs.jaspar", "motifs.transfac", "summary.json"),
    *("sites.bed", "sites.gff3", "names.tsv", "names.json"),
)
"""What is written, and what is removed because it would be of an earlier result."""
SITE_HEADER = ("motif", "sequence", "start", "end", "strand", "site", "score_bits", "posterior")


def summary(
    command: str, config: Mapping[str, Any], inputs: Iterable[str | Path], messages: Sequence[str], **more: Any
) -> dict[str, Any]:
    """The content of a summary: what was run, on what, and everything that was said aloud."""
    return {
        "emtools_version": __version__,
        "command": command,
        "config": dict(config),
        "inputs": described_inputs(inputs),
        "messages": list(messages),
        **more,
    }


def write_result(
    directory: str | Path,
    discovery: Discovery,
    sequences: SequenceSet,
    *,
    both_strands: bool,
    config: Mapping[str, Any],
    inputs: Iterable[str | Path],
    messages: Sequence[str],
) -> list[str]:
    """Write a motif result, whole or not at all.

    Parameters
    ----------
    directory : str or Path
        Gets motifs.tsv, sites.tsv, history.tsv, motifs.meme, motifs.jaspar, motifs.transfac and summary.json; and
        sites.bed and sites.gff3 if the sequences say where they lie.
    discovery : Discovery
    sequences : SequenceSet
        Those that were searched.
    both_strands : bool
        Whether both were searched.
    config : mapping
        Every option; `seed` among them.
    inputs : iterable of path
    messages : sequence of str
        Everything that was said aloud.

    Returns
    -------
    list of str
        What else is to be said: which sites are not in sites.bed and sites.gff3.
    """
    motifs, where = discovery.motifs, places(sequences)
    placed = list(_placed_sites(motifs, where))
    said = unplaced(where) if placed else []
    content = summary(
        "motifs",
        config,
        inputs,
        [*messages, *said],
        seed=config["seed"],
        n_sequences=len(sequences),
        n_letters=int(sequences.lengths.sum()),
        n_motifs=len(motifs),
        conclusion=discovery.conclusion,
        runs=[{"motif": motif.name, **run} for motif in motifs for run in run_summaries(motif.fit)],
    )
    with result_directory(directory) as made:
        write_table(made / "motifs.tsv", MOTIF_HEADER, map(_motif_row, motifs))
        write_table(made / "sites.tsv", SITE_HEADER, _site_rows(motifs, sequences))
        write_table(made / "history.tsv", ("motif", *HISTORY_HEADER), _history_rows(motifs))
        _write_matrices(made, discovery, sequences.alphabet, both_strands)
        if placed:
            write_bed(made / "sites.bed", placed)
            write_gff3(made / "sites.gff3", placed)
        write_json(made / "summary.json", content)
    # Places and names of the motifs of an earlier result would be wrong.
    for name in ("names.tsv", "names.json", *(() if placed else ("sites.bed", "sites.gff3"))):
        Path(directory, name).unlink(missing_ok=True)
    return said


def _motif_row(motif: Motif) -> tuple[object, ...]:
    return (
        *(motif.name, motif.rank, motif.consensus, motif.width, motif.n_sites, motif.n_sequences),
        *(motif.p_value, motif.e_value, motif.log_likelihood_ratio, motif.information_bits),
        *(astuple(motif.comparison) if motif.comparison else [None] * len(fields(Comparison))),
        "yes" if motif.palindrome else "no",
        "yes" if motif.repeat else "no",
    )


def _site_rows(motifs: Iterable[Motif], sequences: SequenceSet) -> Iterator[tuple[object, ...]]:
    for motif in motifs:
        sites, alphabet = motif.sites, sequences.alphabet
        places = sequences.offsets[sites.sequence] + sites.start
        letters = sequences.codes[places[:, None] + np.arange(motif.width)]
        if (turned := sites.strand < 0).any():
            letters[turned] = alphabet.reverse_complement(letters[turned])
        for text, (index, start, strand, score, posterior) in zip(
            alphabet.decode_rows(letters), _sites(motif), strict=True
        ):
            place = (start + 1, start + motif.width, "+" if strand > 0 else "-")
            yield motif.name, sequences.names[index], *place, text, score, posterior


def _history_rows(motifs: Iterable[Motif]) -> Iterator[tuple[object, ...]]:
    for motif in motifs:
        for row in history_rows(motif.fit):
            yield motif.name, *row


def _placed_sites(motifs: Iterable[Motif], place_of: Sequence[Place | None]) -> Iterator[PlacedSite]:
    for motif in motifs:
        for index, start, strand, score, posterior in _sites(motif):
            place = place_of[index]
            if place:
                yield PlacedSite(motif.name, place.part(start, start + motif.width, strand), score, posterior)


def _sites(motif: Motif) -> Iterator[tuple[int, int, int, float, float]]:
    sites = motif.sites
    columns = (sites.sequence, sites.start, sites.strand, sites.score_bits, sites.posterior)
    return zip(*(column.tolist() for column in columns), strict=True)


def _write_matrices(made: Path, discovery: Discovery, alphabet: Alphabet, both_strands: bool) -> None:
    motifs = discovery.motifs
    frequencies = [FrequencyMatrix(motif.name, motif.consensus, motif.probabilities, alphabet) for motif in motifs]
    counts = [CountMatrix(motif.name, motif.consensus, motif.counts, alphabet) for motif in motifs]
    write_meme(
        made / "motifs.meme",
        frequencies,
        discovery.background.letter_frequencies,
        [motif.n_sites for motif in motifs],
        [motif.e_value for motif in motifs],
        alphabet=alphabet,
        both_strands=both_strands,
    )
    write_jaspar(made / "motifs.jaspar", counts)
    write_transfac(made / "motifs.transfac", counts)
