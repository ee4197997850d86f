"""Collections of known motifs: JASPAR as pyjaspar brings it along, or a file."""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from emtools.errors import ConfigurationError, InputError
from emtools.motifs.alphabet import DNA
from emtools.motifs.formats import read_motifs
from emtools.motifs.matrices import CountMatrix

#: The latest version of each matrix of the groups asked for.
_LATEST = """
SELECT MAX(matrix.VERSION), matrix.ID, matrix.BASE_ID, matrix.NAME
FROM MATRIX AS matrix JOIN MATRIX_ANNOTATION AS annotation ON annotation.ID = matrix.ID
WHERE matrix.COLLECTION = 'CORE' AND annotation.TAG = 'tax_group' AND annotation.VAL IN ({})
GROUP BY matrix.BASE_ID ORDER BY matrix.BASE_ID
"""
_VALUES = "SELECT ID, row, val FROM MATRIX_DATA WHERE ID IN ({}) ORDER BY ID, row, col"
_GROUPS = """
SELECT DISTINCT annotation.VAL
FROM MATRIX AS matrix JOIN MATRIX_ANNOTATION AS annotation ON annotation.ID = matrix.ID
WHERE matrix.COLLECTION = 'CORE' AND annotation.TAG = 'tax_group' ORDER BY annotation.VAL
"""


def known_motifs(database: str | Path) -> list[CountMatrix]:
    """The motifs of a collection.

    Parameters
    ----------
    database : str or Path
        ``jaspar:GROUP`` (several groups with commas between), or a file of MEME, JASPAR or TRANSFAC. JASPAR's are
        the latest version of each matrix of its CORE collection, in the release that pyjaspar brings; no network.

    Raises
    ------
    ConfigurationError
        If JASPAR has no such group.
    InputError
        If the file cannot be read or holds no motif.

    Examples
    --------
    >>> {motif.name: motif.identifier for motif in known_motifs("jaspar:fungi")}["RAP1"]
    'MA0359...'
    """
    if groups := _groups(database):
        return _jaspar(groups)
    motifs = read_motifs(database)
    if not motifs:
        raise InputError("there are no motifs in it", where=str(database), cure="give a collection of known motifs")
    return motifs


def source_of(database: str | Path) -> str:
    """What a collection is, for the record: the release of JASPAR and the groups, or the file.

    Examples
    --------
    >>> source_of("jaspar:fungi")
    'JASPAR... CORE fungi'
    """
    groups = _groups(database)
    if not groups:
        return str(database)
    from pyjaspar import JASPAR_LATEST_RELEASE

    return f"{JASPAR_LATEST_RELEASE} CORE {','.join(groups)}"


def _groups(database: str | Path) -> list[str]:
    prefix, _, groups = str(database).partition(":")
    return groups.lower().split(",") if prefix.lower() == "jaspar" else []


def _jaspar(groups: list[str]) -> list[CountMatrix]:
    from pyjaspar import jaspardb

    # pyjaspar itself takes seconds for a large group: one query for each letter of each matrix.
    with closing(jaspardb().conn) as connection:
        there = [group for (group,) in connection.execute(_GROUPS)]
        absent = [group for group in groups if group not in there]
        if absent:
            raise ConfigurationError(
                "JASPAR has no such group", value=absent[0], cure=f"choose from {', '.join(there)}"
            )
        latest = connection.execute(_LATEST.format(_places(groups)), groups).fetchall()
        matrices = [matrix for _, matrix, _, _ in latest]
        rows = connection.execute(_VALUES.format(_places(matrices)), matrices).fetchall()
    values: dict[tuple[int, str], list[float]] = defaultdict(list)
    for matrix, letter, value in rows:
        values[matrix, letter].append(value)
    return [
        CountMatrix(f"{base}.{version}", name, np.array([values[matrix, letter] for letter in DNA.letters]).T)
        for version, matrix, base, name in latest
    ]


def _places(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))
