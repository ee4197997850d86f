"""What sequences copy from each other: duplicates, overlapping windows, paralogs. What is copied is counted once.

A motif is tested on sequences that had no part in finding it, or against shuffles of each; both take the sequences for
independent. Copies are not: a motif would be confirmed by its own copy. So the first copy of a stretch stays, others
are masked, and a sequence that is mostly copied is left out of the search and of the test. Masking stretches, rather
than grouping whole sequences, keeps what is new in sequences that overlap in part, and does not make one group of a
chain of overlapping windows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from emtools.em import Executor, Serial
from emtools.kernels.motif import sequence_sums
from emtools.kernels.motif_search import canonical_words, maybe_repeated
from emtools.motifs.sequences import SequenceSet, listed

#: Words so long that, of so many possible ones, hardly any occurs twice by chance.
_WORDS_POSSIBLE = 2**32
#: Words are looked at in so many shares, on as many threads as there are.
_SHARES = 4
#: A sequence of which this share is copied is a near copy.
_MOSTLY = 0.5


@dataclass(frozen=True, slots=True)
class Distinct:
    """Sequences of which every stretch counts once.

    Attributes
    ----------
    sequences : SequenceSet
        Without near copies of sequences before them; stretches copied from those are no letters.
    kept : ndarray of int64
        Which of the sequences given these are.
    messages : tuple of str
        What is not counted; empty where nothing is copied.
    """

    sequences: SequenceSet
    kept: NDArray[np.int64]
    messages: tuple[str, ...]

    @classmethod
    def of(
        cls, sequences: SequenceSet, widest: int, *, both_strands: bool, executor: Executor | None = None
    ) -> Distinct:
        """Find what is copied.

        Parameters
        ----------
        sequences : SequenceSet
        widest : int
            The widest motif looked for, whose sites are no copies.
        both_strands : bool
            Whether a stretch may be copied to the other strand.
        executor : Executor, optional
            Where the work is done.

        Examples
        --------
        >>> text = "TTGACCTGAACGTTAGCCATAGGCATCTTGACCAAGT"
        >>> named = [("a", text), ("b", "GATTACA"), ("c", "CC" + text[:33])]
        >>> Distinct.of(SequenceSet.of(named), 15, both_strands=True).sequences.names
        ('a', 'b')
        """
        copied = copied_letters(sequences, widest, both_strands=both_strands, executor=executor)
        masked, kept, n_copied = _masked(sequences, copied)
        mostly = np.delete(np.arange(len(sequences)), kept)
        partly = kept[n_copied[kept] > 0]
        messages = []
        if len(mostly):
            names = listed([sequences.names[i] for i in mostly])
            messages.append(
                f"Near copies of earlier sequences, {len(mostly)} of {len(sequences)}: {names}. "
                "Only the first copy is searched and tested; sites are listed in all."
            )
        if len(partly):
            messages.append(
                f"Stretches of earlier sequences in {len(partly)} of {len(sequences)} "
                f"({n_copied[partly].sum():.0f} letters): these are searched and tested once. (What is wider than "
                f"{widest} letters and the same everywhere looks like this; allow greater widths to find it.)"
            )
        return cls(masked, kept, tuple(messages))


def without_copies(
    sequences: SequenceSet,
    beside: SequenceSet,
    widest: int,
    *,
    both_strands: bool,
    executor: Executor | None = None,
) -> SequenceSet:
    """Sequences without what they copy from those `beside` them or from each other, and without near copies.

    Parameters
    ----------
    sequences, beside : SequenceSet
    widest, both_strands, executor
        As for `Distinct.of`.

    Returns
    -------
    SequenceSet
        Stretches that are copied are no letters.
    """
    together = SequenceSet.joined([beside, sequences])
    copied = copied_letters(together, widest, both_strands=both_strands, executor=executor)
    return _masked(sequences, copied[len(beside.codes) :])[0]


def _masked(
    sequences: SequenceSet, copied: NDArray[np.bool_]
) -> tuple[SequenceSet, NDArray[np.int64], NDArray[np.float64]]:
    """The sequences that are not mostly copied, without what is; which these are; the letters copied of each."""
    n_copied = sequence_sums(copied, sequences.offsets)
    kept = np.flatnonzero(n_copied < np.maximum(_MOSTLY * sequences.lengths, 1))
    codes = np.where(copied, np.int8(sequences.alphabet.size), sequences.codes)
    masked = replace(sequences, codes=codes)
    return masked if len(kept) == len(sequences) else masked.subset(kept), kept, n_copied


def copied_letters(
    sequences: SequenceSet, widest: int, *, both_strands: bool, executor: Executor | None = None
) -> NDArray[np.bool_]:
    """Which letters lie in a stretch that an earlier sequence holds, too, shape (n_letters,).

    A stretch is a run of words that stand at the same distances in an earlier sequence (where the word occurs first),
    at most four words apart, and more words than the widest motif has letters. So a few changed letters do not break
    it, and sites of a motif are none. Words of 16 letters of DNA hardly occur twice by chance; those of repeats do, but
    there the distances vary. The work is to sort the words once.
    """
    if not len(sequences.codes):
        return np.zeros(0, dtype=bool)
    length = word_length(sequences.alphabet.size)
    place, first, turned = _repeated_words(sequences, length, both_strands, executor or Serial())
    owner = np.searchsorted(sequences.offsets, place, side="right") - 1
    elsewhere = owner > np.searchsorted(sequences.offsets, first, side="right") - 1
    if not elsewhere.any():
        return np.zeros(len(sequences.codes), dtype=bool)
    owner, turned, place, first = owner[elsewhere], turned[elsewhere], place[elsewhere], first[elsewhere]
    distance = np.where(turned, place + first, place - first)
    # One number for sequence, strand and distance: words with the same one make runs.
    run = (2 * owner + turned) * 2 * len(sequences.codes) + distance
    order = np.lexsort((place, run))
    run, place = run[order], place[order]
    begins = np.flatnonzero(np.append(True, (np.diff(run) != 0) | (np.diff(place) > 4 * length)))
    after = np.append(begins[1:], len(run))
    starts, ends, long = place[begins], place[after - 1] + length, after - begins > widest
    if not long.any():
        return np.zeros(len(sequences.codes), dtype=bool)
    borders = np.zeros(len(sequences.codes) + 1, dtype=np.int64)
    np.add.at(borders, starts[long], 1)
    np.add.at(borders, ends[long], -1)
    return np.asarray(np.cumsum(borders)[:-1] > 0)


def word_length(size: int) -> int:
    """Letters of the words that copies are recognized by.

    Examples
    --------
    >>> word_length(4), word_length(20)
    (16, 7)
    """
    return max(int(np.log(_WORDS_POSSIBLE) / np.log(size) + 1e-9), 1)


def _repeated_words(
    sequences: SequenceSet, length: int, both_strands: bool, executor: Executor
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Where each word starts that occurred before, where it occurred first, and whether on the other strand."""
    alphabet, n_letters = sequences.alphabet, len(sequences.codes)
    complement = alphabet.complement_codes if both_strands else np.empty(0, dtype=np.int64)
    words, turned = np.empty(n_letters, dtype=np.int64), np.empty(n_letters, dtype=bool)

    def fill(cut: tuple[int, int]) -> int:
        offsets = sequences.offsets[cut[0] : cut[1] + 1]
        canonical_words(sequences.codes, offsets, length, alphabet.size, complement, words, turned)
        return 1

    executor.fold(fill, sequences.runs)
    # Few words occur twice: sorting all of them would cost more than everything else here.
    bits = int(np.clip(np.ceil(np.log2(n_letters + 1)) + 3, 10, 28))

    def repeated(share: int) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        places = maybe_repeated(words, bits, share, _SHARES)
        places = places[np.argsort(words[places])]
        begins = np.flatnonzero(np.diff(words[places], prepend=-1))
        first = np.repeat(np.minimum.reduceat(places, begins), np.diff(begins, append=len(places)))
        again = first < places
        return [(places[again], first[again])]

    place, first = map(np.concatenate, zip(*executor.fold(repeated, range(_SHARES)), strict=True))
    return place, first, turned[place] != turned[first]
