"""Any number of sites in sequences so long that the sums over all placements are no floating-point numbers."""

import numpy as np
import pytest

from emtools.models.motif import MotifModel, MotifParams, SiteBlock
from emtools.motifs.background import Background
from emtools.motifs.encoding import Encoding
from emtools.motifs.sequences import SequenceSet

WIDTH = 12


def sums_of_logarithms(model: MotifModel, block: SiteBlock, params: MotifParams) -> tuple[float, np.ndarray, float]:
    """Log likelihood ratio, posteriors (2, n_letters) and chances of one sequence, all sums as logarithms."""
    (length,), width, rate = np.diff(block.offsets), model.width, params.occupancy
    ratios = model.ratios(params)
    letters = model.letters(block, np.arange(length - width + 1))
    turned = 3 - letters[:, ::-1]
    with np.errstate(divide="ignore"):
        odds = np.log(block.odds[: length - width + 1])
    log_ratios = np.stack([odds + np.log(ratios[np.arange(width), each]).sum(axis=1) for each in (letters, turned)])
    site = np.log(rate / 2.0) + np.logaddexp(*log_ratios)
    stay = np.where(block.odds > 0.0, np.log1p(-rate), 0.0)
    left, right = np.zeros(length + 1), np.zeros(length + 1)
    for end in range(1, length + 1):
        left[end] = left[end - 1] + stay[end - 1]
        if end >= width:
            left[end] = np.logaddexp(left[end], left[end - width] + site[end - width])
    for start in range(length - 1, -1, -1):
        right[start] = right[start + 1] + stay[start]
        if start + width <= length:
            right[start] = np.logaddexp(right[start], right[start + width] + site[start])
    around = left[: length - width + 1] + right[width:] - left[length]
    posteriors = np.zeros((2, length))
    posteriors[:, : length - width + 1] = np.exp(np.log(rate / 2.0) + log_ratios + around)
    chances = np.exp(left[:-1] + right[:-1] - left[length])[block.odds > 0.0].sum()
    return left[length], posteriors, float(chances)


@pytest.mark.parametrize("n_tiles", [4, 10, 40])
@pytest.mark.parametrize("width", [40, 45, 50])
def test_sites_without_a_letter_between_them(width, n_tiles):
    """Each letter after a site at which the next one does not start is unlikely: sums differ by 1e294 in one motif."""
    rng = np.random.default_rng(width)
    text = "".join(rng.choice(np.array(list("ACGT")), width)) * n_tiles
    encoding = Encoding.of(SequenceSet.of([("tiled", text)]), Background((np.full(4, 0.25),)))
    model, (block,) = encoding.model("anr", width), encoding.blocks(width)
    params = MotifParams(model.around(model.letters(block, np.array([0])), share=0.97)[0], 1.0 - 1e-6)
    log_ratio, posteriors, chances = sums_of_logarithms(model, block, params)
    stats = model.expect(block, params)
    assert stats.log_likelihood == pytest.approx(log_ratio, rel=1e-9)
    assert stats.n_sites == pytest.approx(n_tiles, rel=1e-6)
    assert stats.n_chances == pytest.approx(chances, rel=1e-7)
    np.testing.assert_allclose(model.posteriors(block, params), posteriors, atol=1e-9)


@pytest.mark.parametrize("rate", [1e-4, 0.02, 0.5, 1.0 - 1e-6])
@pytest.mark.parametrize("gap", [0, 3, 11, 80])
def test_sums_beyond_the_range_of_numbers(rate, gap):
    rng = np.random.default_rng(gap)
    letters = np.array(list("ACGT"))
    parts = ["TGACCTTGAACG" + "".join(rng.choice(letters, gap)) for _ in range(120)]
    # A stretch without letters, and one of letters without sites.
    text = "".join(parts[:60]) + "N" * 30 + "".join(rng.choice(letters, 400)) + "".join(parts[60:])
    sequences = SequenceSet.of([("long", text)])
    encoding = Encoding.of(sequences, Background((np.full(4, 0.25),)))
    model, (block,) = encoding.model("anr", WIDTH), encoding.blocks(WIDTH)
    params = MotifParams(model.around(model.letters(block, np.array([0])), share=0.95)[0], rate)
    log_ratio, posteriors, chances = sums_of_logarithms(model, block, params)
    stats = model.expect(block, params)
    assert abs(log_ratio) > np.log(1e150)
    assert stats.log_likelihood == pytest.approx(log_ratio, rel=1e-9)
    assert stats.n_sites == pytest.approx(posteriors.sum(), rel=1e-7)
    assert stats.n_chances == pytest.approx(chances, rel=1e-7)
    np.testing.assert_allclose(model.posteriors(block, params), posteriors, atol=1e-9)
