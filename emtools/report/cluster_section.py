"""What the page shows of a clustering."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from emtools.report import charts, selection
from emtools.report.convergence import Convergence, convergence
from emtools.report.heatmap import data_uri, heatmap_png
from emtools.report.reading import Clusters
from emtools.report.wording import count, decimal, family_words

Floats = NDArray[np.float64]
LEAST_CERTAIN = 12
MOST_COLUMNS = 300
MOST_ROWS = 1500
#: The most columns of a heat map that are named.
MOST_NAMES = 60
MOST_ITEMS = 5000
UNCERTAIN = 0.9


@dataclass(frozen=True)
class Item:
    """A gene or a sample as the page lists it: where it was put, how surely, and where else it might belong."""

    name: str
    cluster: int
    probability: float
    second: int
    second_probability: float


@dataclass(frozen=True)
class Cluster:
    """One cluster: its size and its profile."""

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
    names: list[str]


@dataclass(frozen=True)
class ClusterSection:
    """A clustering, ready for the page."""

    result: Clusters

    @cached_property
    def facts(self) -> list[tuple[str, str]]:
        """The result in a few figures."""
        summary = self.result.summary
        chosen = [row for row in self.result.selection if selection.is_chosen(row)]
        facts = [
            (f"{self.result.item}s", decimal(len(self.result.items), 0)),
            (f"{self.result.column}s", decimal(len(self.result.columns), 0)),
            ("clusters", str(self.result.n_clusters)),
            ("family", str(summary.get("family", "–"))),
        ]
        if chosen and int(chosen[0]["n_components"]) != self.result.n_clusters:
            facts.append(("components", chosen[0]["n_components"]))
        if chosen and chosen[0].get(self.criterion):
            facts.append((self.criterion.upper(), decimal(float(chosen[0][self.criterion]))))
        return facts

    @property
    def criterion(self) -> str:
        """The column of ``selection.tsv`` by which the mixture was chosen; stable cuts are cuts of the least BIC."""
        named = str(self.result.summary.get("criterion") or "")
        return "bic" if named == "stability" else named

    @cached_property
    def clusters(self) -> list[Cluster]:
        """The clusters, largest first."""
        result = self.result
        mean, low, high = self._bands
        columns = [result.columns[i] for i in self.columns]
        clusters = []
        for i in range(result.n_clusters):
            members = result.members(i + 1)
            look = charts.Look(charts.color_class(i), f"Profile of cluster {i + 1}, {count(len(members), result.item)}")
            chart = charts.profile(
                mean[i], (low[i], high[i]), columns, self.y_range, look=look, axis=f"{result.column}s"
            )
            uncertain = int(np.sum(result.probability[members] < UNCERTAIN))
            share = len(members) / max(len(result.items), 1)
            spark = charts.sparkline(mean[i], look)
            clusters.append(Cluster(i + 1, len(members), share, uncertain, look.color, chart, spark))
        return clusters

    @cached_property
    def y_range(self) -> tuple[float, float]:
        """The expression that all profiles span."""
        _, low, high = self._bands
        bottom, top = float(np.nanmin(low)), float(np.nanmax(high))
        margin = (top - bottom) * 0.05 or 1.0
        return bottom - margin, top + margin

    @cached_property
    def columns(self) -> NDArray[np.int64]:
        """The columns that are drawn: all, or where there are many, those that differ most between clusters."""
        between = np.nan_to_num(np.var(self.result.profiles, axis=0), nan=-1.0)
        return np.sort(np.argsort(-between, kind="stable")[:MOST_COLUMNS])

    @property
    def columns_sentence(self) -> str:
        """Which columns are drawn, if not all."""
        if len(self.columns) == len(self.result.columns):
            return ""
        return f"Drawn: the {count(len(self.columns), self.result.column)} that differ most between clusters."

    @cached_property
    def _bands(self) -> tuple[Floats, Floats, Floats]:
        """The mean and, where the expression is known, the 10th and 90th percentile of each cluster and column."""
        result = self.result
        mean = result.profiles[:, self.columns]
        low, high = mean.copy(), mean.copy()
        if result.expression is not None:
            for i in range(result.n_clusters):
                own = result.expression[np.ix_(result.members(i + 1), self.columns)]
                measured = [column[np.isfinite(column)] for column in own.T]
                low[i] = [np.quantile(column, 0.1) if len(column) else np.nan for column in measured]
                high[i] = [np.quantile(column, 0.9) if len(column) else np.nan for column in measured]
        return mean, low, high

    @cached_property
    def heat_map(self) -> HeatMap | None:
        """All items, ordered by cluster and within it by their correlation with its profile."""
        result = self.result
        if result.expression is None:
            return None
        values = result.expression[:, self.columns]
        meaning = "expression as given"
        if np.nanmin(values) >= 0:
            values = values - _row_means(values)
            meaning = f"difference from the mean of the {result.item}"
        order = np.concatenate([self._ordered(values, i) for i in range(result.n_clusters)])
        limit = float(np.nanquantile(np.abs(values), 0.98)) or 1.0
        columns = [result.columns[i] for i in self.columns]
        groups = [(word, end - first) for word, first, end in charts.column_groups(columns)]
        caption = f"Each row is a {result.item}, each column a {result.column}; color: {meaning}. Gray: not measured."
        if len(order) > MOST_ROWS:
            caption += f" Drawn: {MOST_ROWS} of {count(len(order), result.item)}, evenly spaced."
            order = order[np.linspace(0, len(order) - 1, MOST_ROWS).round().astype(int)]
        names = columns if len(columns) <= MOST_NAMES else []
        return HeatMap(data_uri(heatmap_png(values[order], limit)), f"{limit:.2g}", caption, groups, names)

    def _ordered(self, values: Floats, index: int) -> NDArray[np.int64]:
        members = self.result.members(index + 1)
        profile = self.result.profiles[index, self.columns]
        profile = np.nan_to_num(profile - _row_means(profile[None])[0])
        centered = np.nan_to_num(values[members] - _row_means(values[members]))
        norms = np.linalg.norm(centered, axis=1) * np.linalg.norm(profile)
        similarity = centered @ profile / np.where(norms > 0, norms, 1.0)
        return members[np.argsort(-similarity, kind="stable")]

    @cached_property
    def certainty(self) -> Markup:
        """The classes of assignment probability of each cluster."""
        return charts.certainty_bars(
            self.result.probability, self.result.assigned, self.result.n_clusters, self.result.item
        )

    @property
    def certainty_levels(self) -> list[str]:
        """The words of the classes of assignment probability."""
        return [words for _, words in charts.CERTAINTY]

    @cached_property
    def items(self) -> list[Item]:
        """All of them in the order of the file."""
        result = self.result
        others = result.responsibilities.copy()
        others[np.arange(len(others)), result.assigned - 1] = -1.0
        second = others.argmax(axis=1)
        return [
            Item(
                name,
                int(result.assigned[i]),
                float(result.probability[i]),
                int(second[i]) + 1 if result.n_clusters > 1 else 0,
                max(float(others[i, second[i]]), 0.0),
            )
            for i, name in enumerate(result.items)
        ]

    @property
    def listed_items(self) -> list[Item]:
        """Those that the page lists: all in the order of the file, or where there are many, the least certain."""
        if len(self.items) <= MOST_ITEMS:
            return self.items
        return sorted(self.items, key=lambda item: (item.probability, item.name))[:MOST_ITEMS]

    @cached_property
    def least_certain(self) -> list[Item]:
        """Those whose place is least sure, the least sure first; only those that are in doubt at all."""
        doubtful = [item for item in self.items if item.probability < 0.99]
        return sorted(doubtful, key=lambda item: (item.probability, item.name))[:LEAST_CERTAIN]

    @cached_property
    def certainty_sentence(self) -> str:
        """How sure the assignment is, in one sentence."""
        sure = int(np.sum(self.result.probability >= 0.99))
        doubtful = int(np.sum(self.result.probability < UNCERTAIN))
        return (
            f"{sure} of {count(len(self.result.items), self.result.item)} belong to their cluster with a probability "
            f"of at least 0.99, {doubtful or 'none'} with less than {UNCERTAIN}."
        )

    @cached_property
    def selection(self) -> Markup | None:
        """The curve by which the mixture was chosen."""
        return selection.selection_curve(self.result.selection, self.criterion) if self.criterion else None

    @cached_property
    def stability(self) -> Markup | None:
        """The curve by which the number of clusters was chosen, where components were merged."""
        return selection.stability_curve(self.result.selection)

    @property
    def families(self) -> list[tuple[str, str]]:
        """The families that are drawn in color, the best first."""
        return selection.families_in_color(self.result.selection, self.criterion) if self.criterion else []

    @property
    def family_words(self) -> str:
        """What the name of the chosen family means."""
        name = str(self.result.summary.get("family", ""))
        words = family_words(name)
        return f"{name}: {words}." if words else ""

    @cached_property
    def convergence(self) -> Convergence | None:
        """How EM got there."""
        return convergence(self.result.history, self.result.summary.get("runs", []))


def _row_means(values: Floats) -> Floats:
    """The mean of what was measured in each row, as a column; 0 where nothing was."""
    measured = np.isfinite(values)
    sums = np.where(measured, values, 0.0).sum(axis=1, keepdims=True)
    means: Floats = sums / np.maximum(measured.sum(axis=1, keepdims=True), 1)
    return means
