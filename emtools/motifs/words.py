"""Enriched words and pairs of words: in how many sequences they occur, against what the background lets one expect."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from emtools.kernels.motif_search import count_pairs, count_words, sums_of_neighbors
from emtools.motifs.background import Background
from emtools.motifs.encoding import Encoding

#: Words of so many letters that there are about this many, and words two letters shorter.
_WORDS_POSSIBLE = 65_536
#: There are about so many pairs at each distance; the words of a pair are of equal length.
_PAIRS_POSSIBLE = 4096
#: With fewer letters between its words, a pair is a word of one mismatch.
_NARROWEST_GAP = 2


def enriched_words(encoding: Encoding, length: int, n_words: int) -> NDArray[np.int64]:
    """The words that occur in more sequences than expected, the most surprising first.

    A word and its reverse complement count as one where sites are looked for on both strands. Surprise is the log
    likelihood ratio of a Poisson count; a word is also tried together with its neighbors of one mismatch.

    Parameters
    ----------
    encoding : Encoding
    length : int
        Letters a word.
    n_words : int
        How many words to return, of each of the two kinds of count.

    Returns
    -------
    ndarray of int64, shape (n, length)
        Letter codes.
    """
    sequences = encoding.sequences
    size, complement = sequences.alphabet.size, encoding.complement
    counts = count_words(encoding.free_codes, sequences.offsets, length, size, complement).astype(np.float64)
    n, typical = _places(encoding, length)
    expected, near_expected = _expected(encoding.background, length, n, typical, tuple(complement.tolist()))
    # Of a word and its reverse complement only the smaller one occurs, and has the count of both.
    occurring = np.flatnonzero(counts)
    turned = reverse_complements(length, tuple(complement.tolist())) if complement.size else np.arange(len(counts))
    chosen = [_top(counts[occurring], expected[occurring], n_words)]
    near = sums_of_neighbors(counts, turned, occurring, length, size)
    chosen.append(_top(near, near_expected[occurring], n_words))
    words = occurring[np.unique(np.concatenate(chosen))]
    return words[:, None] // size ** np.arange(length - 1, -1, -1) % size


def enriched_pairs(encoding: Encoding, widest: int, n_pairs: int) -> list[tuple[NDArray[np.int64], int]]:
    """The pairs of short words at a distance that occur in more sequences than expected, the most surprising first.

    They find what words do not: sites with a core of two halves and anything between them.

    Parameters
    ----------
    encoding : Encoding
    widest : int
        Letters of a pair and what is between its words, at most.
    n_pairs : int
        How many pairs to return.

    Returns
    -------
    list of pairs of an ndarray of int64, shape (2 * word length,), and an int
        The letter codes of both words, and the letters between them.
    """
    sequences, complement = encoding.sequences, encoding.complement
    size, length = sequences.alphabet.size, half_length(sequences.alphabet.size)
    gaps = gaps_within(size, widest)
    if not gaps:
        return []
    codes = encoding.free_codes
    turned = reverse_complements(length, tuple(complement.tolist()))
    counts = count_pairs(codes, sequences.offsets, length, np.array(gaps), size, turned).astype(np.float64)
    n_words = size**length
    pairs = np.arange(n_words * n_words)
    first, second = pairs // n_words, pairs % n_words
    probability = _probabilities(encoding.background, length)
    both = probability[first] * probability[second]
    if complement.size:
        both = _on_either_strand(both, turned[second] * n_words + turned[first])
    expected = np.array([_in_sequences(both, *_places(encoding, 2 * length + gap)) for gap in gaps])
    occurring = np.flatnonzero(counts)
    best = occurring[_top(counts.ravel()[occurring], expected.ravel()[occurring], n_pairs)]
    digits = size ** np.arange(2 * length - 1, -1, -1)
    return [
        (np.asarray(pair // digits % size), int(gaps[g])) for g, pair in zip(*divmod(best, len(pairs)), strict=True)
    ]


def word_lengths(size: int) -> tuple[int, ...]:
    """The lengths of the words that are counted, for an alphabet of so many letters.

    Examples
    --------
    >>> word_lengths(4), word_lengths(20)
    ((6, 8), (3,))
    """
    longest = int(np.log(_WORDS_POSSIBLE) / np.log(size) + 1e-9)
    return (longest - 2, longest) if longest > 4 else (longest,)


def half_length(size: int) -> int:
    """Letters of each word of a pair: as many as leave room for counting all pairs."""
    return max(1, round(math.log(_PAIRS_POSSIBLE, size) / 2.0))


def gaps_within(size: int, widest: int) -> tuple[int, ...]:
    """How many letters may be between the words of a pair that has so many letters at most with what is between."""
    return tuple(range(_NARROWEST_GAP, widest - 2 * half_length(size) + 1))


def _top(counts: NDArray[np.float64], expected: NDArray[np.float64], n: int) -> NDArray[np.int64]:
    """Where the counts are most surprising of those above what is expected."""
    above = np.flatnonzero(counts > expected)
    counts, expected = counts[above], expected[above]
    surprise = counts * np.log(counts / expected) - (counts - expected)
    if len(surprise) > n:
        high = np.flatnonzero(surprise >= np.partition(surprise, -n)[-n])
        above, surprise = above[high], surprise[high]
    return above[np.argsort(-surprise, kind="stable")[:n]]


@lru_cache(maxsize=8)
def _expected(
    background: Background, length: int, n: int, typical: float, complement: tuple[int, ...]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """In how many of `n` sequences the background lets one expect each word, alone and together with its neighbors.

    Copies of sequences are searched as these are, and have the same.
    """
    probability = _probabilities(background, length)
    turned = words = np.arange(len(probability))
    if complement:
        turned = reverse_complements(length, complement)
        probability = _on_either_strand(probability, turned)
    expected = _in_sequences(probability, n, typical)
    return expected, sums_of_neighbors(expected, turned, words, length, len(background.letter_frequencies))


def _on_either_strand(probability: NDArray[np.float64], turned: NDArray[np.int64]) -> NDArray[np.float64]:
    """The probability of something or its reverse complement, which may be itself, where the strands are alike."""
    itself = turned == np.arange(len(turned))
    return np.where(itself, 0.5, 1.0) * (probability + probability[turned])


def _places(encoding: Encoding, length: int) -> tuple[int, float]:
    """How many sequences there are, and in how many places of one something of `length` letters may stand."""
    n_windows = np.maximum(encoding.sequences.lengths - length + 1, 0)
    return len(n_windows), float(n_windows.mean())


def _in_sequences(probability: NDArray[np.float64], n: int, typical: float) -> NDArray[np.float64]:
    """In how many of `n` sequences something is expected that has this probability at each of its typical places."""
    return n * -np.expm1(-typical * probability)


def _probabilities(background: Background, length: int) -> NDArray[np.float64]:
    """The probability of each word on the strand as given."""
    conditionals, size = background.conditionals, len(background.letter_frequencies)
    probability = np.ones((size,) * length)
    for position in range(length):
        order = min(position, len(conditionals) - 1)
        shape = (1,) * (position - order) + (size,) * (order + 1) + (1,) * (length - 1 - position)
        probability = probability * conditionals[order].reshape(shape)
    return probability.ravel()


@lru_cache(maxsize=8)
def reverse_complements(length: int, complement: tuple[int, ...]) -> NDArray[np.int64]:
    """The index of the reverse complement of each word of `length` letters; none where letters have no complement."""
    if not complement:
        return np.zeros(0, dtype=np.int64)
    size, opposite = len(complement), np.array(complement)
    index = np.arange(size**length)
    turned = np.zeros_like(index)
    for _ in range(length):
        turned = turned * size + opposite[index % size]
        index //= size
    return turned
