"""How well the number of clusters is chosen, on simulated truth of many kinds and on real data with classes.

python benchmarks/choice.py [--seeds N] [--export DIR] [KIND ...]

Each row is a kind of data, each pair of columns a way to choose: the mean adjusted Rand index with the truth, and the
mean number of clusters. Where the truth is one cluster, the index is 1 if one cluster is found and 0 otherwise.
scikit-learn gets the same principal components, its four covariances, 5 starts, and the least BIC, as its documentation
shows. With --export nothing is chosen: the data are written for choice_mclust.R.
"""

import argparse
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn import datasets
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture

from emtools.expression.clustering import Clustering, ClusteringOptions, cluster
from emtools.expression.components import PrincipalComponents, enough_components
from emtools.expression.preparing import Prepared, PreparingOptions, prepare
from emtools.expression.reading import Expression, read_expression
from emtools.expression.searching import best_of

ROOT = Path(__file__).parents[1]
Data = tuple[np.ndarray, np.ndarray, tuple[str, ...]]
Rng = np.random.Generator


def islands(
    rng: Rng,
    sizes: list[int],
    d: int,
    apart: float,
    *,
    noise_columns: int = 0,
    tails: float = np.inf,
    shapes: bool = False,
) -> Data:
    """Clusters whose means lie about `apart` standard deviations from the center."""
    groups = np.repeat(np.arange(len(sizes)), sizes)
    spread = rng.normal(size=(len(groups), d))
    if tails < np.inf:
        spread /= np.sqrt(rng.chisquare(tails, len(groups)) / tails)[:, None]
    if shapes:
        turned = [np.linalg.qr(rng.normal(size=(d, d)))[0] * np.sqrt(d * rng.dirichlet(np.ones(d))) for _ in sizes]
        spread = np.einsum("ij,ikj->ik", spread, np.array(turned)[groups])
    means = rng.normal(size=(len(sizes), d))
    x = (means * apart / np.linalg.norm(means, axis=1, keepdims=True))[groups] + spread
    if noise_columns:
        rotation = np.linalg.qr(rng.normal(size=(d + noise_columns, d + noise_columns)))[0]
        x = np.column_stack([x, rng.normal(size=(len(x), noise_columns))]) @ rotation
    return x, groups, ()


def bent(rng: Rng) -> Data:
    """Two crescents."""
    x, groups = datasets.make_moons(300, noise=0.08, random_state=int(rng.integers(1000)))
    return x, groups, ()


def skewed(rng: Rng) -> Data:
    """Three clusters, each with a long tail to one side."""
    x, groups, _ = islands(rng, [120, 100, 80], 4, 5.0)
    return x + 0.7 * rng.exponential(size=x.shape) ** 2, groups, ()


def profiles(rng: Rng, n_groups: int, n_samples: int, tails: float = np.inf) -> Data:
    """Genes that follow smooth profiles with amplitudes of their own."""
    groups = rng.integers(n_groups, size=300)
    shapes = rng.normal(size=(n_groups, n_samples)).cumsum(axis=1)
    shapes = (shapes - shapes.mean(axis=1, keepdims=True)) / shapes.std(axis=1, keepdims=True)
    noise = rng.normal(size=(300, n_samples)) if tails == np.inf else rng.standard_t(tails, size=(300, n_samples))
    return 1.2 * shapes[groups] * rng.lognormal(sigma=0.3, size=(300, 1)) + noise, groups, ("zscore",)


def sizes_of_genes(rng: Rng) -> Data:
    """Profiles of 250 down to 20 genes."""
    groups = np.repeat(np.arange(4), [250, 100, 40, 20])
    return 1.5 * rng.normal(size=(4, 16))[groups] + rng.normal(size=(len(groups), 16)), groups, ("zscore",)


def scattered(rng: Rng) -> Data:
    """Five profiles, and a hundred genes that follow none."""
    x, groups, transform = profiles(rng, 5, 25)
    return np.vstack([x, rng.normal(size=(100, 25))]), np.append(groups, np.full(100, 5)), transform


def none(x: np.ndarray, *transform: str) -> Data:
    """Data of one cluster."""
    return x, np.zeros(len(x), dtype=int), transform


SIMULATED: dict[str, Callable[[Rng], Data]] = {
    "well apart": lambda rng: islands(rng, [100, 80, 60, 60], 4, 6.0),
    "overlap": lambda rng: islands(rng, [120, 100, 80], 4, 3.0),
    "unequal sizes": lambda rng: islands(rng, [180, 80, 30, 15], 4, 6.0),
    "shapes of their own": lambda rng: islands(rng, [100, 100, 100], 4, 5.0, shapes=True),
    "heavy tails (t, 4)": lambda rng: islands(rng, [120, 100, 80], 4, 7.0, tails=4.0),
    "4 of 40 columns matter": lambda rng: islands(rng, [100, 80, 60, 60], 4, 6.0, noise_columns=36),
    "skewed": skewed,
    "bent": bent,
    "4 profiles, 20 samples": lambda rng: profiles(rng, 4, 20),
    "6 profiles, 40 samples, t": lambda rng: profiles(rng, 6, 40, tails=4.0),
    "8 clusters": lambda rng: islands(rng, [60] * 8, 6, 6.0),
    "5 clusters, 10 columns": lambda rng: islands(rng, [80] * 5, 10, 4.0),
    "more overlap": lambda rng: islands(rng, [150] * 3, 5, 2.5),
    "4 profiles, 250 to 20 genes": sizes_of_genes,
    "5 profiles and scattered": scattered,
    "none: normal": lambda rng: none(rng.normal(size=(300, 5)) @ rng.normal(size=(5, 5))),
    "none: t, 4": lambda rng: none(islands(rng, [300], 5, 0.0, tails=4.0)[0]),
    "none: uniform": lambda rng: none(rng.uniform(size=(300, 3))),
    "none: uniform, 5 columns": lambda rng: none(rng.uniform(size=(400, 5))),
    "none: skewed": lambda rng: none(rng.exponential(size=(300, 4))),
    "none: standardized noise": lambda rng: none(rng.normal(size=(200, 40)), "zscore"),
    "none: standardized t noise": lambda rng: none(rng.standard_t(4, size=(200, 40)), "zscore"),
}


def yeast(name: str, folder: str) -> Data:
    """Standardized genes with their classes."""
    expression = read_expression(ROOT / folder / f"{name}_expression.tsv")
    classes = pd.read_csv(ROOT / folder / f"{name}_class.tsv", sep="\t", index_col=0)["class"]
    return expression.values, classes[list(expression.genes)].to_numpy(), ("zscore",)


def columns_scaled(load: Callable[[], object]) -> Data:
    """A set of scikit-learn, its columns standardized."""
    bunch = load()
    return (bunch.data - bunch.data.mean(axis=0)) / bunch.data.std(axis=0), bunch.target, ()


REAL: dict[str, Callable[[], Data]] = {
    "brown186": lambda: yeast("brown186", "resources/yeast"),
    "spellman800": lambda: yeast("spellman800", "tests/data"),
    "iris": lambda: columns_scaled(datasets.load_iris),
    "wine": lambda: columns_scaled(datasets.load_wine),
    "breast cancer": lambda: columns_scaled(datasets.load_breast_cancer),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--export", type=Path, metavar="DIR")
    parser.add_argument("kinds", nargs="*", default=[*SIMULATED, *REAL])
    options = parser.parse_args()
    if options.export:
        export(options.export, options.kinds, options.seeds)
        return
    ways = ("emtools", "its BIC", "its ICL", "sklearn BIC")
    print(f"{'':<28} {'truth':>5}  " + "  ".join(f"{way:>12}" for way in ways), flush=True)
    means = []
    for kind in options.kinds:
        drawn = draws(kind, options.seeds)
        found = np.array([scored(data) for data in drawn])
        agreement, counts = found.mean(axis=0)
        means.append(agreement)
        cells = "  ".join(f"{ari:>6.2f} {count:>5.1f}" for ari, count in zip(agreement, counts, strict=True))
        print(f"{kind:<28} {len(set(drawn[0][1])):>5}  {cells}", flush=True)
    print(f"{'mean':<28} {'':>5}  " + "  ".join(f"{ari:>6.2f} {'':>5}" for ari in np.mean(means, axis=0)))


def draws(kind: str, n_seeds: int) -> list[Data]:
    """The data of a kind: so many draws where they are simulated, one set where they are real."""
    if kind in REAL:
        return [REAL[kind]()]
    return [SIMULATED[kind](np.random.default_rng([7, seed])) for seed in range(n_seeds)]


def export(folder: Path, kinds: list[str], n_seeds: int) -> None:
    """Write the principal components of all data, each beside its truth, and a list of them."""
    folder.mkdir(parents=True, exist_ok=True)
    data = [(kind, one) for kind in kinds for one in draws(kind, n_seeds)]
    for number, (_, (x, truth, transform)) in enumerate(data):
        observations = prepared(x, transform).observations
        rotation = PrincipalComponents.of(observations)
        table = pd.DataFrame(rotation.first(enough_components(rotation.variances)).scores(observations))
        table.assign(truth=truth).to_csv(folder / f"{number}.tsv", sep="\t", index=False)
    index = pd.DataFrame({"number": range(len(data)), "kind": [kind for kind, _ in data]})
    index.to_csv(folder / "index.tsv", sep="\t", index=False)


def prepared(x: np.ndarray, transform: tuple[str, ...]) -> Prepared:
    genes, samples = (tuple(f"{letter}{i}" for i in range(n)) for letter, n in zip("gs", x.shape, strict=True))
    return prepare(Expression(x, genes, samples, "simulated"), PreparingOptions(transform=transform))


def scored(data: Data) -> np.ndarray:
    """Agreement with the truth, and number of clusters, of each way to choose."""
    x, truth, transform = data
    observed = prepared(x, transform)
    found = cluster(observed, ClusteringOptions())
    scores = found.rotation.scores(observed.observations)
    partitions = [found.labels, *(best(found, criterion, scores) for criterion in ("bic", "icl")), peer(scores)]
    return np.array([[agreement(truth, labels) for labels in partitions], [len(set(labels)) for labels in partitions]])


def best(found: Clustering, criterion: str, scores: np.ndarray) -> np.ndarray:
    """The components of the candidate with the least value of a criterion."""
    return best_of(found.candidates, criterion).fitted.responsibilities(scores).argmax(axis=1)


def peer(scores: np.ndarray) -> np.ndarray:
    """The components that scikit-learn's BIC chooses."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fits = [
            GaussianMixture(k, covariance_type=covariance, n_init=5, random_state=0).fit(scores)
            for covariance in ("full", "tied", "diag", "spherical")
            for k in range(1, 13)
        ]
    return min(fits, key=lambda one: one.bic(scores)).predict(scores)


def agreement(truth: np.ndarray, labels: np.ndarray) -> float:
    if len(set(truth)) == 1:
        return float(len(set(labels)) == 1)
    return float(adjusted_rand_score(truth, labels))


if __name__ == "__main__":
    main()
