"""Two tests of one motif: the second one is made where the first says too little, and each pays for there being two."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from emtools.em import Executor
from emtools.models.motif import MotifParams
from emtools.motifs.controls import Controls
from emtools.motifs.crossfitting import CrossFitting
from emtools.motifs.encoding import Encoding
from emtools.motifs.judge import USUAL_SIGNIFICANCE, Judge, Plan, Verdict
from emtools.motifs.resampling import LEAST_SETS, Resampling, Stages
from emtools.motifs.word_test import WordTest

#: Copies of more letters take longer to search than a motif is worth.
FEW_LETTERS = 40_000
#: What the two p-values are multiplied by: the inverses add up to one.
HELD_OUT_PRICE, RESAMPLED_PRICE = 21.0, 1.05
WORD_PRICE, SEARCH_PRICE = 3.0, 1.5
#: Significant is only what is better than all 20 copies, 1.05 / 21, so that a better copy ends the search.
COPIES: Stages = MappingProxyType({4: (0.0, 0.2), 10: (0.0, 0.1), 20: (0.0, 0.0)})


@dataclass
class TwoTests:
    """What is not significant in a first test is judged once more by a second one.

    The smaller of the two p-values counts, each multiplied by its price: a weighted Bonferroni correction.

    Attributes
    ----------
    first, second : Judge
    prices : tuple of two floats
        Their inverses add up to one.
    significance : float
        Up to this p-value the first test is enough.
    """

    first: Judge
    second: Judge
    prices: tuple[float, float]
    significance: float = USUAL_SIGNIFICANCE
    _second_made: bool = field(init=False, default=False)

    @classmethod
    def against_copies(cls, plan: Plan, encoding: Encoding, rng: np.random.Generator, executor: Executor) -> TwoTests:
        """Against shuffled copies, where there are sequences enough to hold some out and few enough to search copies.

        Holding out costs power: a part of the sequences is searched for what another part is to show. Searching copies
        costs time. So the first test is for strong motifs, and the second one for what it leaves.
        """
        held_out = CrossFitting(_clear(plan, HELD_OUT_PRICE), encoding, rng, executor)
        copies = Resampling(plan, encoding, rng, stages=COPIES)
        return cls(held_out, copies, (HELD_OUT_PRICE, RESAMPLED_PRICE), plan.significance)

    @classmethod
    def against_controls(
        cls, plan: Plan, encoding: Encoding, rng: np.random.Generator, executor: Executor, controls: Controls
    ) -> TwoTests:
        """Against controls: words that tell both apart, and where there are none what a search finds.

        Words are counted in everything and quickly. What they do not show are motifs that hardly ever look the same.
        """
        words = WordTest.of(_clear(plan, WORD_PRICE), encoding, rng, controls)
        few_letters = len(encoding.sequences.codes) <= FEW_LETTERS
        search: Judge
        if few_letters and controls.n_sets(encoding.sequences) >= LEAST_SETS:
            search = Resampling(_clear(plan, SEARCH_PRICE), encoding, rng, controls)
        else:
            search = CrossFitting(_clear(plan, SEARCH_PRICE), encoding, rng, executor, controls)
        return cls(words, search, (WORD_PRICE, SEARCH_PRICE), plan.significance)

    @property
    def shuffles(self) -> bool:
        """Whether both compare with shuffled copies."""
        return self.first.shuffles and self.second.shuffles

    @property
    def explanation(self) -> str:
        """What the p-value is, in a sentence for each test."""
        price, other = self.prices
        if not self._second_made:
            return f"{self.first.explanation} It is multiplied by {price:g}, since a second test could have followed."
        return (
            f"{self.first.explanation} Where that was not significant, a second test followed: "
            f"{self.second.explanation} The smaller p-value is taken, once the first is multiplied by {price:g} and "
            f"the second by {other:g}, as there are two tests."
        )

    def next(self, encoding: Encoding, executor: Executor) -> Verdict | None:
        """The best by the first test if that is significant, otherwise by the one that says more."""
        first = _times(self.prices[0], self.first.next(encoding, executor))
        if first is not None and first.p_value <= self.significance:
            return first
        second = _times(self.prices[1], self.second.next(encoding, executor))
        self._second_made |= second is not None
        return min([each for each in (second, first) if each], key=lambda each: each.p_value, default=None)

    def erase(self, left: Encoding, everywhere: MotifParams, executor: Executor) -> None:
        """Erase a motif from what both tests compare with."""
        self.first.erase(left, everywhere, executor)
        self.second.erase(left, everywhere, executor)


def _clear(plan: Plan, price: float) -> Plan:
    """The same, where a motif is clear if it still is after its price."""
    return replace(plan, significance=plan.significance / price, listed=plan.listed / price)


def _times(price: float, verdict: Verdict | None) -> Verdict | None:
    return verdict and replace(verdict, p_value=min(1.0, price * verdict.p_value))
