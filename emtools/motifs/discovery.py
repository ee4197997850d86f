"""Discovery: search, fit, judge, erase, and again until nothing more is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emtools.em import Executor, Fit, FitOptions, Progress, Serial, fit, silent
from emtools.errors import ConfigurationError, InputError
from emtools.models.motif import MotifParams, MotifStats
from emtools.motifs.background import Background
from emtools.motifs.encoding import Encoding
from emtools.motifs.search import Candidate, width_grid
from emtools.motifs.sequences import SequenceSet
from emtools.motifs.significance import ENOUGH_TO_SPLIT, CrossFitting, Judge, Plan, Resampling, Verdict
from emtools.motifs.sites import Sites, find_sites, posteriors, site_letters, sites_everywhere, without_sites


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
    tolerance: float = 1e-5
    significance: float = 0.05

    def __post_init__(self) -> None:
        if not 3 <= self.narrowest <= self.widest <= 50:
            raise ConfigurationError(
                "is no range of widths", value=f"{self.narrowest}:{self.widest}", cure="stay between 3 and 50"
            )


@dataclass(frozen=True, slots=True)
class Motif:
    """A motif found.

    Attributes
    ----------
    name : str
        "motif_1" and so on.
    rank : int
        From 1, in the order found.
    consensus : str
        One letter a column, IUPAC where the alphabet has such letters.
    width : int
    probabilities, counts : ndarray of float64, shape (width, n_letters)
        The fitted letter distribution of each column, and the letters of the sites listed.
    n_sites : int
    p_value, e_value : float
    log_likelihood_ratio : float
        Of the motif over the background, in nats.
    information_bits : float
        Relative entropy of all columns over the background.
    sites : Sites
    fit : Fit
        Every run of EM that led here.
    """

    name: str
    rank: int
    consensus: str
    width: int
    probabilities: NDArray[np.float64]
    counts: NDArray[np.float64]
    n_sites: int
    p_value: float
    e_value: float
    log_likelihood_ratio: float
    information_bits: float
    sites: Sites
    fit: Fit[MotifParams, MotifStats]


@dataclass(frozen=True, slots=True)
class Discovery:
    """The motifs found, the background they stand against, and what is to be said about both."""

    motifs: tuple[Motif, ...]
    background: Background
    messages: tuple[str, ...]
    conclusion: str


def discover(
    sequences: SequenceSet,
    options: DiscoveryOptions | None = None,
    *,
    controls: SequenceSet | None = None,
    executor: Executor | None = None,
    observe: Callable[[Progress], None] = silent,
) -> Discovery:
    """Find the motifs of a set of sequences.

    Parameters
    ----------
    sequences : SequenceSet
    options : DiscoveryOptions, optional
    controls : SequenceSet, optional
        Sequences like these but without the motifs; they make the background.
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
    options = options or DiscoveryOptions()
    if not len(sequences):
        raise InputError("there are no sequences to search", cure="give at least one")
    background = options.background or Background.of(controls or sequences)
    encoding = Encoding.of(sequences, background, both_strands=options.both_strands)
    executor = executor or Serial()
    judge = _judge(encoding, options, controls)
    motifs: list[Motif] = []
    conclusion = f"{options.max_motifs} motifs were asked for and found."
    while len(motifs) < options.max_motifs:
        verdict = judge.next(encoding, executor)
        if verdict is None or verdict.p_value > options.significance:
            conclusion = _end(verdict, options, encoding, len(motifs))
            break
        p_value = max(verdict.p_value, *(motif.p_value for motif in motifs), 0.0)
        motif = _fitted(encoding, options, verdict.starts, (len(motifs) + 1, p_value), executor, observe)
        motifs.append(motif)
        everywhere = sites_everywhere(encoding, motif.fit.best.params)
        encoding = without_sites(encoding, everywhere)
        judge.erase(everywhere)
    return Discovery(tuple(motifs), background, (judge.explanation,), conclusion)


def _judge(encoding: Encoding, options: DiscoveryOptions, controls: SequenceSet | None) -> Judge:
    plan = Plan(options.occurrence, width_grid(options.narrowest, options.widest), options.narrowest, options.widest)
    rng = np.random.default_rng(options.seed)
    if len(encoding.sequences) >= ENOUGH_TO_SPLIT:
        return CrossFitting(plan, encoding, rng, controls)
    return Resampling(plan, encoding, rng)


def _end(verdict: Verdict | None, options: DiscoveryOptions, encoding: Encoding, n_found: int) -> str:
    found = f"{n_found} motifs were found" if n_found else "No motif was found"
    if verdict is None:
        return f"{found}; nothing more is left to search."
    best = consensus(verdict.starts[0].params.probabilities, encoding)
    return (
        f"{found}: the next best, {best}, has a p-value of {verdict.p_value:.2g}, "
        f"which is above {options.significance:g}."
    )


def _fitted(
    encoding: Encoding,
    options: DiscoveryOptions,
    found: Sequence[Candidate],
    place: tuple[int, float],
    executor: Executor,
    observe: Callable[[Progress], None],
) -> Motif:
    """EM to convergence on everything, and its sites."""
    width = found[0].width
    rank, p_value = place
    model, blocks = encoding.model(options.occurrence, width), encoding.blocks(width)
    result = fit(
        model,
        blocks,
        FitOptions(tolerance=options.tolerance),
        starts=[candidate.params for candidate in found if candidate.width == width],
        executor=executor,
        observe=observe,
    )
    params = result.best.params
    posterior = posteriors(model, blocks, params)
    sites = find_sites(encoding, model, params, posterior)
    places = encoding.sequences.offsets[sites.sequence] + sites.start
    letters = site_letters(encoding, width, places, sites.strand)
    counts = np.stack([np.bincount(column, minlength=encoding.sequences.alphabet.size) for column in letters.T])
    frequencies = encoding.background.letter_frequencies
    return Motif(
        name=f"motif_{rank}",
        rank=rank,
        consensus=consensus(params.probabilities, encoding),
        width=width,
        probabilities=params.probabilities,
        counts=counts.astype(np.float64),
        n_sites=len(sites),
        p_value=p_value,
        e_value=float("nan"),
        log_likelihood_ratio=result.best.log_likelihood,
        information_bits=float(np.sum(params.probabilities * np.log2(params.probabilities / frequencies))),
        sites=sites,
        fit=result,
    )


def consensus(probabilities: NDArray[np.float64], encoding: Encoding) -> str:
    """One letter a column: the fewest letters that share at least three quarters of it, as their ambiguity letter.

    Letters are joined only where each has at least a fifth; without a letter for the set, the likeliest stands alone.
    """
    alphabet = encoding.sequences.alphabet
    ambiguous = {frozenset(letters): letter for letter, letters in alphabet.ambiguous.items() if letter != "X"}
    result = []
    for column in probabilities:
        order = np.argsort(-column, kind="stable")
        joined = [alphabet.letters[order[0]]]
        for code in order[1:]:
            if column[order[: len(joined)]].sum() >= 0.75 or column[code] < 0.2:
                break
            joined.append(alphabet.letters[code])
        result.append(joined[0] if len(joined) == 1 else ambiguous.get(frozenset(joined), joined[0]))
    return "".join(result)
