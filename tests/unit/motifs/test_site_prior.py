"""Position-specific priors: the format, what other widths make of it, and that the search listens to it."""

from pathlib import Path

import numpy as np
import pytest

from emtools.errors import InputError
from emtools.motifs.discovery import DiscoveryOptions, discover
from emtools.motifs.encoding import Encoding
from emtools.motifs.reading import read_fasta
from emtools.motifs.sequences import SequenceSet
from emtools.motifs.site_prior import SitePrior, read_site_prior

TWO = SequenceSet.of([("a", "ACGTA"), ("b", "ACG")])


def test_numbers_may_stand_on_any_lines_and_a_sequence_without_an_entry_has_no_preference(tmp_path: Path) -> None:
    file = tmp_path / "priors.psp"
    file.write_text(">a 2 scaled\n0.1 0.2\n0.3\n\n0.2 0\n")
    prior, messages = read_site_prior(file, TWO)
    assert prior.width == 2
    assert prior.values.tolist() == [0.1, 0.2, 0.3, 0.2, 0.0, 1.0, 1.0, 1.0]
    assert messages == [f"{file}: priors for 1 of 2 sequences; none for b."]


def test_an_entry_of_a_sequence_that_was_left_out_is_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "x.fa").write_text(">a\nACGTA\n>short\nAC\n")
    (tmp_path / "x.psp").write_text(">short 2\n1 0\n>a 2\n0.1 0.2 0.3 0.2 0\n")
    prior, _ = read_site_prior(tmp_path / "x.psp", read_fasta(tmp_path / "x.fa", minimum_length=3))
    assert prior.values.tolist() == [0.1, 0.2, 0.3, 0.2, 0.0]


@pytest.mark.parametrize(("width", "numbers"), [(1, [0.1, 0.1, 0.1]), (3, [0.5, 0.0, 0.0])])
def test_a_site_may_be_one_letter_or_the_whole_sequence(width: int, numbers: list[float], tmp_path: Path) -> None:
    file = tmp_path / "priors.psp"
    file.write_text(f">b {width}\n{' '.join(map(str, numbers))}\n")
    prior, _ = read_site_prior(file, TWO)
    assert prior.values[5:].tolist() == numbers


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "0.1 0.2\n",
            ", line 1: is not a file of position-specific priors: '0.1 0.2' (its first line must start with ",
        ),
        ("\n", ": there are no priors in it (check how it was made)"),
        (">a\n", ", line 1: is not a name and a width: '>a' (write lines such as '>name 8')"),
        (">a two\n", ", line 1: is not a name and a width: '>a two' (write lines such as '>name 8')"),
        (">a 0\n", ", line 1: is not a name and a width: '>a 0' (write lines such as '>name 8')"),
        (">a 2\n0.1 0.1\n0.1 x 0\n", ", line 3: is not a probability: 'x' (give numbers from 0 to 1)"),
        (">a 2\n0.1 -0.1 0.1 0 0\n", ", line 2: is not a probability: '-0.1' (give numbers from 0 to 1)"),
        (">a 2\n0.1 nan 0.1 0 0\n", ", line 2: is not a probability: 'nan' (give numbers from 0 to 1)"),
        (">a 2\n0.1 0.1 0.1\n", ", line 1: a has 5 letters, and not as many numbers: 3 (give one number for each "),
        (">a 2\n0.4 0.4 0.4 0 0\n", ", line 1: the numbers of a add up to more than 1: 1.2 (divide them by their sum)"),
        (
            ">b 4\n0.1 0.1 0\n",
            ", line 1: the width is above the length of b, 3: 4 (leave the entry out, or make the priors for a ",
        ),
        (
            ">a 3\n0.1 0.1 0.1\n0.2 0\n",
            ", line 1: a site of width 3 cannot start so late in a: 0.2 (make the last 2 of the numbers 0)",
        ),
        (">a 2\n0 0 0 0 0\n", ", line 1: all numbers of a are 0 (leave the entry out, or the sequence)"),
        (">c 2\n0.1 0.1 0\n", ", line 1: there is no such sequence: 'c' (name the entries as in the FASTA file)"),
        (
            ">b 2\n0.1 0.1 0\n>b 2\n0.1 0.1 0\n",
            ", line 3: the sequence name of line 1 occurs again: 'b' (give each sequence one entry)",
        ),
        (
            ">b 2\n0.1 0.1 0\n>a 3\n0.1 0.1 0 0 0\n",
            ", line 3: the width is not that of the first entry, 2: 3 (make the priors of all sequences for one width)",
        ),
    ],
)
def test_what_is_no_prior_is_one_line(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "priors.psp"
    file.write_text(text)
    with pytest.raises(InputError) as caught:
        read_site_prior(file, TWO)
    assert str(caught.value).startswith(f"{file}{said}")
    assert "\n" not in str(caught.value)


def test_a_wider_site_has_the_geometric_mean_of_the_sites_within_it_and_a_narrower_one_its_own() -> None:
    prior = SitePrior(np.array([0.1, 0.4, 0.2, 0.0, 0.3, 0.2, 0.1, 0.0]), width=2)
    offsets = np.array([0, 4, 8])
    assert prior.of_width(1, offsets) is prior.values
    np.testing.assert_allclose(
        prior.of_width(3, offsets), [0.2, 0.08**0.5, 0.0, 0.0, 0.06**0.5, 0.02**0.5, 0.0, 0.0], rtol=1e-12
    )


@pytest.mark.parametrize("width", [3, 4, 6])
def test_odds_are_shared_out_within_each_sequence(width: int) -> None:
    rng = np.random.default_rng(3)
    texts = ["".join(rng.choice(list("ACGT"), length)) for length in (12, 20)]
    sequences = SequenceSet.of([("a", texts[0]), ("b", texts[1])])
    prior = SitePrior(rng.random(32), width=4)
    (plain,), (block,) = (Encoding.of(sequences, site_prior=each).blocks(width) for each in (None, prior))
    likelier = np.divide(block.odds, plain.odds, out=np.zeros(32), where=plain.odds > 0)
    np.testing.assert_array_equal(block.n_windows, plain.n_windows)
    np.testing.assert_allclose([likelier[:12].sum(), likelier[12:].sum()], plain.n_windows, rtol=1e-6)


def test_a_sequence_in_which_no_site_is_possible_is_passed_over() -> None:
    sequences = SequenceSet.of([("a", "ACGTACGT"), ("b", "ACGTACGT")])
    values = np.ones(16)
    values[:8] = [0.5, 0, 0.5, 0, 0, 0, 0, 0]
    (block,) = Encoding.of(sequences, site_prior=SitePrior(values, width=3)).blocks(4)
    assert block.n_windows.tolist() == [0.0, 5.0]
    assert not block.odds[:8].any()


def two_motifs(n: int) -> SequenceSet:
    """Sequences of 120 letters with one motif near their begin and another near their end."""
    rng = np.random.default_rng(n)

    def part(site: str) -> str:
        letters = [letter if rng.random() > 0.1 else rng.choice(list("ACGT")) for letter in site]
        at = int(rng.integers(60 - len(site)))
        text = "".join(rng.choice(list("ACGT"), 60))
        return f"{text[:at]}{''.join(letters)}{text[at + len(site) :]}"

    return SequenceSet.of([(f"s{i}", part("TTGACGGCAT") + part("CCATTAGAGC")) for i in range(n)])


@pytest.mark.parametrize("occurrence", ["oops", "zoops", "anr"])
@pytest.mark.parametrize("n", [14, 40])
def test_the_motif_where_sites_are_likely_comes_first(n: int, occurrence: str) -> None:
    sequences = two_motifs(n)
    for favored, word in ((slice(0, 60), "GACGGC"), (slice(60, 120), "ATTAGAG")):
        values = np.full(120, 0.001)
        values[favored] = 0.01
        found = discover(
            sequences,
            DiscoveryOptions(occurrence=occurrence, max_motifs=1, both_strands=False),
            site_prior=SitePrior(np.tile(values, n), width=8),
        )
        (motif,) = found.motifs
        assert word in "".join("ACGT"[code] for code in motif.probabilities.argmax(axis=1))


def test_a_site_may_be_known_to_the_letter() -> None:
    sequences = two_motifs(12)
    values = np.zeros((12, 120))
    values[:, 10] = 1.0
    found = discover(sequences, site_prior=SitePrior(values.ravel(), width=8))
    assert {int(start) for motif in found.motifs for start in motif.sites.start} <= {10}


def sharply_known(seed: int, n: int = 24) -> tuple[SequenceSet, SitePrior]:
    """Sequences of 150 letters with a site of a weak motif each, and priors that know it to within five letters."""
    rng = np.random.default_rng(seed)
    values, texts = np.full((n, 150), 1e-4), []
    for i in range(n):
        at = int(rng.integers(10, 130))
        text = "".join(rng.choice(list("ACGT"), 150))
        site = "".join(letter if rng.random() < 0.85 else rng.choice(list("ACGT")) for letter in "TGACTCA")
        texts.append((f"s{i}", text[:at] + site + text[at + 7 :]))
        values[i, at - 2 : at + 3] = 0.18
    return SequenceSet.of(texts), SitePrior(values.ravel(), width=7)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sharp_priors_do_not_widen_a_motif_nor_make_a_second_one(seed: int) -> None:
    sequences, prior = sharply_known(seed)
    found = discover(sequences, DiscoveryOptions(max_motifs=2, seed=seed), site_prior=prior)
    (motif,) = found.motifs
    # A letter beside the motif may earn its price by chance; four do not.
    assert motif.width <= 8
    assert "N" not in motif.consensus


def test_a_wider_site_is_preferred_more_only_where_the_prior_is_sharper_for_it() -> None:
    sequences, prior = sharply_known(1, n=2)
    encoding = Encoding.of(sequences, site_prior=prior)
    np.testing.assert_array_equal(encoding.sharpened(7), 0.0)
    flat = Encoding.of(sequences, site_prior=SitePrior(np.full(300, 0.01), width=7))
    # Of 144 places for 7 letters and 140 for 11 all are alike, and the average is 1 for both.
    np.testing.assert_allclose(flat.sharpened(11), 0.0, atol=1e-6)
    surest = int(np.argmax(prior.of_width(11, sequences.offsets)))
    # One place holds all five places that are likely, and is worth nearly five of them.
    assert 1.0 < encoding.sharpened(11)[surest] < np.log(5.0)
