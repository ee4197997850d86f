"""Sites: where a fitted motif occurs, on which strand, how well it fits there, and how certain that is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from emtools.em import Executor, Serial, evaluate
from emtools.kernels.motif import greatest, sequence_sums
from emtools.models.motif import MotifModel, MotifParams, Occurrence, SiteBlock
from emtools.motifs.encoding import Encoding
from emtools.motifs.sequences import SequenceSet

#: A rate of sites that changes by less than this share has settled well enough to erase by.
SAME_RATE = 0.02
_ROUNDS = 5


_Found = tuple[NDArray[np.int64], NDArray[np.int8], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Sites:
    """The sites of a motif, in the order of the sequences; arrays of one length.

    Attributes
    ----------
    sequence : ndarray of int64
        Index of the sequence.
    start : ndarray of int64
        Leftmost letter on the sequence as given, from 0.
    strand : ndarray of int8
        +1 as given, -1 reversed.
    score_bits : ndarray of float64
        log2 of the probability of the site's letters under the motif over that under the background.
    posterior : ndarray of float64
        The probability that a site is here, on either strand.
    """

    sequence: NDArray[np.int64]
    start: NDArray[np.int64]
    strand: NDArray[np.int8]
    score_bits: NDArray[np.float64]
    posterior: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.sequence)


def find_sites(encoding: Encoding, model: MotifModel, params: MotifParams, executor: Executor | None = None) -> Sites:
    """The sites that are more likely there than not.

    OOPS: the best place in each sequence. ZOOPS: the same, if it has a posterior above one half, or would have one but
    for places as good as it beside it. ANR: each place with a posterior above one half.
    """
    blocks = encoding.blocks(model.width, executor=executor)
    begins = np.cumsum([0, *(len(block.odds) for block in blocks)])

    def of_block(number: int) -> list[_Found]:
        posterior = model.posteriors(blocks[number], params)
        either = posterior.sum(axis=0)
        if model.occurrence is Occurrence.ANR:
            places = np.flatnonzero(either > 0.5)
        else:
            places = greatest(either, blocks[number].offsets)[sequence_sums(either, blocks[number].offsets) > 0.5]
            if model.occurrence is Occurrence.ZOOPS:
                places = places[_is_site(blocks[number], either, places, params.occupancy)]
        strand = np.where(posterior[0, places] >= posterior[1, places], 1, -1).astype(np.int8)
        return [(places + begins[number], strand, either[places])]

    found = (executor or Serial()).fold(of_block, range(len(blocks)))
    places, strand, either = (np.concatenate(parts) for parts in zip(*found, strict=True))
    sequence = np.searchsorted(encoding.sequences.offsets, places, side="right") - 1
    return Sites(
        sequence.astype(np.int64),
        places - encoding.sequences.offsets[sequence],
        strand,
        score_bits(encoding, params, places, strand),
        either,
    )


def _is_site(
    block: SiteBlock, posterior: NDArray[np.float64], places: NDArray[np.int64], occupancy: float
) -> NDArray[np.bool_]:
    """Whether places in different sequences are likelier sites than not, by themselves or but for others as good.

    Where most sequences have a site, a vague motif has one in each, and could be at many places of it.
    """
    sequence = np.searchsorted(block.offsets, places, side="right") - 1
    has_one, chance = sequence_sums(posterior, block.offsets)[sequence], occupancy / block.n_windows[sequence]
    with np.errstate(divide="ignore"):
        alone = posterior[places] / np.maximum(1.0 - has_one, 0.0) * (1.0 - occupancy)
    return np.asarray((posterior[places] > 0.5) | (alone > 1.0 - chance))


def score_bits(
    encoding: Encoding, params: MotifParams, places: NDArray[np.int64], strand: NDArray[np.int8]
) -> NDArray[np.float64]:
    """log2 of the likelihood ratio of sites at these letters of all sequences."""
    windows = site_letters(encoding, len(params.probabilities), places, strand)
    frequencies = encoding.background.letter_frequencies
    width = windows.shape[1]
    alone = np.log(params.probabilities / frequencies)[np.arange(width), windows].sum(axis=1)
    correction = np.log(encoding.factors[places[:, None] + np.arange(width)].astype(np.float64)).sum(axis=1)
    return np.asarray((alone + correction) / np.log(2.0))


def site_letters(
    encoding: Encoding, width: int, places: NDArray[np.int64], strand: NDArray[np.int8]
) -> NDArray[np.int64]:
    """The letter codes of sites, each read on its own strand: shape (n_sites, width)."""
    windows = encoding.sequences.codes[places[:, None] + np.arange(width)].astype(np.int64)
    turned = strand < 0
    if turned.any():
        windows[turned] = encoding.complement[windows[turned, ::-1]]
    return np.asarray(windows)


def letters_beside(sequences: SequenceSet, width: int, sites: Sites, reach: int) -> NDArray[np.float64]:
    """Letter counts of the columns before sites and after them, each read on its own strand.

    Parameters
    ----------
    sequences : SequenceSet
    width : int
        Letters a site.
    sites : Sites
    reach : int
        How many columns on each side.

    Returns
    -------
    ndarray of float64, shape (2 * reach, n_letters)
        Those before, then those after; what lies beyond the end of a sequence, or is no letter, is not counted.
    """
    size = sequences.alphabet.size
    column = np.concatenate([np.arange(-reach, 0), np.arange(width, width + reach)])
    as_given = sites.strand[:, None] > 0
    place = sites.start[:, None] + np.where(as_given, column, width - 1 - column)
    inside = (place >= 0) & (place < sequences.lengths[sites.sequence][:, None])
    letters = np.full(place.shape, size, dtype=np.int64)
    letters[inside] = sequences.codes[(sequences.offsets[sites.sequence][:, None] + place)[inside]]
    turned = ~as_given & (letters < size)
    if turned.any():
        letters[turned] = sequences.alphabet.complement_codes[letters[turned]]
    return np.stack([np.bincount(each, minlength=size + 1)[:size] for each in letters.T]).astype(np.float64)


def sites_everywhere(encoding: Encoding, params: MotifParams, executor: Executor | None = None) -> MotifParams:
    """The same motif at the rate it has where any number of sites is allowed: what erasing needs."""
    width, encoding = len(params.probabilities), encoding.without_prior
    model, blocks = encoding.model("anr", width), encoding.blocks(width, executor=executor)
    rate = model.typical_occupancy(blocks)
    for _ in range(_ROUNDS):
        stats, before = evaluate(model, blocks, MotifParams(params.probabilities, rate), executor).stats, rate
        # Where every sequence is a site the rate runs to 1, at which no sequence could do without.
        rate = min(stats.n_sites / stats.n_chances, 1.0 - 1e-4)
        if abs(rate - before) < SAME_RATE * before:
            break
    return MotifParams(params.probabilities, rate)


def without_sites(encoding: Encoding, everywhere: MotifParams, executor: Executor | None = None) -> Encoding:
    """The sequences with every site of a motif softly erased, however many there are in a sequence.

    Position-specific priors count only where they make a site likelier: one where none was expected is erased as well.
    """
    width = len(everywhere.probabilities)
    model = encoding.model("anr", width)
    views = [encoding.without_prior, encoding] if encoding.site_prior else [encoding]
    blocks = list(zip(*(view.blocks(width, executor=executor) for view in views), strict=True))
    ends = np.cumsum([len(block.odds) for block, *_ in blocks])
    free = np.empty_like(encoding.free)

    def erase(number: int) -> int:
        covered = reduce(np.maximum, [model.coverage(each, everywhere) for each in blocks[number]])
        part = slice(ends[number] - len(covered), ends[number])
        free[part] = encoding.free[part] * (1.0 - covered)
        return 1

    (executor or Serial()).fold(erase, range(len(blocks)))
    return replace(encoding, free=free)
