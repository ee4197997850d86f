"""Sequences come in as they are in the file, and whatever is not is said aloud or is an error that says where."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from Bio.SeqIO.FastaIO import SimpleFastaParser
from hypothesis import given
from hypothesis import strategies as st

from emtools.errors import ConfigurationError, InputError
from emtools.motifs.alphabet import DNA, PROTEIN, RNA, Alphabet, by_name, custom
from emtools.motifs.fasta import fasta_records, write_fasta
from emtools.motifs.reading import read_fasta
from emtools.motifs.sequences import SequenceSet


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "sequences.fa"
    path.write_text(text)
    return path


@given(st.text("ACGTRYSWKMBDHVN", max_size=60))
def test_codes_and_the_opposite_strand_go_there_and_back(text: str) -> None:
    codes = DNA.encode(text)
    assert DNA.decode(codes) == "".join(letter if letter in "ACGT" else "N" for letter in text)
    np.testing.assert_array_equal(DNA.reverse_complement(DNA.reverse_complement(codes)), codes)


def test_each_alphabet_reads_its_letters_and_what_stands_for_them() -> None:
    assert DNA.decode(DNA.encode("ACGU")) == "ACGT"
    assert RNA.decode(RNA.encode("ACGT")) == "ACGU"
    assert PROTEIN.encode("acdB*").tolist() == [0, 1, 2, 20, 20]
    assert PROTEIN.decode(PROTEIN.encode("YX")) == "YX"
    assert by_name("HP").encode("PhP").tolist() == [1, 0, 1]


@pytest.mark.parametrize("letters", ["A", "AA", "A C", "ACÄ", ""])
def test_a_custom_alphabet_is_checked(letters: str) -> None:
    with pytest.raises(ConfigurationError):
        custom(letters)


@pytest.mark.parametrize("name", ["aminoacid", "nucleotides", "A", ""])
def test_an_unknown_alphabet_says_what_there_is(name: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        by_name(name)
    assert str(caught.value) == (
        f"alphabet: is not an alphabet: {name!r} (choose dna, rna or protein, or give two or more different letters)"
    )


def test_only_dna_has_an_opposite_strand() -> None:
    with pytest.raises(ConfigurationError, match="has no opposite strand"):
        PROTEIN.reverse_complement(PROTEIN.encode("ACD"))


def test_records_are_those_of_biopython(tmp_path: Path) -> None:
    path = written(tmp_path, "\n>a first one\nACGT\nAC GT\n\n>b\n>c\tx y\r\nacgtn\r\n")
    with path.open() as text:
        theirs = [(title.split()[0], sequence) for title, sequence in SimpleFastaParser(text)]
    ours = list(fasta_records(path))
    assert [(record.name, record.text) for record in ours] == theirs
    assert [(record.description, record.line) for record in ours] == [("first one", 2), ("", 6), ("x y", 7)]


def test_gzip_and_line_ends_make_no_difference(tmp_path: Path) -> None:
    plain = read_fasta(written(tmp_path, ">a x\nACGT\nAC\n>b\nTT\n"))
    packed = tmp_path / "packed.fa.gz"
    packed.write_bytes(gzip.compress(b"\xef\xbb\xbf>a x\r\nACGTAC\r\n>b\r\nTT\r\n"))
    again = read_fasta(packed)
    assert plain.names == again.names == ("a", "b")
    assert plain.text(0) == "ACGTAC"
    assert plain.text(0, 1, 3) == "CG"
    np.testing.assert_array_equal(plain.codes, again.codes)
    np.testing.assert_array_equal(plain.offsets, [0, 6, 8])
    assert plain.codes.dtype == np.int8
    assert plain.offsets.dtype == np.int64


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    records = [("a one", "ACGT" * 40), ("b", ""), ("c", "N" * 60)]
    write_fasta(tmp_path / "out.fa", records)
    again = [(f"{r.name} {r.description}".strip(), r.text) for r in fasta_records(tmp_path / "out.fa")]
    assert again == records


def test_lower_case_is_kept_unless_it_is_masked(tmp_path: Path) -> None:
    path = written(tmp_path, ">a\nACgtN\n")
    kept, masked = read_fasta(path), read_fasta(path, mask_lower=True)
    assert kept.sequence(0).tolist() == [0, 1, 2, 3, 4]
    assert masked.sequence(0).tolist() == [0, 1, 4, 4, 4]
    assert kept.messages == (f"{path}: ambiguous letters (1, in 1 of 1 sequences) are never part of a site.",)
    assert "masked or ambiguous letters (3, " in masked.messages[0]


def test_repeated_names_are_kept_under_new_ones_when_asked(tmp_path: Path) -> None:
    path = written(tmp_path, ">a\nA\n>a_2\nC\n>a\nG\n>a\nT\n")
    sequences = read_fasta(path, duplicates="rename")
    assert sequences.names == ("a", "a_2", "a_3", "a_4")
    assert sequences.text(2) == "G"
    assert sequences.messages == (f"{path}: renamed 2 of 4 sequences: a of line 5 to a_3, a of line 7 to a_4.",)


def test_sequences_that_cannot_hold_a_site_are_left_out_by_name(tmp_path: Path) -> None:
    path = written(tmp_path, ">short\nACG\n>long\nACGTACGT\n>broken\nACGNNACGNACG\n>none\n\n>edge\nNNACGT\n")
    sequences = read_fasta(path, minimum_length=4)
    assert sequences.names == ("long", "edge")
    assert sequences.text(1) == "NNACGT"
    assert sequences.messages[0] == (
        f"{path}: left out 3 of 5 sequences, without a stretch of 4 letters: short, broken, none."
    )


def test_masking_everything_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="of 1 none has 3 upper-case letters in a row"):
        read_fasta(written(tmp_path, ">a\nacgtAC\n"), mask_lower=True, minimum_length=3)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "there is no such file"),
        ("", "the file is empty"),
        ("\n\n", "there are no sequences in it"),
        ("gene,s1\na,1\n", "line 1: is not a FASTA file: 'gene,s1'"),
        (">a\nACGT\n>\nAC\n", "line 3: a sequence has no name"),
        (">a\nAC\n>b\nAC\n>a\nGG\n", "line 5: the sequence name of line 1 occurs again: 'a'"),
        (">a\nACGT\n>b\nACG\nTJ\n", "sequence 'b', position 5: is not a letter of DNA: 'J'"),
        (">a\nAC-T\n", "sequence 'a', position 3: is not a letter of DNA: '-' (remove the gaps)"),
        (">a\nACT.\n", "sequence 'a', position 4: is not a letter of DNA: '.' (remove the gaps)"),
        (">a\nACTE\n", "is not a letter of DNA: 'E' (the letters are ACGTRYSWKMBDHVNX; --alphabet chooses others)"),
        (">a\nAC\n>b\nNNNN\n", "no sequence is left"),
    ],
)
def test_bad_input_says_where_and_what(text: str | None, said: str, tmp_path: Path) -> None:
    path = tmp_path / "sequences.fa" if text is None else written(tmp_path, text)
    with pytest.raises(InputError) as caught:
        read_fasta(path, minimum_length=3)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("text", ["", "\n", ">a\nAC\n"])
def test_nothing_is_an_answer_when_it_is_allowed(text: str, tmp_path: Path) -> None:
    sequences = read_fasta(written(tmp_path, text), minimum_length=3, allow_empty=True)
    assert len(sequences) == 0
    assert sequences.codes.size == 0
    np.testing.assert_array_equal(sequences.offsets, [0])


def test_sequences_are_made_from_text_too() -> None:
    sequences = SequenceSet.of({"a": "HHP", "b": "P"}.items(), custom("HP"))
    np.testing.assert_array_equal(sequences.lengths, [3, 1])
    assert sequences.text(0) == "HHP"


@pytest.mark.parametrize(
    ("text", "alphabet", "said"),
    [
        ("ACGUACGU", DNA, "has U and no T, as RNA does"),
        ("acguacgu", DNA, "has U and no T, as RNA does"),
        ("ACGTACGT", RNA, "has T and no U, as DNA does"),
        ("ACGTNACGT", PROTEIN, "has the letters of DNA alone"),
        ("ACGTACGT", DNA, None),
        ("ACGTACGU", DNA, None),
        ("ACGUACGU", RNA, None),
        ("ACGTACGW", PROTEIN, None),
        ("ACGACG", RNA, None),
    ],
)
def test_letters_of_another_kind_are_told(text: str, alphabet: Alphabet, said: str | None, tmp_path: Path) -> None:
    (tmp_path / "some.fa").write_text(f">a\n{text}\n")
    messages = read_fasta(tmp_path / "some.fa", alphabet=alphabet).messages
    told = [message for message in messages if "is read as" in message]
    assert [said in message for message in told if said] == [True] * (said is not None)
    assert bool(told) == (said is not None)


@pytest.mark.parametrize("dtype", [np.int8, np.uint16, np.float32, np.float64, np.bool_])
def test_values_of_some_sequences_are_taken_in_the_order_asked_for(dtype: type[np.generic]) -> None:
    rng = np.random.default_rng(3)
    sequences = SequenceSet.of([(f"s{n}", "A" * n) for n in range(1, 9)])
    values = rng.integers(0, 100, 2 * len(sequences.codes)).astype(dtype)[::2]
    for indices in (np.array([5, 0, 5, 7]), np.array([2]), np.zeros(0, dtype=np.int64)):
        expected = [values[sequences.offsets[i] : sequences.offsets[i + 1]] for i in indices]
        assert np.array_equal(sequences.values_of(indices, values), np.concatenate([values[:0], *expected]))
        assert sequences.values_of(indices, values).dtype == dtype
    for wrong in (np.array([0, 8]), np.array([-1, 2])):
        with pytest.raises(IndexError, match="0 to 7"):
            sequences.values_of(wrong, values)
