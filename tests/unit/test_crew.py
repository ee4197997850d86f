"""Threads that wait awake: the same sums as one thread, whoever comes late, fails or sleeps."""

import threading
import time

import numpy as np
import pytest

from emtools.em import crew
from emtools.em.crew import Crew
from emtools.kernels.waiting import changes

TURNS_OF_A_MINUTE = 2**32


def groups_of(n):
    return [[number] for number in range(n)]


def test_a_change_in_another_thread_is_seen_while_waiting():
    shared = np.zeros(1, dtype=np.int64)
    seen = []
    waiting = threading.Thread(target=lambda: seen.append(changes(shared, 0, TURNS_OF_A_MINUTE)))
    changes(shared, 0, 1)
    waiting.start()
    time.sleep(0.05)
    assert not seen
    shared[0] = 1
    waiting.join(timeout=10.0)
    assert seen == [True]


def test_waiting_without_a_change_ends():
    assert not changes(np.zeros(1, dtype=np.int64), 0, 1000)
    assert changes(np.ones(1, dtype=np.int64), 0, 1000)


@pytest.mark.parametrize("turns", [0, 50_000], ids=["asleep", "awake"])
def test_all_threads_work_and_the_order_is_kept(monkeypatch, turns):
    monkeypatch.setattr(crew, "TURNS", turns)
    all_there = threading.Barrier(3)

    def work(number):
        if number < 3:
            all_there.wait(timeout=30.0)
        return str(number)

    with Crew(2) as threads:
        for pause in (0.0, 0.01, 0.0):
            assert threads.fold(work, groups_of(12)) == "".join(map(str, range(12)))
            time.sleep(pause)


def test_helpers_come_free_for_folds_within_a_fold():
    inside = threading.Event()

    def within(number):
        if number == 0:
            return [number]
        inside.wait(timeout=10.0)
        workers = set()

        def slow(_):
            workers.add(threading.get_ident())
            time.sleep(0.02)
            return 1

        threads.fold(slow, groups_of(10))
        return [len(workers)]

    with Crew(2) as threads:
        outer = threading.Timer(0.1, inside.set)
        outer.start()
        assert threads.fold(within, groups_of(2))[1] >= 2


def test_no_thread_is_left_and_none_holds_what_it_worked_on():
    before = threading.active_count()

    class Held:
        alive = 0

        def __init__(self):
            Held.alive += 1

        def __del__(self):
            Held.alive -= 1

        def __call__(self, number):
            time.sleep(0.001)
            return number

    with Crew(3) as threads:
        assert threads.fold(Held(), groups_of(9)) == 36
        deadline = time.monotonic() + 10.0
        while Held.alive and time.monotonic() < deadline:
            time.sleep(0.01)
        assert Held.alive == 0
    assert threading.active_count() == before


def test_what_fails_in_a_helper_is_raised_by_the_caller():
    caller = threading.get_ident()

    def work(number):
        if threading.get_ident() != caller:
            raise KeyError(number)
        time.sleep(0.01)
        return number

    with Crew(1) as threads:
        with pytest.raises(KeyError):
            threads.fold(work, groups_of(20))
        assert threads.fold(abs, groups_of(3)) == 3


def test_an_interruption_waits_for_nobody():
    caller, helping, release = threading.get_ident(), threading.Event(), threading.Event()

    def work(number):
        if threading.get_ident() != caller:
            helping.set()
            release.wait(timeout=60.0)
        else:
            helping.wait(timeout=30.0)
            raise KeyboardInterrupt
        return number

    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt), Crew(1) as threads:
        threads.fold(work, groups_of(2))
    took = time.monotonic() - begun
    release.set()
    assert took < 30.0
