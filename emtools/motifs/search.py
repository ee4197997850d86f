"""The search for motifs: from seeds to starts of each width, then short EM, whose winners go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emtools.kernels import motif_search as kernels
from emtools.models.motif import MotifModel, MotifParams, SiteBlock
from emtools.motifs.encoding import Encoding
from emtools.motifs.seeds import Seeds, best_different

#: Starts of each width, more where the data are small, and how many of them go on after the first EM steps.
_STARTS, _STARTS_WORK, _CLIMBERS = 4, 60_000, 2
_FIRST_STEPS, _STEPS = 4, 12
#: Beyond this likeness two motifs are copies of each other.
COPY = 0.7
#: A matrix that deviates less from the background, in squares over all columns, has no sites.
_NO_SITES = 0.01


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
    seeds = Seeds.of(encoding, widths, rng)
    profiles = np.concatenate([seeds.profiles(kind) for kind in seeds.kinds])
    return {width: best_of_width(seeds.sample, occurrence, width, profiles, known) for width in widths}


def climbed(model: MotifModel, block: SiteBlock, starts: NDArray[np.float64], n_steps: int) -> list[Candidate]:
    """Short EM from each of many matrices; best first."""
    plan = kernels.Climb(model.code, model.letter_frequencies, model.pseudocount, model.occupancy_pseudocount, n_steps)
    matrices, rates, values = kernels.climb(block, plan, starts, model.typical_occupancy([block]))
    order = np.argsort(-values, kind="stable")
    return [Candidate(MotifParams(matrices[i], float(rates[i])), float(values[i])) for i in order]


def best_of_width(
    sample: Encoding,
    occurrence: str,
    width: int,
    profiles: NDArray[np.float64],
    known: Sequence[NDArray[np.float64]] = (),
) -> list[Candidate]:
    """The best motifs of one width, by short EM: a few steps from the best starts, the rest from the best of those.

    Parameters
    ----------
    sample : Encoding
    occurrence : str
    width : int
    profiles : ndarray of shape (n, width or more, n_letters)
        Seeds with what lies beside them: of each, the columns of the most information are a start.
    known : sequence of ndarray
        As in `candidates`.
    """
    if not len(profiles):
        return []
    model, block = sample.model(occurrence, width), sample.one_block(width)
    starts = unlike(_best_windows(profiles, width, model.letter_frequencies), known, sample)
    more = max(_STARTS_WORK // max(len(block.odds), 1), _STARTS) / _STARTS
    starts = best_different(model, block, starts, int(_STARTS * more), COPY)
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


def likeness_of(a: NDArray[np.float64], b: NDArray[np.float64], encoding: Encoding) -> float:
    """How alike two motifs are, shifted, reversed, longer or shorter: 1 for copies."""
    return float(kernels.likeness(a, b, encoding.background.letter_frequencies, encoding.complement))


def unlike(
    matrices: NDArray[np.float64], known: Sequence[NDArray[np.float64]], encoding: Encoding
) -> NDArray[np.float64]:
    """The matrices that are like none of those known."""
    frequencies, complement = encoding.background.letter_frequencies, encoding.complement
    keep = [all(kernels.likeness(each, other, frequencies, complement) <= COPY for other in known) for each in matrices]
    return np.asarray(matrices[np.array(keep, dtype=bool)])


def _best_windows(profiles: NDArray[np.float64], width: int, frequencies: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each wide profile the `width` neighboring columns of the most information."""
    information = np.sum(profiles * np.log(profiles / frequencies), axis=2)
    sums = np.lib.stride_tricks.sliding_window_view(information, width, axis=1).sum(axis=2)
    first = np.argmax(sums, axis=1)
    return np.asarray(profiles[np.arange(len(profiles))[:, None], first[:, None] + np.arange(width)])
