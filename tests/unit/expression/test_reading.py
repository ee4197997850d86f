"""Expression matrices are read exactly, from every format, and what is wrong is told with its place."""

import gzip
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st

from emtools.errors import InputError
from emtools.expression.reading import Expression, from_anndata, read_expression

PLAIN = "gene\ts1\ts2\na\t1.5\t2\nb\t\t-3e-2\n"
VALUES = [[1.5, 2.0], [np.nan, -0.03]]


def written(folder: Path, content: str, name: str = "x.tsv") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def assert_is_plain(x: Expression) -> None:
    assert (x.genes, x.samples) == (("a", "b"), ("s1", "s2"))
    np.testing.assert_array_equal(x.values, VALUES)


@pytest.mark.parametrize(
    "content",
    [
        PLAIN,
        PLAIN.replace("\t", ","),
        PLAIN.replace("\t", ";"),
        PLAIN.replace("\n", "\r\n"),
        "\ufeff" + PLAIN,
        PLAIN + "\n\n",
        PLAIN.replace("\t", ",") + ",,\n",
        PLAIN.replace("b\t", "b\tNA "),
        PLAIN.replace("gene\t", ""),
        PLAIN.replace("gene", "").replace("b\t\t", "b\tNA\t"),
        PLAIN.replace("b\t\t", "b\tNaN\t"),
        PLAIN.replace("b\t\t", "b\tnan\t"),
        '"gene"\t"s1"\t"s2"\n"a"\t"1.5"\t"2"\n"b"\t\t"-3e-2"\n',
    ],
)
def test_a_table_is_told_by_its_content(tmp_path: Path, content: str) -> None:
    assert_is_plain(read_expression(written(tmp_path, content)))


def test_gzip_is_told_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(gzip.compress(PLAIN.encode()))
    assert_is_plain(read_expression(path))


def test_a_table_can_be_turned(tmp_path: Path) -> None:
    turned = written(tmp_path, "sample\ta\tb\ns1\t1.5\t\ns2\t2\t-0.03\n")
    assert_is_plain(read_expression(turned, orientation="samples-by-genes"))


@pytest.mark.parametrize("wrap", [np.asarray, scipy.sparse.csr_matrix, scipy.sparse.csc_array])
def test_anndata_has_samples_by_genes(tmp_path: Path, wrap: type) -> None:
    matrix = np.array(VALUES, dtype=np.float32).T
    adata = anndata.AnnData(
        wrap(matrix),
        obs=pd.DataFrame(index=["s1", "s2"]),
        var=pd.DataFrame(index=["a", "b"]),
        layers={"raw": matrix * 2},
    )
    adata.write_h5ad(tmp_path / "x.h5ad")
    x = read_expression(tmp_path / "x.h5ad")
    assert (x.genes, x.samples) == (("a", "b"), ("s1", "s2"))
    np.testing.assert_array_equal(x.values, matrix.T.astype(float))
    np.testing.assert_array_equal(read_expression(tmp_path / "x.h5ad", layer="raw").values, 2.0 * x.values)
    with pytest.raises(InputError, match=r"no such layer: 'cooked' \(layers there: raw\)"):
        from_anndata(adata, layer="cooked")


@given(st.lists(st.floats(allow_nan=True, allow_infinity=False), min_size=4, max_size=4))
def test_every_float_survives(tmp_path_factory: pytest.TempPathFactory, numbers: list[float]) -> None:
    body = "\n".join(f"g{i}\t{numbers[2 * i]!r}\t{numbers[2 * i + 1]!r}" for i in range(2))
    x = read_expression(written(tmp_path_factory.mktemp("x"), f"gene\ts1\ts2\n{body}\n"))
    np.testing.assert_array_equal(x.values.ravel(), numbers)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "the file is empty"),
        (
            "x\t0.5\t-1.25\na\t1\t2\nb\t3\t4\n",
            "the samples have numbers in place of names: '0.5' (write a header line)",
        ),
        (
            "s1\ts2\n0.5\t1\n0.7\t2\n",
            "the genes have numbers in place of names: '0.5' (name each gene in the first column)",
        ),
        ("gene\ts1\ts2\n", "there is no row below the header"),
        ("gene\na\n", "header: there is only one column: 'gene'"),
        ("gene\ts1\ts2\na\t1\tx\n", "line 2, row 'a', column 's2': is not a number: 'x'"),
        ("gene\ts1\ts2\n\na\t1\t2\nb\tn/a\t2\n", "line 4, row 'b', column 's1': is not a number: 'n/a'"),
        ("gene;s1;s2\na;1,5;2\n", "line 2, row 'a', column 's1': is not a number: '1,5'"),
        ("gene\ts1\ts2\na\tTrue\t2\n", "is not a number: 'True'"),
        ("gene\ts1\ts2\na\t1\n", "line 2: has 2 cells, and 3 are expected"),
        ("gene\ts1\ts2\na\t1\t2\nb\t1\t2\t3\n", "line 3: has 4 cells, and 3 are expected"),
        ("gene\ts1\ts2\na\t1\tinf\n", "gene 'a', sample 's2': is infinite: inf"),
        ("gene\ts1\ts2\na\t1\t-1e999\n", "gene 'a', sample 's2': is infinite: -inf"),
        ("gene\ts1\ts2\na\t1\t2\na\t1\t2\n", "the name of a gene is there more than once: 'a'"),
        ("gene\ts1\ts1\na\t1\t2\n", "the name of a sample is there more than once: 's1'"),
        ("gene\ts1\ts2\n\t1\t2\n", "gene number 1 has no name"),
        ("gene\ts1\t\na\t1\t2\n", "sample number 2 has no name"),
        ("gene\ts1\ts2\na\t1\t2\t\nb\t1\t2\t\n", "line 2: ends with an empty cell, as all rows do"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, content: str, said: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(InputError) as caught:
        read_expression(path)
    assert str(caught.value).startswith(str(path))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_no_h5ad_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a readable h5ad file"):
        read_expression(written(tmp_path, "text", "x.h5ad"))
    with pytest.raises(InputError, match="a table has no layers"):
        read_expression(written(tmp_path, PLAIN), layer="raw")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        read_expression(tmp_path / "none.tsv")


def test_numbers_to_count_by_are_names(tmp_path: Path) -> None:
    path = tmp_path / "times.tsv"
    path.write_text("gene\t0\t0.5\t1\n10\t1\t2\t3\n11\t4\t5\t6\n")
    expression = read_expression(path)
    assert (expression.genes, expression.samples) == (("10", "11"), ("0", "0.5", "1"))
