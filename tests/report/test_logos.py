"""Logos: the letters of a column add up to its information, and the other strand is the same motif."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import entropy

from emtools.report.logos import COLUMN, GLYPHS, bare_logo, glyph_definitions, letter_heights, logo, reverse_complement

MATRICES = st.integers(1, 20).flatmap(
    lambda width: arrays(float, (width, 4), elements=st.floats(0.0, 1.0)).map(
        lambda m: (m + 1e-9) / (m + 1e-9).sum(1)[:, None]
    )
)


@given(MATRICES)
def test_heights_add_up_to_the_information_content(probabilities):
    heights = letter_heights(probabilities, np.inf)
    expected = 2 - entropy(probabilities, base=2, axis=1)
    np.testing.assert_allclose(heights.sum(axis=1), np.maximum(expected, 0), atol=1e-9)
    np.testing.assert_allclose(heights, probabilities * heights.sum(axis=1)[:, None])


@given(MATRICES, st.integers(1, 1000))
def test_few_sites_never_make_a_logo_taller(probabilities, n_sites):
    few, all_ = letter_heights(probabilities, n_sites), letter_heights(probabilities, np.inf)
    assert np.all((few >= 0) & (few <= all_ + 1e-12))


def test_uniform_letters_look_certain_in_few_sites_and_the_correction_takes_that_off():
    rng = np.random.default_rng(1)
    counts = rng.multinomial(40, [0.25] * 4, size=4000)
    looks = 2 - entropy(counts / 40, base=2, axis=1)
    taken_off = 2 - letter_heights(np.eye(4)[:1], 40).sum()
    assert looks.mean() == pytest.approx(taken_off, rel=0.05)


@given(MATRICES)
def test_the_other_strand_turned_again_is_the_motif(probabilities):
    turned = reverse_complement(probabilities)
    np.testing.assert_array_equal(reverse_complement(turned), probabilities)
    np.testing.assert_array_equal(turned[:, "ACGT".index("A")], probabilities[::-1, "ACGT".index("T")])


def test_letters_are_stacked_from_the_base_line_to_the_information_content():
    drawn = str(logo(np.array([[0.7, 0.2, 0.1, 0.0]]), "ACGT", np.inf, "a column"))
    letters = re.findall(
        r'href="#glyph-(.)" class="letter-." transform="translate\(\S+ (\S+)\) scale\(\S+ (\S+)\)', drawn
    )
    assert [name for name, _, _ in letters] == ["G", "C", "A"]
    tops = [float(top) for _, top, _ in letters]
    bottoms = [top + 100 * float(scale) for top, (_, _, scale) in zip(tops, letters, strict=True)]
    np.testing.assert_allclose(bottoms, [118.0, *tops[:2]], atol=0.02)
    information = 2 - entropy([0.7, 0.2, 0.1], base=2)
    assert tops[-1] == pytest.approx(118 - 55 * information, abs=0.02)


def test_a_letter_fills_its_column_and_every_letter_of_the_alphabets_has_a_shape():
    assert set("ACGTU") | set("ACDEFGHIKLMNPQRSTVWY") == set(GLYPHS)
    assert re.findall(r"<(path|text) id=.glyph-(.)", str(glyph_definitions("AX"))) == [("path", "A"), ("text", "X")]
    assert f"scale({(COLUMN - 1) / 100:.2f} " in str(logo(np.eye(4), "ACGT", 10, "x"))


def test_columns_in_front_shift_a_logo():
    drawn = str(bare_logo(np.eye(4)[:1], "ACGT", np.inf, "one A", before=3, columns=9))
    assert 'viewBox="0 0 180 52"' in drawn
    assert "translate(60.5 0)" in drawn
