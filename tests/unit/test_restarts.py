"""Runs side by side: the same bits as one after another, and nobody goes on once somebody gave up."""

import threading
import time
from dataclasses import dataclass

import numpy as np
import pytest

from emtools.em import FitOptions, Stats, fit
from emtools.em.engine import _map
from emtools.em.execution import Serial, Threads
from emtools.em.restarts import SHORTEST_STEP, beside_one_another
from emtools.errors import NumericalError
from emtools.models import blocks_of, gaussian_mixture


@dataclass(frozen=True, slots=True)
class Slow:
    """Each step halves the distance to zero, and takes its time."""

    seconds: float = 2 * SHORTEST_STEP
    fails_above: float = 2.0

    def initialize(self, blocks, rng):
        value = float(rng.uniform(1.0, 2.0))
        if value > self.fails_above:
            raise NumericalError("a bad start")
        return value

    def expect(self, block, params):
        time.sleep(self.seconds)
        return Stats(-params, 1.0)

    def maximize(self, stats, params):
        return params / 2.0

    def log_prior(self, params):
        return 0.0


def outcome(result):
    return [
        (run.index, run.start, run.objective, run.stop, [entry.objective for entry in run.history])
        for run in result.runs
    ], result.failures


@pytest.mark.parametrize("n_threads", [2, 3, 8])
def test_runs_side_by_side_are_those_one_after_another(n_threads):
    options = FitOptions(n_starts=7, n_long=3, short_iterations=3, max_iterations=12)
    model = Slow(fails_above=1.8)
    alone, beside = fit(model, [None], options), fit(model, [None], options, executor=Threads(n_threads))
    assert len(alone.failures) > 0
    assert outcome(beside) == outcome(alone)


def test_threads_take_runs_where_there_are_more_of_them_than_blocks():
    workers = set()

    class Watched(Slow):
        def expect(self, block, params):
            workers.add(threading.get_ident())
            return super().expect(block, params)

    fit(Watched(), [None], FitOptions(n_starts=4, n_long=4, max_iterations=5), executor=Threads(2))
    assert len(workers) == 2


def test_mixtures_have_the_same_bits_however_their_runs_are_made(monkeypatch):
    monkeypatch.setattr("emtools.em.restarts.SHORTEST_STEP", 0.0)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(7000, 12)) + 2.0 * rng.integers(4, size=(7000, 1))
    model, blocks = gaussian_mixture(4, "tied"), blocks_of(x)
    options = FitOptions(n_starts=4, n_long=2, short_iterations=4, max_iterations=15, tolerance=0.0)
    alone, beside = fit(model, blocks, options), fit(model, blocks, options, executor=Threads(2))
    assert outcome(beside) == outcome(alone)
    for a, b in zip(alone.runs, beside.runs, strict=True):
        np.testing.assert_array_equal(a.params.components.covariances, b.params.components.covariances)


@pytest.mark.parametrize(
    ("model", "n_starts", "n_threads", "n_blocks", "shortest"),
    [
        (Slow(), 4, 1, 1, 0.0),
        (Slow(), 1, 2, 1, 0.0),
        (Slow(), 4, 2, 8, 0.0),
        (Slow(), 4, 2, 1, 60.0),
        (Slow(fails_above=0.0), 4, 2, 1, 0.0),
    ],
    ids=["one thread", "one start", "many blocks", "a short step", "a bad start"],
)
def test_runs_are_made_one_after_another_where_that_is_no_slower(
    monkeypatch, model, n_starts, n_threads, n_blocks, shortest
):
    monkeypatch.setattr("emtools.em.restarts.SHORTEST_STEP", shortest)
    executor = Serial() if n_threads == 1 else Threads(n_threads)
    begin = [("any", lambda: model.initialize([], np.random.default_rng(0)))] * n_starts
    assert not beside_one_another(_map(model, [None], Serial()), begin, executor, n_blocks)[0]


def test_each_start_is_made_once():
    made = []

    class Counted(Slow):
        def initialize(self, blocks, rng):
            made.append(rng)
            return super().initialize(blocks, rng)

    fit(Counted(), [None], FitOptions(n_starts=4, n_long=4, max_iterations=2), executor=Threads(2))
    assert len(made) == 4


def test_no_start_is_an_error():
    with pytest.raises(ValueError, match="at least one start"):
        fit(Slow(), [None], starts=[])


def test_a_fold_within_a_fold_ends():
    threads = Threads(2)
    with threads.session():
        assert threads.fold(lambda a: threads.fold(lambda b: [a * b], range(3)), range(4)) == [
            a * b for a in range(4) for b in range(3)
        ]


def test_observers_are_told_by_one_thread_at_a_time():
    inside, most = [], []

    def observe(progress):
        inside.append(progress)
        most.append(len(inside))
        time.sleep(1e-4)
        inside.pop()

    fit(Slow(), [None], FitOptions(n_starts=6, n_long=6, max_iterations=5), executor=Threads(3), observe=observe)
    assert len(most) == 30
    assert max(most) == 1


def test_an_interruption_ends_the_other_runs_as_well():
    told = []

    def observe(progress):
        told.append(progress)
        if len(told) == 5:
            raise KeyboardInterrupt

    options = FitOptions(n_starts=50, n_long=50, max_iterations=1000, tolerance=0.0)
    with pytest.raises(KeyboardInterrupt):
        fit(Slow(), [None], options, executor=Threads(3), observe=observe)
    assert len(told) < 50


def test_what_fails_in_one_thread_stops_the_taking_of_blocks():
    done = []

    def work(item):
        if item == 0:
            raise KeyError(item)
        time.sleep(1e-3)
        done.append(item)
        return [item]

    with pytest.raises(KeyError):
        Threads(2).fold(work, range(60))
    assert len(done) < 30
