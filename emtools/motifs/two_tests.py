"""Two tests of one motif, where there are sequences enough to hold some out and few enough to search copies of all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from emtools.em import Executor
from emtools.models.motif import MotifParams
from emtools.motifs.controls import Controls
from emtools.motifs.crossfitting import CrossFitting
from emtools.motifs.encoding import Encoding
from emtools.motifs.judge import USUAL_SIGNIFICANCE, Plan, Verdict
from emtools.motifs.resampling import Resampling, Stages

#: Copies of more letters take longer to search than a motif is worth.
FEW_LETTERS = 40_000
#: What the two p-values are multiplied by: the inverses add up to one.
HELD_OUT_PRICE, RESAMPLED_PRICE = 21.0, 1.05
#: Significant is only what is better than all 20 copies, 1.05 / 21, so that a better copy ends the search.
COPIES: Stages = MappingProxyType({4: (0.0, 0.2), 10: (0.0, 0.1), 20: (0.0, 0.0)})


@dataclass
class TwoTests:
    """What is not significant in sequences held out is judged once more, by a search of everything and of its copies.

    Holding out costs power: a part of the sequences is searched for what another part is to show. Searching copies
    costs time. So the first test is for strong motifs, and the second one for what it leaves. The smaller of the two
    p-values counts, each multiplied by its price: a weighted Bonferroni correction.
    """

    held_out: CrossFitting
    resampled: Resampling
    significance: float = USUAL_SIGNIFICANCE

    @classmethod
    def of(
        cls,
        plan: Plan,
        encoding: Encoding,
        rng: np.random.Generator,
        executor: Executor,
        controls: Controls | None = None,
    ) -> TwoTests:
        """Both tests of the same sequences; what is clear to the first one is so after its price."""
        first = replace(plan, significance=plan.significance / HELD_OUT_PRICE)
        held_out = CrossFitting(first, encoding, rng, executor, controls)
        return cls(held_out, Resampling(plan, encoding, rng, controls, COPIES), plan.significance)

    @property
    def shuffles(self) -> bool:
        """Whether both compare with shuffled copies."""
        return self.held_out.shuffles and self.resampled.shuffles

    @property
    def explanation(self) -> str:
        """What the p-value is, in a sentence for each test."""
        first = self.held_out.explanation
        if not self.resampled.n_searched:
            return f"{first} It is multiplied by {HELD_OUT_PRICE:g}, since a second test could have followed."
        return (
            f"{first} Where that was not significant, a second test followed: {self.resampled.explanation} The "
            f"smaller of the two counts; they are multiplied by {HELD_OUT_PRICE:g} and {RESAMPLED_PRICE:g}, as there "
            "are two."
        )

    def next(self, encoding: Encoding, executor: Executor) -> Verdict | None:
        """The best by the first test if that is significant, otherwise by the one that says more."""
        first = _times(HELD_OUT_PRICE, self.held_out.next(encoding, executor))
        if first is not None and first.p_value <= self.significance:
            return first
        second = _times(RESAMPLED_PRICE, self.resampled.next(encoding, executor))
        verdicts = [each for each in (second, first) if each]
        shared = next((each.shared for each in verdicts if each.shared), None)
        best = min(verdicts, key=lambda each: each.p_value, default=None)
        return best and replace(best, shared=shared)

    def erase(self, left: Encoding, everywhere: MotifParams, executor: Executor) -> None:
        """Erase a motif from what both tests compare with."""
        self.held_out.erase(left, everywhere, executor)
        self.resampled.erase(left, everywhere, executor)


def _times(price: float, verdict: Verdict | None) -> Verdict | None:
    return verdict and replace(verdict, p_value=min(1.0, price * verdict.p_value))
