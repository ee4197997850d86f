"""Discovery: search, fit, judge, erase, and again until nothing more is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from emtools.em import Executor, Progress, Serial, silent
from emtools.errors import ConfigurationError, InputError
from emtools.models.motif import Occurrence
from emtools.motifs import sentences
from emtools.motifs.background import MAXIMUM_ORDER, Background, highest_chosen_order
from emtools.motifs.controls import Controls
from emtools.motifs.copies import Distinct
from emtools.motifs.crossfitting import ENOUGH_TO_SPLIT, LEAST_CONTROLS, CrossFitting, n_parts
from emtools.motifs.encoding import Encoding
from emtools.motifs.judge import USUAL_SIGNIFICANCE, Judge, Plan
from emtools.motifs.motif import Motif
from emtools.motifs.resampling import LEAST_SETS, Resampling
from emtools.motifs.search import width_grid
from emtools.motifs.sequences import SequenceSet
from emtools.motifs.site_prior import SitePrior
from emtools.motifs.succession import Succession, ranked
from emtools.motifs.tracts import share_in_tracts
from emtools.motifs.two_tests import FEW_LETTERS, TwoTests

#: Letters of the pieces that long sequences are searched in where they may hold any number of sites.
_PIECE = 500


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
    background : Background, int or None
        The background, or its order; by default the order is chosen. It is estimated from the sequences, together with
        the controls where there are enough of them to test against.
    seed : int
    tolerance : float
        Of the engine: a run has converged when less than this is left to gain, in nats a sequence.
    significance : float
        The search ends when the p-value of the best motif left is above this; with 1 it lists what may be chance.
    """

    occurrence: str = "zoops"
    narrowest: int = 6
    widest: int = 15
    max_motifs: int = 3
    both_strands: bool = True
    background: Background | int | None = None
    seed: int = 0
    tolerance: float = 1e-4
    significance: float = USUAL_SIGNIFICANCE

    def __post_init__(self) -> None:
        widths = f"{self.narrowest}:{self.widest}" if self.narrowest != self.widest else str(self.widest)
        level = self.significance
        _require(self.occurrence in tuple(Occurrence), "model", self.occurrence, "is none", "choose oops, zoops or anr")
        _require(
            3 <= self.narrowest <= self.widest <= 50, "width", widths, "is no range of widths", "stay between 3 and 50"
        )
        _require(self.max_motifs >= 1, "max-motifs", self.max_motifs, "is no number of motifs", "choose 1 or more")
        order = self.background if isinstance(self.background, int) else 0
        _require(0 <= order <= MAXIMUM_ORDER, "background", order, "is no order of a background", "choose 0 to 5")
        _require(self.tolerance >= 0.0, "tolerance", self.tolerance, "is no tolerance of EM", "choose 0 or more")
        _require(
            0.0 < level <= 1.0, "significance", level, "is no level of significance", "choose one above 0, up to 1"
        )


def _require(fits: bool, where: str, value: object, what: str, cure: str) -> None:
    if not fits:
        raise ConfigurationError(what, where=where, value=value, cure=cure)


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
        The least p-value of the search, that of a rejected motif if none was found (or of one that was too vague); 1
        where nothing was tested.
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
        Sequences like these but without the motifs. Together with the sequences they make the background, and what is
        found is tested against them; where they are too few for that, they are not used, and a message says so.
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
        If no sequence can hold a site, or the controls are of another alphabet.
    """
    if controls is not None and controls.alphabet != sequences.alphabet:
        raise InputError(
            f"the controls are {controls.alphabet.name}, and the sequences {sequences.alphabet.name}",
            cure="compare with controls of the same kind",
        )
    options, executor = options or DiscoveryOptions(), executor or Serial()
    pieces = sequences.in_pieces(_PIECE) if options.occurrence == Occurrence.ANR else sequences
    distinct = Distinct.of(pieces, options.widest, both_strands=options.both_strands, executor=executor)
    options = _with_room(options, distinct.sequences)
    compared, said = _comparable(controls, sequences, distinct.sequences, options, executor)
    background, known = _background(options, sequences, compared, executor)
    said += [*known, *([] if pieces is sequences else [sentences.in_pieces(_PIECE)]), *distinct.messages]
    encoding, searched = _encoded(sequences, pieces, distinct, background, options, site_prior, executor)
    if len(searched.sequences) < 2 and options.occurrence != "anr":
        return Discovery((), background, tuple(said), sentences.alone(options.occurrence))
    judge = _judge(searched, options, compared, executor)
    said += sentences.tracts(share_in_tracts(searched.sequences, executor)) if judge.shuffles else []
    succession = Succession(
        judge, encoding, searched, options.occurrence, options.narrowest, options.max_motifs, options.significance,
        options.tolerance, executor, observe,
    )  # fmt: skip
    conclusion = succession.run()
    motifs = ranked(succession.motifs)
    said += [*succession.messages, *sentences.repeats(motifs), *sentences.chances(motifs)]
    said += sentences.at_the_limit(motifs, options.narrowest, options.widest)
    said += sentences.against_shuffles(motifs) if judge.shuffles else []
    return Discovery(motifs, background, (f"p-value: {succession.explanation}", *said), conclusion, succession.p_value)


def _comparable(
    given: SequenceSet | None,
    sequences: SequenceSet,
    distinct: SequenceSet,
    options: DiscoveryOptions,
    executor: Executor,
) -> tuple[Controls | None, list[str]]:
    """The controls, if there are enough of them to test against, and what is to be said of them."""
    if given is None:
        return None, []
    controls = Controls.of(given, sequences, options.widest, both_strands=options.both_strands, executor=executor)
    n_matched = controls.n_matched(distinct)
    cut = f"{n_matched} can be cut to as many letters as the sequences have"
    if len(distinct) < ENOUGH_TO_SPLIT:
        n, needed = controls.n_sets(distinct), LEAST_SETS
        lack = f"{n} sets of the number and lengths of the sequences can be cut, and {needed} are needed"
    else:
        n, needed = n_matched, LEAST_CONTROLS * n_parts(len(distinct))
        lack = f"{cut}, and {needed} are needed"
    if n >= needed:
        return controls, [f"There are {controls.explanation}; {cut}, and are compared."]
    said = (
        f"There are {controls.explanation}, too few to test against: {lack}. So the sequences are compared with "
        "shuffled copies of themselves, and make the background."
    )
    return None, [said]


def _background(
    options: DiscoveryOptions, sequences: SequenceSet, controls: Controls | None, executor: Executor
) -> tuple[Background, list[str]]:
    """The background as asked for, and what is to be said of it.

    It is made from the controls as well, where there are any, but never from them alone: it fits what it was made from
    better than anything else, and would tell the sequences from the controls where they are alike.
    """
    asked, both_strands = options.background, options.both_strands
    source = sequences if controls is None else SequenceSet.joined([sequences, controls.given])
    if isinstance(asked, Background):
        return asked, []
    if asked is None:
        return Background.beside_motifs(source, options.widest, both_strands=both_strands, executor=executor), []
    if asked <= highest_chosen_order(sequences.alphabet.size):
        return Background.of(source, asked, both_strands=both_strands, executor=executor), []
    said = (
        f"A background of order {asked} holds the frequent words of {asked + 1} letters, those of motifs as well, and "
        "may explain motifs away."
    )
    return Background.of(source, asked, both_strands=both_strands), [said]


def _with_room(options: DiscoveryOptions, sequences: SequenceSet) -> DiscoveryOptions:
    """No wider than what the sequences can hold."""
    longest = int(sequences.longest_stretches.max(initial=0))
    if longest < options.narrowest:
        raise InputError(
            "no sequence can hold a site", value=f"longest stretch of letters {longest}", cure="allow narrower motifs"
        )
    return replace(options, widest=min(options.widest, longest))


def _encoded(
    sequences: SequenceSet,
    pieces: SequenceSet,
    distinct: Distinct,
    background: Background,
    options: DiscoveryOptions,
    site_prior: SitePrior | None,
    executor: Executor,
) -> tuple[Encoding, Encoding]:
    """Everything, in which sites are listed; and in pieces, each stretch once, what the search, the test and EM see."""

    def encoded(given: SequenceSet) -> Encoding:
        prior = site_prior
        if prior and given is not sequences:
            prior = prior.subset(pieces, distinct.kept)
        return Encoding.of(given, background, both_strands=options.both_strands, site_prior=prior, executor=executor)

    everything = encoded(sequences)
    same = pieces is sequences and not distinct.messages
    return everything, everything if same else encoded(distinct.sequences)


def _judge(encoding: Encoding, options: DiscoveryOptions, controls: Controls | None, executor: Executor) -> Judge:
    """What decides on motifs: whether there are controls, and the number of sequences and letters."""
    widths = width_grid(options.narrowest, options.widest)
    significance = min(options.significance, USUAL_SIGNIFICANCE)
    plan = Plan(
        options.occurrence, widths, options.narrowest, options.widest, significance, listed=options.significance
    )
    rng = np.random.default_rng(options.seed)
    if controls is not None:
        return TwoTests.against_controls(plan, encoding, rng, executor, controls)
    if len(encoding.sequences) < ENOUGH_TO_SPLIT:
        return Resampling(plan, encoding, rng)
    if len(encoding.sequences.codes) > FEW_LETTERS:
        return CrossFitting(plan, encoding, rng, executor)
    return TwoTests.against_copies(plan, encoding, rng, executor)
