"""What a motif search costs: CPU seconds, wall time and peak memory of whole processes.

python benchmarks/motif_speed.py [--repeats N] [--threads N] [SET ...]

SET is one of those below, or a number of millions of letters: so many letters of promoters with a motif in every second
one, to see how the cost grows. The large sets are windows of real yeast promoters (shuffled by triplets where there are
too few) with sites planted in them. Each command runs once before it counts, so that its kernels are compiled.
"""

import argparse
import gzip
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd

from emtools.motifs.fasta import fasta_records
from emtools.motifs.sequences import SequenceSet
from emtools.motifs.shuffle import shuffled

ROOT = Path(__file__).parents[1]
PROMOTERS = ROOT / "resources" / "yeast" / "upstream500.fa.gz"
CLASSES = ROOT / "resources" / "yeast" / "brown186_class.tsv"
SITE = "CCGCGNGGNGGCAG"


def promoters() -> dict[str, str]:
    records = gzip.decompress(PROMOTERS.read_bytes()).decode().split(">")[1:]
    return {head.split()[0]: "".join(lines) for head, *lines in (record.splitlines() for record in records)}


def of_class(name: str) -> list[str]:
    classes = pd.read_csv(CLASSES, sep="\t", index_col=0)["class"]
    known = promoters()
    return [known[gene] for gene in classes.index[classes == name] if gene in known]


def planted(n: int, length: int, seed: int = 0) -> list[str]:
    """Windows of promoters, a site in every second one, one letter in ten of it changed, either strand."""
    rng = np.random.default_rng(seed)
    whole = "".join(promoters().values())
    pieces = [whole[i : i + length] for i in range(0, len(whole) - length, length)]
    while len(pieces) < n:
        again = shuffled(SequenceSet.of([(str(i), text) for i, text in enumerate(pieces)]), rng)
        pieces += [again.text(i) for i in range(len(again))]
    texts = [pieces[i] for i in rng.permutation(len(pieces))[:n]]
    for i in range(0, n, 2):
        site = np.array(["ACGT"[rng.integers(4)] if c == "N" or rng.random() < 0.1 else c for c in SITE])
        if rng.random() < 0.5:
            site = np.array([{"A": "T", "C": "G", "G": "C", "T": "A"}[letter] for letter in site[::-1]])
        at = int(rng.integers(length - len(site) + 1))
        texts[i] = texts[i][:at] + "".join(site) + texts[i][at + len(site) :]
    return texts


def given(path: str) -> list[str]:
    return [record.text for record in fasta_records(ROOT / path)]


SETS = {
    "crp0, 18 x 105": lambda: given("resources/motifs/crp0.fa"),
    "proteasome, 35 x 500": lambda: of_class("Proteas"),
    "ribosome, 121 x 500": lambda: of_class("Ribo"),
    "CTCF, 500 x 200": lambda: given("tests/data/CTCF_GM12878_500x200.fa"),
    "5,000 x 205": lambda: planted(5_000, 205),
    "10,000 x 100": lambda: planted(10_000, 100),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("sets", nargs="*", metavar="SET", default=list(SETS), help="; ".join(SETS))
    options = parser.parse_args()
    print(f"{'set':<24} {'threads':>7} {'CPU s':>7} {'wall s':>7} {'MB':>6}")
    with tempfile.TemporaryDirectory() as folder:
        for name in options.sets:
            texts = SETS[name]() if name in SETS else planted(round(float(name) * 2_000), 500)
            fasta = Path(folder) / "set.fa"
            fasta.write_text("".join(f">s{i}\n{text}\n" for i, text in enumerate(texts)))
            runs = [measured(fasta, options.threads) for _ in range(options.repeats + 1)][1:]
            cpu, wall, memory = (median(values) for values in zip(*runs, strict=True))
            print(f"{name:<24} {options.threads:>7} {cpu:>7.1f} {wall:>7.1f} {memory:>6.0f}", flush=True)


def measured(fasta: Path, threads: int) -> tuple[float, float, float]:
    """CPU seconds, wall seconds and peak megabytes of one process."""
    command = [sys.executable, "-m", "emtools.cli", "motifs", str(fasta), "--out", str(fasta.with_suffix(""))]
    begin = time.perf_counter()
    child = subprocess.Popen(
        [*command, "--threads", str(threads)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - begin
    if status:
        raise SystemExit(f"failed: {' '.join(command)}")
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
