"""How widths compete: the penalized likelihood, and ends that are extended or trimmed by what each column earns."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emtools.em import Executor, Serial
from emtools.kernels.motif_search import likeness
from emtools.models.motif import MotifModel
from emtools.motifs.encoding import Encoding
from emtools.motifs.flanks import counts_with_flanks
from emtools.motifs.search import COPY, Candidate, climbed

_STEPS = 6
_ROUNDS = 3
#: In nats: the best of four tries is a little better by chance.
_WORTHWHILE = 2.0


def column_price(n_sites: float, size: int) -> float:
    """What a column has to earn, in nats: half the logarithm of the number of sites for each free probability (BIC)."""
    return 0.5 * (size - 1) * float(np.log(n_sites + 1.0))


def column_costs(counts: NDArray[np.float64], frequencies: NDArray[np.float64]) -> NDArray[np.float64]:
    """What each column of a motif costs, in nats: its price, or what it earned where that is less, and one bit.

    A column that earns less than its price is better left to the background, as a gap inside of the motif; the bit
    says whether it is one.

    Parameters
    ----------
    counts : ndarray of shape (n_columns, n_letters)
        Of the letters in the sites.
    frequencies : ndarray of shape (n_letters,)
        Of the background.

    Returns
    -------
    ndarray of shape (n_columns,)
    """
    price = column_price(float(counts.sum(axis=1).max()), counts.shape[1])
    return np.asarray(np.minimum(price, _earned(counts, frequencies)) + np.log(2.0))


def polished(encoding: Encoding, candidate: Candidate, occurrence: str, narrowest: int, widest: int) -> Candidate:
    """Move the ends of a motif to where its columns earn most, and let EM settle there; repeat while that helps.

    They stay where they are if no columns earn their price: two sites that are equal to the letter do not.
    """
    best, best_score = candidate, score(encoding, candidate, occurrence)
    for _ in range(_ROUNDS):
        model = encoding.model(occurrence, best.width)
        flank = max(widest - best.width, 2)
        counts = _counts_around(encoding, model, best, flank)
        window = best_window(counts, model.letter_frequencies, narrowest, widest)
        if window is None:
            break
        first, last = window
        frame = counts[first:last] + model.pseudocount * model.letter_frequencies
        frame /= frame.sum(axis=1, keepdims=True)
        moved = encoding.model(occurrence, last - first)
        (next_one,) = climbed(moved, encoding.one_block(last - first), frame[None], _STEPS)
        next_score = score(encoding, next_one, occurrence)
        if next_score <= best_score + 1e-3:
            break
        best, best_score = next_one, next_score
    return best


def resized(encoding: Encoding, candidate: Candidate, occurrence: str, narrowest: int, widest: int) -> Candidate:
    """Try one column more and one less at either end, EM settled with each, as long as the best of them is better.

    What a column would earn is first seen with it: other sites come in.
    """
    best, best_score = candidate, score(encoding, candidate, occurrence)
    while True:
        width, model = best.width, encoding.model(occurrence, best.width)
        counts = _counts_around(encoding, model, best, 1) + model.pseudocount * model.letter_frequencies
        frames = counts / counts.sum(axis=1, keepdims=True)
        tried = []
        for first, last in ((0, width + 1), (1, width + 2), (1, width), (2, width + 1)):
            if narrowest <= last - first <= widest:
                other = encoding.model(occurrence, last - first)
                tried += climbed(other, encoding.one_block(last - first), frames[None, first:last], _STEPS)
        scores = [score(encoding, each, occurrence) for each in tried]
        if not (tried and max(scores) > best_score + _WORTHWHILE):
            return best
        best, best_score = tried[int(np.argmax(scores))], max(scores)


def same_motif(a: Candidate, b: Candidate, encoding: Encoding) -> bool:
    """Whether two motifs are one: shifted, reversed, longer or shorter."""
    frequencies, complement = encoding.background.letter_frequencies, encoding.complement
    return likeness(a.params.probabilities, b.params.probabilities, frequencies, complement) > COPY


def best_window(
    counts: NDArray[np.float64], frequencies: NDArray[np.float64], narrowest: int, widest: int
) -> tuple[int, int] | None:
    """The neighboring columns, `narrowest` to `widest` of them, that earn most above their price.

    Parameters
    ----------
    counts : ndarray of shape (n_columns, n_letters)
    frequencies : ndarray of shape (n_letters,)

    Returns
    -------
    first, last : int
        The columns from `first` to before `last`; None where none earn their price.

    Examples
    --------
    >>> counts = np.array([[5, 5, 5, 5], [20, 0, 0, 0], [0, 20, 0, 0], [6, 5, 5, 4]])
    >>> best_window(counts, np.full(4, 0.25), 1, 4)
    (1, 3)
    """
    net = np.concatenate([[0.0], np.cumsum(_earned(counts, frequencies) - column_costs(counts, frequencies))])
    spans = [
        (net[first + width] - net[first], -width, first)
        for width in range(narrowest, min(widest, len(counts)) + 1)
        for first in range(len(counts) - width + 1)
    ]
    gain, negative_width, first = max(spans)
    return (first, first - negative_width) if gain > 0.0 else None


def score(encoding: Encoding, candidate: Candidate, occurrence: str, executor: Executor | None = None) -> float:
    """The penalized likelihood of a motif on these sequences, as if motifs of all widths had as many places to lie in.

    In short sequences a wide motif has few places, each of them likelier; that says nothing of its letters. Nor does
    it that position-specific priors are sharper for wide motifs than for those that they were made for.
    """
    model, blocks = encoding.model(occurrence, candidate.width), encoding.blocks(candidate.width, executor=executor)
    stats = (executor or Serial()).fold(lambda block: model.expect(block, candidate.params), blocks)
    n_windows = np.concatenate([block.n_windows for block in blocks])
    holding = n_windows > 0.0
    advantages = np.log(encoding.sequences.lengths[holding] / n_windows[holding])
    advantage = float(advantages.sum()) / max(len(advantages), 1)
    value = stats.log_likelihood - stats.n_sites * advantage
    if encoding.site_prior and candidate.width > encoding.site_prior.width:
        posterior = model.posteriors(encoding.one_block(candidate.width), candidate.params).sum(axis=0)
        value -= float(posterior @ encoding.sharpened(candidate.width))
    return value - float(column_costs(stats.counts, model.letter_frequencies).sum())


def _counts_around(encoding: Encoding, model: MotifModel, motif: Candidate, reach: int) -> NDArray[np.float64]:
    """The letters of the sites of a motif, and of so many columns on both sides."""
    params = motif.params
    return counts_with_flanks(encoding, model, params.probabilities, params.occupancy, reach, reach)


def _earned(counts: NDArray[np.float64], frequencies: NDArray[np.float64]) -> NDArray[np.float64]:
    """The log likelihood ratio of the letters of each column."""
    shares = (counts + frequencies) / (counts.sum(axis=1, keepdims=True) + 1.0)
    return np.asarray(np.sum(counts * np.log(shares / frequencies), axis=1))
