"""Sequences made ready for the motif models: words, background correction, and what earlier motifs left over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from emtools.em import Executor, Serial
from emtools.errors import ConfigurationError
from emtools.kernels.letters import letters_in_row, mask_short_runs
from emtools.kernels.motif import allowed_windows, fill_window_odds, sequence_sums
from emtools.models.motif import MotifModel, Occurrence, SiteBlock
from emtools.motifs.background import Background
from emtools.motifs.sequences import SequenceSet
from emtools.motifs.site_prior import SitePrior

#: A table of all words of a chunk should stay in the fastest cache.
_LARGEST_TABLE = 512
#: Words beyond the last letter, more than the widest motif reaches.
_PADDING = 256
#: Odds are kept for each width once computed, up to so many bytes in all, those of the last widths, one in any case.
_ODDS_KEPT = 2**22
#: Odds of a place where no site can be.
_NO_PLACE = 1e-12

Odds = tuple[NDArray[np.float32], NDArray[np.float64]]


@dataclass(frozen=True)
class Encoding:
    """Sequences, their background, and how free each letter is of motifs found before.

    Attributes
    ----------
    sequences : SequenceSet
    background : Background
    both_strands : bool
    words : ndarray of uint16
        The word that starts at each letter, first letter in the lowest digit.
    factors : ndarray of float32, shape (n_letters,)
        p(letter alone) over p(letter after those before it): turns ratios over independent letters into ratios over
        the Markov background.
    row : ndarray of uint16
        How many letters in a row end at each position; 65,535 stands for more.
    free : ndarray of float32, shape (n_letters,)
        The probability that a letter is in no site of a motif found before.
    site_prior : SitePrior or None
        Position-specific prior: it shares out the chance of a site among the starts of each sequence.
    """

    sequences: SequenceSet
    background: Background
    both_strands: bool
    words: NDArray[np.uint16]
    factors: NDArray[np.float32]
    row: NDArray[np.uint16]
    free: NDArray[np.float32]
    site_prior: SitePrior | None = None
    _known_odds: dict[int, Odds] = field(default_factory=dict, init=False, repr=False, compare=False)
    _sharpened: dict[int, NDArray[np.float64]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def of(
        cls,
        sequences: SequenceSet,
        background: Background | None = None,
        *,
        both_strands: bool | None = None,
        site_prior: SitePrior | None = None,
        executor: Executor | None = None,
    ) -> Encoding:
        """Encode sequences; the background is estimated from them where none is given.

        Raises
        ------
        ConfigurationError
            If the background is that of another alphabet, or the prior that of other sequences.
        """
        both = sequences.alphabet.complement is not None if both_strands is None else both_strands
        background = background or Background.of(sequences, both_strands=both, executor=executor)
        if (size := len(background.letter_frequencies)) != sequences.alphabet.size:
            raise ConfigurationError(
                f"is one of {size} letters, and {sequences.alphabet.name} has {sequences.alphabet.size}",
                where="background",
                cure="make it from sequences of the same alphabet",
            )
        if site_prior and (n_values := len(site_prior.values)) != (n_letters := len(sequences.codes)):
            raise ConfigurationError(
                f"has {n_values} values, and the sequences {n_letters} letters",
                where="site_prior",
                cure="give one value for each letter",
            )
        words, free = _words(sequences), np.ones(len(sequences.codes), dtype=np.float32)
        factors, row = _letter_by_letter(sequences, background, executor or Serial())
        return cls(sequences, background, both, words, factors, row, free, site_prior)

    @property
    def complement(self) -> NDArray[np.int64]:
        """The code opposite each code; empty for one strand."""
        return self.sequences.alphabet.complement_codes if self.both_strands else np.empty(0, dtype=np.int64)

    def model(
        self, occurrence: str, width: int, *, palindrome: bool = False, highest_occupancy: float = 1.0
    ) -> MotifModel:
        """The motif model of a width for these sequences."""
        return MotifModel(
            Occurrence(occurrence),
            width,
            self.background.letter_frequencies,
            self.complement,
            palindrome=palindrome,
            highest_occupancy=highest_occupancy,
        )

    def blocks(self, width: int, executor: Executor | None = None) -> tuple[SiteBlock, ...]:
        """The sequences as blocks for motifs of a width; how they are cut depends on the sequences alone."""
        odds, n_windows = self._odds(width, executor or Serial())
        return tuple(self._block(width, first, last, odds, n_windows) for first, last in self.sequences.runs)

    def one_block(self, width: int) -> SiteBlock:
        """All sequences as one block for motifs of a width."""
        return self._block(width, 0, len(self.sequences), *self._odds(width, Serial()))

    def _block(
        self, width: int, first: int, last: int, odds: NDArray[np.float32], n_windows: NDArray[np.float64]
    ) -> SiteBlock:
        """The sequences from `first` to before `last`."""
        offsets = self.sequences.offsets[first : last + 1]
        begin, end, word_length = int(offsets[0]), int(offsets[-1]), words_of(self.sequences.alphabet.size)
        return SiteBlock(
            self.words[begin : end + width + word_length],
            odds[begin:end],
            offsets - begin,
            n_windows[first:last],
            word_length,
            self.complement,
        )

    def subset(self, indices: NDArray[np.integer]) -> Encoding:
        """Some of the sequences, under the same background and with what was erased in them."""
        values_of = partial(self.sequences.values_of, indices)
        return replace(
            self,
            sequences=self.sequences.subset(indices),
            words=np.append(values_of(self.words[: len(self.row)]), np.zeros(_PADDING, dtype=np.uint16)),
            factors=values_of(self.factors),
            row=values_of(self.row),
            free=values_of(self.free),
            site_prior=self.site_prior and self.site_prior.subset(self.sequences, indices),
        )

    @property
    def free_codes(self) -> NDArray[np.int8]:
        """The codes, without the letters that earlier motifs cover."""
        return np.where(self.covered, np.int8(self.sequences.alphabet.size), self.sequences.codes)

    @property
    def covered(self) -> NDArray[np.bool_]:
        """Which letters are likelier in a site of an earlier motif than not."""
        return self.free <= 0.5

    def masked(self, narrowest: int, executor: Executor | None = None) -> Encoding:
        """The same without letters that earlier motifs cover, and without those between them that can be in no site."""
        executor = executor or Serial()
        return self._with(self._room(narrowest, executor), executor)

    def without_full(self, narrowest: int, executor: Executor | None = None) -> Encoding:
        """The same without the sequences in which earlier motifs left no room: they have no letters."""
        executor = executor or Serial()
        full = self._room(narrowest, executor).without_letters
        return self._with(self.sequences.emptied(full), executor) if full.any() else self

    def _room(self, narrowest: int, executor: Executor) -> SequenceSet:
        """The sequences with no letters but those that can still be in a site."""
        left = replace(self.sequences, codes=self.free_codes)

        def mask(run: SequenceSet, _numbers: slice, _letters: slice) -> None:
            mask_short_runs(run.codes, run.offsets, run.alphabet.size, narrowest)

        _in_runs(left, mask, executor)
        return left

    def _with(self, sequences: SequenceSet, executor: Executor) -> Encoding:
        """The same with other letters."""
        factors, row = _letter_by_letter(sequences, self.background, executor)
        return replace(self, sequences=sequences, factors=factors, row=row)

    @property
    def without_prior(self) -> Encoding:
        """The same without position-specific priors."""
        return self if self.site_prior is None else replace(self, site_prior=None)

    def _allowed(self, width: int) -> NDArray[np.bool_]:
        """Whether a site of `width` letters may start at each letter."""
        allowed = np.zeros(len(self.row), dtype=bool)
        allowed[: max(len(self.row) - width + 1, 0)] = self.row[width - 1 :] >= width
        if self.site_prior:
            allowed &= self.site_prior.of_width(width, self.sequences.offsets) > 0.0
        return allowed

    def _preference(self, site_prior: SitePrior, width: int) -> NDArray[np.float32]:
        """How much likelier than elsewhere in its sequence a site is to start at each letter: 1 on average."""
        allowed, offsets = self._allowed(width), self.sequences.offsets
        shares = np.where(allowed, site_prior.of_width(width, offsets), 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            scale = sequence_sums(allowed, offsets) / sequence_sums(shares, offsets)
        return (shares * np.repeat(np.nan_to_num(scale), self.sequences.lengths)).astype(np.float32)

    def sharpened(self, width: int) -> NDArray[np.float64]:
        """By how many nats a site is preferred to the best site of the prior's own width in it: shape (n_letters,)."""
        if self.site_prior is None or width <= self.site_prior.width:
            return np.zeros(len(self.row))
        if width not in self._sharpened:
            here, own = (self._preference(self.site_prior, each) for each in (width, self.site_prior.width))
            ahead = np.append(own, np.zeros(width - self.site_prior.width, dtype=np.float32))
            inside = sliding_window_view(ahead, width - self.site_prior.width + 1).max(axis=1)
            self._sharpened[width] = np.log(np.divide(here, inside, out=np.ones(len(here)), where=here > 0.0))
        return self._sharpened[width]

    def _odds(self, width: int, executor: Executor) -> Odds:
        """The odds at each letter, and the number of starts allowed in each sequence."""
        known = self._known_odds.get(width)
        if known is None:
            odds, n_windows = np.empty(len(self.factors), dtype=np.float32), np.empty(len(self.sequences))
            prior = (self._preference(self.site_prior, width), self._allowed(width)) if self.site_prior else None

            def fill(run: SequenceSet, numbers: slice, letters: slice) -> None:
                fill_window_odds(self.factors[letters], self.free[letters], self.row[letters], width, odds[letters])
                # Where a window is allowed, so many letters in a row end.
                allowed = self.row[letters] >= width
                if prior:
                    preference, starts = prior
                    odds[letters] *= preference[letters]
                    allowed = starts[letters]
                n_windows[numbers] = allowed_windows(allowed, odds[letters], run.offsets, _NO_PLACE)

            _in_runs(self.sequences, fill, executor)
            known = odds, n_windows
            most = max(_ODDS_KEPT // max(odds.nbytes, 1), 1)
            for old in list(self._known_odds)[: max(len(self._known_odds) - most + 1, 0)]:
                self._known_odds.pop(old, None)
            self._known_odds[width] = known
        return known


def _letter_by_letter(
    sequences: SequenceSet, background: Background, executor: Executor
) -> tuple[NDArray[np.float32], NDArray[np.uint16]]:
    """`Encoding.factors` and `Encoding.row`."""
    factors = np.empty(len(sequences.codes), dtype=np.float32)
    row = np.empty(len(sequences.codes), dtype=np.uint16)

    def fill(run: SequenceSet, _numbers: slice, letters: slice) -> None:
        factors[letters] = background.factors(run)
        row[letters] = letters_in_row(run.codes, run.offsets, run.alphabet.size)

    _in_runs(sequences, fill, executor)
    return factors, row


def _in_runs(sequences: SequenceSet, act: Callable[[SequenceSet, slice, slice], None], executor: Executor) -> None:
    """Act on each run of sequences, told which of all sequences and of all letters are in it."""

    def on_run(run: tuple[int, int]) -> int:
        begin, end = sequences.offsets[list(run)]
        act(sequences.run(*run), slice(*run), slice(begin, end))
        return 1

    if sequences.runs:
        executor.fold(on_run, sequences.runs)


def words_of(size: int) -> int:
    """Letters a word: as many as a table of all words may have."""
    length = 1
    while size ** (length + 1) <= _LARGEST_TABLE:
        length += 1
    return length


def _words(sequences: SequenceSet) -> NDArray[np.uint16]:
    """`Encoding.words`, padded beyond the end; what is no letter counts as the first one."""
    n_letters, size = len(sequences.codes), sequences.alphabet.size
    length = words_of(size)
    letters = np.zeros(n_letters + length, dtype=np.uint16)
    np.multiply(sequences.codes, sequences.is_letter, out=letters[:n_letters], casting="unsafe")
    words = np.zeros(n_letters + _PADDING, dtype=np.uint16)
    for offset in range(length - 1, -1, -1):
        words *= np.uint16(size)
        words[:n_letters] += letters[offset : offset + n_letters]
    return words
