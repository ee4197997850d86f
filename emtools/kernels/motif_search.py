"""What the search for starts spends its time on: many short EM runs, and words counted by sequences."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emtools.kernels.jit import jit, jit_part
from emtools.kernels.motif import OOPS, expected
from emtools.kernels.word_tables import Codes, Floats, SiteBlock, fill_shares, letter_ratios


class Climb(NamedTuple):
    """What short EM runs have in common.

    Attributes
    ----------
    model : int
        OOPS, ZOOPS or ANR.
    frequencies : ndarray of shape (n_letters,)
        Independent background letters.
    pseudocount, occupancy_pseudocount : float
        As in the motif model.
    n_steps : int
        EM steps.
    """

    model: int
    frequencies: Floats
    pseudocount: float
    occupancy_pseudocount: float
    n_steps: int


@jit
def climb(block: SiteBlock, plan: Climb, starts: Floats, occupancy: float) -> tuple[Floats, Floats, Floats]:
    """A fixed number of EM steps from each of many starts, on one block of sequences.

    Parameters
    ----------
    block : SiteBlock
    plan : Climb
    starts : ndarray of shape (n, width, n_letters)
        Letter probabilities; rows sum to one.
    occupancy : float
        Where all of them start.

    Returns
    -------
    letter probabilities, occupancies, and the log likelihood ratio of both
    """
    matrices, values = starts.copy(), np.empty(len(starts))
    occupancies = np.full(len(starts), occupancy)
    for run in range(len(starts)):
        for step in range(plan.n_steps + 1):
            ratios = letter_ratios(matrices[run], plan.frequencies)
            values[run], counts, n_sites, n_chances = expected(block, ratios, occupancies[run], plan.model)
            if step == plan.n_steps:
                break
            for column in range(counts.shape[0]):
                for letter in range(counts.shape[1]):
                    counts[column, letter] += plan.pseudocount * plan.frequencies[letter]
            fill_shares(counts, matrices[run])
            if plan.model != OOPS:
                prior = plan.occupancy_pseudocount
                occupancies[run] = (n_sites + prior) / (n_chances + 2.0 * prior)
    return matrices, occupancies, values


@jit
def count_words(codes: NDArray[np.int8], offsets: Codes, length: int, size: int, complement: Codes) -> Codes:
    """In how many sequences each word of `length` letters occurs; with a complement, on either strand.

    A word and its reverse complement are one: the smaller index holds their count.
    """
    words, turned = np.empty(codes.size, dtype=np.int64), np.empty(codes.size, dtype=np.bool_)
    _fill_words(codes, offsets, length, size, complement, words, turned)
    counts = np.zeros(size**length, dtype=np.int64)
    seen = np.full(counts.size, -1, dtype=np.int64)
    for i in range(offsets.size - 1):
        for position in range(offsets[i], offsets[i + 1]):
            word = words[position]
            if word >= 0 and seen[word] != i:
                seen[word] = i
                counts[word] += 1
    return counts


@jit
def count_classes(
    codes: NDArray[np.int8], offsets: Codes, length: int, size: int, classes: NDArray[np.uint32]
) -> Codes:
    """In how many sequences a word of each class occurs: classes are bits of a number for each word; shape (32,)."""
    words = np.empty(codes.size, dtype=np.int64)
    no_complement = offsets[:0]
    _fill_words(codes, offsets, length, size, no_complement, words, np.empty(codes.size, dtype=np.bool_))
    counts = np.zeros(32, dtype=np.int64)
    for i in range(offsets.size - 1):
        held = np.uint32(0)
        for position in range(offsets[i], offsets[i + 1]):
            if words[position] >= 0:
                held |= classes[words[position]]
        for each in range(32):
            counts[each] += (held >> np.uint32(each)) & np.uint32(1)
    return counts


@jit
def sums_of_neighbors(values: Floats, turned: Codes, words: Codes, length: int, size: int) -> Floats:
    """The value of each word and of all that differ from it in one letter, of a word and its `turned` the smaller's."""
    sums = np.zeros(words.size)
    for i in range(words.size):
        sums[i] = values[words[i]]
        place = 1
        for _ in range(length):
            letter = words[i] // place % size
            for other in range(size):
                if other != letter:
                    neighbor = words[i] + (other - letter) * place
                    sums[i] += values[min(neighbor, turned[neighbor])]
            place *= size
    return sums


@jit
def count_pairs(codes: NDArray[np.int8], offsets: Codes, length: int, gaps: Codes, size: int, turned: Codes) -> Codes:
    """In how many sequences each pair of words occurs, the second one so many letters behind the first.

    Parameters
    ----------
    codes : ndarray of int8
        Letters; what is no letter may stand in no pair, nor between its words.
    offsets : ndarray of shape (n_sequences + 1,)
    length : int
        Letters of each of the two words.
    gaps : ndarray
        The numbers of letters between the words, ascending.
    size : int
        Letters of the alphabet.
    turned : ndarray
        Empty, or the reverse complement of each word: then a pair and its reverse complement are one, and the smaller
        index holds their count.

    Returns
    -------
    ndarray of int64, shape (n_gaps, size**length * size**length)
    """
    words = np.empty(codes.size, dtype=np.int64)
    _fill_words(codes, offsets, length, size, turned[:0], words, np.empty(codes.size, dtype=np.bool_))
    n_words = size**length
    counts = np.zeros((gaps.size, n_words * n_words), dtype=np.int64)
    seen = np.full(counts.shape, -1, dtype=np.int64)
    for i in range(offsets.size - 1):
        row = 0
        for position in range(offsets[i], offsets[i + 1]):
            row = row + 1 if codes[position] < size else 0
            second = words[position - length + 1] if row >= 2 * length else -1
            if second < 0:
                continue
            for g in range(gaps.size):
                if row < 2 * length + gaps[g]:
                    break
                first = words[position - 2 * length - gaps[g] + 1]
                pair = first * n_words + second
                if turned.size:
                    pair = min(pair, turned[second] * n_words + turned[first])
                if seen[g, pair] != i:
                    seen[g, pair] = i
                    counts[g, pair] += 1
    return counts


@jit
def canonical_words(
    codes: NDArray[np.int8],
    offsets: Codes,
    length: int,
    size: int,
    complement: Codes,
    words: Codes,
    turned: NDArray[np.bool_],
) -> None:
    """Fill `words` with the word of `length` letters that starts at each letter, -1 where none does.

    With a complement, of a word and its reverse complement the smaller; `turned` then says where it was turned.
    """
    _fill_words(codes, offsets, length, size, complement, words, turned)


@jit_part
def _fill_words(
    codes: NDArray[np.int8],
    offsets: Codes,
    length: int,
    size: int,
    complement: Codes,
    words: Codes,
    turned: NDArray[np.bool_],
) -> None:
    n_words, highest = size**length, size ** (length - 1)
    for i in range(offsets.size - 1):
        word = other = run = 0
        for position in range(offsets[i], offsets[i + 1]):
            words[position], turned[position] = -1, False
            code = np.int64(codes[position])
            if code >= size:
                run = 0
                continue
            run += 1
            word = (word * size + code) % n_words
            if complement.size:
                other = other // size + complement[code] * highest
            if run >= length:
                start = position - length + 1
                turned[start] = complement.size > 0 and other < word
                words[start] = other if turned[start] else word


@jit
def maybe_repeated(words: Codes, bits: int, share: int, n_shares: int) -> Codes:
    """Where words stand that may occur more than once: all that do, and those that share one of `2**bits` places.

    Only one of `n_shares` equal shares of these places is looked at, so that the shares together give all.
    """
    n_places = 2**bits // n_shares
    seen, found, n_found = np.zeros(n_places, dtype=np.uint8), np.empty(0, dtype=np.int64), 0
    shift, first = np.uint64(64 - bits), share * n_places
    for turn in range(3):
        if turn == 2:
            found = np.empty(n_found, dtype=np.int64)
            n_found = 0
        for i in range(words.size):
            # The golden ratio as a fraction of 2**64: neighboring words come to lie far apart (Knuth).
            place = np.int64((np.uint64(words[i]) * np.uint64(11400714819323198485)) >> shift) - first
            if words[i] < 0 or place < 0 or place >= n_places:
                continue
            if turn == 0:
                seen[place] = min(seen[place] + 1, 2)
            elif seen[place] > 1:
                if turn == 2:
                    found[n_found] = i
                n_found += 1
    return found


@jit
def likeness(a: Floats, b: Floats, frequencies: Floats, complement: Codes) -> float:
    """How alike two motifs are at their best shift and strand: 1 for copies, about 0 for unrelated ones.

    The columns' deviations from the background, correlated over an overlap of at least half of the narrower motif,
    and scaled by the whole of the weaker motif. One that does not deviate at all is like none.
    """
    return _likeness(a, b, frequencies, complement)


@jit_part
def _likeness(a: Floats, b: Floats, frequencies: Floats, complement: Codes) -> float:
    norm = min(_agreement(a, a, 0, frequencies, complement[:0]), _agreement(b, b, 0, frequencies, complement[:0]))
    narrower = min(len(a), len(b))
    least = (narrower + 1) // 2
    best = 0.0
    for shift in range(least - len(b), len(a) - least + 1):
        best = max(best, _agreement(a, b, shift, frequencies, complement[:0]))
        if complement.size:
            best = max(best, _agreement(a, b, shift, frequencies, complement))
    return best / norm if norm > 0.0 else 0.0


@jit_part
def _agreement(a: Floats, b: Floats, shift: int, frequencies: Floats, complement: Codes) -> float:
    """The inner product of two motifs' deviations, `b` moved by `shift` and, with a complement, turned around."""
    total = 0.0
    for column in range(max(0, shift), min(len(a), len(b) + shift)):
        for letter in range(len(frequencies)):
            twin = b[len(b) - 1 - column + shift, complement[letter]] if complement.size else b[column - shift, letter]
            total += (a[column, letter] - frequencies[letter]) * (twin - frequencies[letter])
    return total


@jit
def pick_different(matrices: Floats, n: int, frequencies: Floats, complement: Codes, limit: float) -> Codes:
    """The first `n` of `matrices`, best first, of which no two are alike beyond the limit."""
    picked = np.empty(n, dtype=np.int64)
    n_picked = 0
    for index in range(len(matrices)):
        different = True
        for earlier in picked[:n_picked]:
            if _likeness(matrices[index], matrices[earlier], frequencies, complement) > limit:
                different = False
                break
        if different:
            picked[n_picked] = index
            n_picked += 1
            if n_picked == n:
                break
    return picked[:n_picked]
