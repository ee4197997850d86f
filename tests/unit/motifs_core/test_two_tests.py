"""Two tests of one motif: each pays its price, the second is asked only where the first says too little."""

from typing import Any, cast

import numpy as np
import pytest

from emtools.em import Serial
from emtools.models.motif import MotifParams
from emtools.motifs import discovery
from emtools.motifs.controls import Controls
from emtools.motifs.crossfitting import CrossFitting
from emtools.motifs.discovery import DiscoveryOptions, discover
from emtools.motifs.encoding import Encoding
from emtools.motifs.judge import Plan, Verdict
from emtools.motifs.resampling import STAGES
from emtools.motifs.search import Candidate
from emtools.motifs.sequences import SequenceSet
from emtools.motifs.two_tests import COPIES, HELD_OUT_PRICE, RESAMPLED_PRICE, SEARCH_PRICE, WORD_PRICE, TwoTests
from emtools.motifs.word_test import WordTest

MOTIF = Candidate(MotifParams(np.full((6, 4), 0.25), 0.5), 0.0)


class Says:
    """A judge with an answer of its own."""

    def __init__(self, p_value: float | None) -> None:
        self.p_value, self.n_asked = p_value, 0

    def next(self, *_: object) -> Verdict | None:
        self.n_asked += 1
        return None if self.p_value is None else Verdict((MOTIF,), self.p_value)


@pytest.mark.parametrize(
    ("first", "second", "p_value", "n_asked"),
    [
        (0.002, 0.001, 0.042, 0),
        (0.02, 0.02, 0.021, 1),
        (0.02, 0.9, 0.42, 1),
        (None, 0.04, 0.042, 1),
        (0.5, None, 1.0, 1),
        (None, None, None, 1),
    ],
)
def test_the_smaller_of_two_priced_p_values_counts(
    first: float | None, second: float | None, p_value: float | None, n_asked: int
) -> None:
    other = Says(second)
    both = TwoTests(cast("Any", Says(first)), cast("Any", other), (HELD_OUT_PRICE, RESAMPLED_PRICE))
    verdict = both.next(cast("Any", None), Serial())
    assert (None if verdict is None else verdict.p_value) == pytest.approx(p_value)
    assert other.n_asked == n_asked


@pytest.mark.parametrize("prices", [(HELD_OUT_PRICE, RESAMPLED_PRICE), (WORD_PRICE, SEARCH_PRICE)])
def test_both_prices_together_keep_the_error_rate(prices: tuple[float, float]) -> None:
    assert sum(1.0 / price for price in prices) == pytest.approx(1.0)


def test_what_is_better_than_all_copies_is_significant() -> None:
    assert RESAMPLED_PRICE / (max(COPIES) + 1) <= 0.05
    assert SEARCH_PRICE / (max(STAGES) + 1) <= 0.05


def weakly_planted(seed: int) -> SequenceSet:
    """30 sequences of 300 letters, 14 of them with a site of eight letters, one in eight of which is wrong."""
    rng = np.random.default_rng(seed)
    texts = ["".join(rng.choice(list("ACGT"), 300)) for _ in range(30)]
    for i in range(14):
        site = "".join(letter if rng.random() < 7 / 8 else str(rng.choice(list("ACGT"))) for letter in "TGACGCAC")
        texts[i] = texts[i][:100] + site + texts[i][108:]
    return SequenceSet.of([(f"s{i}", text) for i, text in enumerate(texts)])


def test_weak_motifs_are_found_that_held_out_sequences_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    def n_found() -> int:
        options = [DiscoveryOptions(max_motifs=1, seed=seed) for seed in range(10)]
        return sum(bool(discover(weakly_planted(each.seed), each).motifs) for each in options)

    by_two = n_found()
    monkeypatch.setattr(discovery, "FEW_LETTERS", 0)
    assert by_two >= n_found() + 2


def test_what_is_clear_to_a_test_is_so_after_its_price() -> None:
    rng, plan, encoding = np.random.default_rng(0), Plan("zoops", (8,), 8, 8), Encoding.of(weakly_planted(0))
    copies = TwoTests.against_copies(plan, encoding, rng, Serial())
    assert isinstance(copies.first, CrossFitting)
    assert copies.first.plan.significance * HELD_OUT_PRICE == pytest.approx(copies.significance)
    others = SequenceSet.joined([weakly_planted(seed) for seed in range(1, 6)])
    controls = TwoTests.against_controls(plan, encoding, rng, Serial(), Controls(others, others))
    assert isinstance(controls.first, WordTest)
    assert isinstance(controls.second, CrossFitting)
    assert controls.first.plan.significance * WORD_PRICE == pytest.approx(controls.significance)
    assert controls.second.plan.significance * SEARCH_PRICE == pytest.approx(controls.significance)


def test_what_the_p_value_is_names_the_tests_that_were_made() -> None:
    found = discover(weakly_planted(0), DiscoveryOptions(max_motifs=1))
    assert "a second test followed" in found.messages[0]
    assert "the first is multiplied by 21 and the second by 1.05" in found.messages[0]


@pytest.mark.parametrize(("n_controls", "second"), [(5, "third of the sequences"), (22, "sets of controls")])
def test_the_second_test_against_controls_depends_on_how_many_sets_they_make(n_controls: int, second: str) -> None:
    controls = SequenceSet.joined([weakly_planted(seed) for seed in range(1, 1 + n_controls)])
    found = discover(weakly_planted(0), DiscoveryOptions(max_motifs=1), controls=controls)
    first, _, then = found.messages[0].partition("a second test followed")
    assert "the word that differs most" in first
    assert second in then
    assert "the first is multiplied by 3 and the second by 1.5" in then
