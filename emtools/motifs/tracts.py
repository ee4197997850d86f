"""Tracts that repeat one, two or three letters: shuffled copies of sequences that are full of them are unlike them."""

from __future__ import annotations

from emtools.em import Executor
from emtools.kernels.letters import letters_in_tracts
from emtools.motifs.sequences import SequenceSet

#: Chance hardly makes longer ones.
SHORTEST_TRACT = 10
LONGEST_UNIT = 3


def share_in_tracts(sequences: SequenceSet, executor: Executor) -> float:
    """The share of the letters that lie in tracts of `SHORTEST_TRACT` letters or more.

    Examples
    --------
    >>> from emtools.em import Serial
    >>> share_in_tracts(SequenceSet.of([("a", "ACGTTTTTTTTTTGCA"), ("b", "GATN")]), Serial())
    0.5263157894736842
    """

    def counted(run: tuple[int, int]) -> int:
        part = sequences.run(*run)
        return letters_in_tracts(part.codes, part.offsets, part.alphabet.size, LONGEST_UNIT, SHORTEST_TRACT)

    return executor.fold(counted, sequences.runs) / max(int(sequences.letter_counts.sum()), 1)
