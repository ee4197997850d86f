"""How well sequences hold a motif that was fitted to them, less what they gave to it."""

import numpy as np
import pytest

from emtools.em import FitOptions, fit
from emtools.kernels.motif import evidence, evidence_without_own
from emtools.models.motif import MotifParams
from emtools.motifs.alphabet import DNA, PROTEIN, Alphabet
from emtools.motifs.discovery import DiscoveryOptions, discover
from emtools.motifs.encoding import Encoding
from emtools.motifs.sequences import SequenceSet


def random_texts(rng: np.random.Generator, n: int, length: int, alphabet: Alphabet) -> list[str]:
    return ["".join(rng.choice(list(alphabet.letters), length)) for _ in range(n)]


def encoded(texts: list[str], alphabet: Alphabet, *, both_strands: bool) -> Encoding:
    sequences = SequenceSet.of([(f"s{i}", text) for i, text in enumerate(texts)], alphabet)
    return Encoding.of(sequences, both_strands=both_strands)


@pytest.mark.parametrize("both_strands", [False, True])
@pytest.mark.parametrize("occurrence", ["oops", "zoops", "anr"])
def test_what_a_sequence_gave_is_taken_out_of_the_letters(occurrence: str, both_strands: bool) -> None:
    rng = np.random.default_rng(0)
    encoding = encoded([*random_texts(rng, 6, 30, DNA), "ACNNGT", ""], DNA, both_strands=both_strands)
    model, block = encoding.model(occurrence, 5), encoding.one_block(5)
    params = MotifParams(rng.dirichlet(np.ones(4), 5), 0.1 if occurrence == "anr" else 0.6)
    letters = params.probabilities * 4.0
    found = evidence_without_own(
        block, (letters, model.letter_frequencies, model.pseudocount), params.occupancy, model.code
    )
    for i in range(len(encoding.sequences)):
        alone = encoding.subset(np.array([i])).one_block(5)
        rest = np.maximum(letters - model.expect(alone, params).counts, model.pseudocount * model.letter_frequencies)
        ratios = rest / rest.sum(axis=1, keepdims=True) / model.letter_frequencies
        np.testing.assert_allclose(found[i], evidence(alone, ratios)[0], rtol=1e-9)


def test_a_sequence_that_a_motif_was_fitted_to_holds_it_as_well_as_others() -> None:
    """Twenty columns of twenty letters learn 30 random proteins by heart."""
    rng = np.random.default_rng(3)
    fitted, others = (encoded(random_texts(rng, 30, 80, PROTEIN), PROTEIN, both_strands=False) for _ in range(2))
    model, block = fitted.model("oops", 20), fitted.one_block(20)
    start = MotifParams(model.around(model.letters(block, np.array([17])), 0.7)[0], 1.0)
    best = fit(model, [block], FitOptions(n_starts=1), starts=[start]).best
    letters = best.params.probabilities * (best.stats.n_sites + model.pseudocount)
    motif = (letters, model.letter_frequencies, model.pseudocount)
    flattered = np.log(evidence(block, model.ratios(best.params)))
    own = np.log(evidence_without_own(block, motif, best.params.occupancy, model.code))
    new = np.log(evidence(others.one_block(20), model.ratios(best.params)))
    assert np.median(flattered) > np.median(new) + 4.0
    assert abs(np.median(own) - np.median(new)) < 2.0


def test_zinc_fingers_are_found_in_most_proteins_held_out() -> None:
    rng = np.random.default_rng(1)
    texts = random_texts(rng, 60, 150, PROTEIN)
    for i in range(48):
        letters = list(texts[i])
        for place, letter in zip((0, 3, 7, 9, 12, 15, 16, 20), "CCFSLRHH", strict=True):
            letters[20 + 2 * i + place] = letter
        texts[i] = "".join(letters)
    sequences = SequenceSet.of([(f"s{i}", text) for i, text in enumerate(texts)], PROTEIN)
    options = DiscoveryOptions(widest=22, max_motifs=1, both_strands=False)
    (motif,) = discover(sequences, options).motifs
    assert motif.comparison is not None
    assert motif.comparison.n_hits >= 0.6 * motif.comparison.n_compared
    assert motif.comparison.n_control_hits <= 0.01 * motif.comparison.n_controls
