"""Copied sequences: found on either strand, in part, with few changes; sites of a motif are none; each counts once."""

import numpy as np
import pytest

from emtools.motifs.copies import Distinct, copied_letters, without_copies
from emtools.motifs.discovery import DiscoveryOptions, discover
from emtools.motifs.sequences import SequenceSet
from emtools.motifs.site_prior import SitePrior

TURNED = str.maketrans("ACGT", "TGCA")
SITE = "TTGACGGCATCA"


def random_text(rng: np.random.Generator, length: int) -> str:
    return "".join(rng.choice(list("ACGT"), length))


def changed(rng: np.random.Generator, text: str, share: float) -> str:
    return "".join(str(rng.choice(list("ACGT"))) if rng.random() < share else letter for letter in text)


def reverse(text: str) -> str:
    return text.translate(TURNED)[::-1]


def named(texts: list[str]) -> SequenceSet:
    return SequenceSet.of([(f"s{i}", text) for i, text in enumerate(texts)])


def with_copies(rng: np.random.Generator, n: int, n_copies: int, share: float) -> list[str]:
    """Random sequences of which `n_copies` are one, on either strand, with a share of their letters drawn anew."""
    texts = [random_text(rng, 100) for _ in range(n)]
    for i in range(1, n_copies):
        copy = changed(rng, texts[0], share)
        texts[i] = reverse(copy) if i % 2 else copy
    return [texts[i] for i in rng.permutation(n)]


@pytest.mark.parametrize("share", [0.0, 0.03])
@pytest.mark.parametrize(("n", "n_copies"), [(40, 10), (20, 5)])
def test_copies_do_not_confirm_each_other(n: int, n_copies: int, share: float) -> None:
    p_values = []
    for seed in range(4):
        texts = with_copies(np.random.default_rng(seed), n, n_copies, share)
        found = discover(named(texts), DiscoveryOptions(seed=seed))
        p_values.append(found.p_value)
        (said,) = [message for message in found.messages if message.startswith("Near copies of earlier sequences")]
        assert share or f", {n_copies - 1} of {n}: " in said
    assert np.median(p_values) > 0.05


def test_a_motif_is_found_beside_copies_and_listed_in_all_of_them() -> None:
    rng = np.random.default_rng(3)
    texts = with_copies(rng, 50, 10, 0.02)
    planted = [text[:30] + changed(rng, SITE, 0.05) + text[30:] for text in texts]
    for sequences in (named(planted), named(planted[:20])):
        (motif,) = discover(sequences, DiscoveryOptions(max_motifs=1)).motifs
        assert "GACGGCA" in either_strand(motif_text := text_of(motif.probabilities)), motif_text
        assert motif.n_sites >= 0.9 * len(sequences)
        assert len(set(motif.sites.sequence.tolist())) == motif.n_sites


def either_strand(text: str) -> str:
    return f"{text} {reverse(text)}"


def text_of(probabilities: np.ndarray) -> str:
    return "".join("ACGT"[code] for code in probabilities.argmax(axis=1))


def test_forty_sequences_with_a_motif_have_it_and_no_copies() -> None:
    rng = np.random.default_rng(8)
    texts = [random_text(rng, 50) + changed(rng, SITE, 0.1) + random_text(rng, 50) for _ in range(40)]
    found = discover(named(texts), DiscoveryOptions(max_motifs=1))
    assert found.p_value < 1e-6
    assert not any("copies of earlier sequences" in message.lower() for message in found.messages)


@pytest.mark.parametrize("width", [12, 15])
def test_exact_sites_of_a_motif_are_no_copies(width: int) -> None:
    rng = np.random.default_rng(width)
    site = random_text(rng, width)
    texts = [random_text(rng, 100) + site + random_text(rng, 100) for _ in range(300)]
    assert not copied_letters(named(texts), 15, both_strands=True).any()


def test_runs_of_one_and_of_two_letters_are_no_copies() -> None:
    rng = np.random.default_rng(1)
    texts = [random_text(rng, 50) + "A" * (30 + i) + random_text(rng, 50) + "TA" * (20 + i) for i in range(20)]
    assert not copied_letters(named(texts), 15, both_strands=True).any()


@pytest.mark.parametrize("turn", [False, True])
def test_what_overlaps_is_masked_in_the_later_sequence_and_the_rest_of_it_stays(turn: bool) -> None:
    rng = np.random.default_rng(2)
    genome = random_text(rng, 400)
    windows = [genome[start : start + 100] for start in range(0, 300, 60)]
    texts = [reverse(text) if turn and i % 2 else text for i, text in enumerate(windows)]
    distinct = Distinct.of(named(texts), 15, both_strands=True)
    assert distinct.kept.tolist() == [0, 1, 2, 3, 4]
    masked = [int(np.count_nonzero(distinct.sequences.sequence(i) == 4)) for i in range(5)]
    assert masked[0] == 0
    assert all(40 <= n <= 44 for n in masked[1:])
    assert "Stretches of earlier sequences in 4 of 5" in distinct.messages[0]


def test_the_other_strand_counts_only_where_it_is_searched() -> None:
    text = random_text(np.random.default_rng(4), 80)
    pair = named([text, reverse(text)])
    assert copied_letters(pair, 15, both_strands=True)[80:].all()
    assert not copied_letters(pair, 15, both_strands=False).any()


def test_a_prior_stays_with_its_letters() -> None:
    rng = np.random.default_rng(5)
    texts = with_copies(rng, 14, 3, 0.0)
    texts = [text[:20] + SITE + text[20:] for text in texts]
    values = np.full((14, 112), 0.001)
    values[:, 20] = 0.5
    found = discover(
        named(texts), DiscoveryOptions(max_motifs=1, narrowest=12, widest=12), site_prior=SitePrior(values.ravel(), 12)
    )
    assert found.motifs[0].sites.start.tolist() == [20] * 14


def test_copies_among_the_controls_are_one_control() -> None:
    rng = np.random.default_rng(6)
    controls = named([random_text(rng, 100)] * 30 + [random_text(rng, 100) for _ in range(30)])
    distinct = without_copies(controls, named([random_text(rng, 100)]), 15, both_strands=True)
    assert distinct.names == ("s0", *(f"s{i}" for i in range(30, 60)))


def test_controls_are_without_what_the_sequences_hold() -> None:
    rng = np.random.default_rng(9)
    sequences = named([random_text(rng, 100) for _ in range(5)])
    partly = random_text(rng, 60) + reverse(sequences.text(1)[20:60])
    controls = named([sequences.text(0), random_text(rng, 100), partly])
    distinct = without_copies(controls, sequences, 15, both_strands=True)
    assert distinct.names == ("s1", "s2")
    assert distinct.text(0) == controls.text(1)
    assert distinct.text(1) == partly[:60] + "N" * 40


def test_an_empty_sequence_and_none_at_all_hold_no_copies() -> None:
    assert Distinct.of(named([]), 15, both_strands=True).messages == ()
    assert Distinct.of(named(["", "ACGT" * 20, ""]), 15, both_strands=True).kept.tolist() == [0, 1, 2]
