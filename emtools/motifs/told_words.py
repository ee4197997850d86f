"""Words that tell sequences from controls: how many of both hold them, and how often chance does as much."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from emtools.em import Executor
from emtools.kernels.motif_search import count_classes, count_pairs, count_words, sums_of_neighbors
from emtools.motifs.alphabet import Alphabet
from emtools.motifs.encoding import Encoding
from emtools.motifs.exact import fisher_exact, hypergeometric
from emtools.motifs.words import gaps_within, half_length, reverse_complements, word_lengths

#: So many words of each kind, those that differ most by their likelihood ratio, are tested exactly.
_TESTED = 30
#: Stands for any letter.
ANY = -1


@dataclass(frozen=True, slots=True)
class ToldWord:
    """A word that more sequences hold than controls.

    Attributes
    ----------
    letters : ndarray of int64
        Codes; `ANY` where any letter may stand.
    changed : int
        How many letters may be others.
    n_hits, n_control_hits : int
        How many sequences and controls hold it.
    p_value : float
        Of all words that were counted: Fisher's exact test, corrected for their number.
    excess : float
        The share of the sequences with the word that would not hold it if it were as rare as in controls.
    """

    letters: NDArray[np.int64]
    changed: int
    n_hits: int
    n_control_hits: int
    p_value: float
    excess: float

    def text(self, alphabet: Alphabet) -> str:
        """The word in letters, with a dot for any letter.

        Examples
        --------
        >>> from emtools.motifs.alphabet import DNA
        >>> ToldWord(np.array([0, 1, ANY, 3]), 1, 5, 2, 0.01, 0.8).text(DNA)
        'AC.T, one letter changed at most'
        """
        letters = "".join("." if code == ANY else alphabet.letters[code] for code in self.letters)
        return f"{letters}, one letter changed at most" if self.changed else letters

    def turned(self, complement: NDArray[np.int64]) -> NDArray[np.int64]:
        """The letters of the reverse complement."""
        return np.where(self.letters == ANY, ANY, complement[self.letters])[::-1]


@dataclass(frozen=True, slots=True)
class _Kind:
    """Words of one length, as they are or with one letter changed; or pairs of them at several distances."""

    length: int
    size: int
    complement: tuple[int, ...]
    changed: int = 0
    gaps: tuple[int, ...] = ()

    @property
    def turned(self) -> NDArray[np.int64]:
        """The reverse complement of each word; empty for one strand."""
        return reverse_complements(self.length, self.complement)

    def counts(self, encoding: Encoding) -> NDArray[np.int64]:
        """In how many sequences each word or pair occurs; with a letter changed, the sum of these over all changes."""
        text = encoding.free_codes, encoding.sequences.offsets
        if self.gaps:
            return np.asarray(count_pairs(*text, self.length, np.array(self.gaps), self.size, self.turned)).ravel()
        counts = np.asarray(count_words(*text, self.length, self.size, encoding.complement))
        if not self.changed:
            return counts
        words = np.arange(len(counts))
        turned = self.turned if self.complement else words
        sums = sums_of_neighbors(counts.astype(np.float64), turned, words, self.length, self.size)
        return np.where(words <= turned, sums, 0.0).astype(np.int64)

    def exact(self, encoding: Encoding, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
        """In how many sequences each of the chosen words, 32 at most, occurs with a letter changed or none."""
        classes = np.zeros(self.size**self.length, dtype=np.uint32)
        places = self.size ** np.arange(self.length)
        for bit, word in enumerate(chosen):
            others = np.arange(self.size)[:, None] - word // places % self.size
            near = (word + others * places).ravel()
            classes[near] |= np.uint32(1 << bit)
            if self.complement:
                classes[self.turned[near]] |= np.uint32(1 << bit)
        text = encoding.free_codes, encoding.sequences.offsets
        return np.asarray(count_classes(*text, self.length, self.size, classes))[: len(chosen)]

    def letters(self, index: int) -> NDArray[np.int64]:
        """The codes of a word, or of both words of a pair with any letters between them."""
        n_letters = 2 * self.length if self.gaps else self.length
        place, index = divmod(index, self.size**n_letters)
        codes = index // self.size ** np.arange(n_letters - 1, -1, -1) % self.size
        return np.insert(codes, self.length, [ANY] * self.gaps[place]) if self.gaps else codes


def told_words(encoding: Encoding, controls: Encoding, widest: int, executor: Executor) -> list[ToldWord]:
    """The words of each kind that tell sequences from controls best, that of the least p-value first.

    The kinds are words of several lengths, the longest also with one letter changed, and pairs of short words at a
    distance. Letters that earlier motifs cover are in no word.

    Parameters
    ----------
    encoding, controls : Encoding
        If neither is special, every choice of so many among all of them has to be as likely as any other.
    widest : int
        Letters of a word and of a pair with what is between its words, at most.
    executor : Executor
        The result does not depend on it.

    Returns
    -------
    list of ToldWord
        Up to 30 of each kind, those more frequent in sequences.

    Notes
    -----
    Of each kind the p-value is multiplied by how many of its words could have had as small a one, given in how many of
    all sequences and controls they occur (Tarone, 1990, A modified Bonferroni method for discrete data); then by the
    number of kinds.
    """
    kinds = _kinds(encoding, widest)
    tasks = list(product(kinds, (encoding, controls)))
    counted = executor.fold(lambda task: [task[0].counts(task[1])], tasks)
    pairs = list(zip(kinds, counted[::2], counted[1::2], strict=True))
    told = executor.fold(lambda each: _told(*each, encoding, controls), pairs)
    return sorted(
        [replace(word, p_value=min(1.0, word.p_value * len(kinds))) for word in told], key=lambda word: word.p_value
    )


def _kinds(encoding: Encoding, widest: int) -> list[_Kind]:
    size, complement = encoding.sequences.alphabet.size, tuple(encoding.complement.tolist())
    lengths = sorted({min(length, widest) for length in range(word_lengths(size)[0], word_lengths(size)[-1] + 1)})
    half, gaps = half_length(size), gaps_within(size, widest)
    kinds = [_Kind(length, size, complement) for length in lengths] + [_Kind(lengths[-1], size, complement, changed=1)]
    return [*kinds, _Kind(half, size, complement, gaps=gaps)] if gaps else kinds


def _told(
    kind: _Kind, counts: NDArray[np.int64], others: NDArray[np.int64], encoding: Encoding, controls: Encoding
) -> list[ToldWord]:
    """Words of a kind with their p-values, corrected for the words that could have had one as small."""
    n, n_controls = len(encoding.sequences), len(controls.sequences)
    chosen, in_all = _most_different(counts, others, n / (n + n_controls)), counts + others
    hits, control_hits = counts[chosen], others[chosen]
    if kind.changed:
        hits, control_hits = (kind.exact(each, chosen) for each in (encoding, controls))
        possible = np.zeros(np.count_nonzero(in_all))
    else:
        possible = np.sort(_least_possible(n, n_controls)[in_all[in_all > 0]])
    told = []
    for word, x, y in zip(chosen.tolist(), hits.tolist(), control_hits.tolist(), strict=True):
        p_value = fisher_exact(x, n, y, n_controls)
        n_rivals = int(np.searchsorted(possible, p_value * (1.0 + 1e-9), side="right"))
        corrected, excess = min(1.0, p_value * max(n_rivals, 1)), 1.0 - (y / n_controls) / max(x / n, 1.0 / n)
        told.append(ToldWord(kind.letters(word), kind.changed, x, y, corrected, max(excess, 0.0)))
    return told


def _most_different(counts: NDArray[np.int64], others: NDArray[np.int64], share: float) -> NDArray[np.int64]:
    """The words of which sequences have more than their `share`, by the likelihood ratio the most different ones."""
    total = counts + others
    more = np.flatnonzero(counts > share * total)
    a, b, total = counts[more], others[more], total[more]
    gain = a * np.log(a / (share * total)) + b * np.log(np.maximum(b, 1) / ((1.0 - share) * total))
    return more[np.argsort(-gain, kind="stable")[:_TESTED]]


def _least_possible(n: int, n_controls: int) -> NDArray[np.float64]:
    """The least p-value of what occurs in so many of all, from none to all: that of being in sequences if it can."""
    in_all = np.arange(n + n_controls + 1)
    return hypergeometric(np.minimum(in_all, n), in_all, n, n_controls)
