"""The background: conditional probabilities by counting, the order by BIC, and MEME's file format."""

import string

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emtools.errors import ConfigurationError, InputError
from emtools.kernels.letters import letters_in_row
from emtools.motifs.alphabet import PROTEIN, custom
from emtools.motifs.background import Background
from emtools.motifs.discovery import DiscoveryOptions, discover
from emtools.motifs.sequences import SequenceSet


def sequence_set(*texts: str) -> SequenceSet:
    return SequenceSet.of([(f"s{i}", text) for i, text in enumerate(texts)])


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(st.text("ACGTN", max_size=30), max_size=4))
def test_letters_in_row_count_back_to_the_last_break(texts):
    sequences = sequence_set(*texts)
    expected, longest = [], []
    for text in texts:
        runs = [len(text[: i + 1].rpartition("N")[2]) for i in range(len(text))]
        expected += runs
        longest.append(max(runs, default=0))
    found = letters_in_row(sequences.codes, sequences.offsets, sequences.alphabet.size)
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(sequences.longest_stretches, longest)


@settings(max_examples=30, deadline=None)
@given(texts=st.lists(st.text("ACGTN", min_size=1, max_size=40), min_size=1, max_size=3), order=st.integers(0, 3))
def test_factors_look_up_the_longest_known_context(texts, order):
    sequences = sequence_set(*texts)
    background = Background.of(sequences, order)
    found = background.factors(sequences)
    place = 0
    for text in texts:
        for i, letter in enumerate(text):
            known = len(text[:i]) - (text[:i].rfind("N") + 1)
            context = text[i - min(order, known) : i]
            if letter == "N":
                assert found[place] == 1.0
            else:
                table = background.conditionals[len(context)]
                index = tuple("ACGT".index(x) for x in context + letter)
                assert found[place] == pytest.approx(background.letter_frequencies[index[-1]] / table[index])
            place += 1


def test_both_strands_are_alike():
    background = Background.of(sequence_set("AACCCGTTTTACGAGGA" * 9), 2)
    for table in background.conditionals:
        np.testing.assert_allclose(table.sum(axis=-1), 1.0)
    frequencies = background.letter_frequencies
    assert frequencies[0] == pytest.approx(frequencies[3])
    assert frequencies[1] == pytest.approx(frequencies[2])


def test_the_order_is_as_high_as_the_data_bear():
    rng = np.random.default_rng(0)
    independent = "".join(rng.choice(list("ACGT"), 5000))
    chain = "A"
    for _ in range(5000):
        chain += chain[-1] if rng.random() < 0.6 else rng.choice(list("ACGT"))
    assert Background.of(sequence_set(independent)).order == 0
    assert Background.of(sequence_set(chain), both_strands=False).order == 1
    assert Background.of(sequence_set(independent[:30])).order == 0


def test_a_table_of_too_many_words_is_not_begun():
    sequences = SequenceSet.of([("a", "ABC")], custom(string.ascii_uppercase + string.digits))
    assert Background.of(sequences, 1).order == 1
    with pytest.raises(ConfigurationError, match="over 36 letters needs a table of 2,176,782,336 words"):
        Background.of(sequences, 5)


@pytest.mark.parametrize("order", [-1, 6])
def test_an_order_beyond_those_there_are_is_refused(order):
    with pytest.raises(ConfigurationError, match="background: is no order of a background"):
        Background.of(sequence_set("ACGT"), order)


def test_a_file_of_meme_is_read(tmp_path):
    path = tmp_path / "background"
    lines = ["# order 1", *(f"{x} 0.25" for x in "ACGT")]
    lines += [f"{x}{y} {0.1 if x == y else 0.05}" for x in "ACGT" for y in "ACGT"]
    path.write_text("\n".join(lines))
    background = Background.read(path)
    assert background.order == 1
    np.testing.assert_allclose(background.conditionals[1][0], [0.4, 0.2, 0.2, 0.2])


def pairs(rare: str, frequency: float) -> str:
    """A file of order 1 in which all pairs but one are alike."""
    lines = [f"{x} 0.25" for x in "ACGT"]
    lines += [f"{x + y} {frequency if x + y == rare else (1 - frequency) / 15}" for x in "ACGT" for y in "ACGT"]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("A 0.3\nC 0.2\nG 0.2\n", "'T'"),
        ("A much\n", "line 1"),
        ("", "empty"),
        ("# nothing\n", "no words"),
        ("A 1 2\n", "line 1"),
        ("A\n", "line 1"),
        ("A -0.3\nC 0.5\nG 0.5\nT 0.3\n", "line 1"),
        ("A 0\nC 0.5\nG 0.25\nT 0.25\n", "line 1"),
        ("A nan\nC 0.5\nG 0.25\nT 0.25\n", "line 1"),
        ("A 0.5\nC 0.5\nG 0.5\nT 0.7\n", "do not add up to 1"),
        ("A 1e-46\nC 0.5\nG 0.25\nT 0.25\n", "line 1: the probability of A is below 1e-05: 1e-46"),
        ("C 0.5\nG 0.25\nT 0.25\nA 9e-6\n", "line 4: the probability of A is below 1e-05: 9e-06"),
        (pairs("CA", 1e-11), "line 9: the probability of A after C is below 1e-09: 5e-11"),
        ("A 0.3\nC 0.2\nA 0.1\nG 0.2\n", "line 3: the word of line 1 occurs again: 'A'"),
        ("A 0.3\nC 0.2\na 0.1\nG 0.2\n", "line 3: the word of line 1 occurs again: 'A'"),
        ("A 0.3\nC 0.2\nN 0.1\nG 0.2\n", "line 3: is not a word of DNA: 'N'"),
        ("A 0.3\nC 0.2\nG 0.2\nU 0.3\n", "line 4: is not a word of DNA: 'U'"),
        ("A 0.25\nC 0.25\nG 0.25\nT 0.25\nNNN 0.1\n", "line 5: is not a word of DNA: 'NNN'"),
    ],
)
def test_a_wrong_file_is_named(tmp_path, text, complaint):
    path = tmp_path / "background"
    path.write_text(text)
    with pytest.raises(InputError, match=complaint):
        Background.read(path)


def test_short_sequences_that_consist_of_a_motif_have_a_background_of_independent_letters() -> None:
    rng = np.random.default_rng(0)
    texts = [
        "".join(rng.choice(list("ACGT"), 3)) + "GATTACAGGC" + "".join(rng.choice(list("ACGT"), 3)) for _ in range(99)
    ]
    short, long = sequence_set(*texts), sequence_set("".join(texts))
    assert Background.of(short).order == Background.beside_motifs(long, 15).order == 2
    assert Background.beside_motifs(short, 15).order == 0


def test_proteins_have_a_background_of_independent_letters() -> None:
    rng = np.random.default_rng(1)
    texts = ["".join(rng.choice(list("ACDEFGHIKL"), 4)) + "HPQ" for _ in range(500)]
    assert Background.of(SequenceSet.of([(f"p{i}", text) for i, text in enumerate(texts)], PROTEIN)).order == 0


def test_what_is_rare_but_likely_enough_is_read(tmp_path):
    path = tmp_path / "background"
    path.write_text("A 1.1e-5\nC 0.5\nG 0.25\nT 0.24999\n")
    assert Background.read(path).letter_frequencies[0] == pytest.approx(1.1e-5)
    path.write_text(pairs("CA", 1e-9))
    assert Background.read(path).conditionals[1][1, 0] == pytest.approx(5e-9)


def test_a_file_says_the_same_of_both_strands_where_both_are_searched(tmp_path):
    path = tmp_path / "background"
    path.write_text("A 0.45\nC 0.10\nG 0.15\nT 0.30\n")
    np.testing.assert_allclose(Background.read(path).letter_frequencies, [0.45, 0.10, 0.15, 0.30])
    both = Background.read(path, both_strands=True)
    np.testing.assert_allclose(both.letter_frequencies, [0.375, 0.125, 0.125, 0.375])


def test_the_order_chosen_is_not_above_what_copies_keep() -> None:
    rng = np.random.default_rng(1)
    # After each pair of letters one of two letters, so that an order of 2 is far better than 1.
    texts = []
    for _ in range(40):
        codes = [0, 1]
        for _ in range(200):
            codes.append(int((3 * codes[-1] + codes[-2] + 2 * rng.integers(2)) % 4))
        texts.append("".join("ACGT"[code] for code in codes))
    sequences = sequence_set(*texts)
    assert [Background.beside_motifs(sequences, widest).order for widest in (15, 5, 4, 3)] == [2, 2, 1, 0]
    assert Background.of(sequences, 3).order == 3


@pytest.mark.parametrize("share", [1e-4, 1e-8])
def test_a_search_ends_though_the_background_hardly_allows_some_words(share: float, tmp_path) -> None:
    rng = np.random.default_rng(2)
    texts = ["".join(rng.choice(list("ACGT"), 120)) for _ in range(30)]
    texts = [text[:30] + 20 * "A" + text[50:90] + "TTGACCTGAACG" + text[102:] for text in texts]
    path = tmp_path / "background"
    path.write_text(pairs("AA", 0.25 * share))
    options = DiscoveryOptions(background=Background.read(path), max_motifs=1, both_strands=False)
    found = discover(sequence_set(*texts), options)
    runs = next(motif for motif in found.motifs if motif.repeat)
    assert np.isfinite(runs.log_likelihood_ratio)
    assert runs.n_sites == 30
