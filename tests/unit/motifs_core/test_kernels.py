"""The kernels that walk along sequences, against slow plain code."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from emtools.kernels.letters import letters_in_tracts
from emtools.kernels.motif import fill_window_odds, greatest, sequence_sums
from emtools.kernels.motif_search import canonical_words, maybe_repeated

COMPLEMENT = np.array([3, 2, 1, 0])
SEQUENCES = st.lists(st.text("ACGTN", min_size=0, max_size=30), min_size=1, max_size=5)


def encoded(texts):
    codes = np.array(["ACGTN".index(letter) for text in texts for letter in text], dtype=np.int8)
    return codes, np.cumsum([0, *map(len, texts)])


@given(SEQUENCES, st.integers(1, 6), st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_window_odds_are_products_of_factors_times_the_least_free_letter(texts, width, seed):
    rng = np.random.default_rng(seed)
    codes, offsets = encoded(texts)
    factors = rng.lognormal(size=len(codes)).astype(np.float32)
    free = np.where(rng.random(len(codes)) < 0.7, 1.0, rng.random(len(codes))).astype(np.float32)
    row, run = [], 0
    for i, code in enumerate(codes):
        run = 0 if code == 4 else 1 if i in offsets else run + 1
        row.append(run)
    expected = np.zeros(len(codes))
    for begin, end in pairwise(offsets):
        for start in range(begin, end - width + 1):
            window = slice(start, start + width)
            if (codes[window] < 4).all():
                expected[start] = np.prod(factors[window].astype(float)) * free[window].min()
    found = np.full(len(row), np.nan, dtype=np.float32)
    fill_window_odds(factors, free, np.array(row, dtype=np.uint16), width, found)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@given(SEQUENCES, st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_sums_and_greatest_values_of_sequences(texts, seed):
    codes, offsets = encoded(texts)
    values = np.random.default_rng(seed).integers(0, 5, size=len(codes)).astype(float)
    parts = [values[a:b] for a, b in pairwise(offsets)]
    np.testing.assert_allclose(sequence_sums(values, offsets), [part.sum() for part in parts])
    expected = [a + int(part.argmax()) if len(part) else -1 for a, part in zip(offsets[:-1], parts, strict=True)]
    assert greatest(values, offsets).tolist() == expected


@given(SEQUENCES, st.integers(1, 5), st.booleans())
@settings(deadline=None)
def test_canonical_words_are_those_of_either_strand(texts, length, both):
    codes, offsets = encoded(texts)
    words, turned = np.empty(len(codes), dtype=np.int64), np.empty(len(codes), dtype=bool)
    canonical_words(codes, offsets, length, 4, COMPLEMENT if both else COMPLEMENT[:0], words, turned)
    opposite = str.maketrans("ACGT", "TGCA")
    at = 0
    for text in texts:
        for i in range(len(text)):
            site = text[i : i + length]
            whole = len(site) == length and "N" not in site
            other = site.translate(opposite)[::-1]
            least = min(site, other) if both else site
            digits = (
                sum("ACGT".index(letter) * 4**place for place, letter in enumerate(reversed(least))) if whole else -1
            )
            assert words[at + i] == digits
            assert turned[at + i] == (whole and both and other < site)
        at += len(text)


@given(st.lists(st.integers(-1, 40), max_size=60), st.integers(4, 12), st.sampled_from([1, 4]))
@settings(deadline=None)
def test_every_repeated_word_may_be_repeated(words, bits, n_shares):
    array = np.array(words, dtype=np.int64)
    shares = [maybe_repeated(array, bits, share, n_shares).tolist() for share in range(n_shares)]
    marked = set().union(*shares)
    assert sum(map(len, shares)) == len(marked)
    assert marked >= {i for i, word in enumerate(words) if word >= 0 and words.count(word) > 1}
    assert marked <= set(np.flatnonzero(array >= 0).tolist())
    assert len(maybe_repeated(np.arange(500), 20, 0, 1)) < 500


@given(st.lists(st.text("ACN", min_size=0, max_size=30), min_size=1, max_size=4), st.integers(1, 3), st.integers(4, 8))
@settings(deadline=None)
def test_tracts_are_stretches_that_agree_with_themselves_a_few_letters_on(texts, longest_unit, shortest):
    codes, offsets = encoded(texts)
    inside = set()
    for which, text in enumerate(texts):
        for first in range(len(text) - shortest + 1):
            stretch = text[first : first + shortest]
            units = [unit for unit in range(1, longest_unit + 1) if stretch[unit:] == stretch[:-unit]]
            if units and "N" not in stretch[units[0] :]:
                inside |= {(which, first + k) for k in range(shortest)}
    assert letters_in_tracts(codes, offsets, 4, longest_unit, shortest) == len(inside)
