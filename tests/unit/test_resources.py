"""The data shipped are the data described: every file listed with its checksum, every known answer true."""

import gzip
import re
from pathlib import Path

import pytest

from emtools.files import sha256

ROOT = Path(__file__).parents[2]
TABLES = {"resources": "PROVENANCE.md", "tests/data": "README.md"}
IUPAC = {"R": "[AG]", "Y": "[CT]", "N": "[ACGT]"}


def described(folder: str) -> dict[str, str]:
    """File -> checksum, as the table of a folder says."""
    text = (ROOT / folder / TABLES[folder]).read_text()
    return dict(re.findall(r"^\| (\S+) \|.*\| `([0-9a-f]{64})` \|$", text, re.MULTILINE))


@pytest.mark.parametrize("folder", TABLES)
def test_every_file_is_described_and_unchanged(folder: str) -> None:
    base = ROOT / folder
    present = {
        str(path.relative_to(base)): sha256(path)
        for path in base.rglob("*")
        if path.is_file() and path != base / TABLES[folder]
    }
    assert present == described(folder)


def test_the_words_known_for_each_class_are_in_its_promoters() -> None:
    with gzip.open(ROOT / "resources/yeast/upstream500.fa.gz", "rt") as fasta:
        records = (record.partition("\n") for record in fasta.read().split(">")[1:])
        promoters = {header.split()[0]: sequence.replace("\n", "") for header, _, sequence in records}
    rows = (line.split("\t") for line in (ROOT / "resources/yeast/brown186_class.tsv").read_text().splitlines()[1:])
    classes: dict[str, list[str]] = {}
    for gene, name in rows:
        classes.setdefault(name, []).append(promoters[gene])

    known = re.findall(
        r"^\| (\w+) \| ([A-Z]+) \| .* \| (\d+) of (\d+) \|$",
        (ROOT / "resources/PROVENANCE.md").read_text(),
        re.MULTILINE,
    )
    assert {name for name, *_ in known} == set(classes)
    for name, word, hits, size in known:
        pattern = re.compile("".join(IUPAC.get(letter, letter) for letter in word))
        held = sum(
            bool(pattern.search(forward) or pattern.search(reverse_complement(forward))) for forward in classes[name]
        )
        assert (held, len(classes[name])) == (int(hits), int(size))


def reverse_complement(sequence: str) -> str:
    return sequence[::-1].translate(str.maketrans("ACGT", "TGCA"))
