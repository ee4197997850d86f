"""Words that tell sequences from controls: counted, tested exactly, and corrected for their number."""

import itertools
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from emtools.em import Serial, Threads
from emtools.motifs.alphabet import DNA, PROTEIN
from emtools.motifs.encoding import Encoding
from emtools.motifs.sequences import SequenceSet
from emtools.motifs.told_words import ANY, ToldWord, told_words


def encoded(texts: list[str], *, both_strands: bool = True) -> Encoding:
    return Encoding.of(SequenceSet.of([(f"s{i}", text) for i, text in enumerate(texts)]), both_strands=both_strands)


def random_texts(rng: np.random.Generator, n: int, length: int) -> list[str]:
    return ["".join(rng.choice(list("ACGT"), length)) for _ in range(n)]


def reverse(word: str) -> str:
    return word.translate(str.maketrans("ACGT.", "TGCA."))[::-1]


def holds(text: str, word: ToldWord, both_strands: bool) -> bool:
    """Whether a text holds a word, by regular expressions for each letter that may be another."""
    letters = "".join("." if code == ANY else "ACGT"[code] for code in word.letters)
    changed = [letters[:i] + "." + letters[i + 1 :] for i in range(len(letters))] if word.changed else []
    patterns = [letters, *changed]
    patterns += [reverse(each) for each in patterns] if both_strands else []
    return any(re.search(pattern, text) for pattern in patterns)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), both=st.booleans(), widest=st.integers(3, 15))
def test_hits_are_the_sequences_that_hold_a_word(seed: int, both: bool, widest: int) -> None:
    rng = np.random.default_rng(seed)
    texts, others = random_texts(rng, 8, 60), random_texts(rng, 20, 60)
    told = told_words(encoded(texts, both_strands=both), encoded(others, both_strands=both), widest, Serial())
    assert told
    assert [word.p_value for word in told] == sorted(word.p_value for word in told)
    for word in told:
        assert len(word.letters) <= widest
        assert word.n_hits == sum(holds(text, word, both) for text in texts)
        assert word.n_control_hits == sum(holds(text, word, both) for text in others)


def test_p_values_are_corrected_for_all_words_that_could_have_had_as_small_a_one() -> None:
    rng = np.random.default_rng(1)
    texts, others = random_texts(rng, 12, 40), random_texts(rng, 30, 40)
    texts = [text[:10] + "ACGTTC" + text[16:] if i < 9 else text for i, text in enumerate(texts)]
    (best,) = [word for word in told_words(encoded(texts), encoded(others), 6, Serial()) if not word.changed][:1]
    assert best.text(DNA) in ("ACGTTC", "GAACGT")
    hits = {
        word: [sum(word in text or reverse(word) in text for text in each) for each in (texts, others)]
        for word in map("".join, itertools.product("ACGT", repeat=6))
        if word <= reverse(word)
    }
    alone = stats.hypergeom.sf(best.n_hits - 1, 42, best.n_hits + best.n_control_hits, 12)
    could = [stats.hypergeom.sf(min(sum(both), 12) - 1, 42, sum(both), 12) for both in hits.values() if sum(both)]
    # Words of 6 letters, as they are and with one changed: two kinds, since pairs need more room than 6 letters.
    assert best.p_value == pytest.approx(2 * alone * sum(p <= alone * (1 + 1e-9) for p in could))
    assert sum(p <= alone for p in could) < len(could)


@pytest.mark.parametrize("kind", ["word", "changed", "pair"])
def test_each_kind_of_word_is_told(kind: str) -> None:
    rng = np.random.default_rng(2)
    texts, others = random_texts(rng, 60, 100), random_texts(rng, 300, 100)
    for i in range(0, 60, 2):
        site = {"word": "GATTCCAC", "changed": "GATTCCAC", "pair": "CGG" + random_texts(rng, 1, 7)[0] + "CCG"}[kind]
        if kind == "changed":
            at = int(rng.integers(8))
            site = site[:at] + "ACGT"[("ACGT".index(site[at]) + int(rng.integers(1, 4))) % 4] + site[at + 1 :]
        texts[i] = texts[i][:40] + site + texts[i][40 + len(site) :]
    told = told_words(encoded(texts), encoded(others), 15, Serial())[0]
    assert told.p_value < 1e-4
    wanted = {"word": "GATTCCAC", "changed": "GATTCCAC, one letter changed at most", "pair": "CGG.......CCG"}[kind]
    word, _, rest = wanted.partition(",")
    assert told.text(DNA) in (wanted, ",".join(filter(None, (reverse(word), rest))))


def test_of_sequences_like_their_controls_few_are_told_and_their_p_values_keep_their_word() -> None:
    p_values = []
    for seed in range(100):
        texts = random_texts(np.random.default_rng(seed), 60, 60)
        p_values.append(told_words(encoded(texts[:15]), encoded(texts[15:]), 8, Serial())[0].p_value)
    assert np.mean(np.array(p_values) <= 0.1) <= 0.14  # 0.1, and a standard error and a half


def test_letters_of_earlier_motifs_are_in_no_word() -> None:
    texts = [text[:20] + "GATTCCAC" + text[28:] for text in random_texts(np.random.default_rng(3), 20, 50)]
    encoding, controls = encoded(texts), encoded(random_texts(np.random.default_rng(4), 60, 50))
    assert told_words(encoding, controls, 8, Serial())[0].p_value < 1e-6
    for i in range(20):
        encoding.free[50 * i + 20 : 50 * i + 28] = 0.0
    assert told_words(encoding, controls, 8, Serial())[0].p_value > 0.05


def test_proteins_are_told_by_words_of_three() -> None:
    rng = np.random.default_rng(5)
    texts = ["".join(rng.choice(list(PROTEIN.letters), 60)) for _ in range(90)]
    texts = [text[:20] + "WHC" + text[23:] if i < 12 else text for i, text in enumerate(texts)]
    sets = [SequenceSet.of(list(enumerate(part)), PROTEIN) for part in (texts[:30], texts[30:])]
    told = told_words(*map(Encoding.of, sets), 8, Serial())
    assert told[0].text(PROTEIN) == "WHC"
    assert told[0].p_value < 0.01


def test_one_and_two_threads_tell_the_same_words() -> None:
    rng = np.random.default_rng(6)
    sets = [encoded(random_texts(rng, n, 80)) for n in (20, 50)]
    one, two = (told_words(*sets, 12, executor) for executor in (Serial(), Threads(2)))
    assert [(a.text(DNA), a.p_value) for a in one] == [(b.text(DNA), b.p_value) for b in two]
