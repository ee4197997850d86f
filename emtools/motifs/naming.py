"""Known motifs that resemble a motif, and how often chance alone gives as close a resemblance.

Columns are compared by their Euclidean distance, and a motif with a known one in every alignment of the two and on
both strands (Gupta et al. 2007, Genome Biology 8:R24). Each column of the motif counts by how much closer it is than
to a random column of the collection, so that columns without a partner count nothing, and a long overlap can win over
a short one (the complete scores of Tanaka et al. 2011, Bioinformatics 27:1603). The chance that a random known motif
of that width has an alignment as good follows exactly from the distances to all columns of the collection, but for
taking the alignments as independent, which makes it a little too large.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from emtools.errors import InputError
from emtools.motifs.alphabet import Alphabet
from emtools.motifs.matrices import CountMatrix

#: Letters added to the counts of a column, evenly.
PSEUDOCOUNT = 1.0
#: Steps in which scores of a column are counted, from the least to the largest.
STEPS = 100

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Match:
    """A known motif beside a motif.

    Attributes
    ----------
    database_id, name : str
        The known motif.
    p_value : float
        The chance that a random motif of its width resembles as well in its best alignment.
    e_value : float
        How many such motifs are expected in the collection: the p-value times the number of its motifs.
    q_value : float
        The share of false matches among those as good (Benjamini and Hochberg 1995).
    offset : int
        Where the known motif begins, counted from the first column of the motif; may be negative.
    overlap : int
        The columns that both have.
    strand : str
        "-" if the known motif is turned round.
    similarity : float
        1 minus the mean distance of the columns that both have; 1 if they are equal, 0 if no letter is shared.
    """

    database_id: str
    name: str
    p_value: float
    e_value: float
    q_value: float
    offset: int
    overlap: int
    strand: str
    similarity: float


def _require_alphabet(motif: CountMatrix, alphabet: Alphabet) -> None:
    if motif.alphabet != alphabet:
        raise InputError(
            f"is a motif of {motif.alphabet.name}, and the known ones are of {alphabet.name}",
            where=motif.identifier,
            cure="compare with motifs of the same kind",
        )


class KnownMotifs:
    """A collection of known motifs, ready to be compared with.

    Parameters
    ----------
    motifs : sequence of CountMatrix
        All over one alphabet.

    Raises
    ------
    InputError
        If there are none, or they are over different alphabets.

    Examples
    --------
    >>> box = CountMatrix("M1", "E-box", 20.0 * np.eye(4)[[1, 0, 1, 2, 3, 2]])
    >>> tata = CountMatrix("M2", "TATA box", 20.0 * np.eye(4)[[3, 0, 3, 0, 0, 0]])
    >>> best = KnownMotifs([box, tata]).resembling(CountMatrix("m", "m", 9.0 * np.eye(4)[[3, 1, 0, 1, 2, 3, 2]]))[0]
    >>> best.name, best.offset, best.overlap, best.strand
    ('E-box', 1, 6, '+')
    """

    def __init__(self, motifs: Sequence[CountMatrix]) -> None:
        self.motifs = list(motifs)
        if not self.motifs:
            raise InputError("there are no known motifs", cure="name a collection that holds some")
        for motif in self.motifs:
            _require_alphabet(motif, self.motifs[0].alphabet)
        self.alphabet = self.motifs[0].alphabet
        forward = [_frequencies(motif) for motif in self.motifs]
        self.strands = [np.concatenate(forward)]
        if self.alphabet.complement:
            turned = [self.alphabet.letters.index(letter) for letter in self.alphabet.complement]
            self.strands.append(np.concatenate([columns[::-1, turned] for columns in forward]))
        self.widths = np.array([len(motif) for motif in self.motifs])

    def resembling(self, motif: CountMatrix) -> list[Match]:
        """All known motifs, the likeliest first.

        Raises
        ------
        InputError
            If the motif has another alphabet.
        """
        _require_alphabet(motif, self.alphabet)
        similarity = [-_distances(_frequencies(motif), columns) for columns in self.strands]
        scores = _centered_steps(similarity)
        sums = [_alignment_sums(strand, self.widths) for strand in scores]
        starts = np.cumsum([0, *(self.widths[:-1] + len(motif) - 1)])
        best = np.max([np.maximum.reduceat(strand, starts) for strand in sums], axis=0)
        p_values = _p_values(np.concatenate(scores, axis=1), self.widths, best, len(scores))
        q_values = _q_values(p_values)
        matches = [
            self._match(index, similarity, [strand[start:end] for strand in sums], p_values[index], q_values[index])
            for index, (start, end) in enumerate(pairwise([*starts, len(sums[0])]))
        ]
        return sorted(matches, key=lambda match: (match.p_value, -match.similarity, match.database_id))

    def _match(
        self, index: int, similarity: list[Floats], sums: list[Integers], p_value: float, q_value: float
    ) -> Match:
        strand, place = np.unravel_index(np.argmax(sums), np.shape(sums))
        width, known = len(similarity[0]), int(self.widths[index])
        offset = width - 1 - int(place)
        first, last = max(offset, 0), min(offset + known, width)
        at = int(self.widths[:index].sum()) - offset
        shared = similarity[strand][np.arange(first, last), at + np.arange(first, last)]
        return Match(
            database_id=self.motifs[index].identifier,
            name=self.motifs[index].name,
            p_value=float(p_value),
            e_value=float(p_value) * len(self.motifs),
            q_value=float(q_value),
            offset=offset,
            overlap=last - first,
            strand="+-"[strand],
            similarity=1.0 + float(shared.mean() / np.sqrt(2.0)),
        )


def _frequencies(motif: CountMatrix) -> Floats:
    return motif.frequencies(pseudocount=PSEUDOCOUNT).values


def _distances(columns: Floats, others: Floats) -> Floats:
    """The Euclidean distance of each column to each of the others."""
    distances: Floats = np.sqrt(((columns[:, None] - others[None]) ** 2).sum(axis=2))
    return distances


def _centered_steps(similarity: list[Floats]) -> list[Integers]:
    """Similarities as whole steps above the mean of their column of the motif."""
    together = np.concatenate(similarity, axis=1)
    centered = together - together.mean(axis=1, keepdims=True)
    step = (np.ptp(centered) or 1.0) / STEPS
    return np.split(np.rint(centered / step).astype(np.int64), len(similarity), axis=1)


def _alignment_sums(scores: Integers, widths: Integers) -> Integers:
    """The sum of the scores along each alignment: of each known motif, those from its last to its first column.

    Parameters
    ----------
    scores : ndarray of int64, shape (width, sum of widths)
        Of each column of the motif against each column of the known ones.
    widths : ndarray of int64
        Of the known motifs.
    """
    # With width - 1 zeros between two known motifs, each alignment is a diagonal of its own.
    width = len(scores)
    places = np.arange(widths.sum()) + np.repeat(np.arange(1, len(widths) + 1), widths) * (width - 1)
    padded = np.zeros((width, widths.sum() + (len(widths) + 1) * (width - 1)), dtype=np.int64)
    padded[:, places] = scores
    length = padded.shape[1] - width + 1
    sums: Integers = np.sum([padded[row, row : row + length] for row in range(width)], axis=0)
    return sums


def _p_values(scores: Integers, widths: Integers, best: Integers, n_strands: int) -> Floats:
    """The chance that the best alignment with random columns reaches the best one found, for each known motif."""
    width = len(scores)
    least = min(0, int(np.minimum(scores.min(axis=1), 0).sum()))
    grid = np.arange(least, int(np.maximum(scores.max(axis=1), 0).sum()) + 2)
    log_below = _log_chance_below(scores, grid)
    p_values = np.empty(len(widths))
    for known in np.unique(widths):
        table = np.zeros(len(grid))
        for place in range(known + width - 1):
            offset = width - 1 - place
            table += log_below[max(offset, 0), min(offset + known, width)]
        chosen = widths == known
        p_values[chosen] = -np.expm1(n_strands * table[best[chosen] - least])
    return p_values


def _log_chance_below(scores: Integers, grid: Integers) -> dict[tuple[int, int], Floats]:
    """For columns from `first` to before `last`: the log of the chance that their random scores add up to less."""
    result = {}
    chances = [(int(row.min()), np.bincount(row - row.min()) / len(row)) for row in scores]
    for first in range(len(scores)):
        least, chance = 0, np.ones(1)
        for last in range(first + 1, len(scores) + 1):
            more, by = chances[last - 1]
            least, chance = least + more, np.convolve(chance, by)
            at_least = np.minimum(np.cumsum(chance[::-1])[::-1], 1.0)
            reached = np.interp(grid, least + np.arange(len(chance)), at_least, left=1.0, right=0.0)
            with np.errstate(divide="ignore"):
                result[first, last] = np.log1p(-reached)
    return result


def _q_values(p_values: Floats) -> Floats:
    order = np.argsort(p_values, kind="stable")
    ratios = p_values[order] * len(p_values) / np.arange(1, len(p_values) + 1)
    q_values = np.empty(len(p_values))
    q_values[order] = np.minimum(np.minimum.accumulate(ratios[::-1])[::-1], 1.0)
    return q_values
