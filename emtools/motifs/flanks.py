"""What lies beside the sites of a motif: letter counts of its columns and of those before and after them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emtools.kernels.motif_search import counts_beside
from emtools.models.motif import MotifModel, MotifParams
from emtools.motifs.encoding import Encoding


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
    sequences, columns = encoding.sequences, (before, model.width, after)
    counts = np.zeros((sum(columns), sequences.alphabet.size))
    posterior = model.posteriors(encoding.one_block(model.width), params)
    counts_beside(posterior, sequences.codes, sequences.offsets, encoding.free, columns, encoding.complement, counts)
    return counts
