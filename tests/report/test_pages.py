"""The page: everything that the files say is on it, whatever is missing from them."""

import base64
import json
import re
import shutil
import struct

import anndata
import numpy as np
import pytest

from emtools.errors import InputError
from emtools.report import cluster_section, logos, motif_section, pages
from emtools.report.pages import write_report
from emtools.report.reading import read_results


@pytest.fixture
def copy(results, tmp_path):
    """A copy of the results that a test may damage."""
    return shutil.copytree(results, tmp_path / "results")


def page_of(directory, tmp_path):
    out = tmp_path / "report.html"
    write_report([directory], out)
    return out.read_text(encoding="utf-8")


def test_a_tree_is_read_whole_and_in_order(results):
    found = read_results([results])
    assert [(one.name, one.n_clusters) for one in found.clusters] == [("yeast", 3)]
    assert [(one.name, one.cluster) for one in found.motifs] == [
        ("yeast", 1),
        ("yeast", 2),
        ("yeast", 3),
        ("crp0", None),
    ]
    assert found.clusters[0].expression.shape == (60, 15)
    assert found.motifs[0].lengths["gene0"] == 200


def test_a_tree_and_its_parts_give_the_same_results_once(results):
    given = [results, results / "motifs" / "crp0", results / "expression" / "yeast"]
    assert len(read_results(given).motifs) == 4
    assert len(read_results(given).clusters) == 1


def test_cluster_10_comes_after_cluster_2(results, tmp_path):
    for number in (10, 2, 1):
        shutil.copytree(results / "joined" / "yeast" / "cluster_1", tmp_path / "set" / f"cluster_{number}")
    assert [one.cluster for one in read_results([tmp_path]).motifs] == [1, 2, 10]


def test_the_same_files_give_the_same_bytes(results, tmp_path):
    write_report([results], tmp_path / "a.html")
    write_report([results], tmp_path / "b.html")
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_one_file_that_asks_for_nothing_from_outside(results, tmp_path):
    page = page_of(results, tmp_path)
    assert not re.findall(r'(?:src|href)="(?!#|data:)[^"]*"', page)
    assert "url(" not in page
    assert "@import" not in page
    assert "default-src 'none'" in page
    assert str(tmp_path) not in page


def test_hits_are_told_where_sequences_were_held_out(results, tmp_path):
    said = "Of the sequences that had no part in the search 9 of 12 (75%) hold it, of the controls 6 of 240 (2%)."
    page = page_of(results / "joined" / "yeast" / "cluster_1", tmp_path).replace("\u202f", " ")
    assert page.count(said) == 1
    assert "which 9 of 12 (75%) of the sequences hold, and 6 of 240 (2%) of the controls;" in page
    assert "had no part in the search" not in page_of(results / "motifs" / "crp0", tmp_path)


def test_a_factor_of_several_matrices_is_named_once(copy):
    place = copy / "joined" / "yeast" / "cluster_1"
    header, best, *more = (place / "names.tsv").read_text().splitlines()
    cells = best.split("\t")
    again = "\t".join([*cells[:2], "MA0000.1", *cells[3:]])
    (place / "names.tsv").write_text("\n".join([header, best, again, *more]) + "\n")
    (section,) = pages.sections(read_results([place]).motifs)
    view = section.motifs[0]
    assert [name.row["name"] for name in view.names].count(cells[3]) == 2
    assert [name.row["name"] for name in view.likeliest].count(cells[3]) == 1
    assert view.likeliest[0].row["database_id"] == cells[2]


def test_names_from_users_are_text_and_never_markup(results, tmp_path):
    page = page_of(results, tmp_path)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert page.count("<script>") == 1
    assert "<b>bold</b>" not in page
    assert "&lt;b&gt;bold&lt;/b&gt;" in page


def test_every_address_is_there_once(results, tmp_path):
    page = page_of(results, tmp_path)
    identifiers = re.findall(r'\bid="([^"]+)"', page)
    assert len(identifiers) == len(set(identifiers))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(identifiers)


def test_datasets_of_one_name_have_their_own_addresses(results, tmp_path):
    for folder in ("a", "b"):
        shutil.copytree(results / "motifs" / "crp0", tmp_path / folder / "crp0")
    page = page_of(tmp_path, tmp_path)
    assert 'id="sequences-crp0"' in page
    assert 'id="sequences-crp0-2"' in page


def test_no_motif_and_no_promoter_are_calm_results(results, tmp_path):
    page = page_of(results, tmp_path)
    assert "no motif found" in page
    assert "No motif is stronger than chance." in page
    assert "no promoter for these genes" in page
    assert "no gene of this cluster has a promoter" in page


def test_sequences_that_are_of_no_cluster_are_not_called_promoters(results, tmp_path):
    shutil.copytree(results / "joined" / "yeast" / "cluster_3", tmp_path / "none")
    page = page_of(tmp_path / "none", tmp_path)
    assert "no sequence to search" in page
    assert "no promoter" not in page


def test_what_was_said_on_the_way_is_on_the_page(results, tmp_path):
    assert "18 missing cells were filled with the mean of the gene." in page_of(results, tmp_path)


def test_known_motifs_of_jaspar_are_drawn_and_others_are_named(results, tmp_path):
    page = page_of(results, tmp_path)
    assert 'aria-label="Logo of RPN4, aligned"' in page
    assert "OTHER1" in page


@pytest.mark.parametrize(("offset", "strand"), [(2, "+"), (-3, "+"), (0, "-")])
def test_a_known_motif_is_drawn_in_line_with_the_motif(copy, offset, strand):
    place = copy / "joined" / "yeast" / "cluster_1"
    names = place / "names.tsv"
    names.write_text(names.read_text().replace("\t0\t7\t+", f"\t{offset}\t7\t{strand}"))
    (section,) = pages.sections(read_results([place]).motifs)
    view = section.motifs[0]
    first = [float(re.search(r"translate\((\S+) ", logo)[1]) for logo in (view.query_logo, view.names[0].picture)]
    assert first[1] - first[0] == offset * logos.SMALL_COLUMN
    letters = re.findall(r"letter-(.)", view.names[0].picture)
    assert (letters.count("G") > letters.count("C")) == (strand == "+")
    assert "viewBox" in view.query_logo
    assert (
        re.search(r'viewBox="([^"]+)"', view.query_logo)[1] == re.search(r'viewBox="([^"]+)"', view.names[0].picture)[1]
    )


@pytest.mark.parametrize(
    "missing",
    [
        "expression/yeast/result.h5ad",
        "expression/yeast/history.tsv",
        "expression/yeast/selection.tsv",
        "expression/yeast/parameters.json",
        "joined/yeast/cluster_1/names.tsv",
        "joined/yeast/cluster_1/promoters.fa",
        "joined/yeast/cluster_1/sites.tsv",
        "joined/yeast/cluster_1/motifs.meme",
        "joined/yeast/cluster_1/history.tsv",
        "motifs/crp0/motifs.tsv",
        "joined",
    ],
)
def test_a_page_is_made_of_what_is_there(copy, missing, tmp_path):
    path = copy / missing
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    page = page_of(copy, tmp_path)
    assert "Methods and files" in page
    assert (
        f"<code>{path.name}</code>" not in page or path.name in ("history.tsv", "motifs.tsv") or "cluster_1" in missing
    )


def test_motifs_alone_make_a_page(results, tmp_path):
    page = page_of(results / "joined" / "yeast" / "cluster_1", tmp_path)
    assert "<h2>yeast, cluster 1</h2>" in page


def captioned(place):
    return cluster_section.ClusterSection(read_results([place]).clusters[0]).heat_map.caption


def test_counts_are_drawn_as_differences_from_the_mean(results, tmp_path):
    data = anndata.read_h5ad(results / "expression" / "yeast" / "result.h5ad")
    place = shutil.copytree(results / "expression" / "yeast", tmp_path / "yeast")
    assert "expression as given" in captioned(place)
    data.X = data.X + 100
    data.write_h5ad(place / "result.h5ad")
    assert "difference from the mean" in captioned(place)


def test_genes_in_rows_are_read_as_well_as_genes_in_columns(results, tmp_path):
    place = shutil.copytree(results / "expression" / "yeast", tmp_path / "yeast")
    before = read_results([place]).clusters[0].expression
    anndata.read_h5ad(place / "result.h5ad").T.copy().write_h5ad(place / "result.h5ad")
    np.testing.assert_array_equal(read_results([place]).clusters[0].expression, before)


def test_clusters_of_samples_speak_of_samples(results, tmp_path):
    place = shutil.copytree(results / "expression" / "yeast", tmp_path / "yeast")
    for name, old, new in [("assignments.tsv", "gene\t", "sample\t"), ("profiles.tsv", "n_genes", "n_samples")]:
        (place / name).write_text((place / name).read_text().replace(old, new, 1))
    page = page_of(place, tmp_path)
    assert "The least certain samples" in page
    shown = page[page.index("</header>") : page.index('id="methods"')]
    assert re.search(r"\d+ samples", shown)
    assert re.findall(r"\d+ genes", shown) == ["15 genes"]


def test_large_results_are_shown_in_part_and_it_is_said(results, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster_section, "MOST_COLUMNS", 10)
    monkeypatch.setattr(cluster_section, "MOST_ROWS", 20)
    monkeypatch.setattr(cluster_section, "MOST_ITEMS", 40)
    monkeypatch.setattr(motif_section, "MOST_SITES", 5)
    found = read_results([results])
    view = cluster_section.ClusterSection(found.clusters[0])
    between = found.clusters[0].profiles.var(axis=0)
    assert between[view.columns].min() >= np.delete(between, view.columns).max()
    png = base64.b64decode(view.heat_map.picture.split(",")[1])
    assert struct.unpack(">II", png[16:24]) == (10, 20)
    page = page_of(results, tmp_path)
    assert "the 10 samples that differ most between clusters" in page
    assert "20 of 60 genes, evenly spaced" in page
    assert "the least certain 40; all are in assignments.tsv" in page
    assert "the strongest 5; all are in sites.tsv" in page


@pytest.mark.parametrize(
    ("lines", "letters"),
    [("ALPHABET= ACGT", "ACGT"), ('ALPHABET "custom"\nH\nP\nC\n3\nEND ALPHABET', "HPC3"), ("", "ACGT")],
)
def test_matrices_of_any_alphabet_are_read_and_drawn(results, tmp_path, lines, letters):
    place = shutil.copytree(results / "motifs" / "crp0", tmp_path / "crp0")
    meme = (place / "motifs.meme").read_text().replace("ALPHABET= ACGT", lines)
    (place / "motifs.meme").write_text(meme)
    motif = read_results([place]).motifs[0].motifs[0]
    assert motif.letters == letters
    assert motif.probabilities.shape == (10, 4)
    assert motif.probabilities.sum(axis=1) == pytest.approx(1, abs=1e-5)
    page = page_of(place, tmp_path)
    assert all(f'id="glyph-{letter}"' in page for letter in letters)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda root: root / "nowhere", "nowhere: there is no such directory"),
        (lambda root: root / "logs", "logs: holds no result"),
    ],
)
def test_a_directory_without_results_is_an_error(results, tmp_path, damage, words):
    with pytest.raises(InputError, match=words):
        write_report([damage(results)], tmp_path / "report.html")
    assert not list(tmp_path.iterdir())


def test_a_damaged_result_is_named(copy, tmp_path):
    summary = copy / "motifs" / "crp0" / "summary.json"
    summary.write_text("{")
    with pytest.raises(InputError, match=r"crp0/summary\.json: is not JSON"):
        page_of(copy, tmp_path)
    summary.write_text(json.dumps({}))
    (copy / "motifs" / "crp0" / "sites.tsv").write_text("motif\tsequence\n")
    with pytest.raises(InputError, match=r"sites\.tsv: has no column: 'start'"):
        page_of(copy, tmp_path)


def test_the_command_writes_the_page(results, tmp_path):
    from emtools.cli.app import main

    out = tmp_path / "deep" / "report.html"
    assert main(["report", str(results), "--out", str(out)]) == 0
    assert out.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert main(["report", str(tmp_path / "nowhere"), "--out", str(out)]) == 2
