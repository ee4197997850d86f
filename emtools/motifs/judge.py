"""What decides whether a motif is there at all: what it is asked, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from emtools.em import Executor
from emtools.models.motif import MotifParams
from emtools.motifs.encoding import Encoding
from emtools.motifs.search import Candidate
from emtools.motifs.told_words import ToldWord

#: Motifs of a higher p-value are listed on request only.
USUAL_SIGNIFICANCE = 0.05


@dataclass(frozen=True, slots=True)
class Plan:
    """What is looked for: the model, the widths to start from, and the widths allowed.

    A motif is clear with a p-value up to `significance`, and listed up to `listed`.
    """

    occurrence: str
    widths: tuple[int, ...]
    narrowest: int
    widest: int
    significance: float = USUAL_SIGNIFICANCE
    listed: float = USUAL_SIGNIFICANCE


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many sequences, and how many controls, hold what a p-value is of.

    Attributes
    ----------
    n_hits, n_compared : int
        Sequences that hold it, of so many.
    n_control_hits, n_controls : int
        The same of the controls.
    word : str
        The word that was counted, with a dot for any letter, and whether one letter may be another. Empty where
        sequences were compared that had no part in the search, by whether they hold the motif itself at or above a
        threshold that was fixed without them.
    """

    n_hits: int
    n_compared: int
    n_control_hits: int
    n_controls: int
    word: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The best that a search found: motifs to start from, best first; the p-value of the best, and what made it.

    `word` is what tells sequences from controls, if that is what the p-value is of, and `highest_occupancy` what
    controls leave room for of the motif it led to: EM then goes from one start after another, until a result explains
    the word.
    """

    starts: tuple[Candidate, ...]
    p_value: float
    comparison: Comparison | None = None
    highest_occupancy: float | None = None
    word: ToldWord | None = None


class Judge(Protocol):
    """Searches what is left of the sequences, and says how surprising the best of it is."""

    def next(self, encoding: Encoding, executor: Executor) -> Verdict | None:
        """The best motif of what is left; None where no motif fits."""
        ...

    def erase(self, left: Encoding, everywhere: MotifParams, executor: Executor, /) -> None:
        """Erase a motif that was found from the controls, as it was from the sequences, of which this is left."""
        ...

    @property
    def shuffles(self) -> bool:
        """Whether sequences are compared with shuffled copies of themselves."""
        ...

    @property
    def explanation(self) -> str:
        """What the p-value is: what stands behind "p-value: "."""
        ...
