"""One pass over the letters of sequences: stretches, words, and probabilities after the letters before."""

import numpy as np
from numpy.typing import NDArray

from emtools.kernels.jit import jit

Codes = NDArray[np.int64]

MANY = 65_535
"""The most letters in a row that are told apart."""


@jit
def letters_in_row(codes: NDArray[np.int8], offsets: Codes, size: int) -> NDArray[np.uint16]:
    """How many letters in a row, within their sequence, end at each letter.

    Parameters
    ----------
    codes : ndarray of int8, shape (n_letters,)
    offsets : ndarray of int64, shape (n_sequences + 1,)
    size : int
        Letters of the alphabet; a code of `size` is none.

    Returns
    -------
    ndarray of uint16, shape (n_letters,)
        0 for what is no letter; 65,535 stands for more.

    Examples
    --------
    >>> letters_in_row(np.array([0, 1, 4, 2, 3], dtype=np.int8), np.array([0, 4, 5]), 4).tolist()
    [1, 2, 0, 1, 1]
    """
    row = np.zeros(codes.size, dtype=np.uint16)
    for i in range(offsets.size - 1):
        run = 0
        for position in range(offsets[i], offsets[i + 1]):
            run = run + 1 if codes[position] < size else 0
            row[position] = min(run, MANY)
    return row


@jit
def gathered(values: NDArray[np.uint8], offsets: Codes, indices: Codes) -> NDArray[np.uint8]:
    """The bytes from ``offsets[i]`` to before ``offsets[i + 1]`` for each index `i`, one after the other."""
    n_bytes = 0
    for i in indices:
        n_bytes += offsets[i + 1] - offsets[i]
    result = np.empty(n_bytes, dtype=np.uint8)
    end = 0
    for i in indices:
        for position in range(offsets[i], offsets[i + 1]):
            result[np.uintp(end)] = values[np.uintp(position)]
            end += 1
    return result


@jit
def mask_short_runs(codes: NDArray[np.int8], offsets: Codes, size: int, shortest: int) -> None:
    """Make no letters of those with fewer than `shortest` in a row, within their sequence.

    Examples
    --------
    >>> codes = np.array([0, 1, 4, 2, 3, 1, 0], dtype=np.int8)
    >>> mask_short_runs(codes, np.array([0, 5, 7]), 4, 2)
    >>> codes.tolist()
    [0, 1, 4, 2, 3, 1, 0]
    >>> mask_short_runs(codes, np.array([0, 4, 7]), 4, 2)
    >>> codes.tolist()
    [0, 1, 4, 4, 3, 1, 0]
    """
    for i in range(offsets.size - 1):
        run = 0
        for position in range(offsets[i], offsets[i + 1] + 1):
            if position < offsets[i + 1] and codes[position] < size:
                run += 1
                continue
            if run < shortest:
                for earlier in range(position - run, position):
                    codes[earlier] = size
            run = 0


@jit
def letters_in_tracts(codes: NDArray[np.int8], offsets: Codes, size: int, longest_unit: int, shortest: int) -> int:
    """How many letters lie in tracts that repeat themselves after one letter, or after up to `longest_unit` letters.

    Parameters
    ----------
    codes, offsets, size
        As above.
    longest_unit : int
    shortest : int
        Letters of the shortest tract.

    Examples
    --------
    >>> codes = np.array([0, 0, 0, 0, 1, 2, 1, 2, 1, 3], dtype=np.int8)
    >>> letters_in_tracts(codes, np.array([0, 10]), 4, 1, 4), letters_in_tracts(codes, np.array([0, 10]), 4, 2, 4)
    (4, 9)
    """
    inside = np.zeros(codes.size, dtype=np.bool_)
    for i in range(offsets.size - 1):
        for unit in range(1, longest_unit + 1):
            run = 0
            for position in range(offsets[i] + unit, offsets[i + 1]):
                code = codes[np.uintp(position)]
                run = run + 1 if code == codes[np.uintp(position - unit)] and code < size else 0
                if run + unit >= shortest:
                    for earlier in range(position - shortest + 1, position + 1):
                        inside[earlier] = True
    return int(inside.sum())


@jit
def word_counts(codes: NDArray[np.int8], offsets: Codes, size: int, longest: int) -> Codes:
    """How often each word occurs: those of one letter, then those of two, and so on up to `longest` letters.

    Returns
    -------
    ndarray of int64, shape (size + size**2 + ... + size**longest,)
        The first letter of a word is its highest digit.

    Examples
    --------
    >>> word_counts(np.array([0, 1, 1], dtype=np.int8), np.array([0, 3]), 2, 2).tolist()
    [1, 2, 0, 1, 0, 1]
    """
    total = 0
    for length in range(1, longest + 1):
        total += size**length
    counts = np.zeros(total, dtype=np.int64)
    for i in range(offsets.size - 1):
        run = 0
        for position in range(offsets[i], offsets[i + 1]):
            run = run + 1 if codes[position] < size else 0
            first = word = 0
            place = 1
            for length in range(1, min(run, longest) + 1):
                word += codes[position - length + 1] * place
                place *= size
                counts[first + word] += 1
                first += place
    return counts


@jit
def letter_factors(
    codes: NDArray[np.int8], offsets: Codes, size: int, order: int, ratios: NDArray[np.float64]
) -> NDArray[np.float32]:
    """A number for each letter, by the letters before it.

    Parameters
    ----------
    codes, offsets, size
        As above.
    order : int
        How many letters before count, fewer where there are fewer in a row.
    ratios : ndarray of float64
        The number for each word, in the order of `word_counts`.

    Returns
    -------
    ndarray of float32, shape (n_letters,)
        1 for what is no letter.

    Examples
    --------
    >>> ratios = np.array([0.5, 2.0, 1.0, 3.0, 4.0, 5.0])
    >>> letter_factors(np.array([0, 1, 2, 1], dtype=np.int8), np.array([0, 4]), 2, 1, ratios).tolist()
    [0.5, 3.0, 1.0, 2.0]
    """
    factors = np.ones(codes.size, dtype=np.float32)
    highest = size**order
    for i in range(offsets.size - 1):
        run = word = first = 0
        for position in range(offsets[i], offsets[i + 1]):
            code = int(codes[position])
            if code >= size:
                run = word = first = 0
                continue
            if run > order:
                word -= int(codes[np.uintp(position - order - 1)]) * highest
            elif run > 0:
                first += size**run
            word = word * size + code
            run += 1
            factors[position] = ratios[np.uintp(first + word)]
    return factors
