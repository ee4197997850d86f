"""Responsibilities from log joint densities, by vector instructions: maxima, exponentials and sums along rows.

A call of the C library for each number cannot be vectorized. So the exponential is a polynomial and a shift of bits:
``exp(v) = 2^n exp(r)`` with ``n = round(v log2(e))`` and ``r`` at most ``log(2) / 2`` (the range reduction of Cody and
Waite 1980), exact to the last places.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emtools.kernels.jit import jit, jit_contracting_part

TERMS = 13
"""Terms of the series of the exponential; the next one is below the rounding of float64 (and of float32)."""


def _constants(kind: Any, log2_high: float, log2_low: float, rounder: float, least: float) -> NDArray[Any]:
    series = [1.0 / math.factorial(i) for i in range(TERMS)]
    return np.array([1.0 / math.log(2.0), log2_high, log2_low, rounder, least, *series], dtype=kind)


# log(2) as a short number, so that its multiples are exact, and a rest; and what rounds a number to an integer that
# stands in the lowest bits of the sum.
_REALS: dict[np.dtype[Any], NDArray[np.floating]] = {
    np.dtype(np.float64): _constants(np.float64, 0.693145751953125, 1.42860682030941723212e-6, 1.5 * 2.0**52, -708.0),
    np.dtype(np.float32): _constants(np.float32, 0.693359375, -2.12194440e-4, 1.5 * 2.0**23, -87.0),
}
# The bias of the exponent, and where it stands in the bits.
_INTEGERS: dict[np.dtype[Any], NDArray[np.signedinteger]] = {
    np.dtype(np.float64): np.array([1023, 52], dtype=np.int64),
    np.dtype(np.float32): np.array([127, 23], dtype=np.int32),
}


def exponential(dtype: np.dtype[Any]) -> tuple[NDArray[np.floating], NDArray[np.signedinteger]]:
    """What `softmax_in_place` needs to know of a type of numbers: real constants, and those of its bits."""
    return _REALS[dtype], _INTEGERS[dtype]


@jit_contracting_part
def _mantissas(
    row: NDArray[np.floating], top: NDArray[np.floating], powers: NDArray[np.floating], reals: NDArray[np.floating]
) -> None:
    """Turn numbers ``v = row - top`` into ``exp(r)``, and leave `n` of ``2^n`` in the lowest bits of `powers`.

    float32 needs fewer terms: what is left out of either series is below the rounding of its numbers.
    """
    log2_e, high, low, rounder, least = reals[0], reals[1], reals[2], reals[3], reals[4]
    one, c2, c3, c4, c5, c6 = reals[5], reals[7], reals[8], reals[9], reals[10], reals[11]
    c7, c8, c9, c10, c11, c12 = reals[12], reals[13], reals[14], reals[15], reals[16], reals[17]
    zero = one - one
    for i in range(row.shape[0]):
        v = row[i] - top[i]
        powers[i] = (v if v > least else least) * log2_e + rounder
        whole = powers[i] - rounder
        r = (v - whole * high) - whole * low
        p = c7
        if row.itemsize > 4:
            p = c12 * r + c11
            p = p * r + c10
            p = p * r + c9
            p = p * r + c8
            p = p * r + c7
        p = p * r + c6
        p = p * r + c5
        p = p * r + c4
        p = p * r + c3
        p = p * r + c2
        p = p * r + one
        p = p * r + one
        # Not `v > least`, so that what is not a number stays so.
        row[i] = zero if v <= least else p


@jit_contracting_part
def softmax_in_place(
    joint: NDArray[np.floating],
    reals: NDArray[np.floating],
    integers: NDArray[np.signedinteger],
    powers: NDArray[np.floating],
    top: NDArray[np.floating],
    total: NDArray[np.floating],
) -> None:
    """Turn columns of log joint densities into responsibilities.

    Parameters
    ----------
    joint : ndarray of shape (k, n)
        Overwritten with ``exp(joint) / sum(exp(joint))``.
    reals, integers : ndarray
        What `exponential` gives for the type of `joint`.
    powers : ndarray of shape (n,)
        Room to work in.
    top, total : ndarray of shape (n,)
        Filled so that ``top + log(total)`` is the log sum of exponentials.
    """
    k, n = joint.shape
    bits = powers.view(integers.dtype)
    bias, position = integers[0], integers[1]
    one = reals[5]
    zero = one - one
    for i in range(n):
        top[i] = joint[0, i]
        total[i] = zero
    for c in range(1, k):
        row = joint[c]
        for i in range(n):
            top[i] = row[i] if row[i] > top[i] else top[i]
    for c in range(k):
        row = joint[c]
        _mantissas(row, top, powers, reals)
        for i in range(n):
            bits[i] = (bits[i] + bias) << position
        for i in range(n):
            row[i] *= powers[i]
            total[i] += row[i]
    for i in range(n):
        powers[i] = one / total[i]
    for c in range(k):
        row = joint[c]
        for i in range(n):
            row[i] *= powers[i]


@jit
def _softmax(
    joint: NDArray[np.floating], reals: NDArray[np.floating], integers: NDArray[np.signedinteger]
) -> NDArray[np.float64]:
    n = joint.shape[1]
    powers, top, total = np.empty(n, joint.dtype), np.empty(n, joint.dtype), np.empty(n, joint.dtype)
    softmax_in_place(joint, reals, integers, powers, top, total)
    log_sums = np.empty(n)
    for i in range(n):
        log_sums[i] = top[i] + np.log(np.float64(total[i]))
    return log_sums


def softmax(joint: NDArray[np.floating]) -> NDArray[np.float64]:
    """Turn log joint densities into responsibilities, in place.

    Parameters
    ----------
    joint : ndarray of shape (k, n), float64 or float32, contiguous

    Returns
    -------
    ndarray of shape (n,), float64
        ``log(sum(exp(joint), axis=0))``.

    Examples
    --------
    >>> joint = np.log(np.array([[0.3, 0.2], [0.1, 0.2]]))
    >>> np.exp(softmax(joint)).round(6).tolist(), joint.round(6).tolist()
    ([0.4, 0.4], [[0.75, 0.5], [0.25, 0.5]])
    """
    return _softmax(joint, *exponential(joint.dtype))
