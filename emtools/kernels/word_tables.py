"""Look-ups of the motif E-step: likelihood ratios of sites from tables of words, and posteriors added to words.

A motif of width W is cut in chunks of k letters. One table a chunk holds the products of the letter ratios of every
word of k letters, those of both strands side by side, so that a window costs ceil(W / k) look-ups and neither
exponential nor logarithm. Places are unsigned where it matters: of others numba asks whether they count from the end.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emtools.kernels.jit import jit_part

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


class SiteBlock(NamedTuple):
    """Sequences as the motif models see them.

    Attributes
    ----------
    words : ndarray of uint16
        The word of `word_length` letters that starts at each letter, the first letter in the lowest digit; padded by
        the longest motif beyond the last sequence.
    odds : ndarray of float32, shape (n_letters,)
        What multiplies the likelihood ratio of a site that starts at each letter: the correction from a background of
        independent letters to the Markov background, position-specific priors, what earlier motifs left over. 0 where
        no site may start.
    offsets : ndarray of int64, shape (n_sequences + 1,)
        Where each sequence starts in `odds`.
    n_windows : ndarray of float64, shape (n_sequences,)
        The number of starts allowed in each sequence before anything is erased; 0: the sequence is passed over, as is
        one in which everything is erased.
    word_length : int
        Letters a word.
    complement : ndarray of int64
        The letter opposite each letter; empty: sites lie on the strand as given only.
    """

    words: NDArray[np.uint16]
    odds: NDArray[np.float32]
    offsets: Codes
    n_windows: Floats
    word_length: int
    complement: Codes


@jit_part
def reverse_complement(matrix: Floats, complement: Codes) -> Floats:
    """The matrix of the same sites read on the other strand."""
    width, size = matrix.shape
    turned = np.empty((width, size))
    for column in range(width):
        for letter in range(size):
            turned[column, letter] = matrix[width - 1 - column, complement[letter]]
    return turned


@jit_part
def fill_shares(counts: Floats, shares: Floats) -> None:
    """The share of each letter in each column (width, n_letters)."""
    for column in range(counts.shape[0]):
        total = 0.0
        for letter in range(counts.shape[1]):
            total += counts[column, letter]
        for letter in range(counts.shape[1]):
            shares[column, letter] = counts[column, letter] / total


@jit_part
def letter_ratios(letters: Floats, frequencies: Floats) -> Floats:
    """The share of each letter in each column over its frequency in the background."""
    ratios = np.empty(letters.shape)
    fill_shares(letters, ratios)
    for column in range(letters.shape[0]):
        for letter in range(letters.shape[1]):
            ratios[column, letter] /= frequencies[letter]
    return ratios


@jit_part
def word_tables(block: SiteBlock, ratios: Floats) -> Floats:
    """Products of the ratios of every word, (n_chunks, n_words, 2): of a site as given, and on the other strand.

    Letters beyond the motif count 1. Without another strand its products are 0.
    """
    k, size = block.word_length, ratios.shape[1]
    n_chunks = (ratios.shape[0] + k - 1) // k
    tables = np.zeros((n_chunks, size**k, 2))
    _fill_words(tables[:, :, 0], ratios, k)
    if block.complement.size:
        _fill_words(tables[:, :, 1], reverse_complement(ratios, block.complement), k)
    return tables


@jit_part
def _fill_words(table: Floats, ratios: Floats, k: int) -> None:
    width, size = ratios.shape
    for chunk in range(table.shape[0]):
        table[chunk, 0] = 1.0
        filled = 1
        for column in range(chunk * k, chunk * k + k):
            for letter in range(size - 1, -1, -1):
                ratio = ratios[column, letter] if column < width else 1.0
                for word in range(filled):
                    table[chunk, letter * filled + word] = table[chunk, word] * ratio
            filled *= size


def _scanner(n_chunks: int) -> Callable[[SiteBlock, int, int, Floats, Floats], float]:
    """The `scan` of motifs of so many chunks: with a number known to the compiler all look-ups lie side by side."""

    @jit_part
    def scan_chunks(block: SiteBlock, start: int, n_starts: int, tables: Floats, room: Floats) -> float:
        words, odds, k = block.words, block.odds, block.word_length
        plus, minus = room[0], room[1]
        total = 0.0
        for i in range(n_starts):
            at = start + i
            ratio = turned = np.float64(odds[np.uintp(at)])
            for chunk in range(n_chunks):
                word = words[np.uintp(at + chunk * k)]
                ratio *= tables[chunk, word, 0]
                turned *= tables[chunk, word, 1]
            plus[i], minus[i] = ratio, turned
            total += ratio + turned
        return total

    return scan_chunks


_scan_1, _scan_2, _scan_3, _scan_4 = (_scanner(n_chunks) for n_chunks in range(1, 5))


@jit_part
def scan(block: SiteBlock, start: int, n_starts: int, tables: Floats, room: Floats) -> float:
    """Fill the likelihood ratio of a site at every start of one sequence, on each strand; return their sum."""
    n_chunks = tables.shape[0]
    if n_chunks == 1:
        return _scan_1(block, start, n_starts, tables, room)
    if n_chunks == 2:
        return _scan_2(block, start, n_starts, tables, room)
    if n_chunks == 3:
        return _scan_3(block, start, n_starts, tables, room)
    total = _scan_4(block, start, n_starts, tables, room)
    if n_chunks > 4:
        total = _scan_further(block, start, n_starts, tables, room)
    return total


@jit_part
def _scan_further(block: SiteBlock, start: int, n_starts: int, tables: Floats, room: Floats) -> float:
    """The chunks beyond the fourth."""
    words, k = block.words, block.word_length
    plus, minus = room[0], room[1]
    total = 0.0
    for i in range(n_starts):
        ratio, turned = plus[i], minus[i]
        for chunk in range(4, tables.shape[0]):
            word = words[np.uintp(start + i + chunk * k)]
            ratio *= tables[chunk, word, 0]
            turned *= tables[chunk, word, 1]
        plus[i], minus[i] = ratio, turned
        total += ratio + turned
    return total


def _adder(n_chunks: int) -> Callable[[Floats, SiteBlock, int, Floats, float], None]:
    """The `add_words` of motifs of so many chunks."""

    @jit_part
    def add_chunks(table: Floats, block: SiteBlock, start: int, posterior: Floats, scale: float) -> None:
        words, k = block.words, block.word_length
        for i in range(posterior.shape[1]):
            plus, minus = scale * posterior[0, i], scale * posterior[1, i]
            for chunk in range(n_chunks):
                word = words[np.uintp(start + i + chunk * k)]
                table[chunk, word, 0] += plus
                table[chunk, word, 1] += minus

    return add_chunks


_add_1, _add_2, _add_3, _add_4 = (_adder(n_chunks) for n_chunks in range(1, 5))


@jit_part
def add_words(table: Floats, block: SiteBlock, start: int, posterior: Floats, scale: float) -> None:
    """Add the posteriors of the windows of one sequence, `scale` times (2, n_starts), to the words in them."""
    n_chunks = table.shape[0]
    if n_chunks == 1:
        _add_1(table, block, start, posterior, scale)
    elif n_chunks == 2:
        _add_2(table, block, start, posterior, scale)
    elif n_chunks == 3:
        _add_3(table, block, start, posterior, scale)
    else:
        _add_4(table, block, start, posterior, scale)
        if n_chunks > 4:
            add_words(table[4:], block, start + 4 * block.word_length, posterior, scale)


@jit_part
def add_both_strands(counts: Floats, words: Floats, block: SiteBlock) -> None:
    """Add the letters of weighted words to `counts`: of sites as given, and of those on the other strand."""
    _add_letters(counts, words[:, :, 0], block.word_length, block.complement[:0])
    if block.complement.size:
        _add_letters(counts, words[:, :, 1], block.word_length, block.complement)


@jit_part
def _add_letters(counts: Floats, table: Floats, k: int, complement: Codes) -> None:
    """Add the letters of weighted words to `counts`; with a complement, of words read on the other strand.

    Folds the last letter of the words away, and again, so that `table` is used up.
    """
    width, size = counts.shape
    for chunk in range(table.shape[0]):
        words = table[chunk]
        for place in range(k - 1, -1, -1):
            shorter, column = size**place, chunk * k + place
            for letter in range(size):
                total = 0.0
                for word in range(shorter):
                    total += words[letter * shorter + word]
                    if letter:
                        words[word] += words[letter * shorter + word]
                if column < width and complement.size:
                    counts[width - 1 - column, complement[letter]] += total
                elif column < width:
                    counts[column, letter] += total
