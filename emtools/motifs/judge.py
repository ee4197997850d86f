"""What decides whether a motif is there at all: what it is asked, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from emtools.em import Executor
from emtools.models.motif import MotifParams
from emtools.motifs.encoding import Encoding
from emtools.motifs.search import Candidate

#: Motifs of a higher p-value are listed on request only.
USUAL_SIGNIFICANCE = 0.05


@dataclass(frozen=True, slots=True)
class Plan:
    """What is looked for: the model, the widths to start from, the widths allowed, and the p-value of a clear motif."""

    occurrence: str
    widths: tuple[int, ...]
    narrowest: int
    widest: int
    significance: float = USUAL_SIGNIFICANCE


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
        The word that was counted, with a dot for any letter and a tilde before it if one letter may be another. Empty
        where sequences were compared that had no part in the search, by whether they hold the motif itself at or above
        a threshold that was fixed without them.
    """

    n_hits: int
    n_compared: int
    n_control_hits: int
    n_controls: int
    word: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The best that a search found: motifs to start from, best first; the p-value of the best, and what made it.

    `highest_occupancy` is the share of the sequences that may hold the motif, where controls say so: EM then goes from
    the first start alone.
    """

    starts: tuple[Candidate, ...]
    p_value: float
    comparison: Comparison | None = None
    highest_occupancy: float | None = None


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
