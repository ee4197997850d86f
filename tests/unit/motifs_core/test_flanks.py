"""What lies beside sites is counted where it is, and motifs at the ends of sequences keep their width."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from emtools.models.motif import MotifModel, MotifParams
from emtools.motifs.discovery import DiscoveryOptions, discover
from emtools.motifs.encoding import Encoding
from emtools.motifs.flanks import counts_with_flanks
from emtools.motifs.sequences import SequenceSet

SITE = "GATTACAGGC"
TURNED = str.maketrans("ACGT", "TGCA")


def holding(rng: np.random.Generator, n: int, length: int, at: int) -> SequenceSet:
    """Sequences with a site at one place, every second one turned around."""
    texts = []
    for i in range(n):
        text = "".join(rng.choice(list("ACGT"), length))
        text = text[:at] + SITE + text[at + len(SITE) :]
        texts.append((f"s{i}", text.translate(TURNED)[::-1] if i % 2 else text))
    return SequenceSet.of(texts)


@pytest.mark.parametrize("occurrence", ["oops", "zoops", "anr"])
def test_counts_are_those_of_a_plain_loop(occurrence: str) -> None:
    rng = np.random.default_rng(0)
    whole = Encoding.of(SequenceSet.of([(f"s{i}", "".join(rng.choice(list("ACGTN"), 30))) for i in range(8)]))
    encoding = replace(whole, free=rng.uniform(0.1, 1.0, len(whole.free)).astype(np.float32))
    model = encoding.model(occurrence, 3)
    motifs = rng.dirichlet(np.ones(4), (2, 3))
    found = counts_with_flanks(encoding, model, motifs, 0.5, before=2, after=4)
    assert found.shape == (2, 9, 4)
    for motif, counts in zip(motifs, found, strict=True):
        np.testing.assert_allclose(counts, counted_one_by_one(encoding, model, MotifParams(motif, 0.5)), atol=1e-12)


def counted_one_by_one(encoding: Encoding, model: MotifModel, params: MotifParams) -> NDArray[np.float64]:
    """The letters of motifs of three columns, of two columns before and of four after them."""
    posterior = model.posteriors(encoding.one_block(3), params)
    expected = np.zeros((3 + 2 + 4, 4))
    for i in range(8):
        begin, end = encoding.sequences.offsets[i : i + 2]
        for start in range(begin, end):
            for column in range(-2, 7):
                for strand, place in ((0, start + column), (1, start + 2 - column)):
                    likely = posterior[strand, start] > 0.01
                    if likely and begin <= place < end and (code := encoding.sequences.codes[place]) < 4:
                        expected[column + 2, 3 - code if strand else code] += (
                            posterior[strand, start] * encoding.free[place]
                        )
    assert expected.sum() > 1.0
    return expected


@pytest.mark.parametrize("at", [0, 45, 90])
@pytest.mark.parametrize("seed", [0, 1])
def test_a_motif_at_the_ends_of_sequences_is_found_whole(at: int, seed: int) -> None:
    found = discover(holding(np.random.default_rng(seed), 40, 100, at), DiscoveryOptions(max_motifs=1, seed=seed))
    assert found.motifs[0].consensus in (SITE, SITE.translate(TURNED)[::-1])


def test_a_motif_that_fills_short_sequences_is_found_without_what_lies_beside_it() -> None:
    found = discover(holding(np.random.default_rng(0), 300, 16, 3), DiscoveryOptions(max_motifs=1))
    assert found.motifs[0].consensus in (SITE, SITE.translate(TURNED)[::-1])
    assert found.motifs[0].n_sites == 300
