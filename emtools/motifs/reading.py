"""Sequences from FASTA files: what is read, left out, renamed, and what is to be said of it."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import compress
from pathlib import Path
from typing import Literal

import numpy as np

from emtools.errors import InputError
from emtools.motifs.alphabet import DNA, PROTEIN, RNA, Alphabet
from emtools.motifs.fasta import FastaRecord, fasta_records
from emtools.motifs.sequences import SequenceSet, listed

Duplicates = Literal["error", "rename"]


def read_fasta(
    path: str | Path,
    *,
    alphabet: Alphabet = DNA,
    mask_lower: bool = False,
    duplicates: Duplicates = "error",
    minimum_length: int = 0,
    allow_empty: bool = False,
) -> SequenceSet:
    """Read sequences from a FASTA file, compressed by gzip or not.

    Parameters
    ----------
    path : str or Path
    alphabet : Alphabet
    mask_lower : bool
        Lower case, which marks repeats, is never part of a site.
    duplicates : {"error", "rename"}
        What becomes of a name that occurs again: an error, or NAME_2, NAME_3 and so on.
    minimum_length : int
        Sequences without a stretch of so many letters cannot hold a site; they are dropped, and a message names them.
    allow_empty : bool
        Whether a file without sequences, or with none left, is an answer and not an error.

    Returns
    -------
    SequenceSet
        Its `messages` say what was dropped, renamed or left out of the search.

    Raises
    ------
    InputError
        If there is no such file, it is not FASTA, a name is missing or repeated, a letter is foreign to the alphabet,
        or no sequence is left.
    """
    minimum_length = max(minimum_length, 1)
    records = list(fasta_records(path, allow_empty=allow_empty))
    names, messages = _unique_names(path, records, duplicates)
    named = list(zip(names, (record.text for record in records), strict=True))
    try:
        sequences = SequenceSet.of(named, alphabet, mask_lower=mask_lower)
    except InputError as error:
        raise InputError(error.what, where=f"{path}, {error.where}", value=error.value, cure=error.cure) from error
    sequences = replace(sequences, descriptions=tuple(record.description for record in records))
    kept, dropped = _split_short(sequences, minimum_length)
    stretch = f"{minimum_length} {'upper-case ' if mask_lower else ''}letters"
    if dropped:
        share = f"{len(dropped)} of {len(records)} sequences"
        messages.append(f"{path}: left out {share}, without a stretch of {stretch}: {listed(dropped)}.")
    if not len(kept) and not allow_empty:
        raise InputError("no sequence is left", where=str(path), cure=f"of {len(records)} none has {stretch} in a row")
    messages += [*_unknown_letters(path, kept, mask_lower), *_other_kind(path, [text for _, text in named], alphabet)]
    return replace(kept, left_out=tuple(dropped), messages=tuple(messages))


def _unique_names(path: str | Path, records: list[FastaRecord], duplicates: Duplicates) -> tuple[list[str], list[str]]:
    taken: dict[str, int] = {}
    renamed = []
    for record in records:
        name = record.name
        if name in taken and duplicates == "error":
            raise InputError(
                f"the sequence name of line {taken[name]} occurs again",
                where=f"{path}, line {record.line}",
                value=name,
                cure="give each sequence its own name, or keep all with --duplicates rename",
            )
        count = 1
        while name in taken:
            count += 1
            name = f"{record.name}_{count}"
        taken[name] = record.line
        if count > 1:
            renamed.append(f"{record.name} of line {record.line} to {name}")
    messages = [f"{path}: renamed {len(renamed)} of {len(records)} sequences: {listed(renamed)}."] if renamed else []
    return list(taken), messages


def _split_short(sequences: SequenceSet, length: int) -> tuple[SequenceSet, list[str]]:
    """The sequences with a stretch of so many letters, and the names of the others."""
    long = sequences.longest_stretches >= length
    lengths = sequences.lengths
    kept = replace(
        sequences,
        names=tuple(compress(sequences.names, long)),
        codes=sequences.codes[np.repeat(long, lengths)],
        offsets=np.cumsum([0, *lengths[long]], dtype=np.int64),
        descriptions=tuple(compress(sequences.descriptions, long)),
    )
    return kept, [name for name, is_long in zip(sequences.names, long, strict=True) if not is_long]


def _other_kind(path: str | Path, texts: Sequence[str], alphabet: Alphabet) -> list[str]:
    """What is to be said of sequences whose letters are rather those of another kind."""

    def has(*letters: str) -> bool:
        return any(letter in text or letter.lower() in text for letter in letters for text in texts)

    if alphabet is DNA and has("U") and not has("T"):
        return [f"{path}: has U and no T, as RNA does, and is read as DNA, on both strands; rna searches one."]
    if alphabet is RNA and has("T") and not has("U"):
        return [f"{path}: has T and no U, as DNA does, and is read as RNA, on one strand; dna searches both."]
    if alphabet is PROTEIN and has("A", "C", "G", "T") and not has(*"DEFHIKLMPQRSVWY"):
        return [f"{path}: has the letters of DNA alone, and is read as proteins."]
    return []


def _unknown_letters(path: str | Path, sequences: SequenceSet, mask_lower: bool) -> list[str]:
    unknown = np.flatnonzero(sequences.codes == sequences.alphabet.size)
    if not len(unknown):
        return []
    kinds = "masked or ambiguous" if mask_lower else "ambiguous"
    n_sequences = len(np.unique(np.searchsorted(sequences.offsets, unknown, side="right")))
    where = f"{len(unknown)}, in {n_sequences} of {len(sequences)} sequences"
    return [f"{path}: {kinds} letters ({where}) are never part of a site."]
