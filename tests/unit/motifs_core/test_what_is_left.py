"""What is left of the sequences once motifs were found holds no motif, unless there is another one."""

from dataclasses import replace

import numpy as np
import pytest

from emtools.em import Serial
from emtools.motifs import resampling
from emtools.motifs.discovery import DiscoveryOptions, discover
from emtools.motifs.encoding import Encoding
from emtools.motifs.judge import Plan
from emtools.motifs.resampling import Resampling
from emtools.motifs.search import candidates
from emtools.motifs.sequences import SequenceSet

TURNED = str.maketrans("ACGT", "TGCA")


def random_text(rng: np.random.Generator, length: int, gc: float = 0.5) -> str:
    return "".join(rng.choice(list("ACGT"), length, p=[(1 - gc) / 2, gc / 2, gc / 2, (1 - gc) / 2]))


def named(texts: list[str]) -> SequenceSet:
    return SequenceSet.of([(f"s{i}", text) for i, text in enumerate(texts)])


def planted(rng: np.random.Generator, n: int, length: int, site: str, gc: float) -> SequenceSet:
    """Sequences with one site each, one letter in twenty of it drawn anew, on either strand."""
    texts = []
    for _ in range(n):
        text = "".join(letter if rng.random() < 0.95 else random_text(rng, 1) for letter in site)
        text = text.translate(TURNED)[::-1] if rng.random() < 0.5 else text
        start = int(rng.integers(length - len(site) + 1))
        whole = random_text(rng, length, gc)
        texts.append(whole[:start] + text + whole[start + len(site) :])
    return named(texts)


@pytest.mark.parametrize(("n", "length"), [(400, 300), (40, 200)])
def test_a_motif_unlike_its_surroundings_leaves_no_false_ones(n: int, length: int) -> None:
    """One motif of twelve letters, rich in G and C, where three letters in ten are: with it their share drops."""
    n_found = []
    for seed in range(6):
        sequences = planted(np.random.default_rng(seed), n, length, "CGGTGCGCCAGC", gc=0.3)
        n_found.append(len(discover(sequences, DiscoveryOptions(seed=seed, max_motifs=2)).motifs))
    assert min(n_found) == 1
    assert sum(n_found) <= 7


def test_the_ends_of_a_tandem_repeat_are_no_motifs() -> None:
    n_found = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        texts = [random_text(rng, 60) + 8 * "GATTACACCA" + random_text(rng, 60) for _ in range(40)]
        n_found.append(len(discover(named(texts), DiscoveryOptions(seed=seed)).motifs))
    assert min(n_found) == 1
    assert sum(n_found) <= 8


def test_what_is_listed_is_as_clear_as_what_was_fitted() -> None:
    """Erased letters are no places for later motifs, neither where these are fitted nor where they are listed."""
    motifs = []
    for seed in (3, 5):
        rng = np.random.default_rng(seed)
        sequences = named(["".join(rng.choice(list("AC"), 60)) for _ in range(30)])
        options = DiscoveryOptions(significance=1.0, background=0, both_strands=False, seed=seed)
        motifs += discover(sequences, options).motifs
    assert len(motifs) >= 4
    assert all(motif.n_sites >= max(2, 0.2 * motif.fit.best.stats.n_sites) for motif in motifs)


@pytest.mark.parametrize("tract", ["A", "CA"])
def test_many_tracts_are_told_and_masking_them_leaves_no_motif(tract: str) -> None:
    for seed in range(3):
        rng = np.random.default_rng(seed)
        lengths = rng.integers(10, 20, 40)
        with_tracts, masked = (
            discover(named([random_text(rng, 40) + (unit * 20)[:n] + random_text(rng, 40) for n in lengths]))
            for unit in (tract, "N")
        )
        assert sum("of the letters lie in tracts" in said for said in with_tracts.messages) == 1
        assert not any("tracts" in said for said in masked.messages)
        assert not masked.motifs


def test_letters_between_sites_that_can_be_in_no_site_are_masked() -> None:
    text = "ACGTACGTACGTACGTACGT"
    whole = Encoding.of(named([text]))
    free = whole.free.copy()
    free[[3, 10, 11, 16]] = 0.1
    left = replace(whole, free=free).masked(4)
    assert left.sequences.text(0) == "NNNNACGTACNNACGTNNNN"
    assert (left.free == free).all()
    np.testing.assert_array_equal(left.row > 0, left.sequences.is_letter)


def test_a_width_without_motifs_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Motifs of weak data have values below 0; where there is no motif there is no value, which is not 0."""

    def some(*arguments: object) -> dict[int, list[object]]:
        return {**candidates(*arguments), 15: []}  # type: ignore[arg-type]

    monkeypatch.setattr(resampling, "candidates", some)
    rng = np.random.default_rng(3)
    encoding = Encoding.of(named([random_text(rng, 40) for _ in range(6)]))
    judge = Resampling(Plan("zoops", (8, 15), 8, 15), encoding, rng)
    verdict = judge.next(encoding, Serial())
    assert verdict is not None
    assert verdict.starts
    assert 0.05 < verdict.p_value <= 1.0


def test_a_value_that_few_copies_have_is_not_compared() -> None:
    rng = np.random.default_rng(0)
    judge = Resampling(Plan("zoops", (8,), 8, 8), Encoding.of(named([random_text(rng, 40)] * 2)), rng)
    null = [[float(value), np.nan] for value in rng.normal(size=9)]
    null[0][1] = 5.0
    column, p_value = judge._compared([9.0, 100.0], null)
    assert column == 0
    assert p_value < 0.05
    assert judge._compared([np.nan, 100.0], null) == (1, 1.0)


def test_a_clear_motif_does_not_make_copies_look_alike() -> None:
    """Judged by all others, and a motif far above them is one, no copy is far from the mean."""
    rng = np.random.default_rng(0)
    judge = Resampling(Plan("zoops", (8,), 8, 8), Encoding.of(named([random_text(rng, 40)] * 2)), rng)
    null = rng.gumbel(size=(39, 1))
    mean, scale = null.mean() - 0.5772 * null.std() * np.sqrt(6) / np.pi, null.std() * np.sqrt(6) / np.pi
    for height in (5.0, 10.0, 20.0):
        _, p_value = judge._compared([float(height)], null.tolist())
        assert np.exp(-(height - mean) / scale) < p_value < 0.025


@pytest.mark.parametrize(("n", "length", "occurrence"), [(60, 20, "zoops"), (60, 20, "anr"), (12, 20, "oops")])
def test_sequences_that_a_motif_nearly_fills_leave_nothing(n: int, length: int, occurrence: str) -> None:
    """What is left are stretches so short that shuffling can hardly change them: copies are the sequences."""
    for seed in range(4):
        sequences = planted(np.random.default_rng(seed), n, length, "ACGTTGCAGGTC", gc=0.5)
        found = discover(sequences, DiscoveryOptions(seed=seed, max_motifs=2, occurrence=occurrence))
        assert len(found.motifs) == 1


def test_controls_have_room_where_the_sequences_have_some() -> None:
    """Half of the sequences are hardly longer than the motif, and have no place for another one."""
    n_found = []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        site = random_text(rng, 30)
        texts = [random_text(rng, length) + site + random_text(rng, length) for length in 7 * [60] + 7 * [4]]
        controls = named([random_text(rng, 160) for _ in range(300)])
        options = DiscoveryOptions("oops", widest=30, max_motifs=2, seed=seed)
        n_found.append(len(discover(named(texts), options, controls=controls).motifs))
    assert min(n_found) == 1
    assert sum(n_found) <= 4


def test_where_everything_is_erased_a_search_comes_to_no_motif() -> None:
    """The best motif is then the background, which is likelier than none by 0 nats and like no other motif."""
    rng = np.random.default_rng(0)
    whole = Encoding.of(named([random_text(rng, 40) for _ in range(6)]))
    left = replace(whole, free=np.full_like(whole.free, 1e-9))
    assert candidates(left, "zoops", (6, 8), rng) == {6: [], 8: []}
