"""What is said of a search, and why it ended."""

from __future__ import annotations

from collections.abc import Sequence

from emtools.motifs.judge import USUAL_SIGNIFICANCE, Comparison
from emtools.motifs.motif import Motif
from emtools.motifs.sequences import listed
from emtools.motifs.tracts import SHORTEST_TRACT

#: With more of the letters in tracts, more than one search in twenty finds a motif beside them where there is none.
_MUCH_IN_TRACTS = 0.05


def alone(occurrence: str) -> str:
    """Why a single sequence was not searched."""
    return (
        f"No motif was found: there is one sequence to search, in which '{occurrence}' allows for one site at most; "
        "'anr' looks for what repeats in it."
    )


def in_pieces(n_letters: int) -> str:
    """How long sequences were searched."""
    return (
        f"Sequences of more than {2 * n_letters} letters are searched and tested in pieces of {n_letters} at most; "
        "sites are listed in the whole of them."
    )


def repeats(motifs: Sequence[Motif]) -> list[str]:
    """Which motifs are of low complexity."""
    return [
        f"{motif.name}, {motif.consensus}, repeats itself after {motif.repeat} letter{'s' * (motif.repeat > 1)}: "
        "it is of low complexity, and ranked behind the others."
        for motif in motifs
        if motif.repeat
    ]


def at_the_limit(motifs: Sequence[Motif], narrowest: int, widest: int) -> list[str]:
    """Which motifs are as wide as a range of widths allows, and so may be parts of wider ones."""
    widest_ones = [motif.name for motif in motifs if motif.width == widest and not motif.repeat]
    if not widest_ones or narrowest == widest:
        return []
    return [f"As wide as allowed, {widest} letters, and maybe part of a wider motif: {listed(widest_ones)}."]


def against_shuffles(motifs: Sequence[Motif]) -> list[str]:
    """What significance against shuffled copies does not say of motifs.

    Examples
    --------
    >>> against_shuffles([])
    []
    """
    said = (
        "Compared with shuffled copies, what all sequences of this kind have in common, as all promoters do, is "
        "significant, too: controls (--control) leave what is special to these."
    )
    return [said] if motifs else []


def chances(motifs: Sequence[Motif]) -> list[str]:
    """Which motifs were listed because a higher p-value than usual was allowed."""
    above = [motif.name for motif in motifs if motif.p_value > USUAL_SIGNIFICANCE]
    said = f"the p-value is above {USUAL_SIGNIFICANCE:g}: sequences without a motif often give as good a one."
    return [f"{listed(above)}: {said}"] if above else []


def enough(motifs: Sequence[Motif], most: int) -> str:
    """The search ended with as many motifs as asked for, or as many repeats as it puts up with.

    Examples
    --------
    >>> enough([], 0)
    '0 motifs were asked for and found.'
    """
    n_repeats = sum(motif.repeat > 0 for motif in motifs)
    if len(motifs) - n_repeats == most:
        more = f", and {n_repeats} of low complexity" if n_repeats else ""
        return f"{_motifs(most)} asked for and found{more}."
    return f"{_found(len(motifs))}, {n_repeats} of them of low complexity, and the search goes no further than so many."


def tracts(share: float) -> list[str]:
    """What is to be said of shuffled copies where so large a share of the letters lies in tracts.

    Examples
    --------
    >>> tracts(0.02)
    []
    """
    if share < _MUCH_IN_TRACTS:
        return []
    said = (
        f"{share:.0%} of the letters lie in tracts of {SHORTEST_TRACT} or more that repeat one, two or three letters. "
        "Shuffled copies spread these letters out, and what lies between the tracts may look like a motif only for "
        "being unlike them: p-values may be too small. Write tracts in lower case, as dustmasker does, and mask lower "
        "case."
    )
    return [said]


def nothing_left(n_found: int) -> str:
    """The search ended since nothing fits what is left.

    Examples
    --------
    >>> nothing_left(1)
    '1 motif was found; nothing more is left to search.'
    """
    return f"{_found(n_found)}; nothing more is left to search."


def not_significant(n_found: int, consensus: str, p_value: float, significance: float) -> str:
    """The search ended since the best of what is left may be chance.

    Examples
    --------
    >>> not_significant(0, "ACGT", 0.3, 0.05)
    'No motif was found: the next best, ACGT, has a p-value of 0.3, which is above 0.05.'
    """
    return (
        f"{_found(n_found)}: the next best, {consensus}, has a p-value of {p_value:.2g}, "
        f"which is above {significance:g}."
    )


def vague(consensus: str, n_placed: int, n_expected: float) -> str:
    """A motif was passed over that does not say where it is.

    Examples
    --------
    >>> vague("NNRN", 3, 414.2)
    'Passed over: NNRN, too vague to say where it is (likelier than not in 3 of about 414 places).'
    """
    return (
        f"Passed over: {consensus}, too vague to say where it is (likelier than not in {n_placed} of about "
        f"{n_expected:.0f} places)."
    )


def blurred(consensus: str, n_placed: int, n_expected: float) -> str:
    """A motif is listed of which few sites can be told from chance.

    Examples
    --------
    >>> blurred("AGGGG", 7, 48.3)
    'AGGGG: of about 48 sites only 7 can be told from chance, one by one, and are listed.'
    """
    return (
        f"{consensus}: of about {n_expected:.0f} sites only {n_placed} can be told from chance, one by one, and are "
        "listed."
    )


def only_word(counts: Comparison, p_value: float) -> str:
    """A word that is special to the sequences was passed over, since EM made no motif of it.

    Examples
    --------
    >>> only_word(Comparison(35, 132, 400, 4261, "AGGGGC"), 3.5e-5)
    'Passed over: AGGGGC, in 35 of 132 sequences and 400 of 4261 controls (p-value 3.5e-05), of which EM made no motif.'
    """
    return (
        f"Passed over: {counts.word}, in {counts.n_hits} of {counts.n_compared} sequences and {counts.n_control_hits} "
        f"of {counts.n_controls} controls (p-value {p_value:.2g}), of which EM made no motif."
    )


def only_words(n_found: int) -> str:
    """The search ended since words that are special to the sequences led to no motifs.

    Examples
    --------
    >>> only_words(1)
    '1 motif was found; of the next words that tell the sequences from the controls EM made no motifs.'
    """
    return f"{_found(n_found)}; of the next words that tell the sequences from the controls EM made no motifs."


def too_vague(n_found: int, consensus: str, n_placed: int, n_expected: float) -> str:
    """The search ended since the best of what is left does not say where it is.

    Examples
    --------
    >>> too_vague(2, "NNRN", 3, 414.2).partition(": likelier ")[2]
    'than not in 3 of about 414 places.'
    """
    return (
        f"{_found(n_found)}: the next best, {consensus}, is too vague to say where it is: likelier than not in "
        f"{n_placed} of about {n_expected:.0f} places."
    )


def found(motif: Motif) -> str:
    """One motif in one line."""
    return (
        f"{motif.name}: {motif.consensus}, {motif.n_sites} sites in {motif.n_sequences} sequences, "
        f"p-value {motif.p_value:.2g}"
    )


def _found(n: int) -> str:
    return f"{_motifs(n)} found" if n else "No motif was found"


def _motifs(n: int) -> str:
    return "1 motif was" if n == 1 else f"{n} motifs were"
