"""Control sequences made as long as the sequences: all of them, or sets that stand in for those, no control twice."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emtools.motifs.encoding import subset
from emtools.motifs.sequences import SequenceSet


def n_matched(controls: SequenceSet, lengths: NDArray[np.int64]) -> int:
    """How many controls there are, at most, whose lengths can be cut to be distributed as these are.

    Examples
    --------
    >>> controls = SequenceSet.of([("a", "ACGTACGT"), ("b", "ACGTA"), ("c", "ACG"), ("d", "ACG")])
    >>> [n_matched(controls, np.array(lengths)) for lengths in ([3, 5], [3], [9], [8, 3])]
    [4, 4, 0, 2]
    """
    descending = np.sort(lengths)[::-1]
    n_long = len(controls) - np.searchsorted(np.sort(controls.lengths), descending)
    return int(np.min(n_long * len(lengths) // np.arange(1, len(lengths) + 1), initial=len(controls)))


def n_control_sets(controls: SequenceSet, lengths: NDArray[np.int64]) -> int:
    """How many sets of sequences of these lengths can be cut from the controls, none of which is used twice.

    Examples
    --------
    >>> controls = SequenceSet.of([("a", "ACGTACGT"), ("b", "ACGTA"), ("c", "ACG"), ("d", "ACG")])
    >>> [n_control_sets(controls, np.array(lengths)) for lengths in ([3, 5], [3], [9])]
    [2, 4, 0]
    """
    return n_matched(controls, lengths) // max(len(lengths), 1)


def matched(
    controls: SequenceSet, lengths: NDArray[np.int64], n_controls: int, rng: np.random.Generator
) -> SequenceSet:
    """Controls, the longest there are, cut so that their lengths are distributed as those of the sequences.

    Parameters
    ----------
    controls : SequenceSet
    lengths : ndarray of int64, shape (n_sequences,)
    n_controls : int
        Not more than `n_matched`.
    rng : Generator
        Draws where they are cut.
    """
    chosen = np.argsort(-controls.lengths, kind="stable")[:n_controls]
    descending = np.sort(lengths)[::-1]
    targets = descending[np.arange(n_controls) * len(lengths) // n_controls]
    order = np.argsort(chosen, kind="stable")
    return _cut(subset(controls, chosen[order]), targets[order], rng)


def control_sets(
    controls: SequenceSet, lengths: NDArray[np.int64], n_sets: int, rng: np.random.Generator
) -> list[SequenceSet]:
    """Cut sets of sequences from the controls, which are drawn at random.

    Parameters
    ----------
    controls : SequenceSet
    lengths : ndarray of int64, shape (n_sequences,)
        The lengths of the sequences of each set, in this order.
    n_sets : int
        Not more than `n_control_sets`.
    rng : Generator
        Draws the controls, and where longer ones are cut.

    Returns
    -------
    list of SequenceSet
    """
    chosen = np.empty((n_sets, len(lengths)), dtype=np.int64)
    free = np.ones(len(controls), dtype=bool)
    # The longest first: the shorter ones can then be cut from whatever is left.
    for i in np.argsort(-lengths, kind="stable"):
        drawn = rng.choice(np.flatnonzero(free & (controls.lengths >= lengths[i])), n_sets, replace=False)
        chosen[:, i] = drawn
        free[drawn] = False
    return [_cut(subset(controls, indices), lengths, rng) for indices in chosen]


def _cut(sequences: SequenceSet, lengths: NDArray[np.int64], rng: np.random.Generator) -> SequenceSet:
    """A part of each sequence, as long as asked for and from anywhere."""
    starts = rng.integers(sequences.lengths - lengths + 1) + sequences.offsets[:-1]
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    letters = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], lengths)
    return SequenceSet(sequences.names, sequences.codes[letters], offsets, sequences.alphabet)
