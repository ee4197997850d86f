"""The alphabets of sequences: which letters there are, what stands for several of them, and the opposite strand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from emtools.errors import ConfigurationError

#: The code of a character that does not belong to an alphabet at all.
FOREIGN = -1


@dataclass(frozen=True)
class Alphabet:
    """The letters of a kind of sequence. A letter's code is its place in `letters`.

    Parameters
    ----------
    name : str
        What people call it.
    letters : str
        The letters a site is made of, in upper case.
    complement : str or None
        The letter opposite each letter on the other strand; `None` where there is no other strand.
    ambiguous : mapping of str to str
        Letters that stand for one of several letters. They are read, and are never part of a site.
    synonyms : mapping of str to str
        Other ways to write a letter, such as U for T.

    Examples
    --------
    >>> DNA.encode("ACGTNacgu")
    array([0, 1, 2, 3, 4, 0, 1, 2, 3], dtype=int8)
    >>> DNA.decode(DNA.reverse_complement(DNA.encode("AACGN")))
    'NCGTT'
    """

    name: str
    letters: str
    complement: str | None = None
    ambiguous: Mapping[str, str] = field(default_factory=dict, hash=False)
    synonyms: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def size(self) -> int:
        """The number of letters; also the code of everything that is never part of a site."""
        return len(self.letters)

    @property
    def wildcard(self) -> str:
        """The letter that stands for any letter."""
        return max(self.ambiguous, key=lambda letter: len(self.ambiguous[letter]), default="?")

    @cached_property
    def complement_codes(self) -> NDArray[np.int64]:
        """The code opposite each code, shape (size,); empty where there is no other strand."""
        return np.array([self.letters.index(letter) for letter in self.complement or ""], dtype=np.int64)

    @cached_property
    def codes(self) -> NDArray[np.int8]:
        """The code of each of the 256 bytes, upper and lower case alike; `FOREIGN` where there is none."""
        table = np.full(256, FOREIGN, dtype=np.int8)
        spelled = {letter: code for code, letter in enumerate(self.letters)}
        spelled |= dict.fromkeys(self.ambiguous, self.size)
        spelled |= {other: spelled[letter] for other, letter in self.synonyms.items()}
        for letter, code in spelled.items():
            table[[ord(letter), ord(letter.lower())]] = code
        return table

    def encode(self, text: str) -> NDArray[np.int8]:
        """The codes of a text, int8; characters that are no letters at all become `FOREIGN`."""
        return self.codes[np.frombuffer(text.encode("latin-1", errors="replace"), dtype=np.uint8)]

    def decode(self, codes: NDArray[np.int8]) -> str:
        """The text of codes; what is never part of a site becomes the wildcard."""
        spelled = np.frombuffer((self.letters + self.wildcard).encode(), dtype=np.uint8)
        return spelled[codes].tobytes().decode()

    def decode_rows(self, codes: NDArray[np.int8]) -> list[str]:
        """The texts of the rows of a matrix of codes.

        Examples
        --------
        >>> DNA.decode_rows(np.array([[0, 1], [4, 3]], dtype=np.int8))
        ['AC', 'NT']
        """
        text = self.decode(codes.ravel())
        width = codes.shape[1]
        return [text[begin : begin + width] for begin in range(0, len(text), width)]

    def reverse_complement(self, codes: NDArray[np.int8]) -> NDArray[np.int8]:
        """The codes of the opposite strand, read in its own direction; those of each row of a matrix.

        Raises
        ------
        ConfigurationError
            If the alphabet has no opposite strand.
        """
        if self.complement is None:
            raise ConfigurationError(
                "has no opposite strand", where=f"alphabet {self.name}", cure="search one strand only"
            )
        opposite = np.array([*map(self.letters.index, self.complement), self.size], dtype=np.int8)
        return opposite[codes[..., ::-1]]


def in_file_order(letters: str) -> str:
    """Letters as MEME Suite puts the columns of a matrix, whatever order they are declared in: digits come last.

    Examples
    --------
    >>> in_file_order("0TGCA")
    'ACGT0'
    """
    return "".join(sorted(letters, key=lambda letter: (letter.isdigit(), letter)))


def custom(letters: str) -> Alphabet:
    """An alphabet of the user's own letters, on one strand; they stand in the order of MEME's files of motifs.

    Examples
    --------
    >>> custom("HPC").letters
    'CHP'
    """
    upper = in_file_order(letters.upper())
    if len(upper) < 2 or len(set(upper)) < len(upper) or not upper.isascii() or not upper.isalnum():
        raise ConfigurationError(
            "is not an alphabet", where="alphabet", value=letters, cure="give two or more different letters"
        )
    return Alphabet("custom", upper)


def by_name(name: str) -> Alphabet:
    """The alphabet called dna, rna or protein; any other text gives the letters of an alphabet of its own.

    Examples
    --------
    >>> by_name("rna").letters
    'ACGU'
    """
    known = {"dna": DNA, "rna": RNA, "protein": PROTEIN}.get(name.lower())
    try:
        return known or custom(name)
    except ConfigurationError as error:
        cure = f"choose dna, rna or protein, or {error.cure}"
        raise ConfigurationError(error.what, where=error.where, value=name, cure=cure) from None


# IUPAC-IUB, Nucleic Acids Research 13:3021 (1985).
_NUCLEOTIDES = {
    "R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT", "M": "AC",
    "B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG", "N": "ACGT", "X": "ACGT",
}  # fmt: skip

DNA = Alphabet("DNA", "ACGT", "TGCA", ambiguous=_NUCLEOTIDES, synonyms={"U": "T"})
RNA = Alphabet(
    "RNA",
    "ACGU",
    ambiguous={letter: several.replace("T", "U") for letter, several in _NUCLEOTIDES.items()},
    synonyms={"T": "U"},
)
_AMINO_ACIDS = "ACDEFGHIKLMNPQRSTVWY"
PROTEIN = Alphabet(
    "protein",
    _AMINO_ACIDS,
    ambiguous={"B": "DN", "Z": "EQ", "J": "IL", "X": _AMINO_ACIDS, "U": "C", "O": "K", "*": ""},
)
