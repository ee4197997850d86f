"""Motif occurrence models: one site a sequence (OOPS), at most one (ZOOPS), or any number without overlap (ANR).

A sequence is a Markov background in which sites are embedded; every letter of a site is drawn from its column of the
motif, and on two strands each orientation is equally likely. All likelihoods are ratios over the background alone, so
that the likelihood of "no site" is 0 nats. OOPS and ZOOPS are those of Bailey and Elkan (1994, ISMB 2:28). ANR is
exact: where their TCM (1995, Machine Learning 21:51) takes overlapping windows for independent observations and
rescales the posteriors, here the sequence is read from left to right, a site starts at a free letter with a certain
probability, and the sum over all placements without overlap is computed by the forward and backward recursions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from emtools.em.protocol import Stats
from emtools.kernels import motif as kernels
from emtools.kernels import sites
from emtools.kernels.word_tables import SiteBlock

__all__ = ["MotifModel", "MotifParams", "MotifStats", "Occurrence", "SiteBlock"]

_CODES = {"oops": kernels.OOPS, "zoops": kernels.ZOOPS, "anr": kernels.ANR}


class Occurrence(StrEnum):
    """How many sites a sequence has."""

    OOPS = "oops"
    ZOOPS = "zoops"
    ANR = "anr"


@dataclass(frozen=True, slots=True)
class MotifParams:
    """A motif and how often it occurs.

    Attributes
    ----------
    probabilities : ndarray of float64, shape (width, n_letters)
        The letter distribution of each column; rows sum to one.
    occupancy : float
        ZOOPS: the probability that a sequence has a site. ANR: the probability that a site starts at a free letter.
        OOPS: 1.
    """

    probabilities: NDArray[np.float64]
    occupancy: float


@dataclass(frozen=True, slots=True)
class MotifStats(Stats):
    """Sums over sequences: `counts` (width, n_letters) of the letters in sites, `n_sites`, `n_chances` of a site."""

    counts: NDArray[np.float64]
    n_sites: float
    n_chances: float


@dataclass(frozen=True, slots=True)
class MotifModel:
    """A motif of fixed width under OOPS, ZOOPS or ANR.

    Attributes
    ----------
    occurrence : Occurrence
    width : int
        Columns of the motif.
    letter_frequencies : ndarray of float64, shape (n_letters,)
        Frequencies of independent background letters; what `SiteBlock.odds` corrects.
    complement : ndarray of int64
        The letter opposite each letter; empty: sites on the strand as given only.
    pseudocount : float
        Letters added to each column, shared out by the letter frequencies: a Dirichlet prior on the column.
    occupancy_pseudocount : float
        Sites, and as many misses, added to those expected: a Beta prior on the occupancy.
    palindrome : bool
        Hold the motif equal to its own reverse complement.
    highest_occupancy : float
        An upper bound of the occupancy, where it is known from elsewhere that there are no more sites; not for OOPS.

    Examples
    --------
    >>> from emtools.motifs.sequences import SequenceSet
    >>> from emtools.motifs.encoding import Encoding
    >>> from emtools.em import FitOptions, fit
    >>> texts = ["AACCTGACGTCAGGTT", "CTGACGTCAACGTTTT", "GGGATGACGTCATAAC"]
    >>> encoding = Encoding.of(SequenceSet.of([(f"s{i}", text) for i, text in enumerate(texts)]))
    >>> model = encoding.model("oops", 8)
    >>> best = fit(model, encoding.blocks(8), FitOptions(n_starts=20)).best
    >>> best.stats.n_sites
    3.0
    """

    occurrence: Occurrence
    width: int
    letter_frequencies: NDArray[np.float64]
    complement: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    pseudocount: float = 0.5
    occupancy_pseudocount: float = 0.5
    palindrome: bool = False
    highest_occupancy: float = 1.0

    @property
    def n_strands(self) -> int:
        """2 where sites are looked for on both strands, else 1."""
        return 2 if self.complement.size else 1

    @property
    def code(self) -> int:
        """What the kernels call the occurrence."""
        return _CODES[self.occurrence]

    def initialize(self, blocks: Sequence[SiteBlock], rng: np.random.Generator) -> MotifParams:
        """A motif around the letters of a window drawn at random."""
        starts = [np.flatnonzero(block.odds > 0.0) for block in blocks]
        n_starts = sum(map(len, starts))
        if not n_starts:
            raise ValueError("no site can start anywhere")
        pick = int(rng.integers(n_starts))
        number = 0
        while pick >= len(starts[number]):
            pick -= len(starts[number])
            number += 1
        (probabilities,) = self.around(self.letters(blocks[number], starts[number][pick : pick + 1]))
        return MotifParams(probabilities, self.typical_occupancy(blocks))

    def letters(self, block: SiteBlock, starts: NDArray[np.int64]) -> NDArray[np.int64]:
        """The letter codes of the windows that start at `starts` in a block: shape (n, width)."""
        size = len(self.letter_frequencies)
        return np.asarray(block.words[starts[:, None] + np.arange(self.width)].astype(np.int64) % size)

    def around(self, letters: NDArray[np.int64], share: float = 0.6) -> NDArray[np.float64]:
        """Motifs with `share` of each column on one letter, and the rest as in the background.

        Parameters
        ----------
        letters : ndarray of int64, shape (..., width)
        share : float

        Returns
        -------
        ndarray of shape (..., width, n_letters)
        """
        size = len(self.letter_frequencies)
        probabilities = share * np.eye(size)[letters] + (1.0 - share) * self.letter_frequencies
        if self.palindrome:
            probabilities = 0.5 * (probabilities + probabilities[..., ::-1, self.complement])
        return np.asarray(probabilities)

    def ratios(self, params: MotifParams) -> NDArray[np.float64]:
        """Letter probabilities of the motif over those of independent background letters."""
        return params.probabilities / self.letter_frequencies

    def typical_occupancy(self, blocks: Sequence[SiteBlock]) -> float:
        """The occupancy to start from: a site in every second sequence, or, for ANR, one site a sequence.

        ANR needs a chance of no site, even where a sequence is as long as the motif.
        """
        if self.occurrence is Occurrence.OOPS:
            return 1.0
        if self.occurrence is Occurrence.ZOOPS:
            return min(0.5, self.highest_occupancy)
        n_windows = sum(float(block.n_windows.sum()) for block in blocks)
        n_sequences = sum(np.count_nonzero(block.n_windows) for block in blocks)
        return min(n_sequences / max(n_windows, 1.0), 0.5, self.highest_occupancy)

    def expect(self, block: SiteBlock, params: MotifParams) -> MotifStats:
        """Expected letters in sites, expected sites, and the log likelihood ratio over the background."""
        log_ratio, counts, n_sites, n_chances = kernels.expect(block, self.ratios(params), params.occupancy, self.code)
        return MotifStats(log_ratio, float(np.count_nonzero(block.n_windows)), counts, n_sites, n_chances)

    def maximize(self, stats: MotifStats, params: MotifParams) -> MotifParams:
        """Columns in proportion to letters and pseudocounts, occupancy to sites and chances."""
        counts = stats.counts + self.pseudocount * self.letter_frequencies
        if self.palindrome:
            counts = 0.5 * (counts + counts[::-1, self.complement])
        probabilities = counts / counts.sum(axis=1, keepdims=True)
        if self.occurrence is Occurrence.OOPS:
            return MotifParams(probabilities, 1.0)
        prior = self.occupancy_pseudocount
        return MotifParams(probabilities, self._allowed((stats.n_sites + prior) / (stats.n_chances + 2.0 * prior)))

    def log_prior(self, params: MotifParams) -> float:
        """Dirichlet on each column, relative to its density at the background, and Beta on the occupancy."""
        weights = self.pseudocount * self.letter_frequencies
        columns = float(np.sum(weights * np.log(params.probabilities / self.letter_frequencies)))
        if self.occurrence is Occurrence.OOPS:
            return columns
        odds = params.occupancy * (1.0 - params.occupancy)
        return columns + self.occupancy_pseudocount * float(np.log(odds))

    def to_vector(self, params: MotifParams) -> NDArray[np.float64]:
        """Log-ratios of the letters of each column to its last letter, and of having a site to having none."""
        logs = np.log(params.probabilities)
        columns = (logs[:, :-1] - logs[:, -1:]).ravel()
        if self.occurrence is Occurrence.OOPS:
            return np.asarray(columns)
        return np.append(columns, np.log(params.occupancy) - np.log1p(-params.occupancy))

    def from_vector(self, vector: NDArray[np.float64], params: MotifParams) -> MotifParams:
        """The parameters back from their log-ratios."""
        size = len(self.letter_frequencies)
        columns = vector[: self.width * (size - 1)].reshape(self.width, size - 1)
        weights = np.exp(np.append(columns, np.zeros((self.width, 1)), axis=1))
        probabilities = weights / weights.sum(axis=1, keepdims=True)
        if self.occurrence is Occurrence.OOPS:
            return MotifParams(probabilities, params.occupancy)
        return MotifParams(probabilities, self._allowed(float(1.0 / (1.0 + np.exp(-vector[-1])))))

    def _allowed(self, occupancy: float) -> float:
        """The bound is where the objective, concave in the occupancy, is highest if it would be highest beyond."""
        return min(occupancy, self.highest_occupancy)

    def posteriors(self, block: SiteBlock, params: MotifParams) -> NDArray[np.float64]:
        """The posterior of a site that starts at each letter: shape (2, n_letters), as given and reversed."""
        return kernels.posteriors(block, self.ratios(params), params.occupancy, self.code)

    def coverage(self, block: SiteBlock, params: MotifParams) -> NDArray[np.float64]:
        """The probability that each letter is in a site: shape (n_letters,)."""
        return sites.coverage(block, self.ratios(params), params.occupancy, self.code)
