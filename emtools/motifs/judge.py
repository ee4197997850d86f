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
    """How many of the sequences that had no part in a search, and of the controls, hold a site of what it found.

    Attributes
    ----------
    n_hits, n_held_out : int
        Sequences at or above the threshold that was fixed without them, of so many.
    n_control_hits, n_controls : int
        The same of the controls.
    """

    n_hits: int
    n_held_out: int
    n_control_hits: int
    n_controls: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """The best that a search found: motifs to start from, best first; the p-value of the best, and what made it.

    `shared` is the strongest of what was not told from controls that were given, to be passed over if the best found is
    not significant.
    """

    starts: tuple[Candidate, ...]
    p_value: float
    comparison: Comparison | None = None
    shared: Candidate | None = None


class Judge(Protocol):
    """Searches what is left of the sequences, and says how surprising the best of it is."""

    def next(self, encoding: Encoding, executor: Executor) -> Verdict | None:
        """The best motif of what is left; None where no motif fits."""
        ...

    def erase(self, left: Encoding, everywhere: MotifParams, executor: Executor) -> None:
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
