"""How well `emtools motifs` finds motifs that were planted in real sequences: sites, widths, p-values and time.

python benchmarks/motifs.py [--repeats N] [--curves FILE] [VARIED ...]

VARIED: sequences, letter, width, occupancy, motifs, length, strands

One thing is varied at a time around a middle case. Sequences are windows of yeast chromosome I; where it is too short
for all of them, shuffled windows that keep every triplet. A motif is a random word, each letter of a site is drawn anew
with the probability given, and half of the sites lie on the other strand (with one strand, none does, and it is not
searched). A site found counts as right if it overlaps a planted one by at least half of the planted width; a motif
counts as found if a third of its sites are right.
"""

import argparse
import gzip
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from curves import curves

from emtools.motifs.discovery import DiscoveryOptions, Motif, discover
from emtools.motifs.sequences import SequenceSet
from emtools.motifs.shuffle import shuffled

CHROMOSOME = Path(__file__).parents[1] / "tests" / "data" / "yeast_chrI.fa.gz"


@dataclass(frozen=True)
class Case:
    """What is planted: `letter` is the probability that a letter of a site is the motif's own."""

    sequences: int = 100
    length: int = 200
    letter: float = 0.85
    width: int = 12
    occupancy: float = 0.8
    motifs: int = 1
    strands: int = 2


VARIED = {
    "sequences": [10, 20, 50, 200, 1000, 10_000],
    "letter": [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.9, 1.0],
    "width": [6, 8, 10, 15, 20, 30],
    "occupancy": [0.1, 0.15, 0.2, 0.4, 0.6, 1.0, 2.0],
    "motifs": [2, 3, 5],
    "length": [50, 100, 500, 1000],
    "strands": [1],
}

LABELS = {
    "sequences": "sequences",
    "letter": "probability that a letter is kept",
    "width": "columns of the motif",
    "occupancy": "sites a sequence",
    "motifs": "motifs at once",
    "length": "letters a sequence",
    "strands": "strands",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--curves", type=Path, metavar="FILE", help="draw them, as SVG")
    parser.add_argument("varied", nargs="*", metavar="VARIED", help=f"of: {', '.join(VARIED)}")
    options = parser.parse_args()
    genome = chromosome()
    measured(genome, Case(occupancy=1.0, sequences=30), 1)
    print(
        f"{'varied':<10} {'value':>7} {'found':>6} {'sensitivity':>11} {'precision':>9} {'width':>6} "
        f"{'p-value':>8} {'CPU s':>6}"
    )
    charts = {}
    for name in options.varied or VARIED:
        rows, values = [], sorted({*VARIED[name], getattr(Case(), name)})
        for value in values:
            found, sensitivity, precision, width, p_value, seconds = measured(
                genome, replace(Case(), **{name: value}), options.repeats
            )
            print(
                f"{name:<10} {value:>7} {found:>6.2f} {sensitivity:>11.2f} {precision:>9.2f} {width:>6.1f} "
                f"{p_value:>8.1g} {seconds:>6.2f}",
                flush=True,
            )
            rows.append((found, sensitivity, precision))
        lines = dict(zip(("motifs found", "sensitivity", "precision"), zip(*rows, strict=True), strict=True))
        charts[LABELS[name]] = [f"{value:,}" for value in values], lines
    if options.curves:
        options.curves.write_text(curves(charts, "Planted motifs: what is found as one thing varies"))


def measured(genome: np.ndarray, case: Case, repeats: int) -> np.ndarray:
    """Means over the repeats (the p-value: the median of the least)."""
    rows = np.array([one(genome, case, np.random.default_rng(seed)) for seed in range(repeats)])
    means = np.nanmean(np.where(np.isnan(rows).all(axis=0), 0.0, rows), axis=0)
    means[4] = np.median(rows[:, 4])
    return means


def one(genome: np.ndarray, case: Case, rng: np.random.Generator) -> tuple[float, ...]:
    """Share of motifs found, sensitivity, precision, width of those found, least p-value, CPU seconds."""
    sequences, truth = planted(genome, case, rng)
    options = DiscoveryOptions(
        occurrence="anr" if case.occupancy > 1 else "zoops",
        widest=max(15, case.width + 5),
        max_motifs=case.motifs,
        both_strands=case.strands == 2,
    )
    begin = time.process_time()
    result = discover(sequences, options)
    seconds = time.process_time() - begin
    hits = [[overlapping(motif, sites, case.width) for sites in truth] for motif in result.motifs]
    best = {k: max(range(len(hits)), key=lambda m, k=k: hits[m][k].sum()) for k in range(case.motifs) if hits}
    right = {k: m for k, m in best.items() if hits[m][k].mean() > 1 / 3}
    n_right = sum(hits[m][k].sum() for k, m in right.items())
    n_listed = sum(motif.n_sites for motif in result.motifs if not motif.repeat)
    n_true = sum(map(len, truth))
    widths = [result.motifs[m].width for m in right.values()]
    return (
        len(right) / case.motifs,
        min(n_right / n_true, 1.0),
        n_right / n_listed if n_listed else np.nan,
        float(np.mean(widths)) if widths else np.nan,
        result.p_value,
        seconds,
    )


def planted(genome: np.ndarray, case: Case, rng: np.random.Generator) -> tuple[SequenceSet, list[set[tuple[int, int]]]]:
    """Sequences, and for each motif where its sites start."""
    starts = rng.integers(len(genome) - case.length, size=case.sequences)
    if case.sequences * case.length <= len(genome) // 2:
        starts = rng.permutation(len(genome) // case.length - 1)[: case.sequences] * case.length
    codes = genome[starts[:, None] + np.arange(case.length)]
    offsets = np.arange(case.sequences + 1, dtype=np.int64) * case.length
    names = tuple(f"s{i}" for i in range(case.sequences))
    sequences = SequenceSet(names, codes.ravel(), offsets, SequenceSet.of([]).alphabet)
    if case.sequences * case.length > len(genome) // 2:
        sequences = shuffled(sequences, rng)
    codes = sequences.codes.reshape(codes.shape).copy()
    taken = np.zeros(codes.shape, dtype=bool)
    truth = []
    for _ in range(case.motifs):
        word = rng.integers(4, size=case.width)
        sites: set[tuple[int, int]] = set()
        n_sites = round(case.occupancy * case.sequences)
        rows = np.concatenate([rng.permutation(case.sequences) for _ in range(int(np.ceil(case.occupancy)))])[:n_sites]
        for row in rows.tolist():
            start = int(rng.integers(case.length - case.width + 1))
            if taken[row, start : start + case.width].any():
                continue
            site = np.where(rng.random(case.width) < case.letter, word, rng.integers(4, size=case.width))
            codes[row, start : start + case.width] = site if case.strands == 1 or rng.random() < 0.5 else 3 - site[::-1]
            taken[row, start : start + case.width] = True
            sites.add((row, start))
        truth.append(sites)
    return replace(sequences, codes=codes.ravel()), truth


def overlapping(motif: Motif, sites: set[tuple[int, int]], width: int) -> np.ndarray:
    """For each site of a motif, whether a planted one lies under at least half of it."""
    found = zip(motif.sites.sequence.tolist(), motif.sites.start.tolist(), strict=True)
    reach = {}
    for row, start in sites:
        reach.setdefault(row, []).append(start)
    return np.array(
        [
            any(
                min(s + width, start + motif.width) - max(s, start) >= min(width, motif.width) / 2
                for s in reach.get(row, [])
            )
            for row, start in found
        ]
    )


def chromosome() -> np.ndarray:
    """The letters of the chromosome as codes."""
    with gzip.open(CHROMOSOME, "rt") as lines:
        text = "".join(line.strip() for line in lines if not line.startswith(">"))
    codes = SequenceSet.of([("chrI", text)]).codes
    return codes[codes < 4]


if __name__ == "__main__":
    main()
