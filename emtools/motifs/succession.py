"""One motif after another: the best of what is left is fitted, listed or passed over, and erased."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from emtools.em import Executor, Progress
from emtools.models.motif import MotifParams
from emtools.motifs import sentences
from emtools.motifs.encoding import Encoding
from emtools.motifs.explained import explains
from emtools.motifs.final_fit import Fitted, fitted
from emtools.motifs.judge import Judge, Verdict
from emtools.motifs.motif import Motif, consensus, described
from emtools.motifs.search import Candidate
from emtools.motifs.sequences import SequenceSet
from emtools.motifs.sites import find_sites, sites_everywhere, without_sites

#: The share of the sites of a motif, of those there should be, that can be told from the background.
_PLACED = 0.2
#: So many motifs are passed over as too vague, more if more motifs are asked for.
_LEAST_VAGUE = 2
#: So many words are passed over that lead to no motif.
_MOST_WORDS = 4
#: The most repeats that are listed, if no more motifs are asked for.
_REPEATS = 3


@dataclass(slots=True)
class Succession:
    """The motifs of a set of sequences in the order of finding.

    Attributes
    ----------
    judge : Judge
    encoding : Encoding
        All sequences, in which sites are listed; without what was found.
    searched : Encoding
        What the search, the test and EM see: each stretch once.
    occurrence : str
    narrowest : int
        The fewest letters in which a site may lie.
    max_motifs : int
        How many motifs are asked for; repeats come on top of them.
    significance : float
        The highest p-value of a motif.
    tolerance : float
        Of the engine.
    executor : Executor
    observe : callable
        Called after each iteration of each run.
    motifs : list of Motif
    p_value : float
        The least one there was.
    """

    judge: Judge
    encoding: Encoding
    searched: Encoding
    occurrence: str
    narrowest: int
    max_motifs: int
    significance: float
    tolerance: float
    executor: Executor
    observe: Callable[[Progress], None]
    motifs: list[Motif] = field(init=False, default_factory=list)
    p_value: float = field(init=False, default=1.0)
    _sequences: SequenceSet = field(init=False)
    _vague: list[str] = field(init=False, default_factory=list)
    _words: list[str] = field(init=False, default_factory=list)
    _blurred: list[str] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self._sequences = self.encoding.sequences

    @property
    def messages(self) -> list[str]:
        """What was passed over, and what is listed that is nearly so."""
        return [*self._words, *self._vague, *self._blurred]

    @property
    def explanation(self) -> str:
        """What the p-values are."""
        return self.judge.explanation

    def run(self) -> str:
        """Find one motif after another, and return why the search ended."""
        highest = 0.0
        while not self._enough():
            verdict = self.judge.next(self.searched, self.executor)
            p_value = verdict.p_value if verdict else 1.0
            # A motif is there only if those before it are.
            self.p_value = min(self.p_value, max(highest, p_value))
            if verdict is None:
                return sentences.nothing_left(len(self.motifs))
            if p_value <= self.significance:
                fit = self._fitted(verdict)
                if fit is None:
                    if len(self._words) == _MOST_WORDS:
                        return sentences.only_words(len(self.motifs))
                    continue
                highest = max(highest, p_value)
                if end := self._listed(fit, highest, verdict):
                    return end
                self._erase(fit[1].best.params)
            else:
                best = consensus(verdict.starts[0].params.probabilities, self.encoding.sequences.alphabet)
                return sentences.not_significant(len(self.motifs), best, p_value, self.significance)
        return sentences.enough(self.motifs, self.max_motifs)

    def _enough(self) -> bool:
        n_repeats = sum(motif.repeat > 0 for motif in self.motifs)
        return len(self.motifs) - n_repeats == self.max_motifs or n_repeats == max(_REPEATS, self.max_motifs)

    def _fitted(self, verdict: Verdict) -> Fitted | None:
        """The final fit; of what a word led to, the first start from which EM stays with the word, or else nothing."""
        word, counts = verdict.word, verdict.comparison
        if not (word and counts):
            return self._run(verdict.starts, None)
        for start in verdict.starts:
            model, result = self._run((start,), verdict.highest_occupancy)
            params = result.best.params
            n_placed = len(find_sites(self.searched, model, params, self.executor))
            if n_placed >= 2 and explains(self.searched, model, params, word, self.executor):
                return model, result
        self._words.append(sentences.only_word(counts, verdict.p_value))
        return None

    def _run(self, starts: Sequence[Candidate], highest_occupancy: float | None) -> Fitted:
        return fitted(
            self.searched,
            self.occurrence,
            starts,
            self.tolerance,
            highest_occupancy=highest_occupancy,
            executor=self.executor,
            observe=self.observe,
        )

    def _listed(self, fit: Fitted, p_value: float, verdict: Verdict) -> str:
        """List a motif or pass it over as too vague; why the search ends if too many are."""
        model, result = fit
        motif = described(
            self.encoding,
            self._sequences,
            model,
            result,
            p_value=p_value,
            comparison=verdict.comparison,
            executor=self.executor,
        )
        expected, n_placed = result.best.stats.n_sites, motif.n_sites
        if self.encoding is not self.searched:
            # Sites in copies are listed, and say nothing of whether there is a motif.
            n_placed = min(n_placed, len(find_sites(self.searched, model, result.best.params, self.executor)))
        clear = n_placed >= max(2, _PLACED * expected)
        if clear or verdict.word:
            self.motifs.append(motif)
            if not clear:
                self._blurred.append(sentences.blurred(motif.consensus, n_placed, expected))
        elif len(self._vague) == max(_LEAST_VAGUE, self.max_motifs - 1):
            return sentences.too_vague(len(self.motifs), motif.consensus, n_placed, expected)
        else:
            self._vague.append(sentences.vague(motif.consensus, n_placed, expected))
        return ""

    def _erase(self, params: MotifParams) -> None:
        """Take a motif out of everything.

        Where copies are compared, what is searched and shuffled loses the letters for good: copies of the whole would
        have to place the words of these letters elsewhere, and would not be like what is left. Controls keep all their
        letters, and what is searched does, but for sequences that have no room left.
        """
        everywhere = sites_everywhere(self.searched, params, self.executor)
        same = self.encoding is self.searched
        self.searched = self._remaining(self.searched, everywhere)
        # Where sites are listed there are as many places for them as where the motif is fitted.
        self.encoding = self.searched if same else self._remaining(self.encoding, everywhere)
        self.judge.erase(self.searched, everywhere, self.executor)

    def _remaining(self, encoding: Encoding, everywhere: MotifParams) -> Encoding:
        left = without_sites(encoding, everywhere, self.executor)
        remaining = left.masked if self.judge.shuffles else left.without_full
        return remaining(self.narrowest, self.executor)


def ranked(motifs: Sequence[Motif]) -> tuple[Motif, ...]:
    """Repeats last, otherwise as found."""
    order = sorted(motifs, key=lambda motif: motif.repeat > 0)
    return tuple(replace(motif, name=f"motif_{rank}", rank=rank) for rank, motif in enumerate(order, start=1))
