"""Discovery: search, fit, judge, erase, and again until nothing more is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from emtools.em import Executor, Fit, FitOptions, Progress, Run, Serial, Squarem, fit, silent
from emtools.errors import ConfigurationError, InputError
from emtools.models.motif import MotifModel, MotifParams, MotifStats
from emtools.motifs.background import Background
from emtools.motifs.controls import Controls
from emtools.motifs.copies import Distinct
from emtools.motifs.crossfitting import ENOUGH_TO_SPLIT, CrossFitting
from emtools.motifs.encoding import Encoding
from emtools.motifs.judge import Judge, Plan, Verdict
from emtools.motifs.motif import Motif, consensus, described
from emtools.motifs.resampling import Resampling
from emtools.motifs.search import width_grid
from emtools.motifs.sequences import SequenceSet
from emtools.motifs.site_prior import SitePrior
from emtools.motifs.sites import find_sites, site_letters, sites_everywhere, without_sites
from emtools.motifs.two_tests import COPIES, FEW_LETTERS, TwoTests
from emtools.motifs.widths import column_costs

#: Sites that are starts of their own for the final fit, fewer where each step costs more.
_RESTARTS, _RESTARTS_WORK = 12, 200_000
#: Letters times runs that are carried to convergence, one run at least and three at most.
_LONG_WORK = 300_000
#: The share of the sites of a motif, of those there should be, that can be told from the background.
_PLACED = 0.05
_ALONE = (
    "No motif was found: there is one sequence to search, in which '{}' allows for one site at most; 'anr' looks for "
    "what repeats in it."
)
#: A motif that agrees so well with its own reverse complement is tried as a palindrome.
_NEARLY_SYMMETRIC = 0.7


@dataclass(frozen=True, slots=True)
class DiscoveryOptions:
    """What to look for.

    Attributes
    ----------
    occurrence : str
        "oops", "zoops" or "anr".
    narrowest, widest : int
        The widths allowed.
    max_motifs : int
        The most motifs to report.
    both_strands : bool
        Whether sites may lie on the other strand.
    background : Background or None
        By default estimated from the sequences.
    seed : int
    tolerance : float
        Of the engine: a run has converged when less than this is left to gain, in nats a sequence.
    significance : float
        The search ends when the p-value of the best motif left is above this.
    """

    occurrence: str = "zoops"
    narrowest: int = 6
    widest: int = 15
    max_motifs: int = 3
    both_strands: bool = True
    background: Background | None = None
    seed: int = 0
    tolerance: float = 1e-4
    significance: float = 0.05

    def __post_init__(self) -> None:
        if not 3 <= self.narrowest <= self.widest <= 50:
            raise ConfigurationError(
                "is no range of widths", value=f"{self.narrowest}:{self.widest}", cure="stay between 3 and 50"
            )


@dataclass(frozen=True, slots=True)
class Discovery:
    """The motifs found, and what is to be said about them.

    Attributes
    ----------
    motifs : tuple of Motif
        By rank; empty where there is none.
    background : Background
        What the motifs stand against.
    messages : tuple of str
        What the p-values are, and what else is worth knowing.
    conclusion : str
        Why the search ended.
    p_value : float
        The least p-value of the search, that of a rejected motif if none was found (or of one that has no two places
        where it is likelier than not); 1 where nothing was tested.
    """

    motifs: tuple[Motif, ...]
    background: Background
    messages: tuple[str, ...]
    conclusion: str
    p_value: float = 1.0


def discover(
    sequences: SequenceSet,
    options: DiscoveryOptions | None = None,
    *,
    controls: SequenceSet | None = None,
    site_prior: SitePrior | None = None,
    executor: Executor | None = None,
    observe: Callable[[Progress], None] = silent,
) -> Discovery:
    """Find the motifs of a set of sequences.

    Parameters
    ----------
    sequences : SequenceSet
    options : DiscoveryOptions, optional
    controls : SequenceSet, optional
        Sequences like these but without the motifs. They make the background, and what is found in the sequences is
        tested against them; where they are too few for that, a message says so.
    site_prior : SitePrior, optional
        Where in each sequence a site is likelier to start. It guides the search and the fit, and may not be made from
        these sequences: the p-value takes it as known beforehand.
    executor : Executor, optional
        Where the E-step runs.
    observe : callable, optional
        Called after each iteration of each run.

    Returns
    -------
    Discovery

    Raises
    ------
    InputError
        If no sequence can hold a site.
    """
    options, executor = options or DiscoveryOptions(), executor or Serial()
    distinct = Distinct.of(sequences, options.widest, both_strands=options.both_strands, executor=executor)
    longest = int(distinct.sequences.longest_stretches.max(initial=0))
    if longest < options.narrowest:
        raise InputError(
            "no sequence can hold a site", value=f"longest stretch of letters {longest}", cure="allow narrower motifs"
        )
    options = replace(options, widest=min(options.widest, longest))
    background = options.background or Background.beside_motifs(
        sequences if controls is None else controls, options.widest, both_strands=options.both_strands
    )
    encoding, searched = _encoded(sequences, distinct, background, options, site_prior, executor)
    if len(searched.sequences) < 2 and options.occurrence != "anr":
        return Discovery((), background, distinct.messages, _ALONE.format(options.occurrence))
    judge = _judge(
        searched,
        options,
        None
        if controls is None
        else Controls.of(controls, sequences, options.widest, both_strands=options.both_strands, executor=executor),
        executor,
    )
    motifs: list[Motif] = []
    least, conclusion = 1.0, f"{_motifs(options.max_motifs)} asked for and found."
    while sum(not motif.repeat for motif in motifs) < options.max_motifs and len(motifs) < 2 * options.max_motifs:
        verdict = judge.next(searched, executor)
        least = min(least, verdict.p_value if verdict else 1.0)
        if verdict is None or verdict.p_value > options.significance:
            conclusion = _end(verdict, options, encoding, len(motifs))
            break
        p_value = max(verdict.p_value, *(each.p_value for each in motifs), 0.0)
        model, result = _fitted(searched, options, verdict, executor, observe)
        motif = described(encoding, model, result, rank=1, p_value=p_value, executor=executor)
        if motif.n_sites < max(min(2, len(sequences)), _PLACED * result.best.stats.n_sites):
            conclusion = (
                f"{_found(len(motifs))}: the next best, {motif.consensus}, is too vague to say where it is: likelier "
                f"than not in {motif.n_sites} of about {result.best.stats.n_sites:.0f} places."
            )
            break
        motifs.append(motif)
        everywhere = sites_everywhere(searched, result.best.params, executor)
        searched, encoding = _erased(searched, encoding, everywhere, judge, options.narrowest, executor)
        judge.erase(searched, everywhere, executor)
    ranked = _ranked(motifs)
    return Discovery(
        ranked, background, (f"p-value: {judge.explanation}", *distinct.messages, *_repeats(ranked)), conclusion, least
    )


def _encoded(
    sequences: SequenceSet,
    distinct: Distinct,
    background: Background,
    options: DiscoveryOptions,
    site_prior: SitePrior | None,
    executor: Executor,
) -> tuple[Encoding, Encoding]:
    """Everything, in which sites are listed; and what the search, the test and EM see, each stretch once."""

    def encoded(given: SequenceSet) -> list[Encoding]:
        prior = site_prior
        if prior and given is not sequences:
            prior = prior.subset(sequences.letters_of(distinct.kept))
        return [Encoding.of(given, background, both_strands=options.both_strands, site_prior=prior)]

    encodings = executor.fold(encoded, [sequences, distinct.sequences] if distinct.messages else [sequences])
    return encodings[0], encodings[-1]


def _erased(
    searched: Encoding, encoding: Encoding, everywhere: MotifParams, judge: Judge, narrowest: int, executor: Executor
) -> tuple[Encoding, Encoding]:
    """Both without a motif that was found.

    What is searched and shuffled loses the letters for good: copies of the whole would have to place the words of these
    letters elsewhere, and would no longer be like what is left.
    """
    left = without_sites(searched, everywhere, executor)
    whole = left if encoding is searched else without_sites(encoding, everywhere, executor)
    return left.masked(narrowest) if judge.shuffles else left, whole


def _ranked(motifs: Sequence[Motif]) -> tuple[Motif, ...]:
    """Repeats last, otherwise as found."""
    order = sorted(motifs, key=lambda motif: motif.repeat > 0)
    return tuple(replace(motif, name=f"motif_{rank}", rank=rank) for rank, motif in enumerate(order, start=1))


def _repeats(motifs: Sequence[Motif]) -> list[str]:
    return [
        f"{motif.name}, {motif.consensus}, repeats itself after {motif.repeat} letter{'s' * (motif.repeat > 1)}: "
        "it is of low complexity, and ranked behind the others."
        for motif in motifs
        if motif.repeat
    ]


def _judge(encoding: Encoding, options: DiscoveryOptions, controls: Controls | None, executor: Executor) -> Judge:
    widths = width_grid(options.narrowest, options.widest)
    plan = Plan(options.occurrence, widths, options.narrowest, options.widest, options.significance)
    rng = np.random.default_rng(options.seed)
    if len(encoding.sequences) < ENOUGH_TO_SPLIT:
        return Resampling(plan, encoding, rng, controls)
    held_out = CrossFitting(plan, encoding, rng, executor, controls)
    if len(encoding.sequences.codes) > FEW_LETTERS:
        return held_out
    resampled = Resampling(plan, encoding, rng, None if held_out.shuffles else controls, COPIES)
    alike = held_out.shuffles or resampled.n_sets == max(COPIES)
    return TwoTests(held_out, resampled, options.significance) if alike else held_out


def _found(n: int) -> str:
    return f"{_motifs(n)} found" if n else "No motif was found"


def _end(verdict: Verdict | None, options: DiscoveryOptions, encoding: Encoding, n_found: int) -> str:
    found = _found(n_found)
    if verdict is None:
        return f"{found}; nothing more is left to search."
    best = consensus(verdict.starts[0].params.probabilities, encoding.sequences.alphabet)
    return (
        f"{found}: the next best, {best}, has a p-value of {verdict.p_value:.2g}, "
        f"which is above {options.significance:g}."
    )


def _fitted(
    encoding: Encoding,
    options: DiscoveryOptions,
    verdict: Verdict,
    executor: Executor,
    observe: Callable[[Progress], None],
) -> tuple[MotifModel, Fit[MotifParams, MotifStats]]:
    """EM to convergence on all that is searched, from what was found and from its own best sites."""
    width = verdict.starts[0].width
    model, blocks = encoding.model(options.occurrence, width), encoding.blocks(width, executor=executor)
    starts = [candidate.params for candidate in verdict.starts if candidate.width == width]
    starts += _around_sites(encoding, model, starts[0], executor)
    n_long = int(np.clip(_LONG_WORK // max(len(encoding.sequences.codes), 1), 1, 3))
    settings = FitOptions(tolerance=options.tolerance, n_long=n_long)
    run = partial(fit, blocks=blocks, options=settings, executor=executor, stepper=Squarem(), observe=observe)
    result = run(model, starts=starts)
    twin = encoding.model(options.occurrence, width, palindrome=True)
    mirrored = _mirrored(model, result.best.params)
    if mirrored is not None:
        symmetric = run(twin, starts=[mirrored])
        if _earned(twin, symmetric.best) > _earned(model, result.best):
            model, result = twin, symmetric
    return model, result


def _motifs(n: int) -> str:
    return "1 motif was" if n == 1 else f"{n} motifs were"


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
