"""What lies beside the sites of a motif: letter counts of its columns and of those before and after them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emtools.models.motif import MotifModel, MotifParams
from emtools.motifs.encoding import Encoding

#: Places less likely a site than this say nothing of what lies beside sites.
_LEAST_POSTERIOR = 0.01


def counts_with_flanks(
    encoding: Encoding, model: MotifModel, params: MotifParams, before: int, after: int
) -> NDArray[np.float64]:
    """Expected letter counts of the sites of a motif, of columns before them and of columns after them.

    A site near the end of a sequence counts in the columns that it has; letters of earlier motifs do not count.

    Parameters
    ----------
    encoding : Encoding
    model : MotifModel
    params : MotifParams
    before, after : int
        How many columns.

    Returns
    -------
    ndarray of float64, shape (before + model.width + after, n_letters)

    Examples
    --------
    >>> from emtools.motifs.sequences import SequenceSet
    >>> encoding = Encoding.of(SequenceSet.of([("a", "TTACGTAC"), ("b", "GTACGTAC")]), both_strands=False)
    >>> model = encoding.model("oops", 6)
    >>> params = MotifParams(model.around(np.array([[0, 1, 2, 3, 0, 1]]), 0.9)[0], 1.0)
    >>> counts_with_flanks(encoding, model, params, 1, 0).round(1).tolist()[0]
    [0.0, 0.0, 0.0, 2.0]
    """
    size, columns = encoding.sequences.alphabet.size, np.arange(-before, model.width + after)
    codes = encoding.sequences.codes
    counts = np.zeros(len(columns) * size)
    for strand, posterior in enumerate(model.posteriors(encoding.one_block(model.width), params)):
        sites = np.flatnonzero(posterior > _LEAST_POSTERIOR)
        sequence = np.searchsorted(encoding.sequences.offsets, sites, side="right") - 1
        begin, end = (encoding.sequences.offsets[sequence + i][:, None] for i in (0, 1))
        places = sites[:, None] + (model.width - 1 - columns if strand else columns)
        inside = (places >= begin) & (places < end)
        places = np.clip(places, 0, len(codes) - 1)
        inside &= codes[places] < size
        letters = codes[places[inside]].astype(np.int64)
        column = np.broadcast_to(np.arange(len(columns)), places.shape)[inside]
        if strand:
            letters = encoding.complement[letters]
        weights = np.broadcast_to(posterior[sites][:, None], places.shape)[inside] * encoding.free[places[inside]]
        counts += np.bincount(column * size + letters, weights, len(counts))
    return counts.reshape(len(columns), size)
