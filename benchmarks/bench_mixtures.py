"""EM iterations of Gaussian mixtures, ten of k-means, and memory, against scikit-learn from the same parameters."""

import os
import subprocess
import sys
import warnings
from functools import partial
from pathlib import Path

import numpy as np
from measure import Row, paired
from sklearn.cluster import KMeans
from sklearn.mixture import GaussianMixture

from emtools.em import FitOptions, evaluate, executor_for, fit
from emtools.expression.searching import sweep
from emtools.models import blocks_of, gaussian_mixture, inertia, kmeans
from emtools.models.families.covariance import NAMES

warnings.filterwarnings("ignore")

SIZES = [(6_000, 24, 10), (20_000, 100, 20), (60_000, 50, 30), (1_000_000, 50, 20)]
KINDS = ["full", "tied", "diag", "spherical"]
SMALL, N_STARTS = 10_000, 8
"""Fewer rows are fitted from so many starts: there, threads take runs and not parts of one run."""
THREADS = int(os.environ.get("OMP_NUM_THREADS", "1"))


def main() -> list[Row]:
    rows = []
    for size in SIZES:
        x = clusters(*size)
        repeats = 5 if len(x) < 100_000 else 2
        rows += [iteration(x, size, kind, repeats) for kind in KINDS]
        rows.append(lloyd(x, size, repeats))
        rows += [single_precision(x, size, kind, repeats) for kind in KINDS]
        if THREADS == 1:
            rows += [two_threads(x, size, kind, repeats) for kind in KINDS]
    rows += [memory(kind) for kind in ("full", "tied", "diag")]
    rows.append(every_family())
    return rows


def clusters(n: int, d: int, k: int) -> np.ndarray:
    """Overlapping clusters: centers as far from each other as a few standard deviations."""
    rng = np.random.default_rng(0)
    centers = rng.normal(size=(k, d)) * 0.6
    return centers[rng.integers(k, size=n)] + rng.normal(size=(n, d))


def started(x: np.ndarray, k: int, kind: str, steps: int = 3):
    """A model, its blocks and its state after a few steps."""
    model, blocks = gaussian_mixture(k, kind), blocks_of(x)
    options = FitOptions(n_starts=1, max_iterations=steps, tolerance=0.0, seed=1)
    return model, blocks, fit(model, blocks, options, executor=executor_for(THREADS)).best


def step(model, blocks, run, executor, n: int) -> None:
    """M-steps and E-steps, all from the same statistics: the same work each time."""
    with executor.session():
        for _ in range(n):
            evaluate(model, blocks, model.maximize(run.stats, run.params), executor)


def peer_at(x: np.ndarray, k: int, kind: str, params) -> GaussianMixture:
    """scikit-learn's mixture at our parameters."""
    precisions = np.linalg.inv(params.components.full_covariances)
    given = {
        "full": precisions,
        "tied": precisions[0],
        "diag": np.diagonal(precisions, axis1=1, axis2=2),
        "spherical": precisions[:, 0, 0],
    }[kind]
    peer = GaussianMixture(
        k, covariance_type=kind, reg_covar=0.0, max_iter=1, init_params="random_from_data", random_state=0,
        weights_init=params.weights, means_init=params.components.means, precisions_init=given,
    )  # fmt: skip
    return peer.fit(x[: 20 * k * x.shape[1]])


def peer_step(peer: GaussianMixture, x: np.ndarray, n: int) -> None:
    """As many times the E-step and the M-step of scikit-learn's loop."""
    for _ in range(n):
        _, log_responsibilities = peer._e_step(x)
        peer._m_step(x, log_responsibilities)


def n_iterations(x: np.ndarray, kind: str) -> int:
    """Iterations to time together: a tenth of a second or more, or threads would hardly have begun."""
    if len(x) >= 100_000:
        return 1
    return {"full": 20}.get(kind, 50) if len(x) < SMALL else {"full": 3}.get(kind, 15)


def label(size: tuple[int, int, int], what: str) -> str:
    return "{:,} x {} K={} ".format(*size) + what


def iteration(x: np.ndarray, size: tuple[int, int, int], kind: str, repeats: int) -> Row:
    model, blocks, run = started(x, size[2], kind)
    peer, executor = peer_at(x, size[2], kind, run.params), executor_for(THREADS)
    n = n_iterations(x, kind)
    ours = partial(step, model, blocks, run, executor, n)
    return paired(label(size, kind), ours, "scikit-learn", partial(peer_step, peer, x, n), repeats)


def single_precision(x: np.ndarray, size: tuple[int, int, int], kind: str, repeats: int) -> Row:
    model, blocks, run = started(x, size[2], kind)
    narrow = blocks_of(x.astype(np.float32))
    executor, n = executor_for(THREADS), n_iterations(x, kind)
    return paired(
        label(size, kind + " float32"),
        partial(step, model, narrow, run, executor, n),
        "emtools, float64",
        partial(step, model, blocks, run, executor, n),
        repeats,
    )


def two_threads(x: np.ndarray, size: tuple[int, int, int], kind: str, repeats: int) -> Row:
    """Iterations of one run or, on small data, whole runs from several starts."""
    model, blocks, run = started(x, size[2], kind)
    if len(x) < SMALL:
        starts = [model.initialize(blocks, np.random.default_rng(i)) for i in range(N_STARTS)]
        options = FitOptions(n_long=N_STARTS, max_iterations=50, tolerance=0.0)
        timed = [partial(fit, model, blocks, options, starts=starts, executor=executor_for(n)) for n in (2, 1)]
    else:
        timed = [partial(step, model, blocks, run, executor_for(n), n_iterations(x, kind)) for n in (2, 1)]
    return paired(label(size, kind + " 2 threads"), timed[0], "emtools, 1 thread", timed[1], repeats)


def lloyd(x: np.ndarray, size: tuple[int, int, int], repeats: int) -> Row:
    """Ten iterations from each start; there are several where data are small."""
    model, blocks = kmeans(size[2]), blocks_of(x)
    n_starts = N_STARTS if len(x) < SMALL else 1
    starts = [model.initialize(blocks, np.random.default_rng(i)) for i in range(n_starts)]
    options = FitOptions(n_long=n_starts, max_iterations=10, tolerance=0.0)
    ours = partial(fit, model, blocks, options, starts=starts, executor=executor_for(THREADS))
    peers = [KMeans(size[2], init=start.components.means, n_init=1, max_iter=10, tol=0.0) for start in starts]
    theirs = min(peer.fit(x).inertia_ for peer in peers)
    mine = inertia(ours().best.stats, size[1], size[2])
    assert abs(mine / theirs - 1.0) < 1e-2, (mine, theirs)
    return paired(
        label(size, f"k-means, {n_starts} x 10 iterations"),
        ours,
        "scikit-learn",
        lambda: [peer.fit(x) for peer in peers],
        repeats,
    )


def every_family() -> Row:
    """The default search over families and numbers of components, against scikit-learn's over its four."""
    x = clusters(384, 17, 5)
    options = FitOptions(n_starts=4, n_long=1, short_iterations=10, tolerance=1e-5)

    def theirs() -> None:
        for kind in KINDS:
            for k in range(1, 10):
                GaussianMixture(k, covariance_type=kind, n_init=4, random_state=0).fit(x)

    ours = partial(sweep, x, NAMES, range(1, 10), options, executor=executor_for(THREADS))
    return paired("384 x 17, 14 families, K 1 to 9", ours, "scikit-learn, 4 families", theirs, 1)


def memory(kind: str) -> Row:
    ours, theirs = (float(subprocess.run(
        [sys.executable, __file__, who, kind], check=True, capture_output=True, text=True,
    ).stdout) for who in ("ours", "theirs"))  # fmt: skip
    return Row(label(SIZES[-1], kind + " memory above data"), ours, "scikit-learn", theirs, unit="MB")


def peak_above_data(who: str, kind: str) -> float:
    """MB that two iterations add to the peak of a process that holds the data."""
    n, d, k = SIZES[-1]
    x = np.random.default_rng(0).standard_normal((n, d))
    for i in range(k):
        x[i::k, i] += 4.0
    model, _, run = started(x[:5_000], k, kind, steps=1)
    peer = peer_at(x[:5_000], k, kind, run.params)
    before = megabytes("VmRSS")
    if who == "ours":
        fit(model, blocks_of(x), FitOptions(max_iterations=2, tolerance=0.0), starts=[run.params])
    else:
        peer_step(peer, x, 1)
    return megabytes("VmHWM") - before


def megabytes(what: str) -> float:
    """Memory of this process, now (VmRSS) or at its peak (VmHWM); what rusage says is inherited from the parent."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(what)) / 1024


if __name__ == "__main__":
    print(peak_above_data(*sys.argv[1:]))
