"""The common axes of several scatter matrices, by plane rotations."""

import numpy as np
from numpy.typing import NDArray

from emtools.kernels.jit import jit


@jit
def _rotate(turned: NDArray[np.float64], precisions: NDArray[np.float64], axes: NDArray[np.float64]) -> float:
    """One sweep over all planes; returns the largest sine, the size of the change."""
    k, d = precisions.shape
    largest = 0.0
    for a in range(d - 1):
        for b in range(a + 1, d):
            straight, mixed = 0.0, 0.0
            for c in range(k):
                contrast = precisions[c, a] - precisions[c, b]
                straight += contrast * (turned[c, a, a] - turned[c, b, b])
                mixed += contrast * turned[c, a, b]
            # The criterion along the angle t is a constant + (straight cos 2t + 2 mixed sin 2t) / 2: least opposite.
            angle = 0.5 * np.arctan2(-2.0 * mixed, -straight)
            cosine, sine = np.cos(angle), np.sin(angle)
            if abs(sine) > 0.0:
                largest = max(largest, abs(sine * cosine))
                for c in range(k):
                    for i in range(d):
                        x, y = turned[c, i, a], turned[c, i, b]
                        turned[c, i, a], turned[c, i, b] = cosine * x + sine * y, cosine * y - sine * x
                    for i in range(d):
                        x, y = turned[c, a, i], turned[c, b, i]
                        turned[c, a, i], turned[c, b, i] = cosine * x + sine * y, cosine * y - sine * x
                for i in range(d):
                    x, y = axes[i, a], axes[i, b]
                    axes[i, a], axes[i, b] = cosine * x + sine * y, cosine * y - sine * x
    return largest


def common_axes(
    scatter: NDArray[np.float64], precisions: NDArray[np.float64], axes: NDArray[np.float64], sweeps: int = 30
) -> NDArray[np.float64]:
    """The orthogonal axes D that lower ``sum_k trace(scatter_k D diag(precisions_k) D')``, from given ones.

    In the plane of two axes the criterion is a sinusoid of twice the angle, so each rotation goes to its exact
    minimum; sweeps over all planes go on until nothing turns (the rotations of Flury and Gautschi 1986, SIAM Journal
    on Scientific and Statistical Computing 7:169).

    Parameters
    ----------
    scatter : ndarray of shape (k, d, d)
    precisions : ndarray of shape (k, d)
        One over the variances along the axes.
    axes : ndarray of shape (d, d)
        Orthogonal columns to start from.
    sweeps : int
        The most sweeps.

    Returns
    -------
    ndarray of shape (d, d)
    """
    turned = np.ascontiguousarray(axes.T @ scatter @ axes)
    result = np.ascontiguousarray(axes).copy()
    for _ in range(sweeps):
        if _rotate(turned, np.ascontiguousarray(precisions), result) < 1e-9:
            break
    return result
