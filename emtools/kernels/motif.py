"""The motif E-step: site likelihood ratios by table look-up, posteriors of three models, and weighted letter counts.

A motif of width W is cut in chunks of k letters. One table a chunk holds the products of the letter ratios of every
word of k letters, those of both strands side by side, so that a window costs ceil(W / k) look-ups and neither
exponential nor logarithm.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emtools.kernels.jit import jit

OOPS, ZOOPS, ANR = 0, 1, 2

NEGLIGIBLE = 1e-12
"""A window that is a site with less than this probability adds no letters: all of a sequence's together weigh less than
1e-8 of a site."""
MOST_ODDS = 1e30
"""Odds of a window that the background hardly allows stay numbers, also in single precision."""

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


@jit
def window_odds(
    factors: NDArray[np.float32], free: NDArray[np.float32], row: NDArray[np.uint16], width: int
) -> NDArray[np.float32]:
    """The odds of `SiteBlock` for motifs of one width.

    Parameters
    ----------
    factors : ndarray of float32, shape (n_letters,)
        The probability of each letter alone over that after the letters before it.
    free : ndarray of float32, shape (n_letters,)
        How free each letter is of earlier motifs; a window is as free as its least free letter.
    row : ndarray of uint16, shape (n_letters,)
        How many letters in a row end at each position; 65,535 stands for more.
    """
    odds = np.zeros(free.size, dtype=np.float32)
    product, covered = 1.0, -1
    for end in range(free.size):
        # From one window to the next a factor leaves and one enters; each stretch begins anew, so that nothing adds up.
        product = np.float64(factors[end]) if row[end] <= 1 else product * factors[end]
        if row[end] > width:
            product /= factors[end - width]
        if free[end] < 1.0:
            covered = end
        start = end - width + 1
        if row[end] >= width:
            least = free[end]
            if covered >= start:
                for position in range(start, end):
                    least = min(least, free[position])
            odds[start] = min(product * least, MOST_ODDS)
    return odds


@jit
def sequence_sums(values: NDArray[np.generic], offsets: Codes) -> Floats:
    """The sum of one value a letter over each sequence."""
    sums = np.zeros(offsets.size - 1)
    for i in range(offsets.size - 1):
        for position in range(offsets[i], offsets[i + 1]):
            sums[i] += values[position]
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


@jit
def expected(block: SiteBlock, ratios: Floats, occupancy: float, model: int) -> tuple[float, Floats, float, float]:
    """What `expect` returns, for kernels."""
    tables = _word_tables(block, ratios)
    width = ratios.shape[0]
    words = np.zeros(tables.shape)
    room = _room(block)
    log_ratio = n_sites = n_chances = 0.0
    for i in range(block.n_windows.size):
        if block.n_windows[i] > 0.0:
            gain, sites, chances, scale = _posteriors(block, i, tables, (width, occupancy, model), room)
            log_ratio += gain
            n_sites += sites
            n_chances += chances
            first, n_starts = block.offsets[i], block.offsets[i + 1] - block.offsets[i] - width + 1
            _add_words(words, block, first, room[:2, :n_starts], scale)
    counts = np.zeros(ratios.shape)
    _add_both_strands(counts, words, block)
    return log_ratio, counts, n_sites, n_chances


@jit
def posteriors(block: SiteBlock, ratios: Floats, occupancy: float, model: int) -> Floats:
    """The posterior of a site at each letter: shape (2, n_letters), the strand as given and the other."""
    tables = _word_tables(block, ratios)
    width = ratios.shape[0]
    room = _room(block)
    result = np.zeros((2, block.odds.size))
    for i in range(block.n_windows.size):
        if block.n_windows[i] > 0.0:
            _, _, _, scale = _posteriors(block, i, tables, (width, occupancy, model), room)
            first, n_starts = block.offsets[i], block.offsets[i + 1] - block.offsets[i] - width + 1
            result[:, first : first + n_starts] = scale * room[:2, :n_starts]
    return result


@jit
def log_ratios(block: SiteBlock, candidates: Floats, occupancy: float) -> Floats:
    """The ZOOPS log likelihood ratio of each of many matrices (n, width, n_letters) of letter ratios: shape (n,)."""
    room = _room(block)
    result = np.zeros(candidates.shape[0])
    n_strands = 2.0 if block.complement.size else 1.0
    for candidate in range(candidates.shape[0]):
        tables = _word_tables(block, candidates[candidate])
        for i in range(block.n_windows.size):
            if block.n_windows[i] > 0.0:
                first, n_starts = block.offsets[i], block.offsets[i + 1] - block.offsets[i] - candidates.shape[1] + 1
                share = occupancy / (n_strands * block.n_windows[i])
                result[candidate] += np.log(1.0 - occupancy + share * _scan(block, first, n_starts, tables, room))
    return result


@jit
def evidence(block: SiteBlock, ratios: Floats) -> Floats:
    """The likelihood ratio of exactly one site, anywhere in a sequence, over none; 0 without windows."""
    tables, room = _word_tables(block, ratios), _room(block)
    result = np.zeros(block.n_windows.size)
    n_strands = 2.0 if block.complement.size else 1.0
    for i in range(block.n_windows.size):
        if block.n_windows[i] > 0.0:
            first, n_starts = block.offsets[i], block.offsets[i + 1] - block.offsets[i] - ratios.shape[0] + 1
            result[i] = _scan(block, first, n_starts, tables, room) / (n_strands * block.n_windows[i])
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
    ratios = letters / letters.sum(axis=1).reshape((width, 1)) / frequencies
    tables, room = _word_tables(block, ratios), _room(block)
    result = np.zeros(block.n_windows.size)
    n_strands = 2.0 if block.complement.size else 1.0
    own, words = np.empty(letters.shape), np.empty(tables.shape)
    for i in range(block.n_windows.size):
        if block.n_windows[i] > 0.0:
            first, n_starts = block.offsets[i], block.offsets[i + 1] - block.offsets[i] - width + 1
            scale = _posteriors(block, i, tables, (width, occupancy, model), room)[3]
            own[:], words[:] = 0.0, 0.0
            _add_words(words, block, first, room[:2, :n_starts], scale)
            _add_both_strands(own, words, block)
            rest = np.maximum(letters - own, pseudocount * frequencies)
            without = _word_tables(block, rest / rest.sum(axis=1).reshape((width, 1)) / frequencies)
            result[i] = _scan(block, first, n_starts, without, room) / (n_strands * block.n_windows[i])
    return result


@jit
def reverse_complement(matrix: Floats, complement: Codes) -> Floats:
    """The matrix of the same sites read on the other strand."""
    width, size = matrix.shape
    turned = np.empty((width, size))
    for column in range(width):
        for letter in range(size):
            turned[column, letter] = matrix[width - 1 - column, complement[letter]]
    return turned


@jit
def _word_tables(block: SiteBlock, ratios: Floats) -> Floats:
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


@jit
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


@jit
def _room(block: SiteBlock) -> Floats:
    """Working space for one sequence: both strands' ratios or posteriors, growth, and backward probabilities."""
    longest = 0
    for i in range(block.offsets.size - 1):
        longest = max(longest, block.offsets[i + 1] - block.offsets[i])
    return np.zeros((4, longest + 1))


@jit
def _scan(block: SiteBlock, start: int, n_starts: int, tables: Floats, room: Floats) -> float:
    """Fill the likelihood ratio of a site at every start of one sequence, on each strand; return their sum."""
    words, odds, k = block.words, block.odds, block.word_length
    plus, minus = room[0], room[1]
    n_chunks, total = tables.shape[0], 0.0
    for i in range(n_starts):
        at = start + i
        word = words[at]
        ratio, turned = tables[0, word, 0], tables[0, word, 1]
        if n_chunks > 1:
            word = words[at + k]
            ratio *= tables[1, word, 0]
            turned *= tables[1, word, 1]
        if n_chunks > 2:
            # A product of its own, which need not wait for the first.
            word = words[at + 2 * k]
            other, other_turned = tables[2, word, 0], tables[2, word, 1]
            if n_chunks > 3:
                word = words[at + 3 * k]
                other *= tables[3, word, 0]
                other_turned *= tables[3, word, 1]
            for chunk in range(4, n_chunks):
                word = words[at + chunk * k]
                other *= tables[chunk, word, 0]
                other_turned *= tables[chunk, word, 1]
            ratio *= other
            turned *= other_turned
        ratio *= odds[at]
        turned *= odds[at]
        plus[i], minus[i] = ratio, turned
        total += ratio + turned
    return total


@jit
def _posteriors(
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
    total = _scan(block, first, n_starts, tables, room)
    if model == ANR:
        log_ratio = _grow(block, first, last, (width, occupancy), room)
        n_sites, n_chances = _shrink(block, first, last, (width, occupancy), room)
        return log_ratio, n_sites, n_chances, 1.0
    if model == OOPS:
        occupancy = 1.0
    share = occupancy / (block.n_windows[i] * (2.0 if block.complement.size else 1.0))
    ratio = (1.0 - occupancy) + share * total
    share /= ratio
    return np.log(ratio), share * total, 1.0, share


@jit
def _grow(block: SiteBlock, first: int, last: int, motif: tuple[int, float], room: Floats) -> float:
    """The forward half of ANR: fill the growth (row 2) and return the log likelihood ratio of the sequence.

    The sum over all placements in the first e letters is F[e] = (1 - rate) F[e - 1] + rate r[e - W] F[e - W]. The
    recursion runs on the growth F[e] / F[e - 1], which needs no scaling.
    """
    width, rate = motif
    rate_a_strand = rate / (2.0 if block.complement.size else 1.0)
    plus, minus, growth = room[0], room[1], room[2]
    length = last - first
    log_ratio = 0.0
    product = span = 1.0
    for end in range(1, length + 1):
        growth[end - 1] = 1.0 - rate if block.odds[first + end - 1] > 0.0 else 1.0
        if end >= width:
            growth[end - 1] += rate_a_strand * (plus[end - width] + minus[end - width]) / span
            span /= growth[end - width]
        span *= growth[end - 1]
        product *= growth[end - 1]
        if product > 1e200 or product < 1e-200:
            log_ratio += float(np.log(product))
            product = 1.0
    return log_ratio + float(np.log(product))


@jit
def _shrink(block: SiteBlock, first: int, last: int, motif: tuple[int, float], room: Floats) -> tuple[float, float]:
    """The backward half of ANR: turn ratios into posteriors, return expected sites and chances to start one.

    Row 3 becomes the probability that no site spans the border before each letter.
    """
    width, rate = motif
    rate_a_strand = rate / (2.0 if block.complement.size else 1.0)
    plus, minus, growth, border = room[0], room[1], room[2], room[3]
    length = last - first
    n_sites = n_chances = 0.0
    border[length] = 1.0
    for start in range(length - 1, -1, -1):
        allowed = block.odds[first + start] > 0.0
        border[start] = border[start + 1] / growth[start] * (1.0 - rate if allowed else 1.0)
        if start + width <= length:
            span = 1.0
            for end in range(start, start + width):
                span *= growth[end]
            share = rate_a_strand * border[start + width] / span
            plus[start] *= share
            minus[start] *= share
            border[start] += plus[start] + minus[start]
            n_sites += plus[start] + minus[start]
        if allowed:
            n_chances += border[start]
    return n_sites, n_chances


@jit
def _add_words(table: Floats, block: SiteBlock, start: int, posterior: Floats, scale: float) -> None:
    """Add the posteriors of the windows of one sequence, `scale` times (2, n_starts), to the words in them."""
    words, k = block.words, block.word_length
    for i in range(posterior.shape[1]):
        plus, minus = scale * posterior[0, i], scale * posterior[1, i]
        if plus + minus > NEGLIGIBLE:
            for chunk in range(table.shape[0]):
                word = words[start + i + chunk * k]
                table[chunk, word, 0] += plus
                table[chunk, word, 1] += minus


@jit
def _add_both_strands(counts: Floats, words: Floats, block: SiteBlock) -> None:
    """Add the letters of weighted words to `counts`: of sites as given, and of those on the other strand."""
    _add_letters(counts, words[:, :, 0], block.word_length, block.complement[:0])
    if block.complement.size:
        _add_letters(counts, words[:, :, 1], block.word_length, block.complement)


@jit
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
