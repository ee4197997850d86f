"""Soft, hard and labelled assignment: one policy on the responsibilities."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from emtools.kernels.softmax import softmax


class Assignment(StrEnum):
    """How an observation is shared among the components.

    Soft shares it by posterior probability (EM). Hard gives all of it to the most probable one (classification EM:
    Celeux and Govaert 1992, Computational Statistics and Data Analysis 14:315). A label known for an observation
    overrules both.
    """

    SOFT = "soft"
    HARD = "hard"


def assign(
    log_joint: NDArray[np.floating], policy: Assignment, labels: NDArray[np.int64] | None
) -> tuple[NDArray[np.floating], NDArray[np.float64]]:
    """Turn log joint densities into responsibilities; the array given is overwritten.

    Parameters
    ----------
    log_joint : ndarray of shape (n_components, n)
        ``log p(x, z)``, component-major so that maxima, exponentials and sums run along contiguous rows.
    policy : Assignment
    labels : ndarray of shape (n,), or None
        The known component of each observation, -1 where unknown.

    Returns
    -------
    responsibilities : ndarray of shape (n_components, n)
        The array given, overwritten.
    log_likelihood : ndarray of shape (n,), float64
        ``log p(x)`` under soft assignment, ``log p(x, z)`` of the component given under hard and labelled.

    Examples
    --------
    >>> joint = np.log(np.array([[0.3], [0.1]]))
    >>> assign(joint.copy(), Assignment.SOFT, None)[0].round(2).ravel().tolist()
    [0.75, 0.25]
    >>> assign(joint.copy(), Assignment.HARD, None)[0].ravel().tolist()
    [1.0, 0.0]
    """
    known = None if labels is None else np.flatnonzero(labels >= 0)
    joint_of_label = None if labels is None or known is None else log_joint[labels[known], known]
    if policy is Assignment.HARD:
        best = log_joint.argmax(axis=0)
        columns = np.arange(log_joint.shape[1])
        log_likelihood = log_joint[best, columns].astype(np.float64)
        log_joint[:] = 0.0
        log_joint[best, columns] = 1.0
    else:
        log_likelihood = softmax(log_joint)
    if labels is not None and known is not None:
        log_joint[:, known] = 0.0
        log_joint[labels[known], known] = 1.0
        log_likelihood[known] = joint_of_label
    return log_joint, log_likelihood
