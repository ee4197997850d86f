"""Sequences are made ready run by run, on any number of threads, as if they were read at once and letter by letter."""

from dataclasses import replace

import numpy as np
import pytest

from emtools.em import Executor, Serial, Threads
from emtools.errors import ConfigurationError
from emtools.motifs.background import Background
from emtools.motifs.encoding import Encoding, words_of
from emtools.motifs.sequences import SequenceSet
from emtools.motifs.site_prior import SitePrior


@pytest.fixture(scope="module")
def sequences() -> SequenceSet:
    rng = np.random.default_rng(5)
    lengths = rng.integers(0, 300, 900)
    texts = ["".join(rng.choice(list("ACGTN"), n, p=[0.3, 0.2, 0.2, 0.28, 0.02])) for n in lengths]
    made = SequenceSet.of([(f"s{i}", text) for i, text in enumerate(texts)])
    assert len(made.runs) > 3
    return made


@pytest.fixture(params=[1, 2], ids=["1 thread", "2 threads"])
def executor(request: pytest.FixtureRequest) -> Executor:
    return Serial() if request.param == 1 else Threads(2)


def test_runs_are_all_sequences_in_their_order(sequences: SequenceSet) -> None:
    runs = [sequences.run(*each) for each in sequences.runs]
    assert sum((run.names for run in runs), ()) == sequences.names
    assert [run.text(i) for run in runs for i in range(len(run))] == texts_of(sequences)
    assert all(np.shares_memory(run.codes, sequences.codes) for run in runs)


def test_words_go_on_into_the_next_sequence(sequences: SequenceSet) -> None:
    words = Encoding.of(sequences).words
    letters = np.append(np.where(sequences.is_letter, sequences.codes, 0), np.zeros(len(words)))
    expected = sum(letters[i : i + len(words)] * 4**i for i in range(words_of(4)))
    np.testing.assert_array_equal(words, expected)


def test_letters_are_seen_in_their_own_sequence(sequences: SequenceSet, executor: Executor) -> None:
    encoding = Encoding.of(sequences, Background.of(sequences, 2), executor=executor)
    one_by_one = [Encoding.of(sequences.run(i, i + 1), encoding.background) for i in range(len(sequences))]
    np.testing.assert_array_equal(encoding.factors, np.concatenate([each.factors for each in one_by_one]))
    np.testing.assert_array_equal(encoding.row, np.concatenate([each.row for each in one_by_one]))


def test_what_has_no_room_is_masked_in_each_sequence(sequences: SequenceSet, executor: Executor) -> None:
    free = np.random.default_rng(6).choice([1.0, 0.1], len(sequences.codes), p=[0.9, 0.1]).astype(np.float32)
    whole = replace(Encoding.of(sequences), free=free)
    left = whole.masked(8, executor)
    masked = []
    for i in range(len(sequences)):
        begin = sequences.offsets[i]
        letters = [base if free[begin + k] > 0.5 else "N" for k, base in enumerate(sequences.text(i))]
        stretches = "".join(letters).split("N")
        masked.append("N".join(each if len(each) >= 8 else "N" * len(each) for each in stretches))
    assert texts_of(left.sequences) == masked
    again = Encoding.of(left.sequences, whole.background)
    np.testing.assert_array_equal(left.factors, again.factors)
    np.testing.assert_array_equal(left.row, again.row)


def test_sequences_without_room_lose_their_letters_and_others_keep_them(
    sequences: SequenceSet, executor: Executor
) -> None:
    full = np.arange(len(sequences)) % 3 == 0
    free = np.where(np.repeat(full, sequences.lengths), 0.1, 1.0).astype(np.float32)
    left = replace(Encoding.of(sequences), free=free).without_full(8, executor)
    has_room = ~full & (sequences.longest_stretches >= 8)
    expected = [text if room else "N" * len(text) for text, room in zip(texts_of(sequences), has_room, strict=True)]
    assert texts_of(left.sequences) == expected
    np.testing.assert_array_equal(left.row > 0, left.sequences.is_letter)


def texts_of(sequences: SequenceSet) -> list[str]:
    return [sequences.text(i) for i in range(len(sequences))]


def test_a_background_or_a_prior_of_something_else_is_refused(sequences: SequenceSet) -> None:
    with pytest.raises(ConfigurationError, match="is one of 20 letters, and DNA has 4"):
        Encoding.of(sequences, Background((np.full(20, 0.05),)))
    prior = SitePrior(np.zeros(7), width=3)
    with pytest.raises(ConfigurationError, match=f"has 7 values, and the sequences {len(sequences.codes)} letters"):
        Encoding.of(sequences, site_prior=prior)


def test_no_sequences_can_be_made_ready(executor: Executor) -> None:
    encoding = Encoding.of(SequenceSet.of([]), executor=executor)
    assert encoding.blocks(6, executor) == ()
    assert len(encoding.masked(6, executor).sequences) == 0


def test_words_are_counted_in_runs_as_in_one(sequences: SequenceSet, executor: Executor) -> None:
    at_once, in_runs = Background.of(sequences), Background.of(sequences, executor=executor)
    assert at_once.order == in_runs.order
    for one, other in zip(at_once.conditionals, in_runs.conditionals, strict=True):
        np.testing.assert_array_equal(one, other)


def test_windows_are_those_with_letters_only_in_sequences_with_a_place_left(
    sequences: SequenceSet, executor: Executor
) -> None:
    width, free = 6, np.ones(len(sequences.codes), dtype=np.float32)
    full = np.arange(len(sequences)) % 3 == 0
    free[np.repeat(full, sequences.lengths)] = 1e-15
    blocks = replace(Encoding.of(sequences), free=free).blocks(width, executor=executor)
    expected = [
        sum("N" not in text[k : k + width] for k in range(len(text) - width + 1)) for text in texts_of(sequences)
    ]
    n_windows = np.concatenate([block.n_windows for block in blocks])
    np.testing.assert_array_equal(n_windows, np.where(full, 0, expected))
