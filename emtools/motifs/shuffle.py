"""Shuffled sequences: the same words of k letters in each of them, in random order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from emtools.kernels.motif import sequence_sums
from emtools.kernels.shuffle import shuffle_words
from emtools.motifs.sequences import SequenceSet

#: Words kept: triplets for four letters, pairs for more.
_WORDS_KEPT = 64


def shuffled(sequences: SequenceSet, rng: np.random.Generator, *, word_length: int | None = None) -> SequenceSet:
    """Shuffle each sequence so that it keeps the count of every word of `word_length` letters.

    Every such order of letters is equally likely (Altschul and Erickson 1985). What is no letter stays in its place,
    and the letters between two such places are shuffled among themselves.

    Parameters
    ----------
    sequences : SequenceSet
    rng : Generator
    word_length : int, optional
        By default 3 for DNA and RNA, and so many for other alphabets that there are at most 64 words, at least 1.

    Returns
    -------
    SequenceSet
        The same names and lengths.

    Examples
    --------
    >>> shuffled(SequenceSet.of([("a", "AACCAACC")]), np.random.default_rng(0), word_length=2).text(0)
    'AACCAACC'
    """
    return in_order_of(sequences, seed_of(rng), word_length=word_length)


def seed_of(rng: np.random.Generator) -> NDArray[np.uint64]:
    """What decides on one shuffle, shape (1,): drawn beforehand where several are made at once."""
    return rng.integers(2**64, size=1, dtype=np.uint64)


def in_order_of(
    sequences: SequenceSet,
    seed: NDArray[np.uint64],
    *,
    word_length: int | None = None,
    covered: NDArray[np.bool_] | None = None,
) -> SequenceSet:
    """The shuffle that a seed decides on (see `shuffled`).

    What is `covered`, shape (n_letters,), stays in its place, and the letters around it are shuffled as if it were not
    there.
    """
    length = word_length or default_word_length(sequences.alphabet.size)
    left = np.ones(len(sequences.codes), dtype=bool) if covered is None else ~covered
    codes, ends = sequences.codes.copy(), np.cumsum(sequence_sums(left, sequences.offsets), dtype=np.int64)
    around = codes[left]
    shuffle_words(around, np.concatenate([[0], ends]), length, sequences.alphabet.size, seed.copy())
    codes[left] = around
    return replace(sequences, codes=codes)


def default_word_length(size: int) -> int:
    """The length of the words a shuffle keeps for an alphabet of so many letters.

    Examples
    --------
    >>> default_word_length(4), default_word_length(20)
    (3, 1)
    """
    length = 1
    while size ** (length + 1) <= _WORDS_KEPT:
        length += 1
    return length


def words_kept(size: int, widest: int) -> int:
    """The length of the words that copies keep against which motifs of up to `widest` letters are tested.

    Copies that keep words nearly as long as a motif hold the motif itself.

    Examples
    --------
    >>> words_kept(4, 15), words_kept(4, 3), words_kept(20, 15)
    (3, 1, 1)
    """
    return min(default_word_length(size), max(widest - 2, 1))


def words_named(length: int) -> str:
    """What words of so many letters are called.

    Examples
    --------
    >>> words_named(3), words_named(6)
    ('triplet', 'word of 6 letters')
    """
    return {1: "letter", 2: "pair of letters", 3: "triplet"}.get(length, f"word of {length} letters")
