"""What the sites of motifs cover, and what lies beside them, without a record of where these are."""

import numpy as np
from numpy.typing import NDArray

from emtools.kernels.jit import jit, jit_part
from emtools.kernels.motif import sequence_posteriors, working_space
from emtools.kernels.word_tables import Floats, SiteBlock, word_tables

#: Places less likely a site than this say nothing of what lies beside sites.
_LEAST_POSTERIOR = 0.01


@jit
def coverage(block: SiteBlock, ratios: Floats, occupancy: float, model: int) -> Floats:
    """The probability that each letter is in a site; parameters are those of `expect`."""
    width, room = ratios.shape[0], working_space(block)
    tables = word_tables(block, ratios)
    covered = np.zeros(block.odds.size)
    for i in range(block.n_windows.size):
        if block.n_windows[i] > 0.0:
            scale = sequence_posteriors(block, i, tables, (width, occupancy, model), room)[3]
            begin, end = block.offsets[i], block.offsets[i + 1]
            inside = 0.0
            for start in range(end - begin):
                if start <= end - begin - width:
                    inside += scale * (room[0, start] + room[1, start])
                if start >= width:
                    inside -= scale * (room[0, start - width] + room[1, start - width])
                covered[begin + start] = min(max(inside, 0.0), 1.0)
    return covered


@jit
def flank_counts(
    block: SiteBlock,
    letters: tuple[NDArray[np.int8], NDArray[np.float32]],
    motifs: tuple[Floats, float, int],
    before: int,
    after: int,
) -> Floats:
    """The letters of sites, and of the columns before and after them, for each of many motifs.

    Parameters
    ----------
    block : SiteBlock
    letters : tuple of ndarray of int8, ndarray of float32, shape (n_letters of the block,)
        The codes of the letters, and how free each is of earlier motifs; as many as `block.offsets` ends at.
    motifs : tuple of ndarray of float64, shape (n, width, n_letters), float, int
        The letter ratios of each; occupancy and model of all, as in `expect`.
    before, after : int
        How many columns.

    Returns
    -------
    ndarray of float64, shape (n, before + width + after, n_letters)
    """
    ratios, occupancy, model = motifs
    n_motifs, width, size = ratios.shape
    room = working_space(block)
    counts = np.zeros((n_motifs, before + width + after, size))
    for motif in range(n_motifs):
        tables = word_tables(block, ratios[motif])
        for i in range(block.n_windows.size):
            if block.n_windows[i] > 0.0:
                scale = sequence_posteriors(block, i, tables, (width, occupancy, model), room)[3]
                _add_sequence(block, i, letters, (before, width), room, scale, counts[motif])
    return counts


@jit_part
def _add_sequence(
    block: SiteBlock,
    i: int,
    letters: tuple[NDArray[np.int8], NDArray[np.float32]],
    columns: tuple[int, int],
    room: Floats,
    scale: float,
    counts: Floats,
) -> None:
    """Add what lies in and beside the sites of sequence `i`; their posteriors are those of `room` times `scale`."""
    codes, free = letters
    before, width = columns
    n_columns, size = counts.shape
    begin, end = block.offsets[i], block.offsets[i + 1]
    for start in range(end - begin - width + 1):
        # Most places end here: that no strand is likely is seen with one comparison.
        if scale * room[0, start] + scale * room[1, start] <= _LEAST_POSTERIOR:
            continue
        for strand in range(2 if block.complement.size else 1):
            share = scale * room[strand, start]
            if share <= _LEAST_POSTERIOR:
                continue
            for column in range(n_columns):
                place = begin + start + (width - 1 - column + before if strand else column - before)
                if begin <= place < end and codes[place] < size:
                    letter = block.complement[codes[place]] if strand else np.int64(codes[place])
                    counts[column, letter] += share * free[place]
