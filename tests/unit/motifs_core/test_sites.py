"""What is listed as a site."""

import numpy as np
import pytest

from emtools.models.motif import MotifParams
from emtools.motifs.background import Background
from emtools.motifs.encoding import Encoding
from emtools.motifs.sequences import SequenceSet
from emtools.motifs.sites import find_sites, sites_everywhere

LETTERS = "ACGT"
SITE = "TGACTC"


def matrix(share: float) -> np.ndarray:
    """So much of each column on the letter of the site."""
    return (1.0 - share) / 4 + share * np.eye(4)[["ACGT".index(letter) for letter in SITE]]


def sites_of(texts: list[str], occurrence: str, occupancy: float, share: float) -> list[int]:
    """The sequences in which a site is listed."""
    sequences = SequenceSet.of([(f"s{i}", text) for i, text in enumerate(texts)])
    encoding = Encoding.of(sequences, Background.of(sequences, 0), both_strands=False)
    return find_sites(encoding, encoding.model(occurrence, 6), MotifParams(matrix(share), occupancy)).sequence.tolist()


def test_one_of_many_vague_places_is_no_site_even_where_most_sequences_have_one() -> None:
    rng = np.random.default_rng(1)
    texts = ["".join(rng.choice(list(LETTERS), 100)) for _ in range(20)]
    # By the occupancy nearly every sequence has a site, and it could be anywhere.
    assert sites_of(texts, "zoops", 0.99, share=0.3) == []
    assert sites_of([text + SITE for text in texts], "zoops", 0.99, share=0.8) == list(range(20))
    assert sites_of(texts, "oops", 1.0, share=0.3) == list(range(20))


def test_a_place_as_good_beside_it_takes_nothing_from_a_site() -> None:
    texts = [LETTERS * 10 + SITE + LETTERS * 10 + SITE + LETTERS * 10 + SITE + LETTERS * 10]
    assert sites_of(texts, "zoops", 0.5, share=0.9) == [0]


def test_a_motif_that_fills_sequences_is_erased_at_the_rate_it_has_there() -> None:
    sequences = SequenceSet.of([(f"s{i}", "ACCA".join([SITE] * 12)) for i in range(10)])
    encoding = Encoding.of(sequences, Background.of(sequences, 0), both_strands=False)
    # A site may begin at its own first letter and at each of the four letters between two sites.
    rate = sites_everywhere(encoding, MotifParams(matrix(0.92), 0.5)).occupancy
    assert 12 / (12 + 4 * 11) * 0.95 < rate < 12 / (12 + 4 * 11) * 1.05


@pytest.mark.parametrize("occurrence", ["oops", "zoops", "anr"])
@pytest.mark.parametrize("both_strands", [False, True])
def test_letters_are_covered_by_the_sites_that_reach_over_them(occurrence: str, both_strands: bool) -> None:
    rng = np.random.default_rng(2)
    texts = ["".join(rng.choice(list("ACGTN"), n, p=[0.25, 0.24, 0.24, 0.24, 0.03])) for n in (0, 3, 6, 7, 30, 200)]
    sequences = SequenceSet.of([(f"s{i}", f"{text}{SITE * (i % 3)}") for i, text in enumerate(texts)])
    encoding = Encoding.of(sequences, both_strands=both_strands)
    model, block = encoding.model(occurrence, 6), encoding.one_block(6)
    params = MotifParams(matrix(0.6), 1.0 if occurrence == "oops" else 0.2)
    either = model.posteriors(block, params).sum(axis=0)
    expected = np.zeros(len(either))
    for start in np.flatnonzero(either):
        expected[start : start + 6] += either[start]
    assert expected.max() > 0.5
    np.testing.assert_allclose(model.coverage(block, params), np.clip(expected, 0.0, 1.0), atol=1e-12)
