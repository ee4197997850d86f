"""A motif that was found, and what can be said of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emtools.em import Executor, Fit
from emtools.models.motif import MotifModel, MotifParams, MotifStats
from emtools.motifs.alphabet import Alphabet
from emtools.motifs.encoding import Encoding
from emtools.motifs.evalue import log_e_value
from emtools.motifs.exact import LEAST_P_VALUE
from emtools.motifs.judge import Comparison
from emtools.motifs.sequences import SequenceSet
from emtools.motifs.sites import Sites, find_sites, letters_beside, site_letters

#: A motif that agrees so well with itself a few letters on is periodic; it is a repeat if such a share of it goes on
#: beside its sites, or if it has less than so many bits a column.
_PERIODIC, _GOES_ON, _WEAK = 0.7, 0.15, 1.0
#: Whatever lies beside it, it is one if it has so many letters, and its unit so many times; letters are counted from
#: the first to the last column with such a share of the squared deviation of the strongest one.
_LONG, _TIMES, _STRONG = 8, 4, 0.25
_LONGEST_UNIT = 3
#: So vague a motif, in bits a column, is of low complexity as well where its columns deviate alike by such a share.
_VAGUE, _SHARED = 0.75, 0.4


@dataclass(frozen=True, slots=True)
class Motif:
    """A motif found.

    Attributes
    ----------
    name : str
        "motif_1" and so on.
    rank : int
        From 1: in the order found, but repeats of one to three letters come last.
    consensus : str
        One letter a column, IUPAC where the alphabet has such letters.
    width : int
    probabilities, counts : ndarray of float64, shape (width, n_letters)
        The fitted letter distribution of each column, and the letters of the sites listed.
    n_sites, n_sequences : int
        Sites listed, and the sequences that hold them.
    p_value : float
        What it is, `Discovery.messages` says; never below that of a motif found before.
    comparison : Comparison or None
        The hits in sequences held out and in controls that the p-value comes from; None where copies were searched.
    e_value : float
        As MEME computes it; 1e-300 stands for itself and everything below, here and in p-values.
    log_likelihood_ratio : float
        Of the motif over the background, in nats.
    information_bits : float
        Relative entropy of all columns over the background.
    repeat : int
        The number of letters after which the motif repeats itself (1 to 3: low complexity), else 0.
    palindrome : bool
        Whether the motif was held equal to its own reverse complement.
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
    n_sequences: int
    p_value: float
    comparison: Comparison | None
    e_value: float
    log_likelihood_ratio: float
    information_bits: float
    repeat: int
    palindrome: bool
    sites: Sites
    fit: Fit[MotifParams, MotifStats]


def described(
    encoding: Encoding,
    sequences: SequenceSet,
    model: MotifModel,
    fit: Fit[MotifParams, MotifStats],
    p_value: float,
    comparison: Comparison | None = None,
    executor: Executor | None = None,
) -> Motif:
    """The motif of a fit, as the first of its rank: its sites, its E-value, its consensus.

    Sites lie in what is left of the sequences, `encoding`; what goes on beside them is seen in all letters.
    """
    params = fit.best.params
    sites = find_sites(encoding, model, params, executor)
    places = encoding.sequences.offsets[sites.sequence] + sites.start
    letters = site_letters(encoding, model.width, places, sites.strand)
    size, frequencies = encoding.sequences.alphabet.size, encoding.background.letter_frequencies
    counts = np.stack([np.bincount(column, minlength=size) for column in letters.T]).astype(np.float64)
    n_windows = np.concatenate([block.n_windows for block in encoding.blocks(model.width)])
    log_e = log_e_value(counts, frequencies, n_windows, str(model.occurrence), model.n_strands)
    return Motif(
        name="motif_1",
        rank=1,
        consensus=consensus(params.probabilities, encoding.sequences.alphabet),
        width=model.width,
        probabilities=params.probabilities,
        counts=counts,
        n_sites=len(sites),
        n_sequences=len(np.unique(sites.sequence)),
        p_value=p_value,
        comparison=comparison,
        e_value=max(math.exp(min(log_e, 700.0)), LEAST_P_VALUE),
        log_likelihood_ratio=fit.best.log_likelihood,
        information_bits=float(np.sum(params.probabilities * np.log2(params.probabilities / frequencies))),
        repeat=repeat_unit(
            params.probabilities, frequencies, letters_beside(sequences, model.width, sites, _LONGEST_UNIT)
        ),
        palindrome=model.palindrome,
        sites=sites,
        fit=fit,
    )


def consensus(probabilities: NDArray[np.float64], alphabet: Alphabet) -> str:
    """One letter a column, after Cavener (1987, Nucleic Acids Research 15:1353).

    A letter alone where it has more than half of the column and more than twice the next; the ambiguity letter of two
    that share more than three quarters, or of three that share more than 95%; else the letter for any ("?" if the
    alphabet has none).

    Examples
    --------
    >>> from emtools.motifs.alphabet import DNA
    >>> consensus(np.array([[0.9, 0.1, 0, 0], [0.5, 0, 0.5, 0], [0.25, 0.25, 0.25, 0.25]]), DNA)
    'ARN'
    """
    spelled = {frozenset(letters): letter for letter, letters in reversed(list(alphabet.ambiguous.items()))}
    return "".join(_letter(column, alphabet, spelled) for column in probabilities)


def _letter(column: NDArray[np.float64], alphabet: Alphabet, spelled: dict[frozenset[str], str]) -> str:
    order = np.argsort(-column, kind="stable")
    letters, shares = [alphabet.letters[code] for code in order], column[order]
    if shares[0] > 0.5 and shares[0] > 2.0 * shares[1]:
        return letters[0]
    for n_letters, least in ((2, 0.75), (3, 0.95)):
        if shares[:n_letters].sum() > least and frozenset(letters[:n_letters]) in spelled:
            return spelled[frozenset(letters[:n_letters])]
    return spelled.get(frozenset(letters), alphabet.wildcard)


def repeat_unit(
    probabilities: NDArray[np.float64], frequencies: NDArray[np.float64], beside: NDArray[np.float64]
) -> int:
    """After how many letters, one to three, a motif repeats itself; 0 where it does not.

    A motif may agree with itself a few letters on and be no repeat (GCCGCC): what lies beside the sites of a repeat
    goes on like it, unless the motif is as long as repeats are (AAAAAAAA, CACACACA). A weak motif needs no such proof
    (the third letters of codons are like this). A vague one that says little more than that a letter is frequent, as
    its columns deviate alike, counts as 1.

    Parameters
    ----------
    probabilities : ndarray of shape (width, n_letters)
    frequencies : ndarray of shape (n_letters,)
        Of the background.
    beside : ndarray of shape (6, n_letters)
        Letter counts of the three columns before the sites and of the three after them.

    Examples
    --------
    >>> motif = np.tile([[0.97, 0.01, 0.01, 0.01], [0.01, 0.01, 0.01, 0.97]], (3, 1))
    >>> alone, going_on = np.full((6, 4), 10.0), 10.0 + 20.0 * np.tile(np.eye(4)[[3, 0]], (3, 1))
    >>> repeat_unit(motif, np.full(4, 0.25), alone), repeat_unit(motif, np.full(4, 0.25), going_on)
    (0, 2)
    >>> repeat_unit(np.tile(motif, (2, 1)), np.full(4, 0.25), alone)
    2
    """
    deviations = probabilities - frequencies
    bits = float(np.sum(probabilities * np.log2(probabilities / frequencies))) / len(probabilities)
    for unit in range(1, min(_LONGEST_UNIT, len(deviations) // 2) + 1):
        head, tail = deviations[:-unit], deviations[unit:]
        scale = math.sqrt(float(np.sum(head**2)) * float(np.sum(tail**2)))
        periodic = scale > 0.0 and float(np.sum(head * tail)) > _PERIODIC * scale
        whole = _n_strong(deviations) >= max(_LONG, _TIMES * unit)
        if periodic and (whole or bits < _WEAK or _share_beside(deviations, unit, frequencies, beside) > _GOES_ON):
            return unit
    shared = len(deviations) * float(np.sum(deviations.mean(axis=0) ** 2))
    return int(bits < _VAGUE and shared > _SHARED * float(np.sum(deviations**2)))


def _n_strong(deviations: NDArray[np.float64]) -> int:
    """How many letters there are from the first column to the last that says anything beside the strongest."""
    strength = np.sum(deviations**2, axis=1)
    strong = np.flatnonzero(strength > _STRONG * strength.max())
    return int(np.ptp(strong)) + 1


def _share_beside(
    deviations: NDArray[np.float64], unit: int, frequencies: NDArray[np.float64], beside: NDArray[np.float64]
) -> float:
    """What share of a periodic motif goes on beside its sites: 0 if nothing does, 1 if all does."""
    reach = np.arange(_LONGEST_UNIT)
    expected = np.concatenate([deviations[:unit][(reach - _LONGEST_UNIT) % unit], deviations[-unit:][reach % unit]])
    seen = (beside + frequencies) / (beside.sum(axis=1, keepdims=True) + 1.0) - frequencies
    return float(np.sum(seen * expected) / np.sum(expected**2))
