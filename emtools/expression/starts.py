"""Whether an answer depends on where the search started."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emtools.em import Fit, StopReason
from emtools.expression.fitted import fitted_mixture, mixture_model
from emtools.expression.partitions import adjusted_rand_index


def start_dependence(x: NDArray[np.float64], family: str, n_components: int, final: Fit[Any, Any]) -> str:
    """Whether the answer depends on the start, in one sentence.

    Parameters
    ----------
    x : ndarray of shape (n, d)
    family : str
    n_components : int
    final : Fit
        Runs from many starts; those carried to their end count.
    """
    ended = [run for run in final.runs if run.stop is not StopReason.NOT_CONTINUED]
    if len(ended) == 1:
        return "One restart was made, so whether the answer depends on the start is not known."
    reached = f"{final.n_reaching_best} of {len(ended)} restarts reached the best optimum"
    others = [run for run in ended if run.objective < final.best.objective - 1e-3]
    if not others:
        return f"{reached}: the answer does not depend on the start."
    model = mixture_model(x, family, n_components)
    best, *rest = (
        fitted_mixture(model, run, family)[0].responsibilities(x).argmax(axis=1) for run in (final.best, *others)
    )
    agreement = [adjusted_rand_index(best, partition) for partition in rest]
    lower = final.best.objective - max(run.objective for run in others)
    return (
        f"{reached}; the components of the others agree with it by an adjusted Rand index of {min(agreement):.2f} to "
        f"{max(agreement):.2f}, and their log-likelihoods are lower by {lower:.3g} nats or more."
    )
