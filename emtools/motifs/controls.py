"""Control sequences: each stretch once, and cut so that they have as much room for sites as the sequences have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emtools.em import Executor
from emtools.motifs.copies import without_copies
from emtools.motifs.sequences import SequenceSet

#: How many numbers of sequences to leave out of a comparison are tried.
_TRIED = 100


@dataclass(frozen=True, slots=True)
class Controls:
    """Sequences without the motifs, to be compared with others that may hold them.

    A longer sequence has more places where chance makes a site. So a control stands in for one of the sequences: a part
    of it, from anywhere, with as many letters, in the places where that sequence has letters.

    Attributes
    ----------
    sequences : SequenceSet
        Without near copies; stretches they copy are no letters.
    given : SequenceSet
        What they were made from.
    """

    sequences: SequenceSet
    given: SequenceSet

    @classmethod
    def of(
        cls,
        controls: SequenceSet,
        beside: SequenceSet,
        widest: int,
        *,
        both_strands: bool,
        executor: Executor | None = None,
    ) -> Controls:
        """Take from the controls what copies the sequences `beside` them, or an earlier control.

        Parameters
        ----------
        controls, beside : SequenceSet
        widest : int
            The widest motif looked for, whose sites are no copies.
        both_strands : bool
            Whether a stretch may be copied to the other strand.
        executor : Executor, optional
            Where the work is done.
        """
        distinct = without_copies(controls, beside, widest, both_strands=both_strands, executor=executor)
        return cls(distinct, controls)

    @property
    def explanation(self) -> str:
        """How many there are, and how many are left out as copies."""
        n_copies = len(self.given) - len(self.sequences)
        copied = f", {n_copies} of them near copies of the sequences or of controls before them" if n_copies else ""
        return f"{len(self.given)} control sequences{copied}"

    def n_sets(self, sequences: SequenceSet) -> int:
        """How many sets like these sequences can be cut, no control twice.

        Examples
        --------
        >>> given = SequenceSet.of([("a", "ACGTACGT"), ("b", "ACGTA"), ("c", "ACG"), ("d", "ACG")])
        >>> controls = Controls(given, given)
        >>> [controls.n_sets(SequenceSet.of(enumerate(texts))) for texts in (["ACG", "GGGNTT"], ["ACG"], ["ACGTACGTA"])]
        [2, 4, 0]
        """
        n_long = self._n_long(sequences.letter_counts)
        return int(min(np.min(n_long // np.arange(1, len(n_long) + 1)), len(self.sequences) // len(n_long)))

    def sets(self, sequences: SequenceSet, n_sets: int, rng: np.random.Generator) -> list[SequenceSet]:
        """Cut sets like these sequences, `n_sets` of them at most, from controls drawn at random."""
        order = np.argsort(-sequences.letter_counts, kind="stable")
        drawn = self._drawn(np.repeat(sequences.letter_counts[order], n_sets), rng).reshape(len(order), n_sets)
        chosen = drawn[np.argsort(order, kind="stable")]
        return [_laid_out(self.sequences.subset(each), sequences, rng) for each in chosen.T]

    def n_matched(self, sequences: SequenceSet) -> int:
        """How many controls `matched` cuts."""
        return _best_comparison(self._n_long(sequences.letter_counts), len(self.sequences))[1]

    def matched(self, sequences: SequenceSet, rng: np.random.Generator) -> tuple[SequenceSet, NDArray[np.bool_]]:
        """As many controls as can be cut so that they are, as a whole, like these sequences.

        Where only a few controls are as long as the longest sequences, these are not compared, for the sake of all
        others.

        Parameters
        ----------
        sequences : SequenceSet
        rng : Generator
            Draws the controls, and where they are cut.

        Returns
        -------
        controls : SequenceSet
            Maybe none.
        compared : ndarray of bool, shape (n_sequences,)
            Which of the sequences they are like.
        """
        order = np.argsort(-sequences.letter_counts, kind="stable")
        n_left_out, n_controls = _best_comparison(self._n_long(sequences.letter_counts), len(self.sequences))
        like = order[n_left_out:][np.arange(n_controls) * (len(order) - n_left_out) // max(n_controls, 1)]
        chosen = self._drawn(sequences.letter_counts[like], rng)
        compared = np.ones(len(order), dtype=bool)
        compared[order[:n_left_out]] = False
        return _laid_out(self.sequences.subset(chosen), sequences.subset(like), rng), compared

    def _n_long(self, lengths: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many controls have as many letters as each sequence, from the longest sequence on."""
        available = np.sort(self.sequences.letter_counts)
        return np.asarray(len(available) - np.searchsorted(available, np.sort(lengths)[::-1]))

    def _drawn(self, lengths: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
        """A control for each of these lengths, in descending order: any of those that are long enough and left."""
        order = np.argsort(-self.sequences.letter_counts, kind="stable")
        available = self.sequences.letter_counts[order]
        n_long = len(available) - np.searchsorted(available[::-1], lengths)
        pool: list[int] = []
        drawn, entered = [], 0
        for now, share in zip(n_long.tolist(), rng.random(len(lengths)).tolist(), strict=True):
            pool += order[entered:now].tolist()
            entered = now
            i = int(share * len(pool))
            pool[i], pool[-1] = pool[-1], pool[i]
            drawn.append(pool.pop())
        return np.array(drawn, dtype=np.int64)


def _best_comparison(n_long: NDArray[np.int64], n_controls: int) -> tuple[int, int]:
    """How many of the longest sequences to leave out, and how many controls can then be like the others.

    Controls of which `n_long` are as long as each sequence, from the longest on, are distributed like the sequences if
    every share of the longest of both is the same. The best comparison has the least variance of a difference.
    """
    n = len(n_long)
    best, best_worth = (0, 0), 0.0
    for n_left_out in np.unique(np.linspace(0, n - 1, min(n, _TRIED)).astype(int)).tolist():
        compared = n - n_left_out
        possible = n_long[n_left_out:] * compared // np.arange(1, compared + 1)
        matching = min(int(possible.min()), n_controls)
        worth = compared * matching / (compared + matching)
        if worth > best_worth:
            best, best_worth = (n_left_out, matching), worth
    return best


def _laid_out(controls: SequenceSet, like: SequenceSet, rng: np.random.Generator) -> SequenceSet:
    """A part of the letters of each control, from anywhere, in the places of the letters of the sequence like it."""
    available, wanted = controls.letter_counts, like.letter_counts
    firsts = np.cumsum(available) - available + rng.integers(available - wanted + 1)
    chosen = np.arange(wanted.sum()) + np.repeat(firsts - (np.cumsum(wanted) - wanted), wanted)
    codes = like.codes.copy()
    codes[like.is_letter] = controls.codes[controls.is_letter][chosen]
    return SequenceSet(controls.names, codes, like.offsets, controls.alphabet)
