"""Names that give coordinates place sites on the genome, on either strand, from 0 or from 1."""

from pathlib import Path

import pytest

from emtools.motifs.places import Place, PlacedSite, places, write_bed, write_gff3
from emtools.motifs.reading import read_fasta


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("chr1:100-110", Place("chr1", 100, 110, 1)),
        ("chr1:101-110", Place("chr1", 100, 110, 1)),
        ("chr1:100-110(-)", Place("chr1", 100, 110, -1)),
        ("gene chrIV:0-10(+) other", Place("chrIV", 0, 10, 1)),
        ("chr1:100-110(.)", Place("chr1", 100, 110, 1)),
        ("chr1:100-110()", Place("chr1", 100, 110, 1)),
        ("HLA-A*01:01:01:101-110", Place("HLA-A*01:01:01", 100, 110, 1)),
        ("chr1:1,001-1,010", Place("chr1", 1000, 1010, 1)),
        ("chr1:1,234,000-1,234,010(-)", Place("chr1", 1234000, 1234010, -1)),
        ("peak0::chr1:0-10", Place("chr1", 0, 10, 1)),
        ("peak0::chr1:0-10(+)", Place("chr1", 0, 10, 1)),
        ("peak0::chr1:1-11(-)", Place("chr1", 1, 11, -1)),
        ("a::b::chr1:0-10", Place("chr1", 0, 10, 1)),
        ("hg38_x range=chr1:1-10 5'pad=0 3'pad=0 strand=- repeatMasking=none", Place("chr1", 0, 10, -1)),
        ("hg38_x range=chr1:1-10 5'pad=0 3'pad=0 strand=+ repeatMasking=none", Place("chr1", 0, 10, 1)),
        ("hg38_ct_chr1:101-110 range=chr1:1-10 5'pad=0 3'pad=0 strand=+", Place("chr1", 0, 10, 1)),
        ("gene chr1:1-10 strand=-", Place("chr1", 0, 10, 1)),
        ("gene locus=chr1:1-10", None),
        ("chr1:1,00-1,10", None),
        ("chr1:100-120", None),
        ("gene one 100-110", None),
        ("gene", None),
    ],
)
def test_a_header_gives_a_place_if_its_length_fits(header: str, expected: Place | None, tmp_path: Path) -> None:
    (tmp_path / "one.fa").write_text(f">short\nAC\n>{header}\nACGTACGTAC\n")
    assert places(read_fasta(tmp_path / "one.fa", minimum_length=5)) == [expected]


def test_part_of_a_turned_sequence_is_counted_from_its_end() -> None:
    chromosome = "ACGTTTGCAAC"
    complement = str.maketrans("ACGT", "TGCA")
    sequence = chromosome[2:10].translate(complement)[::-1]
    part = Place("chr1", 2, 10, -1).part(1, 4, 1)
    assert chromosome[part.start : part.end].translate(complement)[::-1] == sequence[1:4]
    assert part.strand == -1
    assert Place("chr1", 2, 10, -1).part(1, 4, -1).strand == 1
    assert Place("chr1", 2, 10, 1).part(1, 4, -1) == Place("chr1", 3, 6, -1)


def test_sites_of_a_turned_range_of_ucsc_are_counted_from_its_end(tmp_path: Path) -> None:
    (tmp_path / "one.fa").write_text(
        ">hg38_x range=chr1:101-110 5'pad=0 3'pad=0 strand=- repeatMasking=none\nACGTACGTAC\n"
    )
    (place,) = places(read_fasta(tmp_path / "one.fa"))
    assert place is not None
    assert place.part(0, 3, 1) == Place("chr1", 107, 110, -1)


def test_bed_counts_from_0_and_gff3_from_1(tmp_path: Path) -> None:
    site = PlacedSite("motif_1", Place("chr1", 100, 110, -1), 12.5, 0.9996)
    write_bed(tmp_path / "sites.bed", [site])
    write_gff3(tmp_path / "sites.gff3", [site])
    assert (tmp_path / "sites.bed").read_text() == "chr1\t100\t110\tmotif_1\t1000\t-\n"
    assert (tmp_path / "sites.gff3").read_text().splitlines() == [
        "##gff-version 3",
        "chr1\temtools\tTF_binding_site\t101\t110\t12.5\t-\t.\tName=motif_1;posterior=0.9996",
    ]
