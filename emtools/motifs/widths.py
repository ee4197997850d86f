"""How widths compete: the penalized likelihood, and ends that are extended or trimmed by what each column earns."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emtools.kernels.motif_search import likeness
from emtools.models.motif import MotifParams
from emtools.motifs.encoding import Encoding
from emtools.motifs.search import Candidate, climbed, one_block

#: Beyond this likeness two motifs are copies of each other.
COPY = 0.7
_STEPS = 6
_ROUNDS = 3


def column_price(n_sites: float, size: int) -> float:
    """What a column has to earn, in nats: half the logarithm of the number of sites for each free probability (BIC)."""
    return 0.5 * (size - 1) * float(np.log(n_sites + 1.0))


def penalized(log_ratio: float, width: int, n_sites: float, size: int) -> float:
    """The log likelihood ratio less the price of the columns: what motifs of different widths are compared by."""
    return log_ratio - width * column_price(n_sites, size)


def polished(encoding: Encoding, candidate: Candidate, occurrence: str, narrowest: int, widest: int) -> Candidate:
    """Move the ends of a motif to where its columns earn most, and let EM settle there; repeat while that helps."""
    size = encoding.sequences.alphabet.size
    best, best_score = candidate, score(encoding, candidate, occurrence)
    for _ in range(_ROUNDS):
        model = encoding.model(occurrence, best.width)
        counts = _with_flanks(encoding, best, occurrence, widest)
        first, last = best_window(counts, model.letter_frequencies, narrowest, widest)
        frame = counts[first:last] + model.pseudocount * model.letter_frequencies
        frame /= frame.sum(axis=1, keepdims=True)
        moved = encoding.model(occurrence, last - first)
        (next_one,) = climbed(moved, one_block(encoding, last - first), frame[None], _STEPS)
        next_score = penalized(next_one.log_ratio, next_one.width, counts[0].sum(), size)
        if next_score <= best_score + 1e-3:
            break
        best, best_score = next_one, next_score
    return best


def copies(a: Candidate, b: Candidate, encoding: Encoding) -> bool:
    """Whether two motifs are one: shifted, reversed, longer or shorter."""
    frequencies, complement = encoding.background.letter_frequencies, encoding.complement
    return likeness(a.params.probabilities, b.params.probabilities, frequencies, complement) > COPY


def best_window(
    counts: NDArray[np.float64], frequencies: NDArray[np.float64], narrowest: int, widest: int
) -> tuple[int, int]:
    """The neighboring columns, `narrowest` to `widest` of them, that earn most above their price.

    Parameters
    ----------
    counts : ndarray of shape (n_columns, n_letters)
    frequencies : ndarray of shape (n_letters,)

    Returns
    -------
    first, last : int
        The columns from `first` to before `last`.

    Examples
    --------
    >>> counts = np.array([[5, 5, 5, 5], [20, 0, 0, 0], [0, 20, 0, 0], [6, 5, 5, 4]])
    >>> best_window(counts, np.full(4, 0.25), 1, 4)
    (1, 3)
    """
    n_sites = counts.sum(axis=1)
    shares = (counts + frequencies) / (n_sites + 1.0)[:, None]
    earned = np.sum(counts * np.log(shares / frequencies), axis=1)
    net = np.concatenate([[0.0], np.cumsum(earned - column_price(float(n_sites.max()), counts.shape[1]))])
    spans = [
        (net[first + width] - net[first], -width, first)
        for width in range(narrowest, min(widest, len(counts)) + 1)
        for first in range(len(counts) - width + 1)
    ]
    _, negative_width, first = max(spans)
    return first, first - negative_width


def _with_flanks(encoding: Encoding, candidate: Candidate, occurrence: str, widest: int) -> NDArray[np.float64]:
    """Letter counts of the motif's sites and of what lies beside them, as far as a motif may reach."""
    flank = max(widest - candidate.width, 2)
    total = candidate.width + 2 * flank
    model = encoding.model(occurrence, total)
    probabilities = np.tile(model.letter_frequencies, (total, 1))
    probabilities[flank : flank + candidate.width] = candidate.params.probabilities
    params = MotifParams(probabilities, candidate.params.occupancy)
    return model.expect(one_block(encoding, total), params).counts


def score(encoding: Encoding, candidate: Candidate, occurrence: str) -> float:
    """The penalized likelihood of a motif on these sequences."""
    model = encoding.model(occurrence, candidate.width)
    stats = model.expect(one_block(encoding, candidate.width), candidate.params)
    return penalized(stats.log_likelihood, candidate.width, stats.n_sites, encoding.sequences.alphabet.size)
