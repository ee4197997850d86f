"""The evidence for a motif in each sequence, and what of it the sequence gave to the motif."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emtools.kernels.motif import evidence, evidence_without_own
from emtools.models.motif import Occurrence
from emtools.motifs.encoding import Encoding
from emtools.motifs.search import Candidate

#: By so many nats a sequence may look better to a motif for having been fitted to.
_FLATTERY = 0.25


def evidence_of(encoding: Encoding, candidate: Candidate) -> NDArray[np.float64]:
    """The evidence for a site in each sequence."""
    model = encoding.model("zoops", candidate.width)
    return evidence(encoding.one_block(candidate.width), model.ratios(candidate.params))


def evidence_less_own(
    encoding: Encoding, fitted: NDArray[np.int64], candidate: Candidate, occurrence: str
) -> NDArray[np.float64] | None:
    """The evidence in sequences that a motif was fitted to, less what they gave to it; None where that is little.

    A threshold between these sequences and controls would be too high for others: by about as many nats as the motif
    has free probabilities for each of its sites.
    """
    size, occupancy = encoding.sequences.alphabet.size, candidate.params.occupancy
    chances = encoding.sequences.lengths[fitted].sum() if occurrence == Occurrence.ANR else len(fitted)
    if not len(fitted) or candidate.width * (size - 1) < _FLATTERY * occupancy * chances:
        return None
    model, part = encoding.model(occurrence, candidate.width), encoding.subset(fitted).without_prior
    block = part.one_block(candidate.width)
    n_sites = model.expect(block, candidate.params).n_sites
    letters = candidate.params.probabilities * (n_sites + model.pseudocount)
    motif = (letters, model.letter_frequencies, model.pseudocount)
    return evidence_without_own(block, motif, candidate.params.occupancy, model.code)
