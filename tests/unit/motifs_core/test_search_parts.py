"""The parts of the search: words counted, tests exact, ends placed, copies and repeats recognized."""

import itertools
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from emtools.kernels.motif_search import count_pairs, count_words, likeness
from emtools.motifs.alphabet import DNA, PROTEIN
from emtools.motifs.discovery import DiscoveryOptions, discover
from emtools.motifs.encoding import Encoding
from emtools.motifs.exact import LEAST_EXTRAPOLATED, fisher_exact, resampled_p_value, told_apart
from emtools.motifs.search import width_grid
from emtools.motifs.sequences import SequenceSet
from emtools.motifs.site_prior import SitePrior
from emtools.motifs.widths import column_costs
from emtools.motifs.words import enriched_pairs, enriched_words

COMPLEMENT = np.array([3, 2, 1, 0])
UNIFORM = np.full(4, 0.25)


def sequence_set(*texts: str) -> SequenceSet:
    return SequenceSet.of([(f"s{i}", text) for i, text in enumerate(texts)])


def reverse(word: str) -> str:
    return word.translate(str.maketrans("ACGT", "TGCA"))[::-1]


@settings(max_examples=40, deadline=None)
@given(
    texts=st.lists(st.text("ACGTN", max_size=25), min_size=1, max_size=4), length=st.integers(1, 4), both=st.booleans()
)
def test_words_are_counted_once_a_sequence(texts, length, both):
    sequences = sequence_set(*texts)
    counts = count_words(sequences.codes, sequences.offsets, length, 4, COMPLEMENT if both else COMPLEMENT[:0])
    for index, letters in enumerate(itertools.product("ACGT", repeat=length)):
        word = "".join(letters)
        expected = sum(word in text or (both and reverse(word) in text) for text in texts)
        if both and reverse(word) < word:
            expected = 0
        assert counts[index] == expected


def test_the_planted_word_is_the_most_enriched():
    rng = np.random.default_rng(0)
    texts = ["".join(rng.choice(list("ACGT"), 100)) for _ in range(60)]
    texts = [text[:40] + ("GATTCCAC" if i % 2 else "GTGGAATC") + text[48:] for i, text in enumerate(texts)]
    words = enriched_words(Encoding.of(sequence_set(*texts)), 8, 1)
    assert {DNA.decode(word.astype(np.int8)) for word in words} & {"GATTCCAC", "GTGGAATC"}


@settings(max_examples=40, deadline=None)
@given(
    texts=st.lists(st.text("ACGTN", max_size=25), min_size=1, max_size=4),
    length=st.integers(1, 2),
    gaps=st.lists(st.integers(0, 6), min_size=1, max_size=3, unique=True).map(sorted),
    both=st.booleans(),
)
def test_pairs_of_words_are_counted_once_a_sequence(texts, length, gaps, both):
    sequences = sequence_set(*texts)
    words = ["".join(letters) for letters in itertools.product("ACGT", repeat=length)]
    turned_words = np.array([words.index(reverse(word)) for word in words] if both else [], dtype=np.int64)
    counts = count_pairs(sequences.codes, sequences.offsets, length, np.array(gaps), 4, turned_words)
    for g, gap in enumerate(gaps):
        for index, letters in enumerate(itertools.product("ACGT", repeat=2 * length)):
            pair = "".join(letters)
            given_pair, turned = (f"(?={p[:length]}[ACGT]{{{gap}}}{p[length:]})" for p in (pair, reverse(pair)))
            expected = sum(bool(re.search(given_pair, t) or (both and re.search(turned, t))) for t in texts)
            if both and reverse(pair) < pair:
                expected = 0
            assert counts[g, index] == expected


def test_the_planted_pair_is_the_most_enriched():
    rng = np.random.default_rng(0)
    texts = ["".join(rng.choice(list("ACGT"), 100)) for _ in range(60)]
    for i, text in enumerate(texts[:40]):
        between = "".join(rng.choice(list("ACGT"), 7))
        texts[i] = text[:40] + ("GCA" + between + "TTG" if i % 2 else "CAA" + between + "TGC") + text[53:]
    ((letters, gap),) = enriched_pairs(Encoding.of(sequence_set(*texts)), 15, 1)
    assert gap == 7
    assert DNA.decode(letters.astype(np.int8)) in ("GCATTG", "CAATGC")


def test_there_are_no_pairs_in_motifs_that_are_narrow():
    assert enriched_pairs(Encoding.of(sequence_set("ACGTACGTACGT")), 7, 5) == []


@settings(max_examples=60, deadline=None)
@given(n=st.integers(1, 40), m=st.integers(1, 60), data=st.data())
def test_fisher_equals_scipy(n, m, data):
    hits, control_hits = data.draw(st.integers(0, n)), data.draw(st.integers(0, m))
    expected = stats.fisher_exact([[hits, n - hits], [control_hits, m - control_hits]], alternative="greater").pvalue
    assert fisher_exact(hits, n, control_hits, m) == pytest.approx(expected, rel=1e-9)


def test_the_threshold_separates_what_can_be_separated():
    scores, controls = np.array([5.0, 6.0, 7.0, 0.5]), np.array([0.4, 0.6, 1.0, 2.0])
    assert told_apart(scores, controls).threshold == 5.0
    assert told_apart(np.zeros(3), controls).threshold == np.inf


def test_the_rank_is_exact_and_the_tail_falls():
    null = np.random.default_rng(0).gumbel(size=39)
    assert resampled_p_value(float(null.max()), null) == 2 / 40
    assert resampled_p_value(float(null.min()) - 1.0, null) == 1.0
    beyond = [resampled_p_value(float(null.max()) + step, null) for step in (0.5, 2.0, 8.0)]
    assert beyond[0] <= 1 / 40
    assert beyond[0] > beyond[1] > beyond[2] > LEAST_EXTRAPOLATED
    assert resampled_p_value(float(null.max()) + 1000.0, null) == LEAST_EXTRAPOLATED


def test_copies_that_hardly_differ_say_little_of_the_tail():
    null = np.array([0.869, 0.877] * 10)
    assert resampled_p_value(1.0, null, least_scale=0.5) == 1 / 21
    assert 1e-3 < resampled_p_value(4.1, null, least_scale=0.5) < 1 / 21


def test_the_gumbel_tail_is_not_too_small():
    """Where the null is Gumbel, what is extrapolated from 39 copies is no smaller than the truth on the average."""
    rng = np.random.default_rng(1)
    truth = 1e-3
    level = -np.log(-np.log1p(-truth))
    claimed = [resampled_p_value(level, rng.gumbel(size=39)) for _ in range(300)]
    assert np.median(claimed) >= truth


def test_a_copy_is_recognized_shifted_reversed_and_cut():
    motif = np.full((10, 4), 0.02) + 0.92 * np.eye(4)[DNA.encode("TTGACGGCAT")]
    motif /= motif.sum(axis=1, keepdims=True)
    other = np.full((10, 4), 0.02) + 0.92 * np.eye(4)[DNA.encode("CCATTAGAGC")]
    other /= other.sum(axis=1, keepdims=True)
    assert likeness(motif, motif, UNIFORM, COMPLEMENT) == pytest.approx(1.0)
    assert likeness(motif, motif[::-1, ::-1].copy(), UNIFORM, COMPLEMENT) == pytest.approx(1.0)
    assert likeness(motif, motif[::-1, ::-1].copy(), UNIFORM, COMPLEMENT[:0]) < 0.7
    assert likeness(motif[2:], motif[:8], UNIFORM, COMPLEMENT) > 0.7
    assert likeness(motif, other, UNIFORM, COMPLEMENT) < 0.5


@pytest.mark.parametrize(("narrowest", "widest"), [(3, 50), (6, 15), (8, 8), (10, 12)])
def test_widths_to_start_from_reach_both_ends(narrowest, widest):
    grid = width_grid(narrowest, widest)
    assert grid[0] == narrowest
    assert grid[-1] == widest
    assert all(b / a < 1.6 for a, b in itertools.pairwise(grid))


def test_what_is_erased_and_what_is_unlikely_a_priori_lowers_the_odds():
    sequences = sequence_set("ACGTACGTACGT")
    prior = np.linspace(0.5, 1.5, 12)
    encoding = Encoding.of(sequences, site_prior=SitePrior(prior, width=4))
    free = np.ones(12, dtype=np.float32)
    free[5] = 0.25
    (plain,), (erased,) = Encoding.of(sequences).blocks(4), replace(encoding, free=free).blocks(4)
    likelier = prior / prior[:9].mean()
    expected = np.where((np.arange(12) >= 2) & (np.arange(12) <= 5), 0.25, 1.0) * likelier * plain.odds
    np.testing.assert_allclose(erased.odds, expected, rtol=1e-6)


def test_a_gap_costs_no_more_than_it_says() -> None:
    counts = np.array([[30.0, 0, 0, 0], [7.5, 7.5, 7.5, 7.5], [0, 0, 30, 0]])
    costs = column_costs(counts, np.full(4, 0.25))
    price = 1.5 * np.log(31.0)
    np.testing.assert_allclose(costs, np.log(2.0) + np.array([price, 0.0, price]))


def test_two_cores_with_a_wide_gap_are_one_motif() -> None:
    rng = np.random.default_rng(2)
    texts = ["".join(rng.choice(list("ACDEFGHIKLMNPQRSTVWY"), 200)) for _ in range(40)]
    texts = [text[:50] + "C" + text[51:53] + "C" + text[54:66] + "H" + text[67:70] + "H" + text[71:] for text in texts]
    found = discover(
        SequenceSet.of([(f"p{i}", text) for i, text in enumerate(texts)], PROTEIN),
        DiscoveryOptions(both_strands=False, widest=25, max_motifs=1),
    )
    assert found.motifs[0].consensus == "CXXC" + 12 * "X" + "H" + 3 * "X" + "H"
