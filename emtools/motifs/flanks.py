"""What lies beside the sites of a motif: letter counts of its columns and of those before and after them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emtools.kernels.sites import flank_counts
from emtools.models.motif import MotifModel
from emtools.motifs.encoding import Encoding


def counts_with_flanks(
    encoding: Encoding, model: MotifModel, probabilities: NDArray[np.float64], occupancy: float, before: int, after: int
) -> NDArray[np.float64]:
    """Expected letter counts of the sites of motifs, of columns before them and of columns after them.

    A site near the end of a sequence counts in the columns that it has; letters of earlier motifs do not count.

    Parameters
    ----------
    encoding : Encoding
    model : MotifModel
    probabilities : ndarray of float64, shape (..., model.width, n_letters)
        One motif, or many at once.
    occupancy : float
        Of all of them.
    before, after : int
        How many columns.

    Returns
    -------
    ndarray of float64, shape (..., before + model.width + after, n_letters)

    Examples
    --------
    >>> from emtools.motifs.sequences import SequenceSet
    >>> encoding = Encoding.of(SequenceSet.of([("a", "TTACGTAC"), ("b", "GTACGTAC")]), both_strands=False)
    >>> model = encoding.model("oops", 6)
    >>> (motif,) = model.around(np.array([[0, 1, 2, 3, 0, 1]]), 0.9)
    >>> counts_with_flanks(encoding, model, motif, 1.0, before=1, after=0).round(1).tolist()[0]
    [0.0, 0.0, 0.0, 2.0]
    """
    *others, width, size = probabilities.shape
    if width != model.width:
        raise ValueError(f"motifs of {width} columns do not fit a model of {model.width}")
    ratios = (probabilities / model.letter_frequencies).reshape(-1, width, size)
    letters = encoding.sequences.codes, encoding.free
    motifs = ratios, occupancy, model.code
    counts = flank_counts(encoding.one_block(width), letters, motifs, before, after)
    return counts.reshape(*others, *counts.shape[1:])


def profiles_around(
    encoding: Encoding, model: MotifModel, probabilities: NDArray[np.float64], n_columns: int
) -> NDArray[np.float64]:
    """Letter probabilities where motifs occur and beside them, the motif in the middle of so many columns.

    One E-step says where; one letter a column is added, shared out by the background.

    Parameters
    ----------
    encoding : Encoding
    model : MotifModel
    probabilities : ndarray of float64, shape (..., model.width, n_letters)
    n_columns : int
        The width of the model at least.

    Returns
    -------
    ndarray of float64, shape (..., n_columns, n_letters)
    """
    before = (n_columns - model.width) // 2
    after = n_columns - model.width - before
    counts = counts_with_flanks(encoding, model, probabilities, 0.5, before, after) + model.letter_frequencies
    return np.asarray(counts / counts.sum(axis=-1, keepdims=True))
