"""The E-value against what MEME 5.5.8 printed for its own sites, and against sums over every column there is."""

import csv
import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from emtools.motifs import evalue
from emtools.motifs.evalue import log_alignments, log_e_value, log_product_p_value

DATA = Path(__file__).parents[1] / "data"


def table(name: str) -> list[dict[str, str]]:
    with (DATA / name).open() as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


@pytest.mark.parametrize(("name", "length"), [("crp0", 105), ("INO_up800", 800)])
def test_the_e_value_of_meme_for_its_own_sites(name, length):
    (reference,) = (row for row in table("meme_reference.tsv") if row["set"] == name)
    sites = [row["site"] for row in table("meme_reference_sites.tsv") if row["set"] == name]
    counts = np.array([[column.count(letter) for letter in "ACGT"] for column in zip(*sites, strict=True)], dtype=float)
    frequencies = np.array([float(value) for value in reference["background_ACGT"].split(",")])
    n_windows = np.full(len(sites), length - len(sites[0]) + 1.0)
    value = math.exp(log_e_value(counts, frequencies, n_windows, "oops", n_strands=2))
    # MEME rounds log likelihood ratios to integers on a coarse scale; that is worth about a fifth here.
    assert value == pytest.approx(float(reference["e_value"]), rel=0.2)


def test_columns_of_letters_that_hardly_occur_have_p_values_that_no_number_holds():
    frequencies = np.array([1e-5, 1e-5, 1e-5, 1.0 - 3e-5])
    counts = np.tile([100.0, 0.0, 0.0, 0.0], (6, 1))
    one = evalue._log_column_p_value(counts[0], frequencies, 100)
    assert one == pytest.approx(100 * math.log(1e-5))
    value = log_e_value(counts, frequencies, np.full(100, 50.0), "zoops")
    assert value == pytest.approx(log_product_p_value([one] * 6) + log_alignments(np.full(100, 50.0), 100, "zoops"))
    assert -math.inf < value < -5000


def test_a_column_p_value_equals_the_sum_over_all_columns():
    frequencies, n_sites = np.array([0.4, 0.3, 0.2, 0.1]), 7
    columns = [c for c in itertools.product(range(n_sites + 1), repeat=4) if sum(c) == n_sites]
    ratios = [
        sum(c * math.log(c / (n_sites * f)) for c, f in zip(column, frequencies, strict=True) if c)
        for column in columns
    ]
    weights = stats.multinomial.pmf(columns, n_sites, frequencies)
    for chosen in columns[::17]:
        ratio = ratios[columns.index(chosen)]
        exact = sum(w for w, r in zip(weights, ratios, strict=True) if r >= ratio - 1e-9)
        found = math.exp(evalue._log_column_p_value(np.array(chosen, dtype=float), frequencies, n_sites))
        assert found == pytest.approx(exact, rel=0.1, abs=1e-12)


@pytest.mark.parametrize("degrees", [1, 2, 3, 19])
@pytest.mark.parametrize("x", [0.5, 7.0, 200.0, 1200.0])
def test_the_limit_is_chi_squared(x, degrees):
    assert evalue._log_chi_squared_tail(x, degrees) == pytest.approx(stats.chi2.logsf(x, degrees), rel=1e-6)


def test_the_product_of_p_values_is_distributed_as_it_says():
    uniform = np.random.default_rng(0).uniform(size=(20_000, 5))
    p_values = np.array([math.exp(log_product_p_value(np.log(row).tolist())) for row in uniform])
    assert stats.kstest(p_values, "uniform").pvalue > 0.01


def test_the_number_of_alignments():
    places = np.array([10.0, 20.0])
    assert math.exp(log_alignments(places, 2, "oops")) == pytest.approx(200)
    assert math.exp(log_alignments(np.array([10.0, 10.0]), 1, "zoops")) == pytest.approx(20)
    assert math.exp(log_alignments(places, 2, "anr")) == pytest.approx(30 * 29 / 2)
