"""Seeds of a search: windows, words and pairs of words, the best of each kind with what lies beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from emtools.kernels.motif import log_ratios
from emtools.kernels.motif_search import pick_different
from emtools.models.motif import MotifModel, Occurrence, SiteBlock
from emtools.motifs.encoding import Encoding
from emtools.motifs.flanks import profiles_around
from emtools.motifs.words import enriched_pairs, enriched_words, word_lengths

#: Letters that seeds are valued and climbed on: a share of large data, within limits, whole sequences at a time.
_SAMPLE, _LEAST_SAMPLE, _GREATEST_SAMPLE = 0.25, 50_000, 80_000
#: Windows times letters that are valued for each width of windows.
_WINDOW_WORK = 2_000_000
#: The least share of all windows that is tried; fewer find nothing that words do not.
_WORTHWHILE = 0.05
_WORDS = 30
#: Pairs of words at a distance: the first few hold what there is.
_PAIRS = 20
#: Seeds of each kind that are extended on both sides.
_SEEDS = 10
#: Beyond this likeness two seeds are as good as one.
_ALIKE = 0.9
#: The share of its letter in each column of a seed.
SHARE = 0.7


@dataclass(frozen=True, slots=True)
class SeedKind:
    """One kind of seeds: their width, how many are taken, and what makes the matrices to choose from."""

    width: int
    n_seeds: int
    matrices: Callable[[MotifModel, SiteBlock], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Seeds:
    """What a search begins from: windows of a middle and of the greatest width, and words where those fall short.

    The kinds are independent of each other, so that threads may share them.

    Attributes
    ----------
    sample : Encoding
        The sequences that seeds are valued on.
    kinds : tuple of SeedKind
    n_columns : int
        Of each profile, at least as many as the widest motif has.
    """

    sample: Encoding
    kinds: tuple[SeedKind, ...]
    n_columns: int

    @classmethod
    def of(cls, encoding: Encoding, widths: Sequence[int], rng: np.random.Generator) -> Seeds:
        """Draw a sample, and decide which kinds of seeds are looked for."""
        n_letters = int(np.clip(_SAMPLE * len(encoding.sequences.codes), _LEAST_SAMPLE, _GREATEST_SAMPLE))
        sample = sampled(encoding, n_letters, rng)
        kinds = _kinds(encoding, sample, widths, rng)
        widest = max(widths)
        return cls(sample, tuple(kinds), max(2 * widest - min(kind.width for kind in kinds), widest))

    def profiles(self, kind: SeedKind) -> NDArray[np.float64]:
        """The best seeds of one kind with what lies beside them, as motifs of up to twice the greatest width.

        Each seed stands in the middle; one E-step says where it occurs, and what stands there makes the other columns.

        Returns
        -------
        ndarray of shape (n_seeds or fewer, n_columns, n_letters)
        """
        model, block = self.sample.model("zoops", kind.width), self.sample.one_block(kind.width)
        seeds = best_different(model, block, kind.matrices(model, block), kind.n_seeds, _ALIKE)
        return profiles_around(self.sample, model, seeds, self.n_columns)


def sampled(
    encoding: Encoding, n_letters: int, rng: np.random.Generator, among: NDArray[np.int64] | None = None
) -> Encoding:
    """About so many letters of the sequences, as whole sequences drawn at random; at least one sequence.

    They are drawn `among` those of these numbers, ascending; by default among all.
    """
    numbers = np.arange(len(encoding.sequences)) if among is None else among
    lengths = encoding.sequences.lengths[numbers]
    if lengths.sum() <= n_letters:
        return encoding if among is None else encoding.subset(among)
    order = rng.permutation(len(lengths))
    n = max(int(np.searchsorted(np.cumsum(lengths[order]), n_letters, side="right")), 1)
    return encoding.subset(numbers[np.sort(order[:n])])


def best_different(
    model: MotifModel, block: SiteBlock, matrices: NDArray[np.float64], n: int, alike: float
) -> NDArray[np.float64]:
    """The `n` matrices of the highest likelihood of which no two are more `alike` than that."""
    occupancy = 1.0 if model.occurrence is Occurrence.OOPS else 0.5
    if not len(matrices):
        return matrices
    values = log_ratios(block, matrices / model.letter_frequencies, occupancy)
    ranked = matrices[np.argsort(-values, kind="stable")]
    return ranked[pick_different(ranked, n, model.letter_frequencies, model.complement, alike)]


def _kinds(encoding: Encoding, sample: Encoding, widths: Sequence[int], rng: np.random.Generator) -> list[SeedKind]:
    kinds, complete, widest = [], True, widths[-1]
    for width in sorted({min(max(widths[0], 8), widest), widest}):
        block = sample.one_block(width)
        starts = np.flatnonzero(block.odds > 0.0)
        limit = _WINDOW_WORK // max(len(block.odds), 1)
        if len(starts) > limit:
            complete = False
            if limit < _WORTHWHILE * len(starts):
                continue
            starts = np.sort(rng.choice(starts, limit, replace=False))
        kinds.append(SeedKind(width, _SEEDS, partial(_windows, starts)))
    if not complete:
        # Of motifs narrower than words their own words are counted.
        lengths = {min(length, widest) for length in word_lengths(encoding.sequences.alphabet.size)}
        kinds += [SeedKind(length, _SEEDS, partial(_words, encoding)) for length in sorted(lengths)]
        kinds.append(SeedKind(widest, _SEEDS // 2, partial(_gapped, encoding)))
    return kinds


def _windows(starts: NDArray[np.int64], model: MotifModel, block: SiteBlock) -> NDArray[np.float64]:
    return model.around(model.letters(block, starts), SHARE)


def _words(encoding: Encoding, model: MotifModel, _: SiteBlock) -> NDArray[np.float64]:
    return model.around(enriched_words(encoding, model.width, _WORDS), SHARE)


def _gapped(encoding: Encoding, model: MotifModel, _: SiteBlock) -> NDArray[np.float64]:
    """Enriched pairs of words as matrices of the model's width, the background between and around the words."""
    pairs = enriched_pairs(encoding, model.width, _PAIRS)
    matrices = np.tile(model.letter_frequencies, (len(pairs), model.width, 1))
    for matrix, (letters, gap) in zip(matrices, pairs, strict=True):
        half = len(letters) // 2
        first = (model.width - len(letters) - gap) // 2
        places = first + np.concatenate([np.arange(half), np.arange(half) + half + gap])
        matrix[places] = model.around(letters[None], SHARE)[0]
    return matrices
