"""The background: a Markov chain of order 0 to 5 over the letters, from sequences or from a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emtools.em import Executor, Serial
from emtools.errors import ConfigurationError, InputError
from emtools.files import open_text
from emtools.kernels.letters import letter_factors, word_counts
from emtools.motifs.alphabet import DNA, Alphabet
from emtools.motifs.sequences import SequenceSet
from emtools.motifs.shuffle import default_word_length, words_kept

MAXIMUM_ORDER = 5
#: The order chosen from the data goes no higher: beyond triplets a background begins to hold the motifs themselves.
_HIGHEST_CHOSEN_ORDER = 2
#: Sequences shorter than so many motifs may consist of them.
_MOTIFS_FILL = 4
#: The tables of more words than this do not fit into the memory of every computer: they take 25 bytes a word.
MOST_WORDS = 100_000_000
#: Motifs are divided by these. All 50 columns of the widest motif may have the letter that is least likely alone, and
#: the product of their ratios must stay a number; what is least likely after other letters occurs here and there.
LEAST_OF_A_LETTER = 1e-5
LEAST_AFTER_OTHERS = 1e-9

#: Frequencies are printed with few digits, so their sum may miss 1 by this.
_FREQUENCIES_MAY_MISS = 0.01


@dataclass(frozen=True, eq=False)
class Background:
    """A Markov chain over letters.

    Attributes
    ----------
    conditionals : tuple of ndarray of float64
        Entry `o`, shape ``(n_letters,) * (o + 1)``: the probability of a letter (last axis) after `o` letters.
        The last entry is that of the order; the others serve where fewer letters go before.

    Examples
    --------
    >>> Background.of(SequenceSet.of([("s", "AACGTT" * 50)]), order=0).letter_frequencies.round(2)
    array([0.33, 0.17, 0.17, 0.33])
    """

    conditionals: tuple[NDArray[np.float64], ...]

    @property
    def order(self) -> int:
        """How many letters the next one depends on."""
        return len(self.conditionals) - 1

    @property
    def letter_frequencies(self) -> NDArray[np.float64]:
        """The frequency of each letter, shape (n_letters,)."""
        return self.conditionals[0]

    @classmethod
    def beside_motifs(
        cls,
        sequences: SequenceSet,
        widest: int,
        *,
        both_strands: bool | None = None,
        executor: Executor | None = None,
    ) -> Background:
        """Estimate from sequences that hold motifs of up to `widest` letters.

        Words nearly as long as a motif would explain it away. And short sequences may consist of their motif: where
        they are shorter than four motifs on average, the letters of the background are independent.
        """
        short = len(sequences.codes) < _MOTIFS_FILL * widest * len(sequences)
        highest = 0 if short else words_kept(sequences.alphabet.size, widest) - 1
        return cls.of(sequences, highest=highest, both_strands=both_strands, executor=executor)

    @classmethod
    def of(
        cls,
        sequences: SequenceSet,
        order: int | None = None,
        *,
        highest: int = _HIGHEST_CHOSEN_ORDER,
        both_strands: bool | None = None,
        executor: Executor | None = None,
    ) -> Background:
        """Estimate from sequences.

        Parameters
        ----------
        sequences : SequenceSet
        order : int, optional
            From 0 to 5; by default the one with the least Bayesian information criterion.
        highest : int
            The highest order that is chosen. Words that a shuffle does not keep are no background either: it is 2 at
            most for DNA and RNA, and 0 for proteins.
        both_strands : bool, optional
            Whether a word and its reverse complement are equally likely; by default wherever there are two strands.
        executor : Executor, optional
            Where words are counted, run by run; each has a table of its own. By default all are counted in one.

        Returns
        -------
        Background

        Raises
        ------
        ConfigurationError
            If the order is not from 0 to 5, or there are too many words of order + 1 letters.
        """
        if order is not None and not 0 <= order <= MAXIMUM_ORDER:
            raise ConfigurationError(
                "is no order of a background", where="background", value=order, cure=f"choose 0 to {MAXIMUM_ORDER}"
            )
        both = sequences.alphabet.complement is not None if both_strands is None else both_strands
        longest = (min(highest, highest_chosen_order(sequences.alphabet.size)) if order is None else order) + 1
        _check_number_of_words(sequences.alphabet.size, longest - 1)
        counts = _word_counts(sequences, longest, both, executor)
        conditionals = _conditionals(counts)
        if order is None:
            order = _best_order(counts, conditionals, both)
        return cls(conditionals[: order + 1])

    @classmethod
    def read(cls, path: str | Path, alphabet: Alphabet = DNA, *, both_strands: bool = False) -> Background:
        """Read a background in the format of MEME: a word and its frequency a line, of one letter up to order + 1.

        Where motifs lie on both strands, a word and its reverse complement have the mean of their frequencies, as in
        MEME: what is background on one strand is so on the other.

        Raises
        ------
        InputError
            If a line is not a word of the alphabet and a frequency, a word is missing or there twice, or a letter is so
            unlikely that it cannot be divided by.
        """
        lines = _lines_of_words(path, alphabet)
        longest = max(map(len, lines), default=0)
        if not 1 <= longest <= MAXIMUM_ORDER + 1:
            raise InputError(
                "holds no words of 1 to 6 letters", where=str(path), cure="give a word and its frequency in each line"
            )
        counts = []
        for length in range(1, longest + 1):
            words = ["".join(word) for word in product(alphabet.letters, repeat=length)]
            missing = [word for word in words if word not in lines]
            if missing:
                raise InputError(
                    "lacks a word", where=str(path), value=missing[0], cure="give every word of each length"
                )
            values = np.array([lines[word].frequency for word in words])
            if abs(values.sum() - 1.0) > _FREQUENCIES_MAY_MISS:
                raise InputError(
                    f"the frequencies of the words of length {length} do not add up to 1",
                    where=str(path),
                    value=round(float(values.sum()), 6),
                    cure="give the frequency of every word among those of its length",
                )
            counts.append(values.reshape((alphabet.size,) * length))
        _check_probabilities(path, lines, alphabet, _given(counts))
        return cls(_given(_with_other_strand(counts, alphabet) if both_strands else counts))

    def factors(self, sequences: SequenceSet) -> NDArray[np.float32]:
        """The probability of each letter alone over that after the letters before it; 1 for what is no letter."""
        alone = self.letter_frequencies
        ratios = np.concatenate([np.broadcast_to(alone / table, table.shape).ravel() for table in self.conditionals])
        return letter_factors(sequences.codes, sequences.offsets, sequences.alphabet.size, self.order, ratios)


def highest_chosen_order(size: int) -> int:
    """The highest order that is chosen for an alphabet of so many letters.

    Examples
    --------
    >>> highest_chosen_order(4), highest_chosen_order(20)
    (2, 0)
    """
    return min(_HIGHEST_CHOSEN_ORDER, default_word_length(size) - 1)


def _word_counts(
    sequences: SequenceSet, longest: int, both: bool, executor: Executor | None
) -> list[NDArray[np.float64]]:
    """How often each word of 1 to `longest` letters occurs, with its reverse complement if `both`.

    Entry `i` is of shape ``(n_letters,) * (i + 1)``.
    """
    size = sequences.alphabet.size

    def counted(part: SequenceSet) -> NDArray[np.int64]:
        return word_counts(part.codes, part.offsets, size, longest)

    runs = [sequences.run(*each) for each in sequences.runs] if executor else []
    flat = (executor or Serial()).fold(counted, runs or [sequences]).astype(np.float64)
    ends = np.cumsum([size**length for length in range(1, longest)])
    counts = [part.reshape((size,) * length) for length, part in enumerate(np.split(flat, ends), start=1)]
    return _with_other_strand(counts, sequences.alphabet) if both else counts


def _with_other_strand(counts: list[NDArray[np.float64]], alphabet: Alphabet) -> list[NDArray[np.float64]]:
    """Each word with its reverse complement, where there is one."""
    opposite = alphabet.complement_codes
    if not opposite.size:
        return counts
    return [part + part[np.ix_(*[opposite] * part.ndim)].transpose() for part in counts]


def _given(counts: list[NDArray[np.float64]]) -> tuple[NDArray[np.float64], ...]:
    """The probability of the last letter of each word after the others."""
    return tuple(count / count.sum(axis=-1, keepdims=True) for count in counts)


def _conditionals(counts: list[NDArray[np.float64]]) -> tuple[NDArray[np.float64], ...]:
    """Each order shrunk towards the one below, by as many letters as the alphabet has."""
    size = counts[0].shape[0]
    tables = [(counts[0] + 1.0) / (counts[0].sum() + size)]
    for table in counts[1:]:
        shrunk = table + size * tables[-1]
        tables.append(shrunk / shrunk.sum(axis=-1, keepdims=True))
    return tuple(tables)


def _best_order(counts: list[NDArray[np.float64]], conditionals: tuple[NDArray[np.float64], ...], both: bool) -> int:
    """The order with the least BIC; words counted on both strands are seen once, and so are their parameters."""
    seen = 2.0 if both else 1.0
    size, n_letters = counts[0].shape[0], counts[0].sum() / seen
    criteria = []
    for order, (count, table) in enumerate(zip(counts, conditionals, strict=True)):
        fit = float(np.sum(count * np.log(table))) / seen
        n_parameters = size**order * (size - 1) / seen
        criteria.append(-2.0 * fit + n_parameters * np.log(max(n_letters, 2.0)))
    return int(np.argmin(criteria))


class _Line(NamedTuple):
    """A line of a background file; `number` is from 1."""

    number: int
    word: str
    frequency: float


def _lines_of_words(path: str | Path, alphabet: Alphabet) -> dict[str, _Line]:
    """The lines of a background file by their words: none twice, all of the letters of the alphabet."""
    known: dict[str, _Line] = {}
    for line in _lines(path):
        where = f"{path}, line {line.number}"
        if not set(line.word) <= set(alphabet.letters):
            raise InputError(
                f"is not a word of {alphabet.name}", where=where, value=line.word, cure=f"use {alphabet.letters} only"
            )
        if line.word in known:
            raise InputError(
                f"the word of line {known[line.word].number} occurs again",
                where=where,
                value=line.word,
                cure="give each word one frequency",
            )
        known[line.word] = line
    return known


def _lines(path: str | Path) -> Iterator[_Line]:
    with open_text(path) as lines:
        for number, line in enumerate(lines, start=1):
            fields = line.split("#")[0].split()
            if not fields:
                continue
            try:
                word, frequency = fields[0].upper(), float(fields[1])
                if len(fields) > 2 or not 0.0 < frequency <= 1.0:
                    raise ValueError
                yield _Line(number, word, frequency)
            except (ValueError, IndexError):
                raise InputError(
                    "is not a word and its frequency, above 0 and at most 1",
                    where=f"{path}, line {number}",
                    value=line.strip(),
                    cure="write lines such as 'A 0.304'",
                ) from None


def _check_probabilities(
    path: str | Path, lines: Mapping[str, _Line], alphabet: Alphabet, conditionals: Iterable[NDArray[np.float64]]
) -> None:
    for table in conditionals:
        least = LEAST_OF_A_LETTER if table.ndim == 1 else LEAST_AFTER_OTHERS
        if table.min() < least:
            *before, letter = (alphabet.letters[code] for code in np.unravel_index(table.argmin(), table.shape))
            context = "".join(before)
            raise InputError(
                f"the probability of {letter}{f' after {context}' if context else ''} is below {least:g}",
                where=f"{path}, line {lines[context + letter].number}",
                value=float(f"{table.min():.3g}"),
                cure="give it a larger frequency",
            )


def _check_number_of_words(size: int, order: int) -> None:
    n_words = size ** (order + 1)
    if n_words > MOST_WORDS:
        raise ConfigurationError(
            f"a chain of this order over {size} letters needs a table of {n_words:,} words, above {MOST_WORDS:,}",
            where="background",
            value=order,
            cure="choose a lower order",
        )
