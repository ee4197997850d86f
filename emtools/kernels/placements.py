"""Any number of sites in a sequence, none over another: sums over all placements, from the left and from the right.

The sum over all placements in the first e letters is F[e] = stay F[e - 1] + rate r[e - W] F[e - W], and that over all
in the letters from s on is B[s] = stay B[s + 1] + rate r[s] B[s + W], where `stay` is 1 - rate at letters at which a
site may start, and 1 at others. A site starts at s with probability F[s] rate r[s] B[s + W] / F[L].

In long sequences with many sites the sums leave the range of numbers. Before F does, it is scaled from there on,
together with the W - 1 sums before that the next ones are made of. Where that begins, B is scaled by the same, so that
all products of an F and a B have the scale of F[L].
"""

import math

from emtools.kernels.jit import jit_part
from emtools.kernels.word_tables import Floats, SiteBlock

_MOST, _LEAST = 1e100, 1e-100


@jit_part
def any_number(
    block: SiteBlock, first: int, last: int, motif: tuple[int, float], room: Floats
) -> tuple[float, float, float]:
    """Turn the likelihood ratios of sites in one sequence into their posteriors.

    Parameters
    ----------
    block : SiteBlock
    first, last : int
        The letters of the sequence.
    motif : tuple of int, float
        Its width, and the probability that a site starts at a free letter.
    room : ndarray of shape (5, length of the sequence + 1)
        Rows 0 and 1 are turned; the others are working space.

    Returns
    -------
    log likelihood ratio, expected sites, chances to start one
    """
    log_ratio = _from_the_left(block, first, last, motif, room)
    n_sites, n_chances = _from_the_right(block, first, last, motif, room)
    return log_ratio, n_sites, n_chances


@jit_part
def _from_the_left(block: SiteBlock, first: int, last: int, motif: tuple[int, float], room: Floats) -> float:
    """Fill F (row 2) and what it is scaled by from each letter on (row 4); return the log likelihood ratio."""
    width, rate = motif
    rate_a_strand = rate / (2.0 if block.complement.size else 1.0)
    plus, minus, before, scales = room[0], room[1], room[2], room[4]
    log_scale = 0.0
    value = before[0] = scales[0] = 1.0
    for end in range(1, last - first + 1):
        value *= 1.0 - rate if block.odds[first + end - 1] > 0.0 else 1.0
        begin = end - width
        if begin >= 0:
            value += rate_a_strand * (plus[begin] + minus[begin]) * before[begin]
        before[end], scales[end] = value, 1.0
        needed = max(begin + 1, 0)
        if value > _MOST or (value < _LEAST and _all_small(before, needed, end)):
            scales[needed] = _LEAST if value > 1.0 else _MOST
            for place in range(needed, end + 1):
                before[place] *= scales[needed]
            value = before[end]
            log_scale -= math.log(scales[needed])
    return math.log(value) + log_scale


@jit_part
def _all_small(sums: Floats, begin: int, end: int) -> bool:
    """Whether all sums from `begin` to `end` can be scaled up: none is above 1, as one is where a site just ended."""
    place = begin
    while place <= end and sums[place] < 1.0:
        place += 1
    return place > end


@jit_part
def _from_the_right(
    block: SiteBlock, first: int, last: int, motif: tuple[int, float], room: Floats
) -> tuple[float, float]:
    """Fill B (row 3), turn ratios into posteriors, return expected sites and chances to start one."""
    width, rate = motif
    rate_a_strand = rate / (2.0 if block.complement.size else 1.0)
    plus, minus, before, behind, scales = room[0], room[1], room[2], room[3], room[4]
    length = last - first
    total = 1.0 / before[length]
    n_sites = n_chances = 0.0
    value = behind[length] = 1.0
    for start in range(length - 1, -1, -1):
        scale = scales[start + 1]
        if scale != 1.0:
            for place in range(start + 1, min(start + width, length) + 1):
                behind[place] *= scale
            value = behind[start + 1]
        allowed = block.odds[first + start] > 0.0
        value *= 1.0 - rate if allowed else 1.0
        end = start + width
        if end <= length:
            share = rate_a_strand * behind[end]
            value += share * (plus[start] + minus[start])
            share *= before[start] * total
            plus[start] *= share
            minus[start] *= share
            n_sites += plus[start] + minus[start]
        behind[start] = value
        if allowed:
            n_chances += before[start] * value * total
    return n_sites, n_chances
