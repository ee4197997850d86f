"""What the estimators share: data in, a seed, warnings out."""

from __future__ import annotations

import warnings
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.validation import validate_data

from emtools.em import Run, StopReason

Matrix = np.ndarray[Any, np.dtype[np.floating[Any]]]


def data_to_fit(estimator: Any, x: object, n_groups: Any, name: str) -> Matrix:
    """A finite matrix of float32 or float64 with at least two rows, and at least as many as there are groups."""
    if not isinstance(n_groups, int | np.integer) or n_groups < 1:
        raise ValueError(f"{name} must be a positive integer, got {n_groups!r}")
    matrix: Matrix = validate_data(estimator, x, dtype=[np.float64, np.float32], ensure_min_samples=2)
    if len(matrix) < n_groups:
        raise ValueError(f"n_samples={len(matrix)} should be >= {name}={n_groups}")
    return matrix


def checked_labels(labels: ArrayLike | None, n_components: int) -> NDArray[np.int64] | None:
    """Known components as integers, -1 where unknown."""
    if labels is None:
        return None
    known = np.asarray(labels)
    if known.dtype.kind not in "iu" or known.min() < -1 or known.max() >= n_components:
        raise ValueError(f"labels must be integers from -1 (unknown) to n_components - 1 = {n_components - 1}")
    return known.astype(np.int64)


def new_data(estimator: Any, x: object) -> Matrix:
    """A finite matrix with the columns that the estimator was fitted to."""
    matrix: Matrix = validate_data(estimator, x, dtype=[np.float64, np.float32], reset=False)
    return matrix


def seed_of(random_state: Any) -> int:
    """An integer is the seed; a RandomState, or numpy's global one for None, draws it, as in all of scikit-learn."""
    if isinstance(random_state, Integral):
        return int(random_state)
    return int(check_random_state(random_state).randint(np.iinfo(np.int32).max))


def warn_unless_converged(estimator: Any, run: Run[Any, Any]) -> None:
    """Say aloud that a fit ended before its objective had stopped rising."""
    if not run.converged:
        cure = "give it a prior" if run.stop is StopReason.FAILED else "raise max_iter or tol"
        warnings.warn(
            f"{type(estimator).__name__} did not converge: {run.stop} after {run.iterations} iterations ({cure})",
            ConvergenceWarning,
            stacklevel=3,
        )
