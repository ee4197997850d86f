"""Shuffles keep what they promise, and every order they may give is equally likely."""

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from emtools.motifs.sequences import SequenceSet
from emtools.motifs.shuffle import in_order_of, seed_of, shuffled


def words(text: str, k: int) -> Counter[str]:
    return Counter(text[i : i + k] for i in range(len(text) - k + 1))


@settings(max_examples=60, deadline=None)
@given(text=st.text("ACGTN", min_size=1, max_size=60), k=st.integers(1, 4), seed=st.integers(0, 1000))
def test_words_are_kept_and_unknown_letters_stay(text, k, seed):
    other = shuffled(SequenceSet.of([("a", text)]), np.random.default_rng(seed), word_length=k).text(0)
    assert [i for i, c in enumerate(other) if c == "N"] == [i for i, c in enumerate(text) if c == "N"]
    for before, after in zip(text.split("N"), other.split("N"), strict=True):
        for length in range(1, k + 1):
            assert words(before, length) == words(after, length)


def test_every_order_is_equally_likely():
    """All orders of a short text that keep its pairs, counted one by one, and chi-squared over 6,000 shuffles."""
    text, rng = "ACAGATACG", np.random.default_rng(1)
    sequences = SequenceSet.of([(f"s{i}", text) for i in range(6000)])
    after = shuffled(sequences, rng, word_length=2)
    seen = Counter(after.text(i) for i in range(len(after)))

    def orders(so_far: str, left: Counter[str]) -> list[str]:
        if not left:
            return [so_far]
        return [
            whole
            for pair in left
            if pair[0] == so_far[-1]
            for whole in orders(so_far + pair[1], left - Counter([pair]))
        ]

    possible = orders(text[0], words(text, 2))
    assert set(seen) == set(possible)
    expected = 6000 / len(possible)
    statistic = sum((seen[order] - expected) ** 2 / expected for order in possible)
    assert statistic < len(possible) + 4 * np.sqrt(2 * len(possible))


def test_what_is_covered_stays_and_the_rest_is_shuffled_around_it():
    rng = np.random.default_rng(0)
    sequences = SequenceSet.of([(f"s{i}", "".join(rng.choice(list("ACGT"), 60))) for i in range(3)])
    covered = rng.random(180) < 0.3
    after = in_order_of(sequences, seed_of(rng), covered=covered)
    np.testing.assert_array_equal(after.codes[covered], sequences.codes[covered])
    assert (after.codes != sequences.codes).any()
    for i in range(3):
        part = slice(60 * i, 60 * (i + 1))
        before, now = (each.codes[part][~covered[part]] for each in (sequences, after))
        triplets = [Counter(zip(codes, codes[1:], codes[2:], strict=False)) for codes in (before, now)]
        assert triplets[0] == triplets[1]
