"""The search for starts: enriched words and windows, valued by the likelihood, then short EM at several widths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emtools.kernels import motif_search as kernels
from emtools.kernels.motif import log_ratios
from emtools.models.motif import MotifModel, MotifParams, Occurrence, SiteBlock
from emtools.motifs.encoding import Encoding
from emtools.motifs.flanks import counts_with_flanks
from emtools.motifs.words import enriched_pairs, enriched_words

#: Letters that starts are valued and climbed on: a share of large data, within limits, whole sequences at a time.
_SAMPLE, _LEAST_SAMPLE, _GREATEST_SAMPLE = 0.25, 50_000, 80_000
#: Windows times letters that are valued for each width of windows.
_WINDOW_WORK = 2_000_000
#: The least share of all windows that is tried; fewer find nothing that words do not.
_WORTHWHILE = 0.05
#: Words of so many letters that there are about this many, and words two letters shorter.
_WORDS_POSSIBLE = 65_536
_WORDS = 30
#: Pairs of words at a distance: the first few hold what there is.
_PAIRS = 20
#: Seeds of each kind that are extended on both sides.
_SEEDS = 10
#: Starts of each width, more where the data are small, and how many of them go on after the first EM steps.
_STARTS, _STARTS_WORK, _CLIMBERS = 4, 60_000, 2
_FIRST_STEPS, _STEPS = 4, 12
#: Beyond this likeness two motifs are copies of each other, and two seeds as good as one.
COPY, _ALIKE_SEEDS = 0.7, 0.9
#: A matrix that deviates less from the background, in squares over all columns, has no sites.
_NO_SITES = 0.01
#: The share of its letter in each column of a seed.
_SHARE = 0.7


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


def word_lengths(size: int) -> tuple[int, ...]:
    """The lengths of the words that are counted, for an alphabet of so many letters.

    Examples
    --------
    >>> word_lengths(4), word_lengths(20)
    ((6, 8), (3,))
    """
    longest = int(np.log(_WORDS_POSSIBLE) / np.log(size) + 1e-9)
    return (longest - 2, longest) if longest > 4 else (longest,)


def candidates(
    encoding: Encoding,
    occurrence: str,
    widths: Sequence[int],
    rng: np.random.Generator,
    known: Sequence[NDArray[np.float64]] = (),
) -> dict[int, list[Candidate]]:
    """The best motifs of each width, by short EM from enriched words and windows.

    Parameters
    ----------
    encoding : Encoding
    occurrence : str
        "oops", "zoops" or "anr".
    widths : sequence of int
    rng : Generator
        Draws the sample of large data, and the windows where not all can be tried.
    known : sequence of ndarray of shape (any width, n_letters)
        Motifs that are no news: starts and results like one of them are left out.

    Returns
    -------
    dict of int to list of Candidate
        For each width the motifs, best first; empty where no sequence has a window of that width.
    """
    prepared = Prepared.of(encoding, widths, rng)
    return {width: prepared.climbed(occurrence, width, known) for width in widths}


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the search of each width begins from: a sample of the sequences, and what lies around the best seeds.

    Attributes
    ----------
    sample : Encoding
    profiles : ndarray of shape (n, widest or more, n_letters)
    """

    sample: Encoding
    profiles: NDArray[np.float64]

    @classmethod
    def of(cls, encoding: Encoding, widths: Sequence[int], rng: np.random.Generator) -> Prepared:
        """Draw a sample, and find seeds in it."""
        n_letters = int(np.clip(_SAMPLE * len(encoding.sequences.codes), _LEAST_SAMPLE, _GREATEST_SAMPLE))
        sample = sampled(encoding, n_letters, rng)
        return cls(sample, _extended(sample, _seeds(encoding, sample, widths, rng), max(widths)))

    def climbed(self, occurrence: str, width: int, known: Sequence[NDArray[np.float64]] = ()) -> list[Candidate]:
        """The best motifs of one width, as in `candidates`."""
        return _climbed(self.sample, occurrence, width, self.profiles, known)


def sampled(encoding: Encoding, n_letters: int, rng: np.random.Generator) -> Encoding:
    """About so many letters of the sequences, as whole sequences drawn at random; at least one sequence."""
    lengths = encoding.sequences.lengths
    if lengths.sum() <= n_letters:
        return encoding
    order = rng.permutation(len(lengths))
    n = max(int(np.searchsorted(np.cumsum(lengths[order]), n_letters, side="right")), 1)
    return encoding.subset(np.sort(order[:n]))


def climbed(model: MotifModel, block: SiteBlock, starts: NDArray[np.float64], n_steps: int) -> list[Candidate]:
    """Short EM from each of many matrices; best first."""
    plan = kernels.Climb(model.code, model.letter_frequencies, model.pseudocount, model.occupancy_pseudocount, n_steps)
    matrices, rates, values = kernels.climb(block, plan, starts, model.typical_occupancy([block]))
    order = np.argsort(-values, kind="stable")
    return [Candidate(MotifParams(matrices[i], float(rates[i])), float(values[i])) for i in order]


def _seeds(
    encoding: Encoding, sample: Encoding, widths: Sequence[int], rng: np.random.Generator
) -> list[NDArray[np.float64]]:
    """Matrices of each kind of seed: windows of a middle and of the greatest width, words where those fall short."""
    seeds, complete, frequencies = [], True, sample.background.letter_frequencies
    for width in sorted({min(max(widths[0], 8), widths[-1]), widths[-1]}):
        model, block = sample.model("zoops", width), sample.one_block(width)
        starts = np.flatnonzero(block.odds > 0.0)
        limit = _WINDOW_WORK // max(len(block.odds), 1)
        if len(starts) > limit:
            complete = False
            if limit < _WORTHWHILE * len(starts):
                continue
            starts = np.sort(rng.choice(starts, limit, replace=False))
        seeds.append(_best_different(model, block, model.around(model.letters(block, starts), _SHARE), _SEEDS))
    # Of motifs narrower than words their own words are counted.
    for length in sorted({min(length, widths[-1]) for length in word_lengths(len(frequencies))}):
        if not complete:
            model, block = sample.model("zoops", length), sample.one_block(length)
            words = enriched_words(encoding, length, _WORDS)
            seeds.append(_best_different(model, block, model.around(words, _SHARE), _SEEDS))
    if not complete:
        model, block = sample.model("zoops", widths[-1]), sample.one_block(widths[-1])
        seeds.append(_best_different(model, block, _gapped(encoding, model), _SEEDS // 2))
    return seeds


def _gapped(encoding: Encoding, model: MotifModel) -> NDArray[np.float64]:
    """Enriched pairs of words as matrices of the model's width, the background between and around the words."""
    pairs = enriched_pairs(encoding, model.width, _PAIRS)
    matrices = np.tile(model.letter_frequencies, (len(pairs), model.width, 1))
    for matrix, (letters, gap) in zip(matrices, pairs, strict=True):
        half = len(letters) // 2
        first = (model.width - len(letters) - gap) // 2
        places = first + np.concatenate([np.arange(half), np.arange(half) + half + gap])
        matrix[places] = model.around(letters[None], _SHARE)[0]
    return matrices


def _extended(sample: Encoding, seeds: list[NDArray[np.float64]], widest: int) -> NDArray[np.float64]:
    """Seeds with what lies beside them: the average of their occurrences, as motifs of up to twice the width.

    Each seed stands in the middle; one E-step says where it occurs, and what stands there makes the other columns.
    """
    total = max(2 * widest - min(matrices.shape[1] for matrices in seeds), widest)
    profiles = []
    for matrix in (matrix for matrices in seeds for matrix in matrices):
        before = (total - len(matrix)) // 2
        model, after = sample.model("zoops", len(matrix)), total - len(matrix) - before
        counts = counts_with_flanks(sample, model, MotifParams(matrix, 0.5), before, after)
        counts += model.letter_frequencies
        profiles.append(counts / counts.sum(axis=1, keepdims=True))
    return np.array(profiles)


def _climbed(
    sample: Encoding,
    occurrence: str,
    width: int,
    profiles: NDArray[np.float64],
    known: Sequence[NDArray[np.float64]],
) -> list[Candidate]:
    """Short EM of one width: a few steps from the best starts, the rest from the best of those."""
    if not len(profiles) or profiles.shape[1] < width:
        return []
    model, block = sample.model(occurrence, width), sample.one_block(width)
    starts = unlike(_best_windows(profiles, width, model.letter_frequencies), known, sample)
    more = max(_STARTS_WORK // max(len(block.odds), 1), _STARTS) / _STARTS
    starts = _best_different(model, block, starts, int(_STARTS * more), COPY)
    first = climbed(model, block, starts, _FIRST_STEPS) if len(starts) else []
    matrices = unlike(np.array([each.params.probabilities for each in first if _has_sites(each, model)]), known, sample)
    if not len(matrices):
        return []
    chosen = kernels.pick_different(matrices, int(_CLIMBERS * more), model.letter_frequencies, model.complement, COPY)
    ends = climbed(model, block, matrices[chosen], _STEPS - _FIRST_STEPS)
    return [each for each in ends if _has_sites(each, model)]


def _has_sites(candidate: Candidate, model: MotifModel) -> bool:
    """Whether there are letters in it: a motif without sites is the background."""
    return bool(np.sum((candidate.params.probabilities - model.letter_frequencies) ** 2) > _NO_SITES)


def unlike(
    matrices: NDArray[np.float64],
    known: Sequence[NDArray[np.float64]],
    encoding: Encoding,
    limit: float = COPY,
) -> NDArray[np.float64]:
    """The matrices that are like none of those known."""
    frequencies, complement = encoding.background.letter_frequencies, encoding.complement
    keep = [
        all(kernels.likeness(each, other, frequencies, complement) <= limit for other in known) for each in matrices
    ]
    return np.asarray(matrices[np.array(keep, dtype=bool)])


def _best_different(
    model: MotifModel, block: SiteBlock, matrices: NDArray[np.float64], n: int, alike: float = _ALIKE_SEEDS
) -> NDArray[np.float64]:
    """The `n` matrices of the highest likelihood of which no two are alike."""
    occupancy = 1.0 if model.occurrence is Occurrence.OOPS else 0.5
    if not len(matrices):
        return matrices
    values = log_ratios(block, matrices / model.letter_frequencies, occupancy)
    ranked = matrices[np.argsort(-values, kind="stable")]
    return ranked[kernels.pick_different(ranked, n, model.letter_frequencies, model.complement, alike)]


def _best_windows(profiles: NDArray[np.float64], width: int, frequencies: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each wide profile the `width` neighboring columns of the most information."""
    information = np.sum(profiles * np.log(profiles / frequencies), axis=2)
    sums = np.lib.stride_tricks.sliding_window_view(information, width, axis=1).sum(axis=2)
    first = np.argmax(sums, axis=1)
    return np.asarray(profiles[np.arange(len(profiles))[:, None], first[:, None] + np.arange(width)])
