"""The search for starts: windows and enriched words, valued by the likelihood, then short EM at several widths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emtools.kernels import motif_search as kernels
from emtools.kernels.motif import log_ratios
from emtools.models.motif import MotifModel, MotifParams, Occurrence, SiteBlock
from emtools.motifs.encoding import Encoding
from emtools.motifs.words import enriched_words

#: Window starts times letters that are tried at each width.
_WINDOW_WORK = 8_000_000
_WORD_LENGTHS = (6, 8)
_WORDS = 60
_WORDS_EXTENDED = 24
_STARTS_A_WIDTH = 8
_STEPS = 15
_ALIKE = 0.7


@dataclass(frozen=True, slots=True)
class Candidate:
    """A motif after short EM: its parameters and its log likelihood ratio on the sequences searched."""

    params: MotifParams
    log_ratio: float

    @property
    def width(self) -> int:
        """Columns of the motif."""
        return len(self.params.probabilities)


def width_grid(narrowest: int, widest: int) -> tuple[int, ...]:
    """Widths to start from: from the narrowest to the widest, each about 1.4 times the one before.

    Examples
    --------
    >>> width_grid(6, 15)
    (6, 8, 11, 15)
    """
    n_steps = int(np.ceil(np.log(widest / narrowest) / np.log(1.42)))
    steps = np.round(narrowest * (widest / narrowest) ** (np.arange(n_steps + 1) / max(n_steps, 1)))
    return tuple(sorted({int(width) for width in steps}))


def candidates(
    encoding: Encoding, occurrence: str, widths: Sequence[int], rng: np.random.Generator
) -> dict[int, list[Candidate]]:
    """The best motifs of each width, by short EM from windows and enriched words; best first."""
    words = _extended_words(encoding, max(widths))
    return {width: _climbed(encoding, occurrence, width, words, rng) for width in widths}


def _climbed(
    encoding: Encoding,
    occurrence: str,
    width: int,
    words: NDArray[np.float64],
    rng: np.random.Generator,
) -> list[Candidate]:
    model, block = encoding.model(occurrence, width), one_block(encoding, width)
    starts = _window_starts(model, block, rng)
    if len(words):
        starts = np.concatenate([starts, _best_windows(words, width, model.letter_frequencies)])
    if not len(starts):
        return []
    return climbed(model, block, _best_different(model, block, starts, _STARTS_A_WIDTH, _ALIKE), _STEPS)


def climbed(model: MotifModel, block: SiteBlock, starts: NDArray[np.float64], n_steps: int) -> list[Candidate]:
    """Short EM from each of many matrices; best first."""
    plan = kernels.Climb(model.code, model.letter_frequencies, model.pseudocount, model.occupancy_pseudocount, n_steps)
    matrices, rates, values = kernels.climb(block, plan, starts, model.typical_occupancy([block]))
    order = np.argsort(-values, kind="stable")
    return [Candidate(MotifParams(matrices[i], float(rates[i])), float(values[i])) for i in order]


def one_block(encoding: Encoding, width: int) -> SiteBlock:
    """All sequences as one block."""
    return encoding.blocks(width, letters_a_block=len(encoding.sequences.codes) + 1)[0]


def _best_different(
    model: MotifModel, block: SiteBlock, matrices: NDArray[np.float64], n: int, alike: float
) -> NDArray[np.float64]:
    """The `n` matrices of the highest likelihood of which no two are alike."""
    occupancy = 1.0 if model.occurrence is Occurrence.OOPS else 0.5
    values = log_ratios(block, matrices / model.letter_frequencies, occupancy)
    ranked = matrices[np.argsort(-values, kind="stable")]
    return ranked[kernels.pick_different(ranked, n, model.letter_frequencies, model.complement, alike)]


def _window_starts(model: MotifModel, block: SiteBlock, rng: np.random.Generator) -> NDArray[np.float64]:
    """Windows of the sequences as matrices: all of them where the data are small, else as many as time allows."""
    starts = np.flatnonzero(block.odds > 0.0)
    limit = _WINDOW_WORK // max(len(block.odds), 1)
    if len(starts) > limit:
        starts = np.sort(rng.choice(starts, limit, replace=False))
    matrices = np.empty((len(starts), model.width, len(model.letter_frequencies)))
    for i, start in enumerate(starts.tolist()):
        matrices[i] = model.around(model.letters(block, start), 0.5).probabilities
    return matrices


def _extended_words(encoding: Encoding, widest: int) -> NDArray[np.float64]:
    """Enriched words with what lies beside them: the average of their occurrences, as wide motifs.

    Each word stands in the middle of a motif whose other columns are the background; one E-step fills them in.
    """
    found = [_best_words(encoding, length) for length in _WORD_LENGTHS if length <= widest]
    flank = widest - min(_WORD_LENGTHS)
    if flank < 0 or not sum(map(len, found)):
        return np.empty((0, 0, 0))
    total = 2 * flank + max(_WORD_LENGTHS)
    model, block = encoding.model("zoops", total), one_block(encoding, total)
    profiles = []
    for matrices in found:
        for matrix in matrices:
            start = np.tile(model.letter_frequencies, (total, 1))
            start[flank : flank + len(matrix)] = matrix
            counts = model.expect(block, MotifParams(start, 0.5)).counts + model.letter_frequencies
            profiles.append(counts / counts.sum(axis=1, keepdims=True))
    return np.array(profiles)


def _best_words(encoding: Encoding, length: int) -> NDArray[np.float64]:
    """Enriched words of a length as matrices, those of the highest likelihood."""
    words = enriched_words(encoding, length, _WORDS)
    model, block = encoding.model("zoops", length), one_block(encoding, length)
    matrices = np.array([model.around(word, 0.5, share=0.8).probabilities for word in words])
    if not len(matrices):
        return matrices
    return _best_different(model, block, matrices, _WORDS_EXTENDED, 0.9)


def _best_windows(profiles: NDArray[np.float64], width: int, frequencies: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each wide profile the `width` neighboring columns of the most information."""
    information = np.sum(profiles * np.log(profiles / frequencies), axis=2)
    sums = np.lib.stride_tricks.sliding_window_view(information, width, axis=1).sum(axis=2)
    first = np.argmax(sums, axis=1)
    return np.array([profile[i : i + width] for profile, i in zip(profiles, first, strict=True)])
