"""The engine on a model small enough to see through: stop reasons, histories, restarts, failures."""

import math
import threading
from dataclasses import dataclass

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from emtools.em import FitOptions, Squarem, Stats, StopReason, Threads, fit, run_summaries
from emtools.em.execution import Serial, executor_for
from emtools.em.stopping import remaining_gain, stop_after_step
from emtools.errors import NumericalError
from emtools.models import binomial_mixture, blocks_of, gaussian_mixture


@dataclass(frozen=True, slots=True)
class Halving:
    """Each step halves the distance to zero; the objective is what `bend` makes of the distance."""

    bend: object = staticmethod(lambda distance: -distance)

    def initialize(self, blocks, rng):
        return float(rng.uniform(1.0, 2.0))

    def expect(self, block, params):
        return Stats(self.bend(params), 1.0)

    def maximize(self, stats, params):
        return params / 2.0

    def log_prior(self, params):
        return 0.0


def test_a_run_that_rises_ends_converged_within_the_tolerance_of_its_limit():
    run = fit(Halving(), [None], FitOptions(n_starts=1, tolerance=1e-4)).best
    assert run.stop is StopReason.CONVERGED
    assert 0.0 < -run.objective <= 1e-4


def test_the_iteration_limit_is_never_called_convergence():
    run = fit(Halving(), [None], FitOptions(n_starts=1, max_iterations=3, tolerance=0.0)).best
    assert run.stop is StopReason.MAX_ITERATIONS
    assert not run.converged
    assert run.iterations == 3


def test_a_decrease_is_its_own_reason_and_the_better_state_is_kept():
    run = fit(Halving(lambda distance: distance), [None], FitOptions(n_starts=1)).best
    assert run.stop is StopReason.DECREASED
    assert run.iterations == 0
    assert run.objective == run.params
    assert "changed the objective by -" in run.history[-1].note


def test_short_runs_are_kept_and_only_the_best_are_continued():
    result = fit(Halving(), [None], FitOptions(n_starts=6, n_long=2, short_iterations=3))
    stops = [run.stop for run in result.runs]
    assert len(stops) == 6
    assert stops.count(StopReason.NOT_CONTINUED) == 4
    assert stops.count(StopReason.CONVERGED) == 2
    starts = [run.history[0].objective for run in result.runs]
    continued = [i for i, stop in enumerate(stops) if stop is StopReason.CONVERGED]
    assert set(continued) == set(np.argsort(starts)[-2:])
    assert sum(entry["best"] for entry in run_summaries(result)) == 1


def test_a_restart_can_be_repeated_alone():
    many = fit(Halving(), [None], FitOptions(n_starts=4, n_long=4, seed=11))
    alone = np.random.default_rng(np.random.SeedSequence(11).spawn(4)[2]).uniform(1.0, 2.0)
    assert many.runs[2].history[0].objective == -alone


def test_one_failing_start_is_told_and_the_others_go_on():
    class Failing(Halving):
        def initialize(self, blocks, rng):
            if (value := rng.random()) < 0.5:
                raise NumericalError("a bad start")
            return value

    result = fit(Failing(), [None], FitOptions(n_starts=8, n_long=8))
    assert 0 < len(result.failures) < 8
    assert len(result.runs) + len(result.failures) == 8
    assert "a bad start" in result.failures[0]


def test_when_every_start_fails_the_error_says_so():
    with pytest.raises(NumericalError, match=r"every run failed.*not finite") as caught:
        fit(Halving(lambda distance: math.nan), [None], FitOptions(n_starts=2))
    assert caught.value.exit_code == 3


def test_a_slow_series_is_not_taken_for_a_converged_one():
    slow = [0.0, 1.0, 1.999]
    assert remaining_gain(slow) > 900
    assert stop_after_step(slow, weight=1.0, tolerance=1.0) is None


@pytest.mark.parametrize("executor", [Serial(), Threads(1), Threads(3)])
def test_folding_keeps_the_order_of_the_blocks(executor):
    for n in (1, 30, 1000):
        assert executor.fold(str, range(n)) == "".join(map(str, range(n)))
    with pytest.raises(ValueError, match="no blocks"):
        executor.fold(str, [])


def test_sums_are_the_same_bits_on_any_number_of_threads():
    numbers = np.random.default_rng(0).normal(size=5000) ** 9
    expected = Serial().fold(lambda number: number, numbers)
    assert all(Threads(n).fold(lambda number: number, numbers) == expected for n in (1, 2, 5))


def test_a_session_within_a_session_keeps_its_threads():
    threads = Threads(3)
    with threads.session():
        crew = threads._crew
        with threads.session():
            assert threads.fold(str, range(9)) == "012345678"
        assert threads._crew is crew
        assert threads.fold(str, range(9)) == "012345678"
    assert threads._crew is None


def test_threads_beyond_the_work_there_is_are_not_made():
    threads, before = Threads(10**6), threading.active_count()
    with threads.session():
        assert threading.active_count() - before < 100
        assert threads.fold(str, range(9)) == "012345678"


def test_threads_need_a_thread():
    with pytest.raises(ValueError, match="at least one thread"):
        executor_for(0)


def test_an_exception_in_a_thread_reaches_the_caller():
    def fail(item):
        raise KeyError(item)

    with pytest.raises(KeyError):
        Threads(2).fold(fail, [1, 2, 3])


def test_acceleration_reaches_the_same_maximum_in_fewer_steps_and_stays_monotone():
    rng = np.random.default_rng(3)
    heads = rng.binomial(10, np.where(rng.random(400) < 0.4, 0.45, 0.6)).astype(float)
    blocks = blocks_of(np.column_stack([heads, np.full(400, 10.0)]))
    model = binomial_mixture(2)
    start = model.initialize(blocks, rng)
    options = FitOptions(max_iterations=20_000, tolerance=1e-11)
    plain = fit(model, blocks, options, starts=[start]).best
    fast = fit(model, blocks, options, starts=[start], stepper=Squarem()).best
    assert all(entry.gain >= 0 for entry in fast.history)
    assert fast.objective == pytest.approx(plain.objective, abs=1e-6)
    assert fast.evaluations < plain.evaluations / 3


@pytest.mark.parametrize("covariance", ["EII", "VEI", "EVI", "VVI", "EEE", "VVV"])
def test_vectors_of_gaussian_mixtures_round_trip(covariance):
    x = np.random.default_rng(2).normal(size=(80, 3)) * [1.0, 2.0, 3.0]
    model = gaussian_mixture(2, covariance)
    params = model.initialize(blocks_of(x), np.random.default_rng(0))
    back = model.from_vector(model.to_vector(params), params)
    np.testing.assert_allclose(back.weights, params.weights, rtol=1e-12)
    np.testing.assert_allclose(back.components.means, params.components.means, rtol=1e-12)
    np.testing.assert_allclose(back.components.covariances, params.components.covariances, rtol=1e-10)


def test_acceleration_refuses_families_that_it_would_leave():
    x = np.random.default_rng(2).normal(size=(80, 3))
    with pytest.raises(TypeError, match="VEE ties its covariances"):
        fit(gaussian_mixture(2, "VEE"), blocks_of(x), FitOptions(n_starts=1), stepper=Squarem())


def test_a_run_that_failed_on_its_way_up_is_not_the_best():
    class Collapsing(Halving):
        def expect(self, block, params):
            if params < 0.2:
                raise NumericalError("collapsed")
            return Stats(-5.0 if params > 1.5 else -params, 1.0)

        def maximize(self, stats, params):
            return params if params > 1.5 else params / 2.0

    result = fit(Collapsing(), [None], FitOptions(), starts=[1.0, 2.0, 1.2])
    assert [run.stop for run in result.runs] == [StopReason.FAILED, StopReason.CONVERGED, StopReason.FAILED]
    assert result.best is result.runs[1]


@pytest.mark.parametrize("n_threads", [1, 2])
def test_blas_is_held_to_one_thread_until_the_outer_session_ends(n_threads):
    def threads_of_blas() -> set[int]:
        return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}

    executor = executor_for(n_threads)
    with threadpool_limits(2, user_api="blas"):
        before = threads_of_blas()
        with executor.session():
            with executor.session():
                assert threads_of_blas() == {1}
            assert threads_of_blas() == {1}
        assert threads_of_blas() == before
        with executor.session():
            assert threads_of_blas() == {1}
