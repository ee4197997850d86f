"""Controls: cut to the room that the sequences have, none used twice, and the p-values that they make."""

from collections.abc import Iterable

import numpy as np
import pytest

from emtools.em import Serial
from emtools.models.motif import MotifParams
from emtools.motifs.background import Background
from emtools.motifs.controls import Controls
from emtools.motifs.crossfitting import CrossFitting
from emtools.motifs.discovery import DiscoveryOptions, discover
from emtools.motifs.encoding import Encoding
from emtools.motifs.judge import Plan
from emtools.motifs.resampling import Resampling
from emtools.motifs.sequences import SequenceSet


def random_text(rng: np.random.Generator, length: int) -> str:
    return "".join(rng.choice(list("ACGT"), length))


def named(texts: list[str]) -> SequenceSet:
    return SequenceSet.of([(f"s{i}", text) for i, text in enumerate(texts)])


def holding(rng: np.random.Generator, n: int, *sites: str) -> SequenceSet:
    """Sequences of 80 letters a site, one of each site in each."""
    parts = [[random_text(rng, 35) + site + random_text(rng, 45 - len(site)) for site in sites] for _ in range(n)]
    return named(["".join(part) for part in parts])


def pool(controls: SequenceSet) -> Controls:
    return Controls(controls, controls)


def random_lengths(rng: np.random.Generator, lengths: Iterable[int]) -> SequenceSet:
    """Random letters, a few of them unknown."""
    texts = [random_text(rng, int(length)) for length in lengths]
    return named(["".join("N" if rng.random() < 0.05 else letter for letter in text) for text in texts])


def letters(sequences: SequenceSet, index: int) -> str:
    return sequences.text(index).replace("N", "")


@pytest.mark.parametrize("seed", range(5))
def test_sets_are_parts_of_controls_with_the_letters_of_the_sequences(seed: int) -> None:
    rng = np.random.default_rng(seed)
    controls = random_lengths(rng, rng.integers(20, 60, 50))
    sequences = random_lengths(rng, rng.integers(15, 45, 6))
    n_sets = pool(controls).n_sets(sequences)
    assert n_sets >= 1
    sets = pool(controls).sets(sequences, n_sets, rng)
    used = [name for each in sets for name in each.names]
    assert len(used) == len(set(used)) == 6 * n_sets
    for each in sets:
        assert (each.is_letter == sequences.is_letter).all()
        for i, name in enumerate(each.names):
            assert letters(each, i) in letters(controls, controls.names.index(name))


def test_as_many_sets_as_the_longest_sequences_allow() -> None:
    controls = pool(named(["A" * 30] * 3 + ["A" * 10 + "N" * 5 + "A" * 10] * 6))
    assert controls.n_sets(named(["C" * 30])) == 3
    assert controls.n_sets(named(["C" * 10, "C" * 30, "C" * 20])) == 3
    assert controls.n_sets(named(["C" * 10, "CCNCC" * 8, "C" * 20])) == 0
    assert controls.n_sets(named(["C" * 30, "C" * 30])) == 1
    assert controls.n_sets(named(["C" * 21])) == 3
    assert controls.n_sets(named(["C" * 20])) == 9


def test_what_controls_share_is_no_motif_of_a_small_set() -> None:
    rng = np.random.default_rng(2)
    sequences, controls = holding(rng, 8, "TTGACGGCATCA"), holding(rng, 8 * 20, "TTGACGGCATCA")
    assert discover(sequences).p_value < 0.05
    found = discover(sequences, controls=controls)
    assert found.p_value > 0.05
    assert "sets of controls of the same lengths" in found.messages[0]


def test_a_motif_of_its_own_is_found_against_controls() -> None:
    rng = np.random.default_rng(4)
    sequences = holding(rng, 8, "GGATTACCAGTC", "TTGACGGCATCA")
    controls = holding(rng, 8 * 22, "GGATTACCAGTC", "")
    (motif,) = discover(sequences, controls=controls).motifs
    text = "".join("ACGT"[code] for code in motif.probabilities.argmax(axis=1))
    assert "GACGGCA" in text or "TGCCGTC" in text


def test_too_few_controls_are_not_used_and_the_message_says_why() -> None:
    rng = np.random.default_rng(3)
    found = discover(holding(rng, 8, "TTGACGGCATCA"), controls=holding(rng, 40, "TTGACGGCATCA"))
    assert found.motifs
    assert "5 sets of the number and lengths of the sequences can be cut, and 19 are needed" in found.messages[1]


def test_what_was_found_is_erased_from_the_copies_too() -> None:
    rng = np.random.default_rng(7)
    encoding = Encoding.of(named([random_text(rng, 60) + "A" * 40 for _ in range(8)]))
    judge = Resampling(Plan("anr", (8,), 8, 8), encoding, rng)
    judge.next(encoding, Serial())
    before = [judge.null[number].values[0] for number in range(9)]
    judge.erase(encoding, MotifParams(np.tile([0.94, 0.02, 0.02, 0.02], (8, 1)), 0.05), Serial())
    judge.next(encoding, Serial())
    assert np.mean([judge.null[number].values[0] for number in range(9)]) < 0.95 * np.mean(before)


@pytest.mark.parametrize("seed", range(5))
def test_controls_are_as_a_whole_like_the_sequences(seed: int) -> None:
    rng = np.random.default_rng(seed)
    controls = random_lengths(rng, rng.integers(20, 60, 150))
    sequences = random_lengths(rng, rng.integers(15, 50, 40))
    cut, compared = pool(controls).matched(sequences, rng)
    assert compared.mean() > 0.8
    assert 40 <= len(set(cut.names)) == len(cut) <= 150
    wanted = sequences.letter_counts[compared]
    for length in range(10, 50):
        assert (cut.letter_counts >= length).mean() == pytest.approx((wanted >= length).mean(), abs=1.0 / len(cut))
    for i, name in enumerate(cut.names):
        assert letters(cut, i) in letters(controls, controls.names.index(name))


def test_controls_are_drawn_from_all_that_are_long_enough() -> None:
    controls = pool(named(["A" * (30 + i) for i in range(60)]))
    drawn = [controls.matched(named(["C" * 50] * 3), np.random.default_rng(seed))[0] for seed in range(3)]
    assert all(len(each) == 40 for each in drawn)
    few = pool(named(["A" * (30 + i) for i in range(60)] + ["A" * 10] * 40))
    chosen = [few.matched(named(["C" * 60, "C" * 5]), np.random.default_rng(seed))[0].names for seed in range(3)]
    assert len({frozenset(names) for names in chosen}) == 3


def test_a_sequence_longer_than_all_controls_is_left_out_of_the_comparison_alone() -> None:
    controls = pool(named(["A" * 50] * 60))
    cut, compared = controls.matched(named(["C" * 51] + ["C" * 50] * 19), np.random.default_rng(0))
    assert len(cut) == 60
    assert compared.tolist() == [False] + [True] * 19
    nothing, _ = controls.matched(named(["C" * 51] * 20), np.random.default_rng(0))
    assert not len(nothing)


def test_longer_sequences_than_controls_are_searched_and_their_sites_listed() -> None:
    rng = np.random.default_rng(6)
    sequences = named([random_text(rng, 50 + 60 * (i < 3)) + "TTGACGGCATCA" + random_text(rng, 30) for i in range(60)])
    controls = named([random_text(rng, 92) for _ in range(300)])
    found = discover(sequences, DiscoveryOptions(max_motifs=1), controls=controls)
    (motif,) = found.motifs
    assert len(set(motif.sites.sequence.tolist())) > 55
    assert "without the 3 longest" in found.messages[0]


def test_a_part_that_holds_all_that_is_compared_leaves_nothing_to_fix_a_threshold_by() -> None:
    rng = np.random.default_rng(0)
    sequences = named([random_text(rng, 100) for _ in range(23)] + [random_text(rng, 50)])
    found = discover(
        sequences, DiscoveryOptions(max_motifs=1), controls=named([random_text(rng, 60) for _ in range(100)])
    )
    assert found.p_value > 0.0
    assert "without the 23 longest" in found.messages[0]


def test_the_background_does_not_tell_the_sequences_from_the_controls() -> None:
    """One that knows the controls alone by heart makes the words of sequences just like them look rare."""
    rng = np.random.default_rng(5)
    sequences, controls = (named([random_text(rng, 60) for _ in range(n)]) for n in (3, 57))
    options = DiscoveryOptions(background=2, max_motifs=1, significance=1.0)
    found = discover(sequences, options, controls=controls)
    together = Background.of(SequenceSet.joined([sequences, controls]), 2)
    for mine, theirs in zip(found.background.conditionals, together.conditionals, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_few_controls_are_not_worse_than_none() -> None:
    rng = np.random.default_rng(8)
    found = discover(holding(rng, 30, "TTGACGGCATCA"), controls=named([random_text(rng, 80) for _ in range(8)]))
    assert found.motifs
    assert "8 control sequences, too few to test against: 8 can be cut" in found.messages[1]
    assert "60 are needed" in found.messages[1]


@pytest.mark.parametrize("length", [40, 800])
def test_controls_of_other_lengths_make_no_motif_of_noise(length: int) -> None:
    p_values = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        sequences, controls = (named([random_text(rng, n) for _ in range(60)]) for n in (200, length))
        p_values.append(discover(sequences, DiscoveryOptions(max_motifs=1), controls=controls).p_value)
    assert np.median(p_values) > 0.05


def test_what_was_found_is_erased_from_the_controls_too() -> None:
    rng = np.random.default_rng(1)
    encoding = Encoding.of(holding(rng, 60, "TTGACGGCATCA"))
    controls = pool(holding(rng, 100, "TTGACGGCATCA"))
    judge = CrossFitting(Plan("zoops", (12,), 12, 12), encoding, rng, Serial(), controls)
    assert not judge.shuffles
    letters = np.array(["ACGT".index(letter) for letter in "TTGACGGCATCA"])
    matrix = np.full((12, 4), 0.02)
    matrix[np.arange(12), letters] = 0.94
    judge.erase(encoding, MotifParams(matrix, 0.01), Serial())
    for part in judge.control_parts:
        assert part.covered.sum() >= 12 * len(part.sequences)


@pytest.mark.parametrize("n", [16, 60])
def test_a_motif_that_the_controls_share_does_not_hide_the_one_they_lack(n: int) -> None:
    rng = np.random.default_rng(n)
    common = [random_text(rng, 60) + holding(rng, 1, "GGTCAAAGGTCA").text(0) for _ in range((41 if n < 20 else 8) * n)]
    own = holding(rng, n, "TTGACGGCATCA")
    sequences = named([text[:100] + own.text(i)[:100] for i, text in enumerate(common[:n])])
    controls = named([text[:100] + random_text(rng, 100) for text in common[n:]])
    found = discover(sequences, DiscoveryOptions(max_motifs=2), controls=controls)
    assert [motif.consensus for motif in found.motifs if "GACGGCA" in motif.consensus or "TGCCGTC" in motif.consensus]
    assert not [
        motif.consensus for motif in found.motifs if "TCAAAGG" in motif.consensus or "CCTTTGA" in motif.consensus
    ]


def test_several_motifs_that_the_controls_share_do_not_hide_the_one_they_lack() -> None:
    rng = np.random.default_rng(3)
    shared = ("GGTCAAAGGTCA", "CCGGAAGTGCCG", "TGCGTAGGCATC")
    texts = ["".join(holding(rng, 1, motif).text(0)[:100] for motif in shared) for _ in range(480)]
    own = holding(rng, 30, "TTGACGGCATCA")
    sequences = named(
        [text + (own.text(i)[:100] if i < 30 else random_text(rng, 100)) for i, text in enumerate(texts[:60])]
    )
    controls = named([text + random_text(rng, 100) for text in texts[60:]])
    found = discover(sequences, DiscoveryOptions(max_motifs=1), controls=controls)
    (motif,) = found.motifs
    assert "GACGGCA" in motif.consensus or "TGCCGTC" in motif.consensus
    assert not any("what all sequences of this kind have in common" in message for message in found.messages)


def test_a_background_that_knows_words_by_heart_tells_no_sequences_from_controls() -> None:
    p_values = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        sequences, controls = (named([random_text(rng, 100) for _ in range(n)]) for n in (60, 120))
        found = discover(sequences, DiscoveryOptions(max_motifs=1, background=5), controls=controls)
        assert found.background.order == 5
        assert any("may explain motifs away" in message for message in found.messages)
        p_values.append(found.p_value)
    assert np.median(p_values) > 0.05
