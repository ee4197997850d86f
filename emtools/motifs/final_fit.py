"""The final fit: EM to convergence on all that is searched, as a palindrome where that is earned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from emtools.em import Executor, Fit, FitOptions, Progress, Run, Serial, Squarem, fit, silent
from emtools.models.motif import MotifModel, MotifParams, MotifStats
from emtools.motifs.encoding import Encoding
from emtools.motifs.search import Candidate
from emtools.motifs.sites import find_sites, site_letters
from emtools.motifs.widths import column_costs

Fitted = tuple[MotifModel, Fit[MotifParams, MotifStats]]

#: Sites that are starts of their own, fewer where each step costs more.
_RESTARTS, _RESTARTS_WORK = 12, 200_000
#: Letters times runs that are carried to convergence, one run at least and three at most.
_LONG_WORK = 300_000
#: A motif that agrees so well with its own reverse complement is tried as a palindrome.
_NEARLY_SYMMETRIC = 0.7


def fitted(
    encoding: Encoding,
    occurrence: str,
    candidates: Sequence[Candidate],
    tolerance: float,
    *,
    highest_occupancy: float | None = None,
    executor: Executor | None = None,
    observe: Callable[[Progress], None] = silent,
) -> Fitted:
    """Run EM to convergence, from what a search found and from the best sites of it.

    Where it is known in how many sequences the motif can be, more than that are not what was found, and nor is another
    optimum nearby, however high: then EM goes from the first candidate alone.

    Parameters
    ----------
    encoding : Encoding
        All that is searched.
    occurrence : str
        "oops", "zoops" or "anr".
    candidates : sequence of Candidate
        Best first; those as wide as the best are starts.
    tolerance : float
        Of the engine, in nats a sequence.
    highest_occupancy : float, optional
        The share of the sequences that may hold the motif, where that is known.
    executor : Executor, optional
        Where the E-step runs.
    observe : callable, optional
        Called after each iteration of each run.

    Returns
    -------
    model : MotifModel
        A palindrome where its penalized likelihood is the higher one.
    fit : Fit
    """
    executor, width = executor or Serial(), candidates[0].width
    model = encoding.model(occurrence, width, highest_occupancy=highest_occupancy or 1.0)
    blocks = encoding.blocks(width, executor=executor)
    starts = [candidate.params for candidate in candidates if candidate.width == width]
    if highest_occupancy is None:
        starts += _around_sites(encoding, model, starts[0], executor)
    else:
        starts = [MotifParams(starts[0].probabilities, min(starts[0].occupancy, model.highest_occupancy))]
    n_long = int(np.clip(_LONG_WORK // max(len(encoding.sequences.codes), 1), 1, 3))
    settings = FitOptions(tolerance=tolerance, n_long=n_long)
    run = partial(fit, blocks=blocks, options=settings, executor=executor, stepper=Squarem(), observe=observe)
    result = run(model, starts=starts)
    twin = replace(model, palindrome=True)
    mirrored = _mirrored(model, result.best.params)
    if mirrored is not None:
        symmetric = run(twin, starts=[mirrored])
        if _earned(twin, symmetric.best) > _earned(model, result.best):
            model, result = twin, symmetric
    return model, result


def _mirrored(model: MotifModel, params: MotifParams) -> MotifParams | None:
    """The motif made equal to its own reverse complement, where it nearly is."""
    if not model.complement.size:
        return None
    deviations = params.probabilities - model.letter_frequencies
    agreement = float(np.sum(deviations * deviations[::-1, model.complement]))
    if agreement < _NEARLY_SYMMETRIC * float(np.sum(deviations**2)):
        return None
    return MotifParams(0.5 * (params.probabilities + params.probabilities[::-1, model.complement]), params.occupancy)


def _earned(model: MotifModel, run: Run[MotifParams, MotifStats]) -> float:
    """The likelihood ratio less the cost of the columns; those of a palindrome are paid once a pair."""
    costs = float(column_costs(run.stats.counts, model.letter_frequencies).sum())
    return run.log_likelihood - (0.5 * costs if model.palindrome else costs)


def _around_sites(encoding: Encoding, model: MotifModel, params: MotifParams, executor: Executor) -> list[MotifParams]:
    """Each of the best sites as a start of its own: nearby optima that the search of small data may have passed by."""
    n_starts = min(_RESTARTS, _RESTARTS_WORK // max(len(encoding.sequences.codes), 1))
    if not n_starts:
        return []
    sites = find_sites(encoding, model, params, executor)
    best = np.argsort(-sites.score_bits, kind="stable")[:n_starts]
    places = encoding.sequences.offsets[sites.sequence[best]] + sites.start[best]
    letters = site_letters(encoding, model.width, places, sites.strand[best])
    return [MotifParams(each, params.occupancy) for each in model.around(letters, share=0.7)]
