"""Tables hold what was given, and can be read back."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emtools.errors import InputError
from emtools.files import write_table

NAMES = st.text(st.characters(exclude_characters="\t\r\n", exclude_categories=["Cs"]), max_size=8)


@given(rows=st.lists(st.tuples(NAMES, st.floats(), st.integers(), st.none()), max_size=5))
def test_a_table_reads_back_to_the_bit(rows, tmp_path_factory):
    path = tmp_path_factory.mktemp("table") / "table.tsv"
    write_table(path, ["name", "value", "number", "nothing"], rows)
    with path.open(encoding="utf-8", newline="") as text:
        header, *read = csv.reader(text, delimiter="\t", quoting=csv.QUOTE_NONE)
    assert header == ["name", "value", "number", "nothing"]
    back = [(name, np.float64(value).tobytes(), int(number), nothing) for name, value, number, nothing in read]
    assert back == [(name, np.float64(repr(value)).tobytes(), number, "") for name, value, number, _ in rows]


@pytest.mark.parametrize("name", ["a\tb", "a\nb"])
def test_a_name_that_would_break_a_table_is_one_line(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^sites\.tsv: the name cannot stand in a table: .*, without tabs"):
        write_table(tmp_path / "sites.tsv", ["motif", "sequence"], [("motif_1", name)])
    with pytest.raises(InputError, match=r"^sites\.tsv: the name cannot stand in a table"):
        write_table(tmp_path / "sites.tsv", ["motif", name], [])
