"""Which genes are meant: a table with a column of genes, or a plain list."""

from collections import Counter
from pathlib import Path

from emtools.errors import InputError
from emtools.files import open_text
from emtools.motifs.sequences import listed


def read_gene_list(path: str | Path, cluster: str | None = None) -> tuple[list[str], list[str]]:
    """Read which genes are meant: a table with a header, or one name a line.

    Parameters
    ----------
    path : str or Path
        A table separated by tabs (its column `gene`, or else its first column), or a plain list.
    cluster : str, optional
        Only the genes with this value in the column `cluster`.

    Returns
    -------
    genes, messages : list of str
        Each gene once, in the order of the file; and what was said twice.
    """
    with open_text(path) as text:
        rows = [line.rstrip("\r\n").split("\t") for line in text if line.strip() and not line.startswith("#")]
    if rows and rows[0][0].startswith(">"):
        raise InputError("is a FASTA file", where=str(path), value=rows[0][0][:60], cure="list one gene a line")
    if rows and rows[0][0] != "gene" and "gene" in rows[0][0].replace(";", ",").split(","):
        raise InputError(
            "is separated by commas or semicolons", where=str(path), value=rows[0][0][:60], cure="separate by tabs"
        )
    header = rows[0] if rows and len(rows[0]) > 1 else []
    if header or (rows and rows[0] == ["gene"]):
        rows = rows[1:]
    if cluster is not None:
        rows = _rows_of_cluster(path, header, rows, cluster)
    column = header.index("gene") if "gene" in header else 0
    counts = Counter(row[column].strip() for row in rows if len(row) > column and row[column].strip())
    if not counts:
        raise InputError("there are no genes in it", where=str(path), cure="list one gene a line")
    repeated = [gene for gene, count in counts.items() if count > 1]
    messages = [f"{path}: listed more than once, and taken once: {listed(repeated)}."]
    return list(counts), messages if repeated else []


def _rows_of_cluster(path: str | Path, header: list[str], rows: list[list[str]], cluster: str) -> list[list[str]]:
    if "cluster" not in header:
        raise InputError("there is no column 'cluster'", where=str(path), cure="leave --cluster out, or give a table")
    column = header.index("cluster")
    there = dict.fromkeys(row[column] for row in rows if len(row) > column)
    if cluster not in there:
        raise InputError(
            "there is no such cluster", where=str(path), value=cluster, cure=f"there are {listed(sorted(there))}"
        )
    return [row for row in rows if len(row) > column and row[column] == cluster]
