"""The M-step of the 14 covariance families against counting, nearby members, each other and plain optimization."""

from dataclasses import dataclass
from itertools import combinations, islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize, minimize_scalar

from emtools.kernels.rotation import common_axes
from emtools.models.families.covariance import FRIENDLY, NAMES, Structure, estimate

FREEDOM = "IEV"
COMMON_AXES = ("VEE", "EVE", "VVE")


def nested(narrow, wide):
    """Whether every member of one family is a member of the other."""
    return narrow != wide and all(FREEDOM.index(a) <= FREEDOM.index(b) for a, b in zip(narrow, wide, strict=True))


NESTED = [(a, b) for a in NAMES for b in NAMES if nested(a, b)]


@dataclass(frozen=True)
class Problem:
    """The scatter (k, d, d) and counts (k,) of an M-step."""

    scatter: np.ndarray
    counts: np.ndarray

    @classmethod
    def drawn(cls, seed, k, d):
        rng = np.random.default_rng(seed)
        counts = rng.uniform(d + 2, 60, k)
        turns = rng.normal(size=(k, d, d)) * rng.uniform(0.2, 3.0, (k, d, 1))
        rows = rng.normal(size=(k, int(2 * d + 5), d)) @ turns
        return cls(np.swapaxes(rows, 1, 2) @ rows * (counts / rows.shape[1])[:, None, None], counts)

    def criterion(self, covariances):
        """Minus twice the expected log-likelihood, up to its constant."""
        traces = np.trace(np.linalg.solve(covariances, self.scatter), axis1=1, axis2=2)
        return float((self.counts * np.linalg.slogdet(covariances)[1] + traces).sum())

    def estimated(self, name, previous=None):
        """The M-step under test, as matrices of shape (k, d, d)."""
        structure, (k, d, _) = Structure.named(name), self.scatter.shape
        before = np.tile(np.eye(d), (k, 1, 1)) if previous is None else previous
        diagonals = (np.diagonal(each, axis1=1, axis2=2) for each in (self.scatter, before))
        scatter, before = {
            "diagonal": tuple(diagonals),
            "tied": (self.scatter.sum(axis=0), before[0]),
            "full": (self.scatter, before),
        }[structure.form]
        result = estimate(structure, scatter, self.counts, before)
        return result[:, :, None] * np.eye(d) if structure.form == "diagonal" else np.broadcast_to(result, (k, d, d))

    @property
    def slack(self):
        return 1e-9 * self.counts.sum()


problems = st.builds(Problem.drawn, st.integers(0, 10**6), st.integers(1, 4), st.integers(2, 5))


def neighbor(name, covariances, step):
    """The member of a family that lies a step of free parameters (as many as it has) from another member."""
    volume, shape, orientation = name
    k, d, _ = covariances.shape
    parts = iter(step)

    def free(letter, size):
        """So many values for each component: zeros, the same for all, or its own."""
        copies = {"I": 0, "E": 1, "V": k}[letter]
        values = np.fromiter(islice(parts, copies * size), float, copies * size).reshape(copies, size)
        return np.broadcast_to(values if copies else 0.0, (k, size))

    axes = np.tile(np.eye(d), (k, 1, 1))
    if orientation == "E":
        axes[:] = np.linalg.eigh(np.tensordot(np.sqrt(np.arange(2, k + 2)), covariances, 1))[1]
    if orientation == "V":
        axes = np.linalg.eigh(covariances)[1]
    variances = np.einsum("kji,kjl,kli->ki", axes, covariances, axes)
    shapes = np.hstack([ratios := free(shape, d - 1), -ratios.sum(axis=1, keepdims=True)])
    variances = variances * np.exp(free(volume, 1) + shapes)
    skew = np.zeros((k, d, d))
    rows, columns = np.triu_indices(d, 1)
    skew[:, rows, columns] = free(orientation, len(rows))
    skew -= np.swapaxes(skew, 1, 2)
    turned = axes @ np.linalg.solve(np.eye(d) - skew, np.eye(d) + skew)  # Cayley: orthogonal, of free parameters
    assert next(parts, None) is None, "the step has more values than the family has parameters"
    return (turned * variances[:, None, :]) @ np.swapaxes(turned, 1, 2)


@pytest.mark.parametrize("k", [1, 2, 5])
@pytest.mark.parametrize("d", [1, 2, 7])
def test_the_counts_of_celeux_and_govaert(k, d):
    """Table 1 of Celeux and Govaert (1995), without the means and weights."""
    b = d * (d + 1) // 2
    table = {
        "EII": 1, "VII": k, "EEI": d, "VEI": d + k - 1, "EVI": k * d - k + 1, "VVI": k * d,
        "EEE": b, "VEE": b + k - 1, "EVE": b + (k - 1) * (d - 1), "VVE": b + (k - 1) * d,
        "EEV": k * b - (k - 1) * d, "VEV": k * b - (k - 1) * (d - 1), "EVV": k * b - (k - 1), "VVV": k * b,
    }  # fmt: skip
    assert {name: Structure.named(name).n_parameters(k, d) for name in NAMES} == table


def test_names():
    assert {word: Structure.named(word).name for word in FRIENDLY} == FRIENDLY
    with pytest.raises(ValueError, match="unknown covariance 'VVX'"):
        Structure.named("VVX")


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=25, deadline=None)
@given(problem=problems, seed=st.integers(0, 1000))
def test_no_nearby_member_is_better(name, problem, seed):
    k, d, _ = problem.scatter.shape
    best = problem.estimated(name)
    rng = np.random.default_rng(seed)
    n_free = Structure.named(name).n_parameters(k, d)
    for size in (0.0, 1e-3, 1e-2, 0.1):
        near = neighbor(name, best, rng.normal(scale=size, size=n_free))
        assert problem.criterion(best) <= problem.criterion(near) + 100 * problem.slack
        if size == 0.0:
            np.testing.assert_allclose(near, best, rtol=1e-7, atol=1e-9 * np.abs(best).max())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("seed", "k", "d"), [(0, 3, 2), (2, 2, 3)])
def test_plain_optimization_finds_nothing_better(name, seed, k, d):
    """It starts far away; but at the M-step's result for common axes, which have several optima."""
    problem, rng = Problem.drawn(seed, k, d), np.random.default_rng(seed)
    n_free = Structure.named(name).n_parameters(k, d)
    ours = problem.estimated(name)
    far = neighbor(name, np.tile(np.eye(d), (k, 1, 1)), rng.normal(scale=0.5, size=n_free))
    start = ours if name in COMMON_AXES else far
    rival = minimize(lambda step: problem.criterion(neighbor(name, start, step)), np.zeros(n_free)).fun
    assert problem.criterion(ours) == pytest.approx(rival, abs=1e-6 * problem.counts.sum())


@settings(max_examples=25, deadline=None)
@given(problem=problems)
def test_a_wider_family_fits_no_worse(problem):
    estimates = {name: problem.estimated(name) for name in NAMES}
    for narrow, wide in NESTED:
        widened = problem.estimated(wide, estimates[narrow])
        assert problem.criterion(widened) <= problem.criterion(estimates[narrow]) + problem.slack, (narrow, wide)


@pytest.mark.parametrize("name", NAMES)
def test_one_component_needs_no_more_than_its_scatter(name):
    problem = Problem.drawn(3, 1, 4)
    mean_scatter = problem.scatter / problem.counts[0]
    variances = np.diagonal(mean_scatter[0])
    expected = {"II": np.eye(4) * variances.mean(), "EI": np.diag(variances), "VI": np.diag(variances)}
    np.testing.assert_allclose(problem.estimated(name)[0], expected.get(name[1:], mean_scatter[0]), atol=1e-9)


@pytest.mark.parametrize("name", ["EVE", "VVE"])
def test_axes_are_kept_where_the_covariances_before_add_up_to_a_sphere(name):
    """Mirrored ellipses: their sum has no axes, they have."""
    turn = np.array([[1.0, 1.0], [-1.0, 1.0]]) / np.sqrt(2.0)
    ellipses = np.stack([turn @ np.diag(v) @ turn.T for v in ([4.0, 1.0], [1.0, 4.0])])
    problem = Problem(ellipses * 30.0, np.full(2, 30.0))
    np.testing.assert_allclose(problem.estimated(name, ellipses), ellipses, rtol=1e-9)


def plain_common_axes(scatter, precisions, axes):
    """The twin of the kernel: each plane by a numerical search over the angle, on the criterion itself."""

    def criterion(candidate):
        return sum(np.trace(s @ candidate @ np.diag(p) @ candidate.T) for s, p in zip(scatter, precisions, strict=True))

    def turned(base, plane, angle):
        rotation = np.eye(len(base))
        rotation[np.ix_(plane, plane)] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
        return base @ rotation

    def best_in(base, plane):
        ways = [
            minimize_scalar(
                lambda angle: criterion(turned(base, plane, angle)), bounds=bounds, options={"xatol": 1e-10}
            )
            for bounds in ((-np.pi / 2, 0.0), (0.0, np.pi / 2))
        ]
        return turned(base, plane, min(ways, key=lambda way: way.fun).x)

    for _ in range(12):
        for plane in combinations(range(len(axes)), 2):
            axes = best_in(axes, plane)
    return criterion(axes), axes


@pytest.mark.parametrize("seed", range(3))
def test_common_axes_equal_a_plain_search_over_angles(seed):
    scatter, rng = Problem.drawn(seed, 3, 3).scatter, np.random.default_rng(seed)
    precisions = rng.uniform(0.1, 3.0, (3, 3))
    start = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    best, expected = plain_common_axes(scatter, precisions, start)
    axes = common_axes(scatter, precisions, start)
    np.testing.assert_allclose(axes.T @ axes, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(np.abs(axes.T @ expected), np.eye(3), atol=1e-5)
    assert (np.einsum("kji,kjl,kli->ki", [axes] * 3, scatter, [axes] * 3) * precisions).sum() <= best * (1 + 1e-12)


@settings(max_examples=30, deadline=None)
@given(problem=problems, seed=st.integers(0, 1000))
def test_common_axes_leave_nothing_to_turn(problem, seed):
    """At the minimum over orthogonal D, ``D' sum_k scatter_k D diag(precisions_k)`` is symmetric."""
    k, d, _ = problem.scatter.shape
    rng = np.random.default_rng(seed)
    precisions = rng.uniform(0.1, 3.0, (k, d))
    axes = np.linalg.qr(rng.normal(size=(d, d)))[0]
    for _ in range(5):  # sweeps are bounded, and go on from where they ended
        axes = common_axes(problem.scatter, precisions, axes)
    gradient = (axes.T @ problem.scatter @ axes * precisions[:, None, :]).sum(axis=0)
    np.testing.assert_allclose(gradient, gradient.T, atol=1e-5 * np.abs(gradient).max())
