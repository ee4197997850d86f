"""Sequences: checked, and held as one array of letter codes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from emtools.errors import InputError
from emtools.kernels.letters import gathered
from emtools.kernels.motif import sequence_sums
from emtools.motifs.alphabet import DNA, FOREIGN, Alphabet

Value = TypeVar("Value", bound=np.generic)

#: Runs of sequences are few and large enough that threads, which have to take turns between them, hardly meet.
_LETTERS_A_RUN, _LEAST_A_RUN = 150_000, 25_000
#: They come in multiples of so many where there is enough for each, so that threads have as much to do.
_RUNS = 8

#: What alignments write where a sequence has no letter.
GAPS = "-."


@dataclass(frozen=True)
class SequenceSet:
    """Named sequences over one alphabet.

    Attributes
    ----------
    names : tuple of str
        The name of each sequence; no two are the same.
    codes : ndarray of int8, shape (n_letters,)
        The letter codes of all sequences, one after the other; `alphabet.size` is never part of a site.
    offsets : ndarray of int64, shape (n_sequences + 1,)
        Sequence `i` is `codes[offsets[i]:offsets[i + 1]]`.
    alphabet : Alphabet
    messages : tuple of str
        What was dropped, renamed or left out of the search when the sequences were read.
    descriptions : tuple of str
        What the header of each sequence says after its name; empty if that is not known.
    left_out : tuple of str
        The names of sequences of the file that are not in this set, since they cannot hold a site.

    Examples
    --------
    >>> sequences = SequenceSet.of([("a", "ACGT"), ("b", "TTN")])
    >>> len(sequences), sequences.text(1)
    (2, 'TTN')
    """

    names: tuple[str, ...]
    codes: NDArray[np.int8]
    offsets: NDArray[np.int64]
    alphabet: Alphabet
    messages: tuple[str, ...] = ()
    descriptions: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        named: Iterable[tuple[str, str]],
        alphabet: Alphabet = DNA,
        *,
        mask_lower: bool = False,
        messages: Sequence[str] = (),
    ) -> "SequenceSet":
        """Encode (name, text) pairs; with `mask_lower`, lower case is never part of a site.

        Raises
        ------
        InputError
            If a text holds what is no letter of the alphabet.
        """
        names, texts = zip(*named, strict=True) if (named := list(named)) else ((), ())
        offsets = np.cumsum([0, *map(len, texts)], dtype=np.int64)
        codes = _encode(names, "".join(texts), offsets, alphabet, mask_lower)
        return cls(tuple(names), codes, offsets, alphabet, tuple(messages))

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """The number of letters of each sequence, int64, shape (n_sequences,)."""
        return np.diff(self.offsets)

    def sequence(self, index: int) -> NDArray[np.int8]:
        """The codes of one sequence, a view."""
        return self.codes[self.offsets[index] : self.offsets[index + 1]]

    @cached_property
    def runs(self) -> list[tuple[int, int]]:
        """The first and the one after the last sequence of each of the runs that threads take from one another."""
        n_letters = len(self.codes)
        n_runs = _RUNS * max(-(-n_letters // (_RUNS * _LETTERS_A_RUN)), 1)
        return runs_of(self.offsets, max(-(-n_letters // n_runs), _LEAST_A_RUN))

    def run(self, first: int, last: int) -> "SequenceSet":
        """The sequences from `first` to before `last`: their names, and views of their letters.

        Examples
        --------
        >>> SequenceSet.of([("a", "ACGT"), ("b", "TTN"), ("c", "A")]).run(1, 3).text(0)
        'TTN'
        """
        offsets = self.offsets[first : last + 1]
        codes = self.codes[offsets[0] : offsets[-1]]
        return SequenceSet(self.names[first:last], codes, offsets - offsets[0], self.alphabet)

    @property
    def longest_stretches(self) -> NDArray[np.int64]:
        """The longest stretch of each sequence in which a site can lie, int64, shape (n_sequences,)."""
        foreign = np.flatnonzero(self.codes == self.alphabet.size)
        # A stretch ends where a sequence does, or before what is no letter, and the next one begins behind it.
        ends = np.concatenate([self.offsets[1:], foreign])
        order = np.argsort(ends, kind="stable")
        begins = np.append(0, np.concatenate([self.offsets[1:], foreign + 1])[order][:-1])
        owner = np.concatenate([np.arange(len(self)), np.searchsorted(self.offsets, foreign, side="right") - 1])
        longest = np.zeros(len(self), dtype=np.int64)
        np.maximum.at(longest, owner[order], ends[order] - begins)
        return longest

    @property
    def is_letter(self) -> NDArray[np.bool_]:
        """Which of the codes are letters, that may be part of a site, shape (n_letters,)."""
        return self.codes < self.alphabet.size

    @property
    def letter_counts(self) -> NDArray[np.int64]:
        """How many letters of each sequence may be part of a site, int64, shape (n_sequences,)."""
        return sequence_sums(self.is_letter, self.offsets).astype(np.int64)

    @property
    def without_letters(self) -> NDArray[np.bool_]:
        """Which of the sequences have no letter that may be part of a site, shape (n_sequences,)."""
        return np.asarray(self.letter_counts == 0)

    def emptied(self, chosen: NDArray[np.bool_]) -> "SequenceSet":
        """The same where chosen sequences, shape (n_sequences,), are as long as before but have no letters.

        Examples
        --------
        >>> SequenceSet.of([("a", "ACGT"), ("b", "TTN")]).emptied(np.array([True, False])).text(0)
        'NNNN'
        """
        codes = np.where(np.repeat(chosen, self.lengths), np.int8(self.alphabet.size), self.codes)
        return replace(self, codes=codes)

    def values_of(self, indices: NDArray[np.integer], values: NDArray[Value]) -> NDArray[Value]:
        """Of `values`, one for each letter, those of some of the sequences, in the order asked for.

        Examples
        --------
        >>> SequenceSet.of([("a", "ACGT"), ("b", "TTN")]).values_of(np.array([1, 0]), np.arange(7.0)).tolist()
        [4.0, 5.0, 6.0, 0.0, 1.0, 2.0, 3.0]
        """
        if indices.size and not 0 <= indices.min() <= indices.max() < len(self):
            raise IndexError(f"there are sequences 0 to {len(self) - 1}, not {indices.min()} to {indices.max()}")
        as_bytes = np.ascontiguousarray(values).view(np.uint8)
        return gathered(as_bytes, self.offsets * values.itemsize, indices.astype(np.int64)).view(values.dtype)

    def subset(self, indices: NDArray[np.integer]) -> "SequenceSet":
        """Some of the sequences, names and letters, in the order asked for.

        Examples
        --------
        >>> SequenceSet.of([("a", "ACGT"), ("b", "TTN")]).subset(np.array([1])).names
        ('b',)
        """
        names = tuple(self.names[i] for i in indices)
        offsets = np.concatenate([[0], np.cumsum(self.lengths[indices])]).astype(np.int64)
        return SequenceSet(names, self.values_of(indices, self.codes), offsets, self.alphabet)

    def in_pieces(self, n_letters: int) -> "SequenceSet":
        """The same with each sequence of more than twice so many letters cut in equal pieces of at most so many.

        Returns
        -------
        SequenceSet
            Itself where all are short. Pieces are named by where they lie, counted from 1.

        Examples
        --------
        >>> SequenceSet.of([("a", "ACGTACG"), ("b", "TTN")]).in_pieces(3).names
        ('a:1-3', 'a:4-5', 'a:6-7', 'b')
        """
        if not (self.lengths > 2 * n_letters).any():
            return self
        names, lengths = [], []
        for name, length in zip(self.names, self.lengths.tolist(), strict=True):
            parts = np.array_split(np.arange(length), -(-length // n_letters)) if length > 2 * n_letters else []
            names += [f"{name}:{part[0] + 1}-{part[-1] + 1}" for part in parts] or [name]
            lengths += [len(part) for part in parts] or [length]
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        return SequenceSet(tuple(names), self.codes, offsets, self.alphabet)

    @classmethod
    def joined(cls, sets: Sequence["SequenceSet"]) -> "SequenceSet":
        """Several sets of one alphabet as one; the names are numbers.

        Examples
        --------
        >>> SequenceSet.joined([SequenceSet.of([("a", "ACGT")]), SequenceSet.of([("a", "TTN")])]).names
        ('0', '1')
        """
        lengths = np.concatenate([each.lengths for each in sets])
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        names = tuple(map(str, range(len(lengths))))
        return cls(names, np.concatenate([each.codes for each in sets]), offsets, sets[0].alphabet)

    def text(self, index: int, start: int = 0, end: int | None = None) -> str:
        """The letters of one sequence from `start` to before `end`, both from 0."""
        return self.alphabet.decode(self.sequence(index)[start:end])


def runs_of(offsets: NDArray[np.int64], letters: int) -> list[tuple[int, int]]:
    """Runs of whole sequences of about so many letters each; none of no sequences.

    Examples
    --------
    >>> runs_of(np.array([0, 30, 60, 90, 120]), 50)
    [(0, 2), (2, 4)]
    """
    groups = offsets[:-1] // letters
    borders = np.append(np.flatnonzero(np.diff(groups, prepend=-1)), len(groups))
    return list(pairwise(borders.tolist()))


def listed(names: Sequence[str], limit: int = 20) -> str:
    """Names for a message: all of them, or the first `limit` and how many more.

    Examples
    --------
    >>> listed(["a", "b", "c"], limit=2)
    'a, b and 1 more'
    """
    more = len(names) - limit
    return ", ".join(names[:limit]) + (f" and {more} more" if more > 0 else "")


def _encode(
    names: Sequence[str], text: str, offsets: NDArray[np.int64], alphabet: Alphabet, mask_lower: bool
) -> NDArray[np.int8]:
    codes = alphabet.encode(text)
    if codes.min(initial=0) == FOREIGN:
        place = int(np.argmax(codes == FOREIGN))
        index = int(np.searchsorted(offsets, place, side="right")) - 1
        letters = f"{alphabet.letters}{''.join(alphabet.ambiguous)}"
        is_gap = text[place] in GAPS
        raise InputError(
            f"is not a letter of {alphabet.name}",
            where=f"sequence {names[index]!r}, position {place - offsets[index] + 1}",
            value=text[place],
            cure="remove the gaps" if is_gap else f"the letters are {letters}; --alphabet chooses others",
        )
    if mask_lower:
        codes[np.frombuffer(text.encode("latin-1"), dtype=np.uint8) >= ord("a")] = alphabet.size
    return codes
