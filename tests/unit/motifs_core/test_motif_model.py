"""The motif models against slow twins that spell out every placement, and the laws of the engine."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emtools.em import FitOptions, fit, laws
from emtools.models import REGISTRY
from emtools.models.motif import MotifModel, MotifParams
from emtools.motifs.background import Background
from emtools.motifs.encoding import Encoding
from emtools.motifs.sequences import SequenceSet


def sequence_set(texts: list[str]) -> SequenceSet:
    return SequenceSet.of([(f"s{i}", text) for i, text in enumerate(texts)])


def window_ratio(encoding: Encoding, probabilities: np.ndarray, first: int, start: int, strand: int) -> float:
    """p(window | site) / p(window | background), from the definition, 0 where a letter is unknown."""
    width = len(probabilities)
    letters = encoding.sequences.codes[first + start : first + start + width].astype(int)
    read = letters if strand == 0 else 3 - letters[::-1]
    alone = np.append(encoding.background.letter_frequencies, 1.0)[letters]
    background = alone / encoding.background.factors(encoding.sequences)[first + start : first + start + width]
    return float(np.prod(probabilities[np.arange(width), read]) / background.prod())


def placements(length: int, width: int) -> list[tuple[int, ...]]:
    """Every way to place any number of sites without overlap."""
    starts = range(length - width + 1)
    return [
        chosen
        for n in range(length // width + 1)
        for chosen in itertools.combinations(starts, n)
        if all(b - a >= width for a, b in itertools.pairwise(chosen))
    ]


def slow_expect(encoding: Encoding, model: MotifModel, params: MotifParams) -> tuple[float, np.ndarray, float]:
    """Log likelihood ratio, posterior (2, n_letters) and sites by summing over all placements one by one."""
    sequences, width = encoding.sequences, model.width
    strands = range(model.n_strands)
    posterior = np.zeros((2, len(sequences.codes)))
    total = 0.0
    for i in range(len(sequences)):
        first, length = int(sequences.offsets[i]), int(sequences.lengths[i])
        known = [s for s in range(length - width + 1) if (sequences.sequence(i)[s : s + width] < 4).all()]
        if not known:
            continue
        ratio = np.array(
            [
                [
                    window_ratio(encoding, params.probabilities, first, s, d) if s in known else 0.0
                    for s in range(length)
                ]
                for d in strands
            ]
        )
        rate = params.occupancy
        ways: list[tuple[float, tuple[tuple[int, int], ...]]] = []
        if model.occurrence == "anr":
            for chosen in placements(length, width):
                if not set(chosen) <= set(known):
                    continue
                inside = {s + o for s in chosen for o in range(width)}
                stay = (1.0 - rate) ** sum(s not in inside for s in known)
                for turned in itertools.product(strands, repeat=len(chosen)):
                    sites = tuple(zip(turned, chosen, strict=True))
                    ways.append((stay * np.prod([rate / len(strands) * ratio[site] for site in sites]), sites))
        else:
            each = rate / (len(known) * len(strands))
            ways = [(1.0 - rate, ())] + [(each * ratio[d, s], ((d, s),)) for d in strands for s in known]
        evidence = sum(way[0] for way in ways)
        total += np.log(evidence)
        for probability, sites in ways:
            for strand, start in sites:
                posterior[strand, first + start] += probability / evidence
    return total, posterior, float(posterior.sum())


texts = st.lists(st.text("ACGTN", min_size=3, max_size=11), min_size=1, max_size=3)


@settings(max_examples=40, deadline=None)
@given(
    texts=texts,
    occurrence=st.sampled_from(["oops", "zoops", "anr"]),
    width=st.integers(2, 6),
    both=st.booleans(),
    seed=st.integers(0, 99),
)
def test_expectation_equals_the_sum_over_all_placements(texts, occurrence, width, both, seed):
    sequences = sequence_set(["ACGTTGCA", *texts])
    encoding = Encoding.of(sequences, Background.of(sequences, seed % 3), both_strands=both)
    model = encoding.model(occurrence, width)
    rng = np.random.default_rng(seed)
    occupancy = 1.0 if occurrence == "oops" else float(rng.uniform(0.05, 0.9))
    params = MotifParams(rng.dirichlet(np.ones(4), width), occupancy)
    assert_sums_of_all_placements(encoding, model, params)


@pytest.mark.parametrize("width", [1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21, 32, 50])
@pytest.mark.parametrize("both", [True, False])
def test_any_number_of_look_ups_finds_each_window(width, both):
    rng = np.random.default_rng(width)
    sequences = sequence_set(["".join(rng.choice(list("ACGT"), 55)) for _ in range(4)])
    encoding = Encoding.of(sequences, Background.of(sequences, 1), both_strands=both)
    params = MotifParams(rng.dirichlet(np.ones(4), width), 0.6)
    assert_sums_of_all_placements(encoding, encoding.model("zoops", width), params)


def assert_sums_of_all_placements(encoding: Encoding, model: MotifModel, params: MotifParams) -> None:
    sequences, width = encoding.sequences, model.width
    (block,) = encoding.blocks(width)
    log_ratio, posterior, n_sites = slow_expect(encoding, model, params)
    stats = model.expect(block, params)
    assert stats.log_likelihood == pytest.approx(log_ratio, rel=1e-5, abs=1e-5)
    assert stats.n_sites == pytest.approx(n_sites, rel=1e-5)
    np.testing.assert_allclose(model.posteriors(block, params), posterior, atol=1e-5)
    counts = np.zeros((width, 4))
    for strand, place in zip(*np.nonzero(posterior), strict=True):
        letters = sequences.codes[place : place + width].astype(int)
        read = letters if strand == 0 else 3 - letters[::-1]
        counts[np.arange(width), read] += posterior[strand, place]
    np.testing.assert_allclose(stats.counts, counts, atol=1e-5)


@pytest.mark.parametrize("occurrence", ["oops", "zoops", "anr"])
@pytest.mark.parametrize("palindrome", [False, True])
def test_laws(occurrence, palindrome):
    rng = np.random.default_rng(3)
    sequences = sequence_set(["".join(rng.choice(list("ACGTN"), 120, p=[0.3, 0.2, 0.2, 0.29, 0.01])) for _ in range(9)])
    free = rng.uniform(0.1, 1.0, len(sequences.codes)).astype(np.float32)
    encoding = replace(Encoding.of(sequences), free=free)
    model = encoding.model(occurrence, 9, palindrome=palindrome)
    parts = [encoding.subset(np.arange(first, first + 3)).one_block(9) for first in (0, 3, 6)]
    laws.check(model, parts, encoding.one_block(9))


def test_a_palindrome_stays_one_under_a_background_that_differs_between_the_strands():
    encoding = Encoding.of(sequence_set(["ACGTTTGCA" * 4] * 5), Background((np.array([0.4, 0.3, 0.2, 0.1]),)))
    model, blocks = encoding.model("zoops", 6, palindrome=True), encoding.blocks(6)
    best = fit(model, blocks, FitOptions(n_starts=2)).best
    np.testing.assert_allclose(best.params.probabilities, best.params.probabilities[::-1, ::-1], atol=1e-12)
    laws.check(model, [encoding.subset(np.array(part)).one_block(6) for part in ([0, 1], [2, 3, 4])], blocks[0])


def test_without_a_place_for_a_site_there_is_no_start():
    encoding = Encoding.of(sequence_set(["NNNNNN", "ACG"]))
    with pytest.raises(ValueError, match="no site can start anywhere"):
        encoding.model("zoops", 4).initialize(encoding.blocks(4), np.random.default_rng(0))


@pytest.mark.parametrize("occurrence", ["oops", "zoops"])
def test_reaches_at_least_the_likelihood_of_plain_em(occurrence):
    """Plain EM of Bailey and Elkan (1994), written without tables, from the same start."""
    rng = np.random.default_rng(8)
    sequences = sequence_set(
        ["".join(rng.choice(list("ACGT"), 30)) + "TGACGTCA" + "".join(rng.choice(list("ACGT"), 12)) for _ in range(6)]
    )
    encoding = Encoding.of(sequences, Background.of(sequences, 0))
    model, blocks = encoding.model(occurrence, 8), encoding.blocks(8)
    start = model.initialize(blocks, rng)
    best = fit(model, blocks, FitOptions(tolerance=1e-12), starts=[start]).best
    params = start
    for _ in range(60):
        _, posterior, n_sites = slow_expect(encoding, model, params)
        counts = np.zeros((8, 4))
        for strand, place in zip(*np.nonzero(posterior), strict=True):
            letters = sequences.codes[place : place + 8].astype(int)
            read = letters if strand == 0 else 3 - letters[::-1]
            counts[np.arange(8), read] += posterior[strand, place]
        counts += model.pseudocount * model.letter_frequencies
        occupancy = 1.0 if occurrence == "oops" else (n_sites + 0.5) / (len(sequences) + 1.0)
        params = MotifParams(counts / counts.sum(axis=1, keepdims=True), occupancy)
    plain = slow_expect(encoding, model, params)[0] + model.log_prior(params)
    assert best.objective >= plain - 1e-6 * abs(plain)


def test_anr_reaches_at_least_the_likelihood_of_the_two_component_mixture():
    """MEME's TCM (Bailey and Elkan 1995) from the same start: windows as if independent, posteriors rescaled.

    Both ends are judged by the likelihood of the sequences, over all ways to place sites without overlap; both M-steps
    are without priors.
    """
    rng = np.random.default_rng(4)
    texts = [
        "".join(rng.choice(list("ACGT"), 12)) + "TGACGTCA" + "".join(rng.choice(list("ACGT"), 10)) for _ in range(8)
    ]
    encoding = Encoding.of(sequence_set([text + text[8:25] for text in texts]), Background.of(sequence_set(texts), 0))
    model = replace(encoding.model("anr", 8), pseudocount=1e-6, occupancy_pseudocount=1e-6)
    blocks = encoding.blocks(8)
    start = model.initialize(blocks, rng)
    best = fit(model, blocks, FitOptions(tolerance=1e-12), starts=[start]).best
    params = start
    for _ in range(200):
        params = tcm_step(encoding, model, params)
    (block,) = blocks
    assert best.log_likelihood >= model.expect(block, params).log_likelihood - 1e-6


def tcm_step(encoding: Encoding, model: MotifModel, params: MotifParams) -> MotifParams:
    """One step of MEME's two-component mixture over all windows of both strands."""
    width, sequences = model.width, encoding.sequences
    counts, total, n_windows = np.full((width, 4), 1e-9), 0.0, 0
    for i in range(len(sequences)):
        codes = sequences.sequence(i).astype(int)
        first, n_starts = int(sequences.offsets[i]), len(codes) - width + 1
        ratio = np.array(
            [[window_ratio(encoding, params.probabilities, first, s, d) for s in range(n_starts)] for d in range(2)]
        )
        rate = params.occupancy / 2
        posterior = rate * ratio / (1.0 - params.occupancy + rate * ratio.sum(axis=0))
        for s in range(n_starts):
            near = posterior[:, max(0, s - width + 1) : s + width].sum()
            if near > 1.0:
                posterior[:, max(0, s - width + 1) : s + width] /= near
        for s in range(n_starts):
            counts[np.arange(width), codes[s : s + width]] += posterior[0, s]
            counts[np.arange(width), 3 - codes[s : s + width][::-1]] += posterior[1, s]
        total, n_windows = total + posterior.sum(), n_windows + n_starts
    return MotifParams(counts / counts.sum(axis=1, keepdims=True), total / n_windows)


def test_a_bound_of_the_occupancy_holds_and_the_rest_is_at_its_maximum() -> None:
    model, blocks, _ = REGISTRY["motif-zoops-bounded"].example(np.random.default_rng(3))
    free = fit(replace(model, highest_occupancy=1.0), blocks, FitOptions(n_starts=20)).best
    bounded = fit(model, blocks, FitOptions(n_starts=20, tolerance=1e-10)).best
    assert free.params.occupancy > 0.6
    assert bounded.params.occupancy == 0.33
    assert bounded.objective < free.objective
    held = [replace(bounded.params, occupancy=occupancy) for occupancy in (0.25, 0.33)]
    lower, at_bound = (sum(model.expect(block, each).log_likelihood for block in blocks) for each in held)
    assert lower < at_bound
    counts = sum((model.expect(block, bounded.params).counts for block in blocks), start=np.zeros((6, 4)))
    counts += model.pseudocount * model.letter_frequencies
    assert bounded.params.probabilities == pytest.approx(counts / counts.sum(axis=1, keepdims=True), abs=1e-5)
