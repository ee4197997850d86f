"""Whether a motif is what a word stands for: how much of the word its sites cover."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emtools.em import Executor, Serial
from emtools.models.motif import MotifModel, MotifParams, Occurrence
from emtools.motifs.encoding import Encoding
from emtools.motifs.told_words import ANY, ToldWord

#: Of the sequences that hold a word beyond what controls have of it, the motif covers it in so many at least. Motifs
#: that stand for the word covered it in 0.3 to 0.8 of them, others in less than 0.2. Where every sequence has its site,
#: whether it has the motif or not, more are covered by chance.
_LEAST_COVERED, _LEAST_COVERED_BY_OOPS = 0.25, 0.5


def explains(
    encoding: Encoding, model: MotifModel, params: MotifParams, word: ToldWord, executor: Executor | None = None
) -> bool:
    """Whether a motif covers a word in a good part of the sequences that hold it beyond what controls have of it.

    EM that starts from a word may end at another motif, of which the word says nothing.

    Parameters
    ----------
    encoding : Encoding
        The sequences, without what earlier motifs cover, in which the word was told.
    model : MotifModel
    params : MotifParams
    word : ToldWord
    executor : Executor, optional
        Where the E-step runs.

    Examples
    --------
    >>> from emtools.motifs.sequences import SequenceSet
    >>> texts = [("a", "ACGTACTTGGGGGG"), ("b", "ACGTACAAGGGGGG")]
    >>> encoding = Encoding.of(SequenceSet.of(texts), both_strands=False)
    >>> word = ToldWord(np.array([0, 1, 2, 3, 0, 1]), 0, 2, 0, 0.01, 1.0)
    >>> model = encoding.model("oops", 6)
    >>> its_own, another = model.around(np.array([[0, 1, 2, 3, 0, 1], [2, 2, 2, 2, 2, 2]]), 0.9)
    >>> [explains(encoding, model, MotifParams(each, 1.0), word) for each in (its_own, another)]
    [True, False]
    """
    places = _places(encoding, word)
    if not len(places):
        return False
    blocks = encoding.blocks(model.width, executor=executor)
    coverage = (executor or Serial()).fold(lambda block: [model.coverage(block, params)], blocks)
    given = np.flatnonzero(word.letters != ANY)
    covered = np.concatenate(coverage)[places[:, None] + given].mean(axis=1)
    sequence = np.searchsorted(encoding.sequences.offsets, places, side="right") - 1
    best = np.zeros(len(encoding.sequences))
    np.maximum.at(best, sequence, covered)
    least = _LEAST_COVERED_BY_OOPS if model.occurrence is Occurrence.OOPS else _LEAST_COVERED
    return float(best.sum()) >= least * word.excess * len(np.unique(sequence))


def _places(encoding: Encoding, word: ToldWord) -> NDArray[np.int64]:
    """Where a word starts, on either strand."""
    codes, length = encoding.free_codes, len(word.letters)
    whole = encoding.row[length - 1 :] >= length
    ways = [word.letters, word.turned(encoding.complement)] if encoding.complement.size else [word.letters]
    found = np.zeros(len(whole), dtype=np.bool_)
    for letters in ways:
        changed = np.zeros(len(whole), dtype=np.int64)
        for offset in np.flatnonzero(letters != ANY):
            changed += codes[offset : offset + len(whole)] != letters[offset]
        found |= changed <= word.changed
    return np.flatnonzero(found & whole)
