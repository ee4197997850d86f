"""The motif E-step: likelihood ratios of sites, posteriors of three models, and weighted letter counts."""

import math

import numpy as np
from numpy.typing import NDArray

from emtools.kernels.jit import jit, jit_part
from emtools.kernels.placements import any_number
from emtools.kernels.word_tables import (
    Codes,
    Floats,
    SiteBlock,
    add_both_strands,
    add_words,
    letter_ratios,
    scan,
    word_tables,
)

OOPS, ZOOPS, ANR = 0, 1, 2

MOST_ODDS = 1e30
"""Odds of a window that the background hardly allows stay numbers, also in single precision."""


@jit
def fill_window_odds(
    factors: NDArray[np.float32],
    free: NDArray[np.float32],
    row: NDArray[np.uint16],
    width: int,
    odds: NDArray[np.float32],
) -> None:
    """Fill the odds of `SiteBlock` for motifs of one width.

    Parameters
    ----------
    factors : ndarray of float32, shape (n_letters,)
        The probability of each letter alone over that after the letters before it.
    free : ndarray of float32, shape (n_letters,)
        How free each letter is of earlier motifs; a window is as free as its least free letter.
    row : ndarray of uint16, shape (n_letters,)
        How many letters in a row end at each position; 65,535 stands for more.
    width : int
    odds : ndarray of float32, shape (n_letters,)
        What is filled.
    """
    odds[:] = 0.0
    product, covered = 1.0, -1
    for end in range(free.size):
        # From one window to the next a factor leaves and one enters; each stretch begins anew, so that nothing adds up.
        factor = np.float64(factors[end])
        if row[end] > width:
            factor /= factors[np.uintp(end - width)]
        product = factor if row[end] <= 1 else product * factor
        if free[end] < 1.0:
            covered = end
        start = end - width + 1
        if row[end] >= width:
            least = free[end]
            if covered >= start:
                for position in range(start, end):
                    least = min(least, free[np.uintp(position)])
            odds[np.uintp(start)] = min(product * least, MOST_ODDS)


@jit
def allowed_windows(allowed: NDArray[np.bool_], odds: NDArray[np.float32], offsets: Codes, no_place: float) -> Floats:
    """How many windows each sequence has; none where earlier motifs leave no place at all.

    A model that demands a site has nothing to choose from there.

    Parameters
    ----------
    allowed : ndarray of bool, shape (n_letters,)
        One letter of each window that may hold a site.
    odds : ndarray of float32, shape (n_letters,)
        Of the window that starts at each letter.
    offsets : ndarray of int64, shape (n_sequences + 1,)
    no_place : float
        The highest odds of a window that can hold none.

    Returns
    -------
    ndarray of float64, shape (n_sequences,)
    """
    counts = np.zeros(offsets.size - 1)
    for i in range(offsets.size - 1):
        n_allowed = n_places = 0
        for position in range(offsets[i], offsets[i + 1]):
            n_allowed += allowed[np.uintp(position)]
            n_places += odds[np.uintp(position)] > no_place
        if n_places:
            counts[i] = n_allowed
    return counts


@jit
def sequence_sums(values: NDArray[np.generic], offsets: Codes) -> Floats:
    """The sum of one value a letter over each sequence."""
    sums = np.zeros(offsets.size - 1)
    for i in range(offsets.size - 1):
        total = 0.0
        for position in range(offsets[i], offsets[i + 1]):
            total += values[np.uintp(position)]
        sums[i] = total
    return sums


@jit
def greatest(values: Floats, offsets: Codes) -> Codes:
    """Where each sequence has its greatest value, the first of equals; -1 for an empty one."""
    places = np.full(offsets.size - 1, -1, dtype=np.int64)
    for i in range(offsets.size - 1):
        for position in range(offsets[i], offsets[i + 1]):
            if places[i] < 0 or values[position] > values[places[i]]:
                places[i] = position
    return places


@jit
def expect(block: SiteBlock, ratios: Floats, occupancy: float, model: int) -> tuple[float, Floats, float, float]:
    """The E-step on one block of sequences.

    Parameters
    ----------
    block : SiteBlock
    ratios : ndarray of shape (width, n_letters)
        Letter probabilities of the motif over those of independent background letters.
    occupancy : float
        The probability that a sequence has a site (ZOOPS), or that one starts at a free letter (ANR).
    model : int
        OOPS, ZOOPS or ANR.

    Returns
    -------
    log likelihood ratio, expected letter counts (width, n_letters), expected sites, chances of a site
    """
    return expected(block, ratios, occupancy, model)


@jit_part
def expected(block: SiteBlock, ratios: Floats, occupancy: float, model: int) -> tuple[float, Floats, float, float]:
    """What `expect` returns, for kernels."""
    tables = word_tables(block, ratios)
    width = ratios.shape[0]
    words = np.zeros(tables.shape)
    room = working_space(block)
    log_ratio = n_sites = n_chances = 0.0
    for i in range(block.n_windows.size):
        if block.n_windows[i] > 0.0:
            gain, sites, chances, scale = sequence_posteriors(block, i, tables, (width, occupancy, model), room)
            log_ratio += gain
            n_sites += sites
            n_chances += chances
            first, n_starts = block.offsets[i], block.offsets[i + 1] - block.offsets[i] - width + 1
            add_words(words, block, first, room[:2, :n_starts], scale)
    counts = np.zeros(ratios.shape)
    add_both_strands(counts, words, block)
    return log_ratio, counts, n_sites, n_chances


@jit
def posteriors(block: SiteBlock, ratios: Floats, occupancy: float, model: int) -> Floats:
    """The posterior of a site at each letter: shape (2, n_letters), the strand as given and the other."""
    tables = word_tables(block, ratios)
    width = ratios.shape[0]
    room = working_space(block)
    result = np.zeros((2, block.odds.size))
    for i in range(block.n_windows.size):
        if block.n_windows[i] > 0.0:
            _, _, _, scale = sequence_posteriors(block, i, tables, (width, occupancy, model), room)
            first, n_starts = block.offsets[i], block.offsets[i + 1] - block.offsets[i] - width + 1
            for strand in range(2):
                for start in range(n_starts):
                    result[strand, first + start] = scale * room[strand, start]
    return result


@jit
def log_ratios(block: SiteBlock, candidates: Floats, occupancy: float) -> Floats:
    """The ZOOPS log likelihood ratio of each of many matrices (n, width, n_letters) of letter ratios: shape (n,)."""
    room = working_space(block)
    result = np.zeros(candidates.shape[0])
    n_strands = 2.0 if block.complement.size else 1.0
    for candidate in range(candidates.shape[0]):
        tables = word_tables(block, candidates[candidate])
        for i in range(block.n_windows.size):
            if block.n_windows[i] > 0.0:
                first, n_starts = block.offsets[i], block.offsets[i + 1] - block.offsets[i] - candidates.shape[1] + 1
                share = occupancy / (n_strands * block.n_windows[i])
                result[candidate] += math.log(1.0 - occupancy + share * scan(block, first, n_starts, tables, room))
    return result


@jit
def evidence(block: SiteBlock, ratios: Floats) -> Floats:
    """The likelihood ratio of exactly one site, anywhere in a sequence, over none; 0 without windows."""
    tables, room = word_tables(block, ratios), working_space(block)
    result = np.zeros(block.n_windows.size)
    n_strands = 2.0 if block.complement.size else 1.0
    for i in range(block.n_windows.size):
        if block.n_windows[i] > 0.0:
            first, n_starts = block.offsets[i], block.offsets[i + 1] - block.offsets[i] - ratios.shape[0] + 1
            result[i] = scan(block, first, n_starts, tables, room) / (n_strands * block.n_windows[i])
    return result


@jit
def evidence_without_own(block: SiteBlock, motif: tuple[Floats, Floats, float], occupancy: float, model: int) -> Floats:
    """The `evidence` of each sequence under the motif without what the sequence itself gave to it.

    A sequence that a motif was fitted to holds it better than one that had no part in it. So what the E-step takes from
    the sequence is taken out of the letters that the columns were made of, once, without another round of EM.

    Parameters
    ----------
    block : SiteBlock
        Sequences that the motif was fitted to.
    motif : tuple of ndarray (width, n_letters), ndarray (n_letters,), float
        The letters that made it, pseudocounts among them; the letter frequencies of the background; the pseudocounts of
        a column, shared out by these.
    occupancy : float
    model : int
        As in `expect`.
    """
    letters, frequencies, pseudocount = motif
    width = letters.shape[0]
    tables, room = word_tables(block, letter_ratios(letters, frequencies)), working_space(block)
    result = np.zeros(block.n_windows.size)
    n_strands = 2.0 if block.complement.size else 1.0
    own, words = np.empty(letters.shape), np.empty(tables.shape)
    for i in range(block.n_windows.size):
        if block.n_windows[i] > 0.0:
            first, n_starts = block.offsets[i], block.offsets[i + 1] - block.offsets[i] - width + 1
            scale = sequence_posteriors(block, i, tables, (width, occupancy, model), room)[3]
            own[:], words[:] = 0.0, 0.0
            add_words(words, block, first, room[:2, :n_starts], scale)
            add_both_strands(own, words, block)
            for column in range(width):
                for letter in range(letters.shape[1]):
                    rest = letters[column, letter] - own[column, letter]
                    own[column, letter] = max(rest, pseudocount * frequencies[letter])
            without = word_tables(block, letter_ratios(own, frequencies))
            result[i] = scan(block, first, n_starts, without, room) / (n_strands * block.n_windows[i])
    return result


@jit_part
def working_space(block: SiteBlock) -> Floats:
    """Working space for one sequence: both strands' ratios or posteriors, and three rows for `any_number`."""
    longest = 0
    for i in range(block.offsets.size - 1):
        longest = max(longest, block.offsets[i + 1] - block.offsets[i])
    return np.zeros((5, longest + 1))


@jit_part
def sequence_posteriors(
    block: SiteBlock, i: int, tables: Floats, motif: tuple[int, float, int], room: Floats
) -> tuple[float, float, float, float]:
    """Posteriors of sequence `i`, but for a common factor, into rows 0 and 1 of `room`.

    Returns
    -------
    log ratio, expected sites, chances of a site, and that factor
    """
    width, occupancy, model = motif
    first, last = block.offsets[i], block.offsets[i + 1]
    n_starts = last - first - width + 1
    total = scan(block, first, n_starts, tables, room)
    if model == ANR:
        log_ratio, n_sites, n_chances = any_number(block, first, last, (width, occupancy), room)
        return log_ratio, n_sites, n_chances, 1.0
    if model == OOPS:
        occupancy = 1.0
    share = occupancy / (block.n_windows[i] * (2.0 if block.complement.size else 1.0))
    ratio = (1.0 - occupancy) + share * total
    share /= ratio
    return math.log(ratio), share * total, 1.0, share
