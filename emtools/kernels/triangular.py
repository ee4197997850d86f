"""Triangular factors of inverse covariances, many small ones at once."""

import numpy as np
from numpy.typing import NDArray

from emtools.kernels.jit import jit_contracting


@jit_contracting
def whitening_of(covariances: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Upper triangular ``U`` with ``U U' = inv(covariance)``, and the log determinants of the covariances.

    Parameters
    ----------
    covariances : ndarray of shape (k, d, d), float64
        Symmetric.

    Returns
    -------
    whitening : ndarray of shape (k, d, d), float64
    log_determinants : ndarray of shape (k,), float64

    Raises
    ------
    numpy.linalg.LinAlgError
        If a covariance is not positive definite.

    Examples
    --------
    >>> whitening, log_determinants = whitening_of(np.array([[[4.0, 2.0], [2.0, 17.0]]]))
    >>> whitening.tolist(), bool(np.isclose(log_determinants[0], np.log(64.0)))
    ([[[0.5, -0.125], [0.0, 0.25]]], True)
    """
    k, d, _ = covariances.shape
    whitening, log_determinants, inverse = np.empty((k, d, d)), np.zeros(k), np.zeros((d, d))
    for c in range(k):
        lower = np.linalg.cholesky(covariances[c])
        for i in range(d):
            log_determinants[c] += 2.0 * np.log(lower[i, i])
            row = inverse[i]
            row[:i] = 0.0
            for j in range(i):
                factor, above = lower[i, j], inverse[j]
                for t in range(j + 1):
                    row[t] -= factor * above[t]
            scale = 1.0 / lower[i, i]
            for t in range(i):
                row[t] *= scale
            row[i] = scale
        whitening[c] = inverse.T
    return whitening, log_determinants
