"""The matrices of known motifs, to be drawn beside the motifs that resemble them."""

import re
import warnings
from collections.abc import Iterable
from contextlib import closing

import numpy as np
from numpy.typing import NDArray

LETTERS = "ACGT"
JASPAR_ID = re.compile(r"[A-Z]{2}\d+\.\d+")


def known_matrices(identifiers: Iterable[str]) -> dict[str, NDArray[np.float64]]:
    """The letter probabilities of JASPAR's motifs, from the database that pyjaspar installs (no network).

    Identifiers of other databases, and those that this version of JASPAR does not have, are left out.

    Returns
    -------
    dict
        Identifier to a (width, 4) array in the order ACGT.
    """
    wanted = sorted({name for name in identifiers if JASPAR_ID.fullmatch(name)})
    if not wanted:
        return {}
    from pyjaspar import jaspardb

    database = jaspardb()
    with closing(database.conn), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = {name: database.fetch_motif_by_id(name) for name in wanted}
    counts = {name: np.array([motif.counts[letter] for letter in LETTERS]).T for name, motif in found.items() if motif}
    return {name: matrix / matrix.sum(axis=1, keepdims=True) for name, matrix in counts.items()}
