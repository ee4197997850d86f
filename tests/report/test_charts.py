"""Charts: what is drawn stands where the numbers say."""

import re
import struct
import zlib

import numpy as np
import pytest

from emtools.report.charts import certainty_bars, column_groups
from emtools.report.cluster_section import ClusterSection
from emtools.report.convergence import convergence
from emtools.report.heatmap import diverging_palette, heatmap_png
from emtools.report.reading import read_clusters, read_motifs
from emtools.report.selection import families_in_color, selection_curve, stability_curve
from emtools.report.sitemap import position_histogram, site_map
from emtools.report.svg import Scale, element
from emtools.report.wording import scientific


def rows_of(traces):
    """History rows of runs given as lists of objectives."""
    return [
        {
            "run": str(run),
            "iteration": str(i),
            "objective": repr(value),
            "gain": repr(value - values[i - 1] if i else 0.0),
        }
        for run, values in enumerate(traces)
        for i, value in enumerate(values)
    ]


def runs_of(*reasons):
    return [
        {"run": i, "start": f"child {i}", "stop_reason": reason, "best": i == 0} for i, reason in enumerate(reasons)
    ]


def test_a_rising_history_is_said_to_rise():
    fit = convergence(rows_of([[-9.0, -5.0, -4.0], [-9.0, -6.0, -4.0]]), runs_of("converged", "converged"))
    assert "over 4 iterations: the objective never went down" in fit.sentences[1]
    assert fit.sentences[2].startswith("All 2 runs")


def test_a_fall_is_told_with_its_run_and_iteration():
    fit = convergence(rows_of([[-9.0, -5.0, -4.0], [-9.0, -6.0, -6.5]]), runs_of("converged", "objective decreased"))
    assert "fell in run 1 at iteration 2" in fit.sentences[1]


def test_runs_that_end_lower_are_counted_and_short_runs_are_not():
    short = "short run, not continued: others were better"
    traces = [[-9.0, -4.0], [-9.0, -6.5], [-9.0, -4.0005], [-9.0, -8.0]]
    fit = convergence(rows_of(traces), runs_of("converged", "converged", "converged", short))
    assert fit.sentences[2].startswith("2 of the 3 runs")
    assert "2.50 nats" in fit.sentences[2]
    assert re.findall(r'class="run (\w+)"', str(fit.climb)) == ["short", "long", "long", "best"]
    assert str(fit.climb).count("<polyline") == str(fit.gap).count("<polyline") == 4


def test_without_history_there_is_no_view():
    assert convergence([], []) is None


def test_the_chosen_model_is_ringed_where_its_criterion_stands():
    selection = [
        {"family": family, "n_components": str(k), "bic": repr(value), "chosen": "yes" if value == 1.0 else "no"}
        for family, k, value in [("full", 2, 3.0), ("full", 3, 1.0), ("tied", 2, 5.0), ("tied", 3, 4.0)]
    ]
    drawn = str(selection_curve(selection, "bic"))
    (ring,) = re.findall(r'<circle class="chosen" r="8" cx="(\S+)" cy="(\S+)"/>', drawn)
    dots = re.findall(r'<circle class="dot" r="3" cx="(\S+)" cy="(\S+)">', drawn)
    assert ring == max(dots, key=lambda dot: float(dot[1]))
    assert drawn.count("<polyline") == 2
    assert families_in_color(selection, "bic") == [("full", "color-1"), ("tied", "color-2")]
    assert selection_curve(selection, "icl") is None


def test_many_families_are_gray_but_for_the_chosen_one_and_the_closest():
    selection = [
        {
            "family": f"f{i}",
            "n_components": str(k),
            "bic": repr(10.0 * i + k),
            "chosen": "no",
        }
        for i in range(10)
        for k in (1, 2)
    ]
    selection[-1]["chosen"] = "yes"
    assert [family for family, _ in families_in_color(selection, "bic")] == ["f9", "f0", "f1", "f2", "f3"]
    assert str(selection_curve(selection, "bic")).count('class="color-other"') == 5


def test_the_cut_of_merged_components_is_ringed():
    merged = [(1, "1.0", "0.0", "no"), (2, "0.9", "0.01", "yes"), (3, "0.5", "0.2", "no")]
    rows = [dict(zip(["n_clusters", "agreement", "overlap", "chosen"], map(str, row), strict=True)) for row in merged]
    drawn = str(stability_curve(rows))
    dots = re.findall(r'<circle class="dot" r="3" cx="(\S+)" cy="(\S+)">', drawn)
    assert re.findall(r'<circle class="chosen" r="8" cx="(\S+)" cy="(\S+)"/>', drawn) == [dots[1]]
    assert stability_curve([{**row, "agreement": ""} for row in rows]) is None


@pytest.mark.parametrize(
    ("samples", "groups"),
    [
        (["alpha 0", "alpha 7", "heat 5"], [("alpha", 0, 2), ("heat", 2, 3)]),
        (["cdc15_10", "cdc15_30", "cdc28_0", "cdc28_10"], [("cdc15", 0, 2), ("cdc28", 2, 4)]),
        (["s1", "s2", "s3"], [("", 0, 3)]),
        (["a", "b", "c"], [("", 0, 3)]),
    ],
)
def test_neighboring_samples_of_one_series_are_grouped(samples, groups):
    assert column_groups(samples) == groups


def test_every_gene_is_in_one_class_of_certainty():
    probability = np.array([1.0, 0.995, 0.95, 0.7, 0.4, 1.0])
    drawn = str(certainty_bars(probability, np.array([1, 1, 1, 1, 1, 2]), 2))
    assert re.findall(r'class="certainty-(\d)"', drawn) == ["1", "2", "3", "4", "5", "1"]
    starts = [float(x) for x in re.findall(r'<rect class="certainty-\d" x="(\S+)"', drawn)]
    np.testing.assert_allclose(np.diff(starts[:5]), (510 - 76) / 5)


def test_sites_stand_above_or_below_the_line_by_strand():
    sites = [
        {"motif": "m", "sequence": "s", "start": "11", "end": "20", "strand": "+", "site": "A"},
        {"motif": "m", "sequence": "s", "start": "11", "end": "20", "strand": "-", "site": "T"},
        {"motif": "m", "sequence": "s", "start": "91", "end": "100", "strand": "-", "site": "T"},
    ]
    drawn = str(position_histogram(sites, 100, "color-1", "x"))
    assert "1 on the given strand, 1 on the other" in drawn
    assert "0 on the given strand, 1 on the other" in drawn


def test_the_site_map_draws_every_site_of_the_sequences_with_the_strongest(results):
    found = read_motifs(results / "motifs" / "crp0")
    drawn, n_sequences = site_map(found.motifs, {}, 105)
    assert str(drawn).count('class="site"') == sum(len(motif.sites) for motif in found.motifs)
    assert n_sequences == len({site["sequence"] for motif in found.motifs for site in motif.sites})
    drawn_sites = re.findall(
        r'y="(\S+)" width="\S+" height="5"><title>motif_1: \S+ \d+ to \d+, strand ([+-])', str(drawn)
    )
    lines = {float(y) for y in re.findall(r'class="base" x1="\S+" x2="\S+" y1="(\S+)"', str(drawn))}
    assert len(drawn_sites) == len(found.motifs[0].sites)
    assert all(float(y) + (5.5 if strand == "+" else -0.5) in lines for y, strand in drawn_sites)


def test_the_band_of_a_profile_holds_four_fifths_of_the_genes(results):
    found = read_clusters(results / "expression" / "yeast")
    members = found.expression[found.members(1)]
    low, high = np.nanquantile(members, [0.1, 0.9], axis=0)
    y_range = ClusterSection(found).y_range
    (band, *_) = re.findall(r'class="band" points="([^"]*)"', str(ClusterSection(found).clusters[0].chart))
    y = Scale(*y_range, 185 - 36, 10)
    drawn = [float(point.split(",")[1]) for point in band.split()]
    np.testing.assert_allclose(drawn, [*map(y, high[:6]), *map(y, low[:6][::-1])], atol=0.01)


def test_a_heat_map_is_a_png_whose_pixels_are_the_levels():
    png = heatmap_png(np.array([[-2.0, 0.0, 1.0], [np.nan, 0.5, -0.5]]), 1.0)
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", png[16:24]) == (3, 2)
    at = png.index(b"IDAT") + 4
    size = struct.unpack(">I", png[at - 8 : at - 4])[0]
    assert list(zlib.decompress(png[at : at + size])) == [0, 0, 127, 254, 0, 255, 190, 64]
    palette = diverging_palette(255)
    assert palette[127].tolist() == [0xF7, 0xF7, 0xF7]


def test_ticks_are_round_and_inside():
    assert Scale(0.0, 1.0, 0, 1).ticks() == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert Scale(-1234.0, -1190.0, 0, 1).ticks() == [-1230.0, -1220.0, -1210.0, -1200.0, -1190.0]
    assert Scale(3.0, 3.0, 0, 1).ticks() == [3.0]


def test_text_in_drawings_is_escaped():
    assert str(element("text", "<b>&", title='"')) == '<text title="&#34;">&lt;b&gt;&amp;</text>'


def test_numbers_are_written_as_people_write_them():
    assert str(scientific(0.0)) == "&lt; 10<sup>−299</sup>"
    assert str(scientific(1234.4)) == "1\u202f234"
    assert str(scientific(2e5)) == "2.0 × 10<sup>5</sup>"
