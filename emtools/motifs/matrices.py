"""The three stages of a motif matrix, each a type of its own: counts, frequencies, log-odds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emtools.motifs.alphabet import DNA, Alphabet

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class _Columns:
    """A named matrix with one row a column of the motif, and one column a letter."""

    identifier: str
    name: str
    values: Matrix
    alphabet: Alphabet = DNA

    def __len__(self) -> int:
        return len(self.values)

    def __eq__(self, other: Any) -> bool:
        return (
            type(self) is type(other)
            and (self.identifier, self.name, self.alphabet) == (other.identifier, other.name, other.alphabet)
            and np.array_equal(self.values, other.values)
        )

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, eq=False)
class CountMatrix(_Columns):
    """How often each letter occurs in each column of the sites of a motif.

    Attributes
    ----------
    identifier, name : str
        What a file or database calls the motif, and what people call it.
    values : ndarray of float64, shape (width, n_letters)
    alphabet : Alphabet

    Examples
    --------
    >>> counts = CountMatrix("m1", "example", np.array([[8.0, 0, 0, 0], [2, 2, 2, 2]]))
    >>> counts.frequencies(pseudocount=2.0).values
    array([[0.85, 0.05, 0.05, 0.05],
           [0.25, 0.25, 0.25, 0.25]])
    """

    def frequencies(self, background: ArrayLike | None = None, pseudocount: float = 0.0) -> FrequencyMatrix:
        """The frequency of each letter, after `pseudocount` letters drawn from the background are added to a column."""
        prior = _distribution(background, self.alphabet)
        values = self.values + pseudocount * prior
        return FrequencyMatrix(self.identifier, self.name, values / values.sum(axis=1, keepdims=True), self.alphabet)


@dataclass(frozen=True, eq=False)
class FrequencyMatrix(_Columns):
    """The probability of each letter in each column; the rows of `values` add up to 1."""

    def counts(self, n_sites: float) -> CountMatrix:
        """The expected counts of `n_sites` sites."""
        return CountMatrix(self.identifier, self.name, self.values * n_sites, self.alphabet)

    def log_odds(self, background: ArrayLike | None = None) -> LogOddsMatrix:
        """Log2 of each probability over that of the background; minus infinity where a letter cannot be."""
        with np.errstate(divide="ignore"):
            odds = np.log2(self.values / _distribution(background, self.alphabet))
        return LogOddsMatrix(self.identifier, self.name, odds, self.alphabet)


@dataclass(frozen=True, eq=False)
class LogOddsMatrix(_Columns):
    """How much each letter in each column speaks for the motif and against the background, in bits."""

    def scores(self, codes: NDArray[np.int8]) -> Matrix:
        """The score of each place of a sequence, in bits; minus infinity where a letter is never part of a site.

        Examples
        --------
        >>> sure = FrequencyMatrix("m1", "AC", np.array([[0.97, 0.01, 0.01, 0.01], [0.01, 0.97, 0.01, 0.01]]))
        >>> sure.log_odds().scores(DNA.encode("GACN")).round(1)
        array([-9.3,  3.9, -inf])
        """
        if len(codes) < len(self):
            return np.empty(0)
        padded = np.concatenate([self.values, np.full((len(self), 1), -np.inf)], axis=1)
        windows = np.lib.stride_tricks.sliding_window_view(codes, len(self))
        scores: Matrix = padded[np.arange(len(self)), windows].sum(axis=1)
        return scores


def _distribution(background: ArrayLike | None, alphabet: Alphabet) -> Matrix:
    if background is None:
        return np.full(alphabet.size, 1.0 / alphabet.size)
    return np.asarray(background, dtype=np.float64)
