"""What is written is what Biopython reads, and what Biopython writes is read alike."""

from pathlib import Path

import numpy as np
import pytest
from Bio import motifs as biopython
from Bio.motifs import jaspar, transfac
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from emtools.errors import InputError
from emtools.motifs.alphabet import DNA, PROTEIN, Alphabet, custom
from emtools.motifs.formats import read_motifs, write_jaspar, write_meme, write_transfac
from emtools.motifs.matrices import CountMatrix, FrequencyMatrix

LETTERS = "ACGT"
MEME = """MEME version 5
MOTIF M1
letter-probability matrix: alength= 4 w= 2 nsites= 8
0.5 0.5 0 0
0 0 0.5 0.5
"""
BACKGROUND = np.array([0.3, 0.2, 0.2, 0.3])


def example(n_motifs: int = 3, alphabet: Alphabet = DNA) -> list[CountMatrix]:
    rng = np.random.default_rng(4)
    even = np.full(alphabet.size, 1 / alphabet.size)
    widths = range(5, 5 + n_motifs)
    return [CountMatrix(f"motif_{w}", f"NAME{w}", 1.0 * rng.multinomial(20, even, w), alphabet) for w in widths]


def write(path: Path, motifs: list[CountMatrix]) -> Path:
    """One file of motifs, in the format its suffix says."""
    if path.suffix == ".meme":
        frequencies = [motif.frequencies() for motif in motifs]
        background = BACKGROUND if motifs[0].alphabet == DNA else np.full(motifs[0].alphabet.size, 0.25)
        write_meme(path, frequencies, background, [20] * len(motifs), [1e-5] * len(motifs), alphabet=motifs[0].alphabet)
    else:
        (write_jaspar if path.suffix == ".jaspar" else write_transfac)(path, motifs)
    return path


@pytest.mark.parametrize(
    ("suffix", "their_format"), [(".meme", "minimal"), (".jaspar", "jaspar"), (".transfac", "transfac")]
)
def test_biopython_reads_the_same(suffix: str, their_format: str, tmp_path: Path) -> None:
    ours = example()
    with write(tmp_path / f"motifs{suffix}", ours).open() as handle:
        theirs = list(biopython.parse(handle, their_format))
    assert len(theirs) == len(ours)
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(mine.values.T, [other.counts[letter] for letter in LETTERS])
        name = other.get("ID") if their_format == "transfac" else getattr(other, "matrix_id", other.name)
        assert name == mine.identifier


@pytest.mark.parametrize("their_format", ["jaspar", "transfac"])
def test_what_biopython_writes_is_read(their_format: str, tmp_path: Path) -> None:
    theirs = []
    for motif in example():
        counts = dict(zip(LETTERS, motif.values.T.tolist(), strict=True))
        if their_format == "jaspar":
            theirs.append(jaspar.Motif(motif.identifier, motif.name, counts=counts))
        else:
            theirs.append(transfac.Motif(alphabet=LETTERS, counts=counts))
            theirs[-1]["ID"], theirs[-1]["NA"] = motif.identifier, motif.name
    path = tmp_path / "motifs.txt"
    path.write_text(biopython.write(theirs, their_format))
    read = read_motifs(path)
    assert [(motif.identifier, motif.name) for motif in read] == [(m.identifier, m.name) for m in example()]
    for mine, other in zip(read, example(), strict=True):
        np.testing.assert_allclose(mine.values, other.values, atol=0.005)


@pytest.mark.parametrize("suffix", [".meme", ".jaspar", ".transfac"])
@pytest.mark.parametrize("alphabet", [DNA, PROTEIN, custom("ZYX"), custom("ACGT0"), custom("3012")])
def test_every_alphabet_goes_there_and_back(suffix: str, alphabet: Alphabet, tmp_path: Path) -> None:
    ours = example(alphabet=alphabet)
    for mine, again in zip(ours, read_motifs(write(tmp_path / f"motifs{suffix}", ours)), strict=True):
        assert (mine.identifier, mine.name, mine.alphabet) == (again.identifier, again.name, again.alphabet)
        np.testing.assert_allclose(mine.values, again.values, rtol=1e-12)


@settings(max_examples=30)
@given(counts=arrays(np.float64, (4, 4), elements=st.floats(0.01, 1e6)))
def test_floats_go_there_and_back_exactly(counts: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> None:
    motif = CountMatrix("a", "b", counts)
    folder = tmp_path_factory.mktemp("formats")
    assert read_motifs(write(folder / "m.jaspar", [motif])) == [motif]
    assert read_motifs(write(folder / "m.transfac", [motif])) == [motif]


def test_a_file_of_no_motifs_is_an_answer_as_it_is_written(tmp_path: Path) -> None:
    write_meme(tmp_path / "none.meme", [], BACKGROUND, [], [])
    write_jaspar(tmp_path / "none.jaspar", [])
    write_transfac(tmp_path / "none.transfac", [])
    for suffix, their_format in ((".meme", "minimal"), (".jaspar", "jaspar"), (".transfac", "transfac")):
        path = tmp_path / f"none{suffix}"
        assert read_motifs(path) == []
        with path.open() as handle:
            assert list(biopython.parse(handle, their_format)) == []


@pytest.mark.parametrize("name", ["none.meme", "none.transfac", "none.txt"])
def test_an_empty_file_is_no_answer_of_formats_that_could_say_so(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("")
    with pytest.raises(InputError, match="the file is empty"):
        read_motifs(tmp_path / name)


def test_meme_itself_is_read(tmp_path: Path) -> None:
    text = """********************
MEME - Motif discovery tool
********************
MEME version 5.5.8
ALPHABET "DNA" DNA-LIKE
A "Adenine" CC0000 ~ T "Thymine" 008000
C "Cytosine" 0000CC ~ G "Guanine" FFB300
N "Any base" = ACGT
END ALPHABET
Background letter frequencies (from file `x' with Markov model of order 0):
A 0.3 C 0.2 G 0.2 T 0.3

MOTIF TGA MEME-1\twidth =   2  sites =  18  llr = 170  E-value = 9.6e-007
log-odds matrix: alength= 4 w= 2 n= 10 bayes= 7 E= 9.6e-007
   -10 20 30 40
   -10 20 30 40
--------
letter-probability matrix: alength= 4 w= 2 nsites= 18 E= 9.6e-007
 0.000000 0.500000 0.000000 0.500000
 1.000000 0.000000 0.000000 0.000000
--------
"""
    (tmp_path / "meme.txt").write_text(text)
    (motif,) = read_motifs(tmp_path / "meme.txt")
    assert (motif.identifier, motif.name) == ("TGA", "MEME-1")
    assert motif.values.tolist() == [[0, 9, 0, 9], [18, 0, 0, 0]]


def test_columns_are_found_by_their_letters_in_whatever_order_these_stand(tmp_path: Path) -> None:
    (tmp_path / "a.jaspar").write_text(">m\nT [ 1 2 ]\nG [ 3 4 ]\nC [ 5 6 ]\nA [ 7 8 ]\n")
    (tmp_path / "a.transfac").write_text("ID m\nP0 T G C A\n01 1 3 5 7\n02 2 4 6 8\n//\n")
    for name in ("a.jaspar", "a.transfac"):
        (motif,) = read_motifs(tmp_path / name)
        assert motif.alphabet == DNA
        np.testing.assert_array_equal(motif.values, [[7, 5, 3, 1], [8, 6, 4, 2]])


def test_columns_of_meme_stand_in_its_order_of_letters_and_not_in_that_of_the_declaration(tmp_path: Path) -> None:
    """MEME Suite sorts the letters of an alphabet, digits behind the others."""
    block = 'ALPHABET "mine"\n1\nZ\n0\nB\nEND ALPHABET\n'
    matrix = "MOTIF m\nletter-probability matrix: alength= 4 w= 1 nsites= 10\n0.1 0.2 0.3 0.4\n"
    (tmp_path / "a.meme").write_text(f"MEME version 5\n{block}{matrix}")
    (motif,) = read_motifs(tmp_path / "a.meme")
    assert dict(zip(motif.alphabet.letters, motif.values[0].round(9), strict=True)) == {"B": 1, "Z": 2, "0": 3, "1": 4}


def test_rows_of_jaspar_named_by_digits_are_told_from_bare_ones(tmp_path: Path) -> None:
    (tmp_path / "a.jaspar").write_text(">m\n0 [ 1 2 ]\n1 [ 3 4 ]\n")
    (motif,) = read_motifs(tmp_path / "a.jaspar")
    assert motif.alphabet.letters == "01"
    np.testing.assert_array_equal(motif.values, [[1, 3], [2, 4]])


def test_bare_rows_of_jaspar_are_the_letters_in_order(tmp_path: Path) -> None:
    (tmp_path / "m.pfm").write_text(">M1\n1 2\n3 4\n5 6\n7 8\n")
    (motif,) = read_motifs(tmp_path / "m.pfm")
    assert motif.values.tolist() == [[1, 3, 5, 7], [2, 4, 6, 8]]
    assert motif.name == "M1"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("gene,s1\n1,2\n", "is not a file of motifs: 'gene,s1'"),
        (">M1\nA [ 1 2 ]\nC [ 1 2 ]\nG [ 1 ]\nT [ 1 2 ]\n", "line 1, motif 'M1': is not a matrix of numbers"),
        (">M1\nA [ 1 x ]\nC [ 1 2 ]\nG [ 1 1 ]\nT [ 1 2 ]\n", "is not a matrix of numbers"),
        (">M1\nA [ 1 0 ]\nC [ 1 0 ]\nG [ 1 0 ]\nT [ 1 0 ]\n", "every column needs counts"),
        (">M1\nA [ 1 -2 ]\nC [ 1 2 ]\nG [ 1 2 ]\nT [ 1 2 ]\n", "none may be negative"),
        (">M1\n1 2\n", "is not a whole matrix: '2x1'"),
        ("ID  M1\nP0  A C G T\n01  1 2 3\n//\n", "line 2, motif 'M1': is not a whole matrix: '1x3'"),
        ("MEME version 5\nMOTIF M1\nletter-probability matrix:\n0.5 0.5 0.5 0\n", "do not add up to 1"),
        (MEME.replace("w= 2", "w= x"), "line 3, motif 'M1': w= is not the number of rows below it, 2: 'x'"),
        (MEME.replace("w= 2", "w= 3"), "line 3, motif 'M1': w= is not the number of rows below it, 2: '3'"),
        (MEME.replace("w= 2", "w= 1"), "line 3, motif 'M1': w= is not the number of rows below it, 2: '1'"),
        (MEME.replace("nsites= 8", "nsites= x"), "line 3, motif 'M1': nsites= is no number of sites: 'x'"),
        (MEME.replace("nsites= 8", "nsites= -5"), "line 3, motif 'M1': nsites= is no number of sites: '-5'"),
        (MEME.replace("nsites= 8", "nsites= inf"), "line 3, motif 'M1': nsites= is no number of sites: 'inf'"),
        (MEME.replace("MOTIF M1", "MOTIF"), "line 2: a motif has no name"),
        (MEME.replace("MOTIF M1", 'ALPHABET "x"\nA\nC'), "line 2: the block of letters has no end: 'ALPHABET \"x\"'"),
        (MEME.replace("MOTIF M1", 'ALPHABET "x"\nEND ALPHABET'), "line 2: is not an alphabet: ''"),
        (MEME.replace("MOTIF M1", "ALPHABET= AAC"), "line 2: is not an alphabet: 'AAC'"),
        (">\nA [ 1 2 ]\nC [ 1 2 ]\nG [ 1 2 ]\nT [ 1 2 ]\n", "line 1: a motif has no name"),
        (">M1\n>M2\n1 2\n3 4\n5 6\n7 8\n", "line 1, motif 'M1': is not a whole matrix"),
        (">M1\n[ ]\n1 2\n", "line 1, motif 'M1': is not a matrix of numbers"),
        (">M1\nA [ 1 2 ]\nA [ 1 2 ]\n", "line 1, motif 'M1': is not an alphabet: 'AA'"),
        ("ID  M1\nP0  A A\n01  1 2\n//\n", "line 2, motif 'M1': is not an alphabet: 'AA'"),
    ],
)
def test_a_damaged_file_says_where(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "motifs.txt"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_motifs(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_a_number_of_sites_or_rows_meme_assumes_one_and_reads_all(tmp_path: Path) -> None:
    for said in ("", " alength= 4 w= 2 nsites= 0"):
        (tmp_path / "meme.txt").write_text(MEME.replace(" alength= 4 w= 2 nsites= 8", said))
        (motif,) = read_motifs(tmp_path / "meme.txt")
        assert motif.values.tolist() == [[10, 10, 0, 0], [0, 0, 10, 10]]


def test_scores_are_those_of_biopython() -> None:
    (motif,) = example(1)
    theirs = biopython.Motif(alphabet=LETTERS, counts=dict(zip(LETTERS, motif.values.T.tolist(), strict=True)))
    background = dict(zip(LETTERS, BACKGROUND, strict=True))
    pssm = theirs.counts.normalize(pseudocounts={a: 2 * f for a, f in background.items()}).log_odds(background)
    text = "ACGTTGCAACGGTTACGATTACA"
    ours = motif.frequencies(BACKGROUND, pseudocount=2.0).log_odds(BACKGROUND).scores(DNA.encode(text))
    np.testing.assert_allclose(ours, pssm.calculate(text), rtol=1e-5)


def test_frequencies_and_counts_go_there_and_back() -> None:
    frequencies = FrequencyMatrix("a", "b", np.array([[0.25, 0.25, 0.5, 0.0]]))
    assert frequencies.counts(8).frequencies() == frequencies
