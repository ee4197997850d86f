"""What the page shows of a clustering."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from emtools.report import charts
from emtools.report.convergence import Convergence, convergence
from emtools.report.heatmap import data_uri, heatmap_png
from emtools.report.reading import Clusters
from emtools.report.wording import count, decimal

Floats = NDArray[np.float64]
LEAST_CERTAIN = 12
UNCERTAIN = 0.9


@dataclass(frozen=True)
class Gene:
    """A gene as the page lists it: where it was put, how surely, and where else it might belong."""

    name: str
    cluster: int
    probability: float
    second: int
    second_probability: float


@dataclass(frozen=True)
class Cluster:
    """One cluster: its genes and its profile."""

    number: int
    size: int
    share: float
    n_uncertain: int
    color: str
    chart: Markup
    spark: Markup


@dataclass(frozen=True)
class HeatMap:
    """A heat map as a picture, with what the colors mean."""

    picture: str
    limit: str
    caption: str
    groups: list[tuple[str, int]]


@dataclass(frozen=True)
class ClusterSection:
    """A clustering, ready for the page."""

    result: Clusters

    @cached_property
    def facts(self) -> list[tuple[str, str]]:
        """The result in a few figures."""
        summary = self.result.summary
        chosen = [row for row in self.result.selection if charts.is_chosen(row)]
        facts = [
            ("genes", decimal(len(self.result.genes), 0)),
            ("samples", decimal(len(self.result.samples), 0)),
            ("clusters", str(self.result.n_clusters)),
            ("family", str(summary.get("family", "–"))),
        ]
        if self.criterion and chosen and chosen[0].get(self.criterion):
            facts.append((self.criterion.upper(), decimal(float(chosen[0][self.criterion]))))
        return facts

    @property
    def criterion(self) -> str:
        """The criterion by which the model was chosen."""
        return str(self.result.summary.get("criterion") or "")

    @cached_property
    def clusters(self) -> list[Cluster]:
        """The clusters, largest first."""
        result = self.result
        mean, low, high = self._bands
        y_range = _padded(low, high)
        clusters = []
        for i in range(result.n_clusters):
            members = result.members(i + 1)
            label = f"Profile of cluster {i + 1}: {count(len(members), 'gene')}, {count(len(result.samples), 'sample')}"
            look = charts.Look(charts.color_class(i), label)
            chart = charts.profile(mean[i], (low[i], high[i]), result.samples, y_range, look=look)
            uncertain = int(np.sum(result.probability[members] < UNCERTAIN))
            share = len(members) / max(len(result.genes), 1)
            spark = charts.sparkline(mean[i], look)
            clusters.append(Cluster(i + 1, len(members), share, uncertain, look.color, chart, spark))
        return clusters

    @cached_property
    def _bands(self) -> tuple[Floats, Floats, Floats]:
        """The mean and, where the expression is known, the 10th and 90th percentile of each cluster and sample."""
        result = self.result
        low, high = result.profiles.copy(), result.profiles.copy()
        if result.expression is not None:
            for i in range(result.n_clusters):
                own = np.ma.masked_invalid(result.expression[result.members(i + 1)])
                filled = [column.compressed() for column in own.T]
                low[i] = [np.quantile(column, 0.1) if len(column) else np.nan for column in filled]
                high[i] = [np.quantile(column, 0.9) if len(column) else np.nan for column in filled]
        return result.profiles, low, high

    @cached_property
    def heat_map(self) -> HeatMap | None:
        """All genes, ordered by cluster and within it by their correlation with its profile."""
        result = self.result
        if result.expression is None:
            return None
        values = result.expression
        meaning = "expression as given"
        if np.nanmin(values) >= 0:
            values = values - np.nanmean(values, axis=1, keepdims=True)
            meaning = "difference from the mean of the gene"
        order = np.concatenate([self._ordered(values, i) for i in range(result.n_clusters)])
        limit = float(np.nanquantile(np.abs(values), 0.98)) or 1.0
        groups = [(word, end - first) for word, first, end in charts.sample_groups(result.samples)]
        caption = f"Each row is a gene, each column a sample; color: {meaning}. Gray: not measured."
        return HeatMap(data_uri(heatmap_png(values[order], limit)), f"{limit:.2g}", caption, groups)

    def _ordered(self, values: Floats, index: int) -> NDArray[np.int64]:
        members = self.result.members(index + 1)
        profile = np.nan_to_num(self.result.profiles[index] - np.nanmean(self.result.profiles[index]))
        centered = np.nan_to_num(values[members] - np.nanmean(values[members], axis=1, keepdims=True))
        norms = np.linalg.norm(centered, axis=1) * np.linalg.norm(profile)
        similarity = centered @ profile / np.where(norms > 0, norms, 1.0)
        return members[np.argsort(-similarity, kind="stable")]

    @cached_property
    def certainty(self) -> Markup:
        """The classes of assignment probability of each cluster."""
        return charts.certainty_bars(self.result.probability, self.result.assigned, self.result.n_clusters)

    @property
    def certainty_levels(self) -> list[str]:
        """The words of the classes of assignment probability."""
        return [words for _, words in charts.CERTAINTY]

    @cached_property
    def genes(self) -> list[Gene]:
        """All genes in the order of the file."""
        result = self.result
        others = result.responsibilities.copy()
        others[np.arange(len(others)), result.assigned - 1] = -1.0
        second = others.argmax(axis=1)
        return [
            Gene(
                name,
                int(result.assigned[i]),
                float(result.probability[i]),
                int(second[i]) + 1 if result.n_clusters > 1 else 0,
                max(float(others[i, second[i]]), 0.0),
            )
            for i, name in enumerate(result.genes)
        ]

    @cached_property
    def least_certain(self) -> list[Gene]:
        """The genes whose place is least sure, the least sure first; only those that are in doubt at all."""
        doubtful = [gene for gene in self.genes if gene.probability < 0.99]
        return sorted(doubtful, key=lambda gene: (gene.probability, gene.name))[:LEAST_CERTAIN]

    @cached_property
    def certainty_sentence(self) -> str:
        """How sure the assignment is, in one sentence."""
        sure = int(np.sum(self.result.probability >= 0.99))
        doubtful = int(np.sum(self.result.probability < UNCERTAIN))
        return (
            f"{sure} of {count(len(self.result.genes), 'gene')} belong to their cluster with a probability of at least "
            f"0.99, {doubtful or 'none'} with less than {UNCERTAIN}."
        )

    @cached_property
    def selection(self) -> Markup | None:
        """The curve by which the model was chosen."""
        return charts.selection_curve(self.result.selection, self.criterion) if self.criterion else None

    @property
    def families(self) -> list[tuple[str, str]]:
        """The families that were tried, each with its color."""
        names = dict.fromkeys(row["family"] for row in self.result.selection)
        return [(name, charts.color_class(i)) for i, name in enumerate(names)]

    @cached_property
    def convergence(self) -> Convergence | None:
        """How EM got there."""
        return convergence(self.result.history, self.result.summary.get("runs", []))


def _padded(low: Floats, high: Floats) -> tuple[float, float]:
    bottom, top = float(np.nanmin(low)), float(np.nanmax(high))
    margin = (top - bottom) * 0.05 or 1.0
    return bottom - margin, top + margin
