"""Enriched words: in how many sequences a word occurs, against what the background lets one expect."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from emtools.kernels.motif_search import count_words
from emtools.motifs.encoding import Encoding


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
    counts = count_words(_free_codes(encoding), sequences.offsets, length, size, complement).astype(np.float64)
    expected = _expected(encoding, length)
    canonical = np.arange(size**length)
    if complement.size:
        canonical = np.minimum(canonical, _reverse_complements(length, tuple(complement.tolist())))
    counts, expected = counts[canonical], expected[canonical]
    first = canonical == np.arange(size**length)
    chosen = [_top(counts, expected, first, n_words)]
    near_counts, near_expected = (_with_neighbors(values, length, size) for values in (counts, expected))
    chosen.append(_top(near_counts, near_expected, first & (counts > 0), n_words))
    words = np.unique(np.concatenate(chosen))
    return words[:, None] // size ** np.arange(length - 1, -1, -1) % size


def _free_codes(encoding: Encoding) -> NDArray[np.int8]:
    """The codes, without the letters that earlier motifs cover."""
    return np.where(encoding.free > 0.5, encoding.sequences.codes, np.int8(encoding.sequences.alphabet.size))


def _top(
    counts: NDArray[np.float64], expected: NDArray[np.float64], allowed: NDArray[np.bool_], n: int
) -> NDArray[np.int64]:
    with np.errstate(divide="ignore", invalid="ignore"):
        surprise = counts * np.log(counts / expected) - (counts - expected)
    surprise[~allowed | (counts <= expected)] = 0.0
    best = np.argsort(-surprise, kind="stable")[:n]
    return best[surprise[best] > 0.0]


def _expected(encoding: Encoding, length: int) -> NDArray[np.float64]:
    """In how many sequences the background lets one expect each word."""
    conditionals = encoding.background.conditionals
    size = encoding.sequences.alphabet.size
    probability = np.ones((size,) * length)
    for position in range(length):
        order = min(position, len(conditionals) - 1)
        shape = (1,) * (position - order) + (size,) * (order + 1) + (1,) * (length - 1 - position)
        probability = probability * conditionals[order].reshape(shape)
    probability = probability.ravel()
    complement = encoding.complement
    if complement.size:
        turned = _reverse_complements(length, tuple(complement.tolist()))
        probability = np.where(turned == np.arange(len(turned)), 1.0, 2.0) * 0.5 * (probability + probability[turned])
    n_windows = np.maximum(encoding.sequences.lengths - length + 1, 0)
    typical = float(n_windows.mean())
    return len(n_windows) * -np.expm1(-typical * probability)


@lru_cache(maxsize=8)
def _reverse_complements(length: int, complement: tuple[int, ...]) -> NDArray[np.int64]:
    size, opposite = len(complement), np.array(complement)
    index = np.arange(size**length)
    turned = np.zeros_like(index)
    for _ in range(length):
        turned = turned * size + opposite[index % size]
        index //= size
    return turned


def _with_neighbors(values: NDArray[np.float64], length: int, size: int) -> NDArray[np.float64]:
    """The sum over each word and all words that differ from it in one letter."""
    cube = values.reshape((size,) * length)
    total = (1 - length) * cube
    for axis in range(length):
        total = total + cube.sum(axis=axis, keepdims=True)
    return total.ravel()
