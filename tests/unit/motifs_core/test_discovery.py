"""Known answers on real data, planted ones, no answer where there is none, and the same answer on two threads."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from emtools.em import Serial, StopReason, Threads
from emtools.errors import ConfigurationError, InputError
from emtools.motifs.crossfitting import CrossFitting
from emtools.motifs.discovery import Discovery, DiscoveryOptions, Motif, discover
from emtools.motifs.encoding import Encoding
from emtools.motifs.motif import described, repeat_unit
from emtools.motifs.reading import read_fasta
from emtools.motifs.search import climbed
from emtools.motifs.sequences import SequenceSet
from emtools.motifs.shuffle import shuffled
from emtools.motifs.sites import Sites, letters_beside
from emtools.motifs.widths import best_window, resized, score

ROOT = Path(__file__).parents[3]
CTCF = ROOT / "tests" / "data" / "CTCF_GM12878_500x200.fa"
TURNED = str.maketrans("ACGT", "TGCA")


def random_sequences(rng: np.random.Generator, n: int, length: int) -> list[str]:
    return ["".join(rng.choice(list("ACGT"), length, p=[0.3, 0.2, 0.2, 0.3])) for _ in range(n)]


def planted(rng: np.random.Generator, n: int, length: int, site: str, share: float = 1.0) -> SequenceSet:
    """Sequences with a site at a random place on a random strand, one letter in ten of it changed."""
    texts = random_sequences(rng, n, length)
    for i in range(round(share * n)):
        letters = [letter if rng.random() > 0.1 else rng.choice(list("ACGT")) for letter in site]
        text = "".join(letters)
        if rng.random() < 0.5:
            text = text.translate(TURNED)[::-1]
        start = int(rng.integers(length - len(site) + 1))
        texts[i] = texts[i][:start] + text + texts[i][start + len(site) :]
    return SequenceSet.of([(f"s{i}", text) for i, text in enumerate(texts)])


def best_text(motif: Motif) -> str:
    return "".join("ACGT"[code] for code in motif.probabilities.argmax(axis=1))


def holds(motif: Motif, word: str) -> bool:
    """Whether the likeliest letters hold a word, on either strand; N in the word is any letter."""
    text = best_text(motif)
    return any(
        all(w in ("N", t) for w, t in zip(word, strand[i:], strict=False))
        for strand in (text, text.translate(TURNED)[::-1])
        for i in range(len(strand) - len(word) + 1)
    )


@pytest.mark.parametrize("occurrence", ["oops", "zoops"])
def test_crp0_gives_the_crp_site(occurrence):
    sequences = read_fasta(ROOT / "resources" / "motifs" / "crp0.fa")
    found = discover(sequences, DiscoveryOptions(occurrence=occurrence, max_motifs=1))
    (motif,) = found.motifs
    assert holds(motif, "TGTGANNNNNNTCA")
    assert len(set(motif.sites.sequence.tolist())) >= 17
    assert motif.p_value < 0.05
    assert motif.comparison is None
    assert motif.e_value < 1e-5


def test_ctcf_gives_the_full_core_and_its_companion():
    found = discover(read_fasta(CTCF), DiscoveryOptions(max_motifs=2))
    first, second = found.motifs
    assert first.width >= 14
    assert holds(first, "CCNNNAGGGGGCG") or holds(first, "CCACCAGGGGGCG") or holds(first, "CCNNNAGNGGGCG")
    assert first.n_sites >= 480
    assert holds(second, "GGAACTGCAG") or holds(second, "GGAACTGCA")
    assert second.p_value < 1e-3
    for motif in (first, second):
        counts = motif.comparison
        assert counts.n_compared in (249, 250)  # near copies of other sequences are left out
        table = [[counts.n_hits, counts.n_compared - counts.n_hits]]
        table.append([counts.n_control_hits, counts.n_controls - counts.n_control_hits])
        uncorrected = stats.fisher_exact(table, alternative="greater").pvalue
        # Each of the two halves is a test, and the best of several motifs pays once to twice.
        assert 2.0 <= motif.p_value / uncorrected <= 4.001


def test_two_cores_with_anything_between_them_are_found():
    """The words of such a motif are too short to stand out; that they stand at one distance does."""
    rng = np.random.default_rng(3)
    texts = random_sequences(rng, 60, 500)
    for i, text in enumerate(texts[:28]):
        site = "GGCA" + random_sequences(rng, 1, 8)[0] + "CTCC"
        start = int(rng.integers(480))
        texts[i] = text[:start] + site + text[start + len(site) :]
    found = discover(
        SequenceSet.of([(f"s{i}", text) for i, text in enumerate(texts)]), DiscoveryOptions(widest=18, max_motifs=1)
    )
    (motif,) = found.motifs
    assert holds(motif, "GGCANNNNNNNNCTCC")
    assert motif.p_value < 0.01


def test_two_cores_of_few_sequences_are_found_among_all_widths():
    """What a motif of 17 columns is by chance hides eight letters with a gap, unless the gap costs nothing."""

    def with_site(rng: np.random.Generator, text: str) -> str:
        halves = ["".join(c if rng.random() < 0.93 else rng.choice(list("ACGT")) for c in w) for w in ("TGCC", "CAGT")]
        site = random_sequences(rng, 1, 9)[0].join(halves)
        return text[:90] + site + text[90 + len(site) :]

    n_found = 0
    for seed in range(10):
        rng = np.random.default_rng(seed)
        texts = ["".join(rng.choice(list("ACGT"), 200)) for _ in range(14)]
        texts[:12] = [with_site(rng, text) for text in texts[:12]]
        sequences = SequenceSet.of([(f"s{i}", text) for i, text in enumerate(texts)])
        motifs = discover(sequences, DiscoveryOptions(widest=20, max_motifs=1)).motifs
        n_found += any(holds(motif, "TGCCNNNNNNNNNCAGT") for motif in motifs)
    assert n_found >= 4


def test_what_two_sequences_share_is_not_whittled_away():
    """Two sites cannot pay for a column, and none would be the best number of columns."""
    shared = "GATTCACGGCATTACGTGCA"
    for seed in range(3):
        rng = np.random.default_rng(seed)
        texts = [text[:60] + shared + text[60:] for text in random_sequences(rng, 2, 150)]
        options = DiscoveryOptions(occurrence="oops", narrowest=3, widest=50, max_motifs=1)
        (motif,) = discover(SequenceSet.of([(f"s{i}", text) for i, text in enumerate(texts)]), options).motifs
        assert holds(motif, shared[4:16])
        assert motif.width < 2 * len(shared)
    letters = np.array(["ACGT".index(letter) for letter in shared])
    assert best_window(2.0 * np.eye(4)[letters], np.full(4, 0.25), 6, 25) is None
    assert best_window(9.0 * np.eye(4)[letters], np.full(4, 0.25), 6, 25) == (0, len(shared))


def test_motifs_narrower_than_words_are_found_in_data_of_any_size():
    texts = [text[:150] + "GATCG" + text[150:] for text in random_sequences(np.random.default_rng(0), 100, 300)]
    found = discover(
        SequenceSet.of([(f"s{i}", text) for i, text in enumerate(texts)]), DiscoveryOptions(narrowest=5, widest=5)
    )
    assert holds(found.motifs[0], "GATCG")


def test_a_search_that_ends_with_repeats_says_so():
    texts = random_sequences(np.random.default_rng(2), 60, 300)
    units = ("A", "CG", "ATC", "GGA")
    texts = [
        text[:60] + "".join(12 * unit + text[60 + 60 * i : 120 + 60 * i] for i, unit in enumerate(units))
        for text in texts
    ]
    found = discover(SequenceSet.of([(f"s{i}", text) for i, text in enumerate(texts)]), DiscoveryOptions(max_motifs=1))
    n_repeats = sum(motif.repeat > 0 for motif in found.motifs)
    assert n_repeats == len(found.motifs) == 3
    assert found.conclusion.startswith(
        "3 motifs were found, 3 of them of low complexity, and the search goes no further"
    )


def test_repeats_leave_room_for_the_one_motif_asked_for():
    sequences = planted(np.random.default_rng(4), 80, 200, "TTGACGGCAT", share=0.3)
    # Of different lengths, so that they are no copies of one another.
    tracts = [(12 + i % 9) * "A" if i % 2 else (6 + i % 7) * "TA" for i in range(80)]
    texts = [sequences.text(i)[:150] + tract + sequences.text(i)[150:] for i, tract in enumerate(tracts)]
    found = discover(SequenceSet.of([(f"s{i}", text) for i, text in enumerate(texts)]), DiscoveryOptions(max_motifs=1))
    (motif,) = (motif for motif in found.motifs if not motif.repeat)
    assert len(found.motifs) > 2
    assert holds(motif, "GACGGCA")


def test_a_motif_that_is_cut_by_the_greatest_width_says_so():
    sequences = planted(np.random.default_rng(6), 60, 120, "TTGACGGCATCCAG")
    for widest, said in ((10, True), (20, False)):
        messages = discover(sequences, DiscoveryOptions(max_motifs=1, widest=widest)).messages
        assert any(message.startswith(f"As wide as allowed, {widest} letters") for message in messages) == said


def test_a_motif_with_no_two_sites_is_passed_over(monkeypatch):
    def once(*arguments, **keywords):
        return replace(described(*arguments, **keywords), n_sites=1)

    monkeypatch.setattr("emtools.motifs.succession.described", once)
    found = discover(planted(np.random.default_rng(10), 60, 120, "TTGACGGCAT"))
    assert found.motifs == ()
    assert any("(likelier than not in 1 of about" in message for message in found.messages)


@pytest.mark.parametrize("n", [10, 60])
def test_a_planted_motif_is_found_where_it_is(n):
    sequences = planted(np.random.default_rng(n), n, 120, "TTGACGGCAT")
    found = discover(sequences, DiscoveryOptions(max_motifs=1))
    (motif,) = found.motifs
    assert holds(motif, "GACGGCA")
    assert motif.n_sites >= 0.8 * n
    assert all(holds_site(sequences, motif, i) for i in range(motif.n_sites) if motif.sites.posterior[i] > 0.99)


def holds_site(sequences: SequenceSet, motif: Motif, i: int) -> bool:
    """Whether the site listed reads as the motif does, within four letters."""
    sites = motif.sites
    text = sequences.text(int(sites.sequence[i]), int(sites.start[i]), int(sites.start[i]) + motif.width)
    read = text if sites.strand[i] > 0 else text.translate(TURNED)[::-1]
    return sum(a != b for a, b in zip(read, best_text(motif), strict=True)) <= 4


@pytest.mark.parametrize("n", [12, 40])
def test_no_motif_is_an_answer(n):
    texts = random_sequences(np.random.default_rng(n), n, 100)
    found = discover(SequenceSet.of([(f"s{i}", text) for i, text in enumerate(texts)]))
    assert found.motifs == ()
    assert "No motif was found" in found.conclusion
    assert found.p_value > 0.05


@pytest.mark.parametrize("n", [8, 40])
def test_what_chance_makes_is_listed_on_request_only_and_said_to_be_chance(n):
    sequences = planted(np.random.default_rng(4), n, 80, "ACGT", share=0.0)
    options = DiscoveryOptions(max_motifs=2, significance=1.0)
    found = discover(sequences, options)
    assert len(found.motifs) == 2
    assert all(motif.p_value > 0.05 for motif in found.motifs)
    assert any(said.startswith("motif_1, motif_2: the p-value is above 0.05") for said in found.messages)
    usual = discover(sequences, replace(options, significance=0.05))
    assert usual.motifs == ()
    assert not any("the p-value is above" in said for said in usual.messages)


def test_a_lower_level_of_significance_is_kept():
    sequences = read_fasta(ROOT / "resources" / "motifs" / "crp0.fa")
    p_value = discover(sequences, DiscoveryOptions(max_motifs=1)).p_value
    found = discover(sequences, DiscoveryOptions(max_motifs=1, significance=p_value / 2.0))
    assert found.motifs == ()
    assert found.p_value == p_value


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        *[("tolerance", value, "tolerance: is no tolerance of EM") for value in (-1e-4, float("nan"))],
        *[("significance", level, "significance: is no level of significance") for level in (0.0, 1.5, float("nan"))],
        ("occurrence", "one", "model: is none: 'one'"),
        ("max_motifs", 0, "max-motifs: is no number of motifs: 0"),
        ("narrowest", 2, "width: is no range of widths: '2:15'"),
    ],
)
def test_options_that_cannot_be_are_an_error(name, value, said):
    with pytest.raises(ConfigurationError, match=said):
        DiscoveryOptions(**{name: value})


def test_the_least_p_value_is_one_of_those_that_motifs_have():
    """A motif found after one by chance has no lower p-value than that one."""
    sequences = planted(np.random.default_rng(9), 20, 200, "ACGT", share=0.0)
    found = discover(sequences, DiscoveryOptions(max_motifs=5, significance=1.0))
    assert found.p_value == min(motif.p_value for motif in found.motifs)


def test_copies_do_not_make_a_vague_motif_a_clear_one(monkeypatch):
    """Sites in copies are listed, but what counts are those in sequences that count."""
    placed = []
    monkeypatch.setattr("emtools.motifs.succession.find_sites", lambda *given: placed.append(given[0]) or [])
    sequences = planted(np.random.default_rng(3), 30, 100, "TTGACGGCATCA")
    again = SequenceSet.of([(f"s{i}", sequences.text(min(i, 29))) for i in range(60)])
    found = discover(again, DiscoveryOptions(max_motifs=1))
    assert found.motifs == ()
    assert {len(encoding.sequences) for encoding in placed} == {30}


def test_two_motifs_are_two_and_no_copies():
    rng = np.random.default_rng(5)
    first = planted(rng, 80, 100, "TGACGTCATC")
    second = planted(rng, 80, 100, "CCAGGATATA")
    sequences = SequenceSet.of([(f"s{i}", first.text(i) + second.text(i)) for i in range(80)])
    found = discover(sequences, DiscoveryOptions(max_motifs=4))
    assert len(found.motifs) == 2
    assert {holds(motif, "GACGTCA") for motif in found.motifs} == {True, False}
    assert {holds(motif, "CAGGATA") for motif in found.motifs} == {True, False}


def test_several_sites_a_sequence_are_found_by_anr():
    rng = np.random.default_rng(9)
    parts = [planted(rng, 30, 80, "TTGACGGCAT") for _ in range(3)]
    sequences = SequenceSet.of([(f"s{i}", "".join(part.text(i) for part in parts)) for i in range(30)])
    (motif,) = discover(sequences, DiscoveryOptions(occurrence="anr", max_motifs=1)).motifs
    assert holds(motif, "GACGGCA")
    assert 70 <= motif.n_sites <= 100


@pytest.mark.parametrize(("n", "length"), [(1, 20_000), (2, 26_000)])
def test_anr_finds_what_recurs_in_few_long_sequences(n, length):
    """Every word occurs in sequences as long as these; in pieces of them, a frequent one stands out."""
    rng = np.random.default_rng(n)
    parts = planted(rng, n * length // 400, 400, "TGACTCATGC")
    texts = ["".join(parts.text(i) for i in range(j, len(parts), n)) for j in range(n)]
    sequences = SequenceSet.of([(f"s{i}", text) for i, text in enumerate(texts)])
    found = discover(sequences, DiscoveryOptions(occurrence="anr", max_motifs=1))
    (motif,) = found.motifs
    assert holds(motif, "TGACTCATGC")
    assert motif.n_sites >= 0.8 * len(parts)
    assert motif.n_sequences == n
    assert any("in pieces of 500 at most" in said for said in found.messages)
    # Sites lie in the sequences as given.
    assert [len(text) for text in texts] == sequences.lengths.tolist()
    turned = motif.sites.strand < 0
    words = [texts[i][s : s + motif.width] for i, s in zip(motif.sites.sequence, motif.sites.start, strict=True)]
    read = [word.translate(TURNED)[::-1] if back else word for word, back in zip(words, turned, strict=True)]
    agree = np.mean([a == b for word in read for a, b in zip(word, best_text(motif), strict=True)])
    assert agree > 0.75


def test_anr_goes_on_after_a_repeat_and_ranks_it_last():
    """The repeat is far clearer than the motif, which is near 0.05 where any number of sites is allowed."""
    sequences = read_fasta(ROOT / "resources" / "motifs" / "INO_up800.fa")
    found = [discover(sequences, DiscoveryOptions(occurrence="anr", seed=seed)).motifs for seed in range(3)]
    both = [motifs for motifs in found if holds(motifs[0], "CATGTGA")]
    assert both
    assert all(motifs[-1].repeat and not motifs[0].repeat for motifs in both)


def test_a_motif_that_only_says_that_a_letter_is_frequent_is_of_low_complexity():
    frequencies = np.array([0.3, 0.2, 0.2, 0.3])
    often, hardly = np.array([0.75, 0.03, 0.2, 0.02]), np.array([0.35, 0.1, 0.2, 0.35])
    rich = np.array([often, hardly, often, hardly, hardly, often, often, often, hardly, often, hardly])
    nothing = np.zeros((6, 4))
    assert repeat_unit(rich, frequencies, nothing) == 1
    clear = 0.15 * frequencies + 0.85 * np.eye(4)[[2, 2, 2, 1, 2, 2, 2]]
    assert repeat_unit(clear, frequencies, nothing) == 0


def test_a_periodic_site_that_ends_where_it_ends_is_no_repeat():
    """GCC boxes agree with themselves three letters on; CCG tracts do so as well, and go on beside their sites."""
    rng = np.random.default_rng(1)
    boxes, tracts = planted(rng, 80, 100, "GCCGCCGCC"), planted(rng, 80, 100, "GCCGCCGCCGCCGCCGCCGCC")
    repeats = []
    for sequences in (boxes, tracts):
        found = discover(sequences, DiscoveryOptions(widest=9, max_motifs=1))
        repeats.append(next(motif.repeat for motif in found.motifs if holds(motif, "GCCGCC")))
    assert repeats == [0, 3]


def test_letters_beside_sites_are_read_on_their_strand():
    sequences = SequenceSet.of([("a", "AGTTTCC"), ("b", "GGAAACT"), ("c", "TTTCN")])
    one = Sites(*(np.array(each) for each in ([0, 1, 2], [2, 2, 0], [1, -1, 1], [9.0] * 3, [1.0] * 3)))
    counts = letters_beside(sequences, 3, one, 2)
    np.testing.assert_array_equal(counts, [[2, 0, 0, 0], [0, 0, 2, 0], [0, 3, 0, 0], [0, 2, 0, 0]])


def test_a_column_that_earns_its_price_with_other_sites_is_found():
    """EM with one column less has settled on other sites, with which the column would earn too little."""
    sequences = planted(np.random.default_rng(0), 40, 100, "TTGACGGCAT")
    encoding = Encoding.of(sequences)
    model, block = encoding.model("zoops", 5), encoding.one_block(5)
    (narrow,) = climbed(model, block, model.around(np.array([[2, 0, 1, 2, 2]]), 0.9), 12)
    wide = resized(encoding, narrow, "zoops", 5, 12)
    assert wide.width >= 9
    assert score(encoding, wide, "zoops") > score(encoding, narrow, "zoops")
    assert resized(encoding, narrow, "zoops", 5, 5) is narrow


def test_no_column_is_added_for_what_chance_makes_of_it():
    """The best of several tries is better than what it started from where nothing is to be gained."""
    sets = [planted(np.random.default_rng(seed), 100, 100, "CCGTAACTGAGC") for seed in range(12)]
    found = [discover(texts, DiscoveryOptions(widest=18, max_motifs=1, seed=i)) for i, texts in enumerate(sets)]
    assert sum(each.motifs[0].width == 12 for each in found) >= 11


def test_repeats_are_named_and_come_last():
    rng = np.random.default_rng(2)
    texts = planted(rng, 60, 100, "CTGACGTCAG")
    sequences = SequenceSet.of([(f"s{i}", texts.text(i) + "AAAAAAAAAAAAAAAAAA") for i in range(60)])
    found = discover(sequences)
    assert holds(found.motifs[0], "TGACGTCA")
    assert found.motifs[-1].repeat
    assert any("low complexity" in message for message in found.messages)


def test_controls_take_what_they_share_out_of_the_answer():
    rng = np.random.default_rng(4)
    shared, own = planted(rng, 80, 80, "GGATTACCAG"), planted(rng, 80, 80, "TTGACGGCAT")
    sequences = SequenceSet.of([(f"s{i}", shared.text(i) + own.text(i)) for i in range(80)])
    controls = planted(rng, 120, 160, "GGATTACCAG")
    found = discover(sequences, controls=controls)
    assert [holds(motif, "GACGGCA") for motif in found.motifs] == [True]


def same(a: Discovery, b: Discovery) -> bool:
    return (a.messages, a.conclusion, a.p_value) == (b.messages, b.conclusion, b.p_value) and all(
        x.probabilities.tobytes() == y.probabilities.tobytes()
        and (x.p_value, x.rank, x.comparison) == (y.p_value, y.rank, y.comparison)
        and x.sites.start.tobytes() == y.sites.start.tobytes()
        and x.sites.posterior.tobytes() == y.sites.posterior.tobytes()
        for x, y in zip(a.motifs, b.motifs, strict=True)
    )


@pytest.mark.parametrize(("n", "length"), [(12, 80), (50, 80), (400, 200)])
def test_one_and_two_threads_give_the_same_bits(n, length):
    sequences, options = planted(np.random.default_rng(1), n, length, "TTGACGGCAT"), DiscoveryOptions(max_motifs=1)
    one = discover(sequences, options, executor=Serial())
    assert one.motifs
    assert same(one, discover(sequences, options, executor=Threads(2)))


def test_every_history_rises_and_every_run_says_why_it_stopped():
    sequences = planted(np.random.default_rng(1), 30, 150, "TTGACGGCAT")
    motifs = discover(sequences).motifs
    assert motifs
    for motif in motifs:
        for run in motif.fit.runs:
            assert all(entry.gain >= 0.0 for entry in run.history)
            assert run.stop in (StopReason.CONVERGED, StopReason.NOT_CONTINUED)


def test_p_values_hold_on_shuffles():
    """The rank among shuffled copies is exact; of 20 shuffled sets hardly more than one may fall below 0.05."""
    sequences = planted(np.random.default_rng(1), 8, 60, "TTGACGGCAT")
    rng = np.random.default_rng(0)
    least = [discover(shuffled(sequences, rng), DiscoveryOptions(seed=i)).p_value for i in range(20)]
    assert sum(value < 0.05 for value in least) <= 3
    assert max(least) > 0.3


def test_one_strand_and_other_alphabets():
    from emtools.motifs.alphabet import PROTEIN, RNA

    rng = np.random.default_rng(6)
    for alphabet, site in ((RNA, "UGUAAAUA"), (PROTEIN, "WKDCHM")):
        letters = list(alphabet.letters)
        texts = ["".join(rng.choice(letters, 90)) for _ in range(40)]
        texts = [text[:i] + site + text[i:] for i, text in enumerate(texts)]
        sequences = SequenceSet.of([(f"s{i}", text) for i, text in enumerate(texts)], alphabet)
        (motif,) = discover(sequences, DiscoveryOptions(narrowest=5, widest=9, max_motifs=1)).motifs
        likeliest = "".join(alphabet.letters[code] for code in motif.probabilities.argmax(axis=1))
        assert site[1:-1] in likeliest
        assert set(motif.sites.strand.tolist()) == {1}


def test_no_room_for_a_site_is_an_error_and_little_room_narrows_the_widths():
    with pytest.raises(InputError, match="can hold a site"):
        discover(SequenceSet.of([("a", "ACGT"), ("b", "ANNNC")]))
    texts = planted(np.random.default_rng(0), 30, 8, "CACGTAAC")
    found = discover(texts, DiscoveryOptions(max_motifs=1, significance=1.0))
    assert [motif.width <= 8 for motif in found.motifs] == [True]


def test_a_palindrome_is_one_motif_that_reads_alike_on_both_strands():
    (motif,) = discover(planted(np.random.default_rng(3), 60, 120, "ATGACGTCAT"), DiscoveryOptions(max_motifs=1)).motifs
    assert motif.palindrome
    assert holds(motif, "TGACGTCA")
    np.testing.assert_allclose(motif.probabilities, motif.probabilities[::-1, ::-1], atol=1e-9)
    (other,) = discover(planted(np.random.default_rng(3), 60, 120, "TTGACGGCAT"), DiscoveryOptions(max_motifs=1)).motifs
    assert not other.palindrome


def test_no_p_value_is_below_that_of_a_motif_found_before(monkeypatch):
    rest = iter([0.04, 0.01])

    def next_one(self, *arguments):
        return replace(found_by(self, *arguments), p_value=next(rest))

    found_by = CrossFitting.next
    monkeypatch.setattr(CrossFitting, "next", next_one)
    texts = random_sequences(np.random.default_rng(1), 60, 700)
    texts = [f"{text[:300]}TTGACGGCATGC{text[300:400]}CATTCGGAGACC{text[400:]}" for text in texts]
    found = discover(SequenceSet.of([(f"s{i}", text) for i, text in enumerate(texts)]), DiscoveryOptions(max_motifs=2))
    assert [motif.p_value for motif in found.motifs] == [0.04, 0.04]


def test_nothing_is_left_where_every_start_is_like_a_motif_already_found() -> None:
    ends = [
        "TAC GTT",
        "CGT CCT",
        "TAG TTT",
        "ACT TGT",
        "GGG CGC",
        "CCT AGC",
        "GAC AAA",
        "TGG CGG",
        "TTC CGA",
        "CTG ATT",
    ]
    texts = [end.replace(" ", "TGACGTCAT") for end in ends]
    found = discover(SequenceSet.of([(f"s{i}", text) for i, text in enumerate(texts)]))
    assert len(found.motifs) == 1
    assert found.conclusion == "1 motif was found; nothing more is left to search."


def test_a_motif_of_three_letters_is_found_without_controls():
    rng = np.random.default_rng(0)
    texts = []
    for _ in range(200):
        text = "".join(rng.choice(list("AT"), 40))
        texts.append(text[:15] + "GGC" + text[18:])
    found = discover(
        SequenceSet.of([(f"s{i}", text) for i, text in enumerate(texts)]),
        DiscoveryOptions(narrowest=3, widest=3, max_motifs=1, both_strands=False),
    )
    assert found.motifs[0].consensus == "GGC"
    assert "keep every letter" in found.messages[0]


@pytest.mark.parametrize("occurrence", ["oops", "zoops"])
def test_one_sequence_has_no_motif_in_common_with_others(occurrence):
    (text,) = random_sequences(np.random.default_rng(0), 1, 300)
    found = discover(SequenceSet.of([("s", text)]), DiscoveryOptions(occurrence=occurrence))
    assert found.motifs == ()
    assert "'anr' looks for what repeats in it" in found.conclusion
