"""Controls of small sets: as many sets as can be cut, none used twice, and a p-value that they make."""

import numpy as np
import pytest

from emtools.em import Serial
from emtools.models.motif import MotifParams
from emtools.motifs.control_sets import control_sets, matched, n_control_sets, n_matched
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


@pytest.mark.parametrize("seed", range(5))
def test_sets_are_disjoint_parts_of_controls_of_the_lengths_asked_for(seed: int) -> None:
    rng = np.random.default_rng(seed)
    controls = named([random_text(rng, int(length)) for length in rng.integers(20, 60, 50)])
    lengths = rng.integers(15, 45, 6)
    n_sets = n_control_sets(controls, lengths)
    assert n_sets >= 1
    sets = control_sets(controls, lengths, n_sets, rng)
    used = [name for each in sets for name in each.names]
    assert len(used) == len(set(used)) == 6 * n_sets
    for each in sets:
        assert each.lengths.tolist() == lengths.tolist()
        for i, name in enumerate(each.names):
            assert each.text(i) in controls.text(controls.names.index(name))


def test_as_many_sets_as_the_longest_sequences_allow() -> None:
    controls = named(["A" * 30] * 3 + ["A" * 20] * 6)
    assert n_control_sets(controls, np.array([30])) == 3
    assert n_control_sets(controls, np.array([10, 30, 20])) == 3
    assert n_control_sets(controls, np.array([30, 30])) == 1
    assert n_control_sets(controls, np.array([31])) == 0


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


def test_too_few_controls_make_the_background_and_the_message_says_why() -> None:
    rng = np.random.default_rng(3)
    found = discover(holding(rng, 8, "TTGACGGCATCA"), controls=holding(rng, 40, "TTGACGGCATCA"))
    assert found.motifs
    assert (
        "5 sets of the number and lengths of the sequences can be cut from them, and 19 are needed" in found.messages[0]
    )


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
def test_controls_are_cut_to_lengths_distributed_as_those_of_the_sequences(seed: int) -> None:
    rng = np.random.default_rng(seed)
    controls = named([random_text(rng, int(length)) for length in rng.integers(20, 60, 150)])
    lengths = rng.integers(15, 58, 40)
    n = n_matched(controls, lengths)
    assert 40 <= n <= 150
    cut = matched(controls, lengths, n, rng)
    assert len(set(cut.names)) == len(cut) == n
    for length in range(15, 58):
        assert (cut.lengths >= length).mean() == pytest.approx((lengths >= length).mean(), abs=1.0 / n + 1e-9)
    for i, name in enumerate(cut.names):
        assert cut.text(i) in controls.text(controls.names.index(name))


@pytest.mark.parametrize("length", [40, 800])
def test_controls_of_other_lengths_make_no_motif_of_noise(length: int) -> None:
    p_values = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        sequences, controls = (named([random_text(rng, n) for _ in range(60)]) for n in (200, length))
        p_values.append(discover(sequences, DiscoveryOptions(max_motifs=1), controls=controls).p_value)
    assert np.median(p_values) > 0.05
