"""Words that tell sequences from controls lead to motifs: of few sequences, of all widths, each once."""

import re
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from emtools.em import Serial
from emtools.models.motif import MotifParams
from emtools.motifs import succession, word_test
from emtools.motifs.controls import Controls
from emtools.motifs.crossfitting import CrossFitting
from emtools.motifs.discovery import DiscoveryOptions, discover
from emtools.motifs.encoding import Encoding
from emtools.motifs.explained import explains
from emtools.motifs.judge import Plan
from emtools.motifs.search import COPY, likeness_of
from emtools.motifs.sequences import SequenceSet
from emtools.motifs.sites import sites_everywhere
from emtools.motifs.told_words import ANY, ToldWord
from emtools.motifs.word_test import WordTest

SITE = "TGACGTGGCA"
SHARED = "AAAAGAAAAA"


def sequence_set(texts: list[str]) -> SequenceSet:
    return SequenceSet.of([(f"s{i}", text) for i, text in enumerate(texts)])


def with_sites(rng: np.random.Generator, text: str, site: str, kept: float = 0.96) -> str:
    """A text with a site somewhere in it, most of its letters as they should be."""
    letters = "".join(letter if rng.random() < kept else str(rng.choice(list("ACGT"))) for letter in site)
    at = int(rng.integers(len(text) - len(site)))
    return text[:at] + letters + text[at + len(site) :]


def diluted(seed: int, n: int, n_holding: int, n_controls: int) -> tuple[SequenceSet, SequenceSet]:
    """Sequences of 200 letters, a few of them with a site; all of them, and the controls, share another motif."""
    rng = np.random.default_rng(seed)
    texts = ["".join(rng.choice(list("ACGT"), 200)) for _ in range(n + n_controls)]
    texts = [with_sites(rng, text, SHARED, 0.8) for text in texts]
    texts[:n_holding] = [with_sites(rng, text, SITE) for text in texts[:n_holding]]
    return sequence_set(texts[:n]), sequence_set(texts[n:])


def judges(seed: int, occurrence: str = "zoops", widths: tuple[int, ...] = (6, 8, 11, 15)) -> tuple[Encoding, WordTest]:
    sequences, controls = diluted(seed, 120, 24, 600)
    encoding, rng = Encoding.of(sequences), np.random.default_rng(seed)
    plan = Plan(occurrence, widths, widths[0], widths[-1])
    return encoding, WordTest.of(plan, encoding, rng, Controls(controls, controls))


def is_site(probabilities: np.ndarray, encoding: Encoding) -> bool:
    truth = np.full((len(SITE), 4), 0.02)
    truth[np.arange(len(SITE)), ["ACGT".index(letter) for letter in SITE]] = 0.94
    return likeness_of(probabilities, truth, encoding) > COPY


def test_a_motif_of_few_sequences_is_found_that_halves_do_not_show() -> None:
    by_words, by_halves = 0, 0
    for seed in range(4):
        encoding, words = judges(seed)
        verdict = words.next(encoding, Serial())
        assert verdict is not None
        by_words += verdict.p_value <= 0.01 and is_site(verdict.starts[0].params.probabilities, encoding)
        held = words.controls.sequences
        halves = CrossFitting(words.plan, encoding, np.random.default_rng(seed), Serial(), Controls(held, held))
        other = halves.next(encoding, Serial())
        by_halves += other is not None and other.p_value <= 0.05
    assert by_words == 4
    assert by_halves <= 2


def test_what_controls_say_keeps_a_motif_of_few_sequences_from_becoming_one_of_most() -> None:
    sequences, controls = diluted(11, 120, 24, 600)
    (motif, *_) = discover(sequences, DiscoveryOptions(max_motifs=1), controls=controls).motifs
    assert is_site(motif.probabilities, Encoding.of(sequences))
    assert 15 <= motif.n_sites <= 40
    encoding, words = judges(11)
    verdict = words.next(encoding, Serial())
    assert verdict is not None
    assert verdict.highest_occupancy == pytest.approx(24 / 120, abs=0.1)
    assert motif.fit.best.params.occupancy <= verdict.highest_occupancy + 0.05


@pytest.mark.parametrize(
    ("occurrence", "widths"), [("oops", (8, 11)), ("anr", (8, 11)), ("zoops", (12, 17)), ("zoops", (6,))]
)
def test_models_and_widths_are_those_asked_for(occurrence: str, widths: tuple[int, ...]) -> None:
    encoding, words = judges(3, occurrence, widths)
    verdict = words.next(encoding, Serial())
    assert verdict is not None
    assert verdict.p_value < 0.01
    assert widths[0] <= verdict.starts[0].width <= widths[-1]
    bounds = {"oops": (1.0, 1.0), "zoops": (0.1, 0.4), "anr": (0.1 / 200, 0.4 / 200)}
    lowest, highest = bounds[occurrence]
    assert verdict.highest_occupancy is not None
    assert lowest <= verdict.highest_occupancy <= highest


def test_a_motif_that_was_found_is_not_found_again() -> None:
    encoding, words = judges(4)
    verdict = words.next(encoding, Serial())
    assert verdict is not None
    everywhere = sites_everywhere(encoding, verdict.starts[0].params, Serial())
    words.erase(encoding, everywhere, Serial())
    # Even where it is still there, since these sequences did not lose it.
    again = words.next(encoding, Serial())
    assert again is None or not is_site(again.starts[0].params.probabilities, encoding)


def test_the_counts_beside_a_motif_are_those_its_p_value_is_made_of() -> None:
    sequences, controls = diluted(5, 120, 24, 600)
    found = discover(sequences, DiscoveryOptions(max_motifs=1), controls=controls)
    (motif,) = found.motifs
    counts = motif.comparison
    assert counts is not None
    assert (counts.n_compared, counts.n_controls) == (120, 600)
    in_all = counts.n_hits + counts.n_control_hits
    alone = stats.hypergeom.sf(counts.n_hits - 1, 720, in_all, 120)
    assert alone < motif.p_value < 1e6 * alone
    assert set(counts.word.partition(",")[0]) <= set("ACGT.")
    assert "the word that differs most" in found.messages[0]


def test_a_word_that_em_leads_away_from_is_a_motif_as_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_test, "best_of_width", lambda *_: [])
    encoding, words = judges(3, widths=(12, 17))
    verdict = words.next(encoding, Serial())
    assert verdict is not None
    assert verdict.starts[0].width == 12
    assert is_site(verdict.starts[0].params.probabilities, encoding)


@pytest.mark.parametrize("covered", [True, False])
def test_a_word_that_em_does_not_stay_with_is_passed_over_by_its_name(
    covered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(succession, "explains", lambda *_: covered)
    sequences, controls = diluted(11, 120, 24, 600)
    found = discover(sequences, DiscoveryOptions(max_motifs=1), controls=controls)
    passed = [message for message in found.messages if message.startswith("Passed over")]
    assert bool(found.motifs) == covered
    assert bool(passed) != covered
    for message in passed:
        assert re.search(r"in \d+ of 120 sequences and \d+ of 600 controls .*, of which EM made no motif", message)
    words = [message.split(",")[0] for message in passed]
    assert len(set(words)) == len(words) <= 4


def test_a_motif_explains_a_word_only_where_it_is() -> None:
    rng = np.random.default_rng(8)
    texts = ["".join(rng.choice(list("ACGT"), 200)) for _ in range(60)]
    texts = [text[:40] + "GGATTACCAG" + text[50:120] + SITE + text[130:] for text in texts]
    encoding = Encoding.of(sequence_set(texts))
    codes = np.array(["ACGT".index(letter) for letter in SITE[1:9]])
    word = ToldWord(codes, 0, 60, 5, 1e-9, 0.9)
    turned = replace(word, letters=3 - codes[::-1])
    gapped = replace(word, letters=np.where(np.arange(8) == 4, ANY, codes))
    for occurrence in ("oops", "zoops", "anr"):
        model = encoding.model(occurrence, 10)
        rate = 0.005 if occurrence == "anr" else 0.9
        its_own, another = (
            MotifParams(model.around(np.array(["ACGT".index(letter) for letter in site]), 0.95), rate)
            for site in (SITE, "GGATTACCAG")
        )
        for each in (word, turned, gapped):
            assert explains(encoding, model, its_own, each)
            assert not explains(encoding, model, another, each)


def test_few_sites_that_can_be_told_from_chance_are_said_to_be_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(succession, "_PLACED", 2.0)
    sequences, controls = diluted(11, 120, 24, 600)
    found = discover(sequences, DiscoveryOptions(max_motifs=1), controls=controls)
    (motif,) = found.motifs
    said = rf"{motif.consensus}: of about \d+ sites only {motif.n_sites} can be told from chance"
    assert any(re.match(said, message) for message in found.messages)
    # Without controls there is no word that tells what it is, and it is passed over.
    assert not discover(holding_all(5), DiscoveryOptions(max_motifs=1)).motifs


def holding_all(seed: int) -> SequenceSet:
    """Sequences of which every one has a site."""
    rng = np.random.default_rng(seed)
    return sequence_set([with_sites(rng, "".join(rng.choice(list("ACGT"), 100)), SITE) for _ in range(60)])


def test_what_may_be_chance_is_as_wide_as_asked_for() -> None:
    rng = np.random.default_rng(10)
    texts = ["".join(rng.choice(list("ACGT"), 80)) for _ in range(160)]
    options = DiscoveryOptions(narrowest=12, widest=14, max_motifs=2, significance=1.0)
    found = discover(sequence_set(texts[:40]), options, controls=sequence_set(texts[40:]))
    assert found.motifs
    assert all(12 <= motif.width <= 14 for motif in found.motifs)


def test_a_vague_motif_makes_no_word_known() -> None:
    encoding, words = judges(4)
    words.known.append(encoding.background.letter_frequencies + 0.01 * np.array([[1.0, -1.0, 1.0, -1.0]] * 6))
    verdict = words.next(encoding, Serial())
    assert verdict is not None
    assert is_site(verdict.starts[0].params.probabilities, encoding)


def test_the_word_is_read_on_the_strand_of_its_motif() -> None:
    read = []
    for seed in range(4):
        encoding, words = judges(seed)
        verdict = words.next(encoding, Serial())
        assert verdict is not None
        assert verdict.comparison is not None
        word, consensus = (
            verdict.comparison.word.partition(",")[0],
            verdict.starts[0].params.probabilities.argmax(axis=1),
        )
        read.append(word[1:5] in "".join("ACGT"[code] for code in consensus))
    assert sum(read) >= 3
