"""Known motifs are found again, names with known answers come first, and chance is chance."""

import warnings

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from emtools.errors import ConfigurationError, InputError
from emtools.motifs.alphabet import DNA, RNA
from emtools.motifs.databases import known_motifs
from emtools.motifs.matrices import CountMatrix
from emtools.motifs.naming import KnownMotifs, Match

SITES = 30


@pytest.fixture(scope="module")
def fungi() -> list[CountMatrix]:
    return known_motifs("jaspar:fungi")


@pytest.fixture(scope="module")
def known(fungi: list[CountMatrix]) -> KnownMotifs:
    return KnownMotifs(fungi)


def written_as(consensus: str) -> CountMatrix:
    """A motif of 30 sites in which each letter holds 85% of its column."""
    letters = DNA.ambiguous | {letter: letter for letter in DNA.letters}
    values = np.array([[0.15 / 4 + 0.85 * (a in letters[c]) / len(letters[c]) for a in DNA.letters] for c in consensus])
    return CountMatrix(consensus, consensus, SITES * values)


def turned(motif: CountMatrix) -> CountMatrix:
    return CountMatrix(motif.identifier, motif.name, motif.values[::-1, ::-1])


def test_jaspar_is_what_pyjaspar_gives(fungi: list[CountMatrix]) -> None:
    from pyjaspar import jaspardb

    database = jaspardb()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = {motif.matrix_id: motif for motif in database.fetch_motifs(collection="CORE", tax_group=["fungi"])}
    database.conn.close()
    assert {motif.identifier for motif in fungi} == set(theirs)
    for motif in fungi:
        other = theirs[motif.identifier]
        assert motif.name == other.name
        np.testing.assert_array_equal(motif.values.T, [other.counts[letter] for letter in "ACGT"])


def test_every_known_motif_finds_itself(fungi: list[CountMatrix], known: KnownMotifs) -> None:
    for motif in fungi:
        first = known.resembling(motif)[0]
        assert first.similarity == pytest.approx(1.0)
        assert (first.offset, first.overlap, first.strand) == (0, len(motif), "+")
        assert first.database_id == motif.identifier


@pytest.mark.parametrize(
    ("consensus", "expected", "among"),
    [
        ("GGTGGCAAA", {"RPN4"}, 3),
        ("ACGCGT", {"MBP1", "SWI4", "MBP1::SWI6"}, 1),
        ("CCAATNA", {"HAP2", "HAP3", "HAP5"}, 1),
        ("CACCCATACAT", {"RAP1"}, 1),
    ],
)
def test_known_answers_come_first(consensus: str, expected: set[str], among: int, known: KnownMotifs) -> None:
    for motif in (written_as(consensus), turned(written_as(consensus))):
        assert expected & {match.name for match in known.resembling(motif)[:among]}


def test_the_other_strand_gives_the_same_matches_turned(known: KnownMotifs) -> None:
    motif = written_as("TGGCACGTGAN")
    one, other = known.resembling(motif), known.resembling(turned(motif))
    for match, opposite in zip(one, other, strict=True):
        assert match.p_value == pytest.approx(opposite.p_value)
    assert {one[0].strand, other[0].strand} == {"+", "-"}
    assert other[0].offset == len(motif) - one[0].offset - len(
        known.motifs[[m.identifier for m in known.motifs].index(one[0].database_id)]
    )


def test_a_core_inside_a_longer_motif_is_found_where_it_lies(known: KnownMotifs) -> None:
    core = next(motif for motif in known.motifs if motif.name == "RAP1")
    even = np.full((3, 4), SITES / 4)
    longer = CountMatrix("m", "m", np.concatenate([even, core.frequencies().values * SITES, even]))
    first = known.resembling(longer)[0]
    assert (first.name, first.offset, first.overlap) == ("RAP1", 3, len(core))


def slow_matches(motif: CountMatrix, known: list[CountMatrix], rng: np.random.Generator) -> dict[str, float]:
    """P-values by drawing random known motifs, and scores by trying every alignment: the slow twin."""

    def frequencies(each: CountMatrix) -> np.ndarray:
        values = each.values + 0.25
        return values / values.sum(axis=1, keepdims=True)

    query, columns = frequencies(motif), [frequencies(each) for each in known]
    pool = np.concatenate([part for each in columns for part in (each, each[::-1, ::-1])])
    mean = -np.linalg.norm(query[:, None] - pool[None], axis=2).mean(axis=1)

    def best(candidate: np.ndarray) -> float:
        sums = []
        for strand in (candidate, candidate[::-1, ::-1]):
            for offset in range(1 - len(candidate), len(query)):
                pairs = [(i, i - offset) for i in range(len(query)) if 0 <= i - offset < len(candidate)]
                sums.append(sum(-np.linalg.norm(query[i] - strand[j]) - mean[i] for i, j in pairs))
        return max(sums)

    drawn = {
        width: [best(pool[rng.integers(len(pool), size=width)]) for _ in range(400)]
        for width in {len(each) for each in columns}
    }
    return {
        each.identifier: float(np.mean(np.array(drawn[len(part)]) >= best(part) - 1e-9))
        for each, part in zip(known, columns, strict=True)
    }


def test_p_values_are_those_of_random_motifs(fungi: list[CountMatrix]) -> None:
    some = fungi[::12]
    motif = written_as("CACGTGAN")
    slow = slow_matches(motif, some, np.random.default_rng(8))
    fast = {match.database_id: match.p_value for match in KnownMotifs(some).resembling(motif)}
    for identifier, expected in slow.items():
        # Drawn 400 times; and taking alignments as independent makes the exact value a little too large.
        assert fast[identifier] >= expected - 3 * np.sqrt(expected * (1 - expected) / 400) - 0.01
        assert fast[identifier] <= 1.35 * expected + 0.05


def test_p_values_of_single_columns_count_the_columns_as_close() -> None:
    rng = np.random.default_rng(2)
    known = [CountMatrix(f"k{i}", f"k{i}", 50 * rng.dirichlet(np.ones(4), 1)) for i in range(40)]
    query = CountMatrix("q", "q", np.array([[50.0, 1, 2, 3]]))
    column = query.frequencies(pseudocount=1.0).values[0]
    columns = np.concatenate([each.frequencies(pseudocount=1.0).values for each in known])
    distances = np.linalg.norm([columns - column, columns[:, ::-1] - column], axis=2)
    # Distances within one of the hundred steps of each other count as equal.
    step = np.ptp(distances) / 100
    for match in KnownMotifs(known).resembling(query):
        best = distances[:, int(match.database_id[1:])].min()
        least, most = (1 - (1 - np.mean(distances <= best + slack)) ** 2 for slack in (-step, step))
        assert least - 1e-12 <= match.p_value <= most + 1e-12
    assert KnownMotifs(known).resembling(query)[0].p_value == pytest.approx(1 - (1 - 1 / 80) ** 2)


def test_p_values_of_shuffled_motifs_are_uniform(fungi: list[CountMatrix], known: KnownMotifs) -> None:
    rng = np.random.default_rng(11)
    p_values = []
    for index in rng.choice(len(fungi), 60, replace=False):
        shuffled = CountMatrix("shuffled", "shuffled", rng.permutation(fungi[index].values, axis=0))
        p_values += [match.p_value for match in known.resembling(shuffled)]
    observed = np.array(p_values)
    for level in (0.5, 0.2, 0.1, 0.05, 0.01):
        # The matches of one motif depend on each other, so that the share itself varies by about half.
        assert 0.5 * level < np.mean(observed <= level) < 1.6 * level
    assert np.mean(observed <= 0.001) < 0.003


def test_q_values_are_those_of_scipy(known: KnownMotifs) -> None:
    matches = known.resembling(written_as("TTACGTAA"))
    expected = false_discovery_control([match.p_value for match in matches])
    np.testing.assert_allclose([match.q_value for match in matches], expected)
    assert all(match.e_value == pytest.approx(match.p_value * len(matches)) for match in matches)


def test_a_single_known_motif_can_be_compared_with() -> None:
    only = written_as("CACGTG")
    (match,) = KnownMotifs([only]).resembling(written_as("ACACGTGA"))
    assert isinstance(match, Match)
    assert (match.offset, match.overlap) == (1, 6)


def test_kinds_of_motifs_are_not_mixed(known: KnownMotifs) -> None:
    with pytest.raises(InputError, match="there are no known motifs"):
        KnownMotifs([])
    with pytest.raises(InputError, match="is a motif of RNA, and the known ones are of DNA"):
        known.resembling(CountMatrix("r", "r", np.ones((4, 4)), RNA))


def test_a_group_that_jaspar_has_not_is_an_error() -> None:
    with pytest.raises(ConfigurationError) as caught:
        known_motifs("jaspar:fungus")
    assert "JASPAR has no such group: 'fungus' (choose from " in str(caught.value)
