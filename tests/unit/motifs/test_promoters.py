"""Promoters are the letters before a gene's start on its own strand, whatever an annotation counts from."""

from pathlib import Path

import pytest
from Bio.Seq import reverse_complement

from emtools.errors import InputError
from emtools.motifs.annotation import Gene, read_genes
from emtools.motifs.fasta import fasta_records
from emtools.motifs.gene_list import read_gene_list
from emtools.motifs.promoters import cut_promoters, read_promoters, write_promoters

DATA = Path(__file__).parents[2] / "data"
RESOURCES = Path(__file__).parents[3] / "resources"

GENOME = ">chr1 first\nAAACCCGGGTTTACGTacgtRYSS\n>chr2\nTTTTTGGGGG\n"
BED = "chr1\t6\t9\tone\t0\t+\nchr1\t12\t18\ttwo\t.\t-\nchr2\t0\t3\tthree\tTHR3\t+\n"
GFF3 = """##gff-version 3
chr1\tx\tgene\t7\t9\t.\t+\t.\tID=gene:one;Name=ONE%2C1
chr1\tx\tmRNA\t7\t9\t.\t+\t.\tID=mrna1;Parent=gene:one
chr1\tx\tCDS\t7\t7\t.\t+\t0\tID=cds1;Parent=mrna1
chr1\tx\tCDS\t9\t9\t.\t+\t0\tID=cds1;Parent=mrna1
chr1\tx\tgene\t13\t18\t.\t-\t.\tID=two
chr2\tx\tgene\t1\t3\t.\t+\t.\tID=three;gene=THR3
##FASTA
>chr1
ACGT
"""
GTF = """#!genome-build test
chr1\tx\tgene\t7\t9\t.\t+\t.\tgene_id "one"; gene_name "ONE";
chr1\tx\texon\t7\t7\t.\t+\t.\tgene_id "one"; transcript_id "t1";
chr1\tx\texon\t9\t9\t.\t+\t.\tgene_id "one"; transcript_id "t1";
chr1\tx\tgene\t13\t18\t.\t-\t.\tgene_id "two";
chr1\tx\texon\t13\t18\t.\t-\t.\tgene_id "two"; transcript_id "t2";
chr2\tx\tgene\t1\t3\t.\t+\t.\tgene_id "three"; gene_name "THR3";
chr2\tx\texon\t1\t3\t.\t+\t.\tgene_id "three"; transcript_id "t3";
"""


@pytest.fixture
def file(tmp_path: Path):
    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


def test_promoters_cut_from_the_genome_are_the_published_ones() -> None:
    cut = cut_promoters(DATA / "yeast_chrI.fa.gz", DATA / "yeast_chrI_genes.bed")
    published = read_promoters(RESOURCES / "yeast" / "upstream500.fa.gz").select(p.names[0] for p in cut.promoters)
    assert len(published.found) == len(cut.promoters) == 94
    for promoter in cut.promoters:
        assert promoter.text.upper() == published.found[promoter.names[0]].text.upper(), promoter.names


def test_a_promoter_can_end_where_a_neighboring_gene_begins() -> None:
    cut = cut_promoters(DATA / "yeast_chrI.fa.gz", DATA / "yeast_chrI_genes.bed", stop_at_genes=True)
    bodies = read_genes(DATA / "yeast_chrI_genes.bed")
    shorter = 0
    for promoter in cut.promoters:
        start, end = map(int, promoter.place.partition(":")[2].partition("(")[0].split("-"))
        assert not [gene for gene in bodies if gene.start < end and start < gene.end], promoter.names
        shorter += end - start < 500
    assert shorter > 20


def test_a_neighboring_gene_ends_a_promoter_and_the_gene_itself_does_not(file) -> None:
    bed = "chr1\t1\t4\tleft\t0\t+\nchr1\t8\t11\tgene\t0\t+\nchr1\t8\t12\tturned\t0\t-\nchr1\t14\t18\tright\t0\t-\n"
    promoters = cut_promoters(file("genome.fa", GENOME), file("genes.bed", bed), upstream=6, stop_at_genes=True)
    assert {promoter.names[0]: promoter.place for promoter in promoters.promoters} == {
        "left": "chr1:0-1(+)",
        "gene": "chr1:4-8(+)",
        "turned": "chr1:12-14(-)",
        "right": "chr1:18-24(-)",
    }


@pytest.mark.parametrize(("name", "text"), [("genes.bed", BED), ("genes.gff3", GFF3), ("genes.gtf", GTF)])
def test_all_annotations_mean_the_same_place(name: str, text: str, file) -> None:
    promoters = cut_promoters(file("genome.fa", GENOME), file(name, text), upstream=4, downstream=1)
    assert [(p.names[0], p.place, p.text) for p in promoters.promoters] == [
        ("one", "chr1:2-7(+)", "ACCCG"),
        ("two", "chr1:17-22(-)", reverse_complement("cgtRY")),
        ("three", "chr2:0-1(+)", "T"),
    ]
    assert promoters.messages == ()
    assert promoters.select(["one"]).messages == []
    assert promoters.select(["two", "three"]).messages == [
        "Cut short by the end of a chromosome: the promoters of three."
    ]


@pytest.mark.parametrize(("name", "text", "feature"), [("a.gff3", GFF3, "CDS"), ("a.gtf", GTF, "exon")])
def test_the_parts_of_a_gene_make_one_gene(name: str, text: str, feature: str, file) -> None:
    first = read_genes(file(name, text), feature)[0]
    assert first.names[0] == "one"
    assert (first.start, first.end, first.strand) == (6, 9, "+")


def test_bed_may_hold_a_second_name_instead_of_a_score(file) -> None:
    genes = read_genes(file("genes.bed", BED))
    assert genes[0] == Gene(("one",), "chr1", 6, 9, "+")
    assert genes[2].names == ("three", "THR3")


def test_a_chromosome_that_is_not_there_is_named(file) -> None:
    promoters = cut_promoters(file("genome.fa", GENOME), file("genes.bed", BED + "chrM\t5\t9\tmito\t0\t+\n"))
    assert any("chromosome chrM is missing" in message for message in promoters.messages)
    assert "mito" not in {promoter.names[0] for promoter in promoters.promoters}


@pytest.mark.parametrize(
    ("annotation", "said"),
    [
        ("1\t5\t9\ta\t0\t+\n", "has none of the chromosomes of"),
        ("chr1\t5\t9\ta\n", "line 1: a gene needs six columns"),
        ("chr1\tfive\t9\ta\t0\t+\n", "line 1: start and end must be whole numbers: 'five, 9'"),
        ("chr1\t9\t9\ta\t0\t+\n", "line 1: the start must lie before the end: '9, 9'"),
        ("chr1\t5\t9\ta\t0\tplus\n", "line 1: a strand is + or -, or ? where it is not known: 'plus'"),
        ("chr1\t24\t27\ta\t0\t+\n", "genes begin beyond the end of chr1, which has 24 letters: 'a'"),
        ("# nothing\n", "there are no genes in it"),
        ("chr1\tx\tCDS\t7\t9\t.\t+\t.\tID=one\n", "there is no feature 'gene' (choose one of CDS)"),
        ("chr1\tx\tgene\t7\t9\t.\t+\t.\tnote=one\n", "a gene has no name: 'chr1:7-9'"),
        ("chr1\tx\tgene\t7\t9\t.\t+\t.\tID=one\nchr1\tx\n", "line 2: a line of GFF has nine columns: 2"),
    ],
)
def test_a_bad_annotation_says_where(annotation: str, said: str, file) -> None:
    with pytest.raises(InputError) as caught:
        cut_promoters(file("genome.fa", GENOME), file("genes", annotation))
    assert said in str(caught.value)


@pytest.mark.parametrize("strand", ["?", "."])
def test_a_gene_of_unknown_strand_has_no_promoter_and_is_named(strand: str, file) -> None:
    annotation = file("genes.bed", f"chr1\t5\t9\ta\t0\t+\nchr1\t12\t15\tspliced\t0\t{strand}\n")
    promoters = cut_promoters(file("genome.fa", GENOME), annotation, upstream=2)
    assert [promoter.names[0] for promoter in promoters.promoters] == ["a"]
    assert f"{annotation}: on no strand that is known, and so without a promoter: spliced." in promoters.messages


def test_genes_named_by_another_authority_are_an_error(file) -> None:
    source = read_promoters(file("p.fa", ">YG1\nACGT\n>YG2\nACGT\n"))
    source.require_any_of(["G1", "YG2"], "genes.txt")
    with pytest.raises(InputError) as caught:
        source.require_any_of(["G1", "G2"], "genes.txt")
    assert str(caught.value) == (
        "genes.txt: has no gene, of 2, of which there is a promoter: 'G1, G2' "
        "(name the genes as the promoters are: YG1, YG2)"
    )


def test_genes_are_found_by_any_name_that_is_theirs_alone(file) -> None:
    source = read_promoters(file("p.fa", ">A x\nAC\n>B x\nGG\n>C A\nTT\n>D d4 more\nCC\n>E e5\n\n"))
    selection = source.select(["d4", "A", "x", "D", "E", "C"])
    assert {asked: promoter.text for asked, promoter in selection.found.items()} == {"d4": "CC", "A": "AC", "C": "TT"}
    assert selection.messages == [
        "No promoter for 2 of 6 genes: x, E.",
        "Names of several genes, and so of none: x.",
        "Listed under another name already, and taken once: D.",
    ]
    assert list(source.others(selection)) == ["B"]


def test_a_gene_with_two_promoters_is_an_error(file) -> None:
    with pytest.raises(InputError, match="a second promoter"):
        read_promoters(file("p.fa", ">A\nAC\n>A\nGG\n"))


def test_written_promoters_carry_place_and_names(file, tmp_path: Path) -> None:
    promoters = cut_promoters(file("genome.fa", GENOME), file("genes.bed", BED), upstream=3)
    write_promoters(tmp_path / "out.fa", promoters.select(["one", "two"]).found)
    assert [(r.name, r.description, r.text) for r in fasta_records(tmp_path / "out.fa")] == [
        ("one", "chr1:3-6(+)", "CCC"),
        ("two", "chr1:18-21(-)", "Yac"),
    ]


@pytest.mark.parametrize(
    ("text", "cluster", "genes"),
    [
        ("a\n\n# no\nb\n", None, ["a", "b"]),
        ("gene\na\n", None, ["a"]),
        ("\ufeffgene\na\n", None, ["a"]),
        ("gene\tcluster\na\t1\nb\t2\nc\t1\n", "1", ["a", "c"]),
        ("gene\tcluster\na\t1\nb\t2\n", None, ["a", "b"]),
        ("cluster\tgene\n1\ta\n", "1", ["a"]),
        ("orf\ts1\na\t0.5\n", None, ["a"]),
    ],
)
def test_genes_are_listed_in_a_table_or_one_a_line(text: str, cluster: str | None, genes: list[str], file) -> None:
    assert read_gene_list(file("genes.tsv", text), cluster) == (genes, [])


def test_a_gene_listed_twice_counts_once_and_is_named(file) -> None:
    path = file("genes.txt", "a\nb\na\n")
    assert read_gene_list(path) == (["a", "b"], [f"{path}: listed more than once, and taken once: a."])


@pytest.mark.parametrize(
    ("text", "cluster", "said"),
    [
        ("gene\tcluster\na\t1\nb\t2\n", "3", "there is no such cluster: '3' (there are 1, 2)"),
        ("a\nb\n", "1", "there is no column 'cluster'"),
        ("# none\n", None, "there are no genes in it"),
        (">a\nACGT\n", None, "is a FASTA file: '>a' (list one gene a line)"),
        ("gene,cluster\na,1\n", None, "is separated by commas or semicolons: 'gene,cluster'"),
    ],
)
def test_a_bad_list_of_genes_says_why(text: str, cluster: str | None, said: str, file) -> None:
    with pytest.raises(InputError) as caught:
        read_gene_list(file("genes.tsv", text), cluster)
    assert said in str(caught.value)


def places(annotation: Path, genome: Path, **how: object) -> list[tuple[str, str]]:
    return [(each.names[0], each.place) for each in cut_promoters(genome, annotation, upstream=3, **how).promoters]


def test_genes_of_one_name_in_several_places_are_not_made_one(file) -> None:
    lines = [
        'chr1\tx\tgene\t7\t9\t.\t+\t.\tgene_id "twice";',
        'chr2\tx\tgene\t1\t5\t.\t+\t.\tgene_id "twice";',
        'chr1\tx\tgene\t5\t6\t.\t-\t.\tgene_id "both";',
        'chr1\tx\tgene\t13\t18\t.\t+\t.\tgene_id "both";',
    ]
    annotation, genome = file("genes.gtf", "\n".join(lines) + "\n"), file("genome.fa", GENOME)
    assert places(annotation, genome) == [("twice", "chr1:3-6(+)"), ("both", "chr1:6-9(-)")]
    assert any("annotated more than once" in said for said in cut_promoters(genome, annotation).messages)


def test_transcripts_without_the_line_of_their_gene_are_known_by_it(file) -> None:
    lines = [
        "chr1\tx\tmRNA\t10\t18\t.\t+\t.\tID=t1;Parent=gene:one",
        "chr1\tx\tmRNA\t7\t18\t.\t+\t.\tID=t2;Parent=gene:one",
    ]
    annotation = file("genes.gff3", "\n".join(lines) + "\n")
    assert places(annotation, file("genome.fa", GENOME), feature="mRNA") == [("one", "chr1:3-6(+)")]


def test_a_gene_that_begins_beyond_the_end_has_no_promoter_and_is_named(file) -> None:
    annotation = file("genes.bed", "chr1\t20\t30\tround\t0\t-\nchr1\t6\t9\tone\t0\t+\n")
    genome = file("genome.fa", GENOME)
    assert places(annotation, genome, downstream=8) == [("one", "chr1:3-14(+)")]
    said = f"{genome}: beginning beyond the end of a chromosome, and so without a promoter: round."
    assert said in cut_promoters(genome, annotation).messages


def test_a_chromosome_that_is_there_twice_is_an_error(file) -> None:
    with pytest.raises(InputError, match="line 3: the chromosome is there twice: 'chr1'"):
        cut_promoters(file("genome.fa", ">chr1\nACGT\n>chr1\nTTTTTTTT\n"), file("genes.bed", "chr1\t2\t3\ta\t0\t+\n"))


def test_a_bed_file_of_nine_columns_may_name_genes_by_numbers(file) -> None:
    annotation = file("genes.bed", "chr1\t6\t9\t12345\t0\t+\t6\t9\t0\n")
    assert places(annotation, file("genome.fa", GENOME)) == [("12345", "chr1:3-6(+)")]


def test_a_name_of_several_genes_is_told_from_one_of_none(file) -> None:
    source = read_promoters(file("p.fa", ">YG1 TP53\nACGT\n>YG2 TP53\nACGT\n"))
    assert source.select(["YG1", "TP53", "no"]).messages == [
        "No promoter for 2 of 3 genes: TP53, no.",
        "Names of several genes, and so of none: TP53.",
    ]
    with pytest.raises(InputError, match="several genes share a name, and no other is found: 'TP53'"):
        source.require_any_of(["TP53"], "genes.txt")
