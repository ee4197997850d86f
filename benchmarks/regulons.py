"""Regulons of yeast: motifs in the promoters of genes with a known regulator, and whether they are named after it.

python benchmarks/regulons.py [--seed S] [--widest W] [--controls] [--diluted N]

The genes of `regulons.tsv` are targets that reviews and textbooks name, the promoters 500 letters before their coding
sequences. A set counts as found where a motif has one of its regulators among its three best names in JASPAR. With
--controls, all other promoters are controls. With --diluted, each set is mixed with N times as many of these, drawn at
random, as a cluster of genes or a list of hits is.
"""

import argparse
import csv
import gzip
from pathlib import Path

import numpy as np
from calibration import named
from motif_speed import PROMOTERS

from emtools.motifs.databases import known_motifs
from emtools.motifs.discovery import DiscoveryOptions, discover
from emtools.motifs.matrices import CountMatrix
from emtools.motifs.naming import KnownMotifs

REGULONS = Path(__file__).with_suffix(".tsv")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--widest", type=int, default=15)
    parser.add_argument("--controls", action="store_true")
    parser.add_argument("--diluted", type=float, default=0.0, metavar="N")
    options = parser.parse_args()
    promoters, known = promoters_of_genes(), KnownMotifs(known_motifs("jaspar:fungi"))
    with REGULONS.open(encoding="utf-8", newline="") as lines:
        regulons = list(csv.DictReader(lines, delimiter="\t"))
    n_found = 0
    for regulon in regulons:
        own = list(dict.fromkeys(promoters[gene] for gene in regulon["genes"].split()))
        others = [text for text in dict.fromkeys(promoters.values()) if text not in own]
        np.random.default_rng(options.seed).shuffle(others)
        n_more = round(options.diluted * len(own))
        sequences, controls = own + others[:n_more], others[n_more:] if options.controls else None
        right_ones, other_ones = [], []
        settings = DiscoveryOptions(seed=options.seed, widest=options.widest)
        for motif in discover(named(sequences), settings, controls=controls and named(controls)).motifs:
            names = [each.name for each in known.resembling(CountMatrix(motif.name, motif.consensus, motif.counts))[:3]]
            right = [name for name in names if name in regulon["regulators"].split()]
            (right_ones if right else other_ones).append(
                f"{' '.join(right)} {motif.consensus} {motif.p_value:.1g}".strip()
            )
        n_found += bool(right_ones)
        print(
            f"{regulon['function']:<20} {len(sequences):>3}  {'; '.join(right_ones) or '-':<45} {'; '.join(other_ones)}"
        )
    print(f"{n_found} of {len(regulons)}")


def promoters_of_genes() -> dict[str, str]:
    """By the name of the reading frame, and by that of the gene where it has one."""
    records = gzip.decompress(PROMOTERS.read_bytes()).decode().split(">")[1:]
    lines = [record.splitlines() for record in records]
    return {name.upper(): "".join(text) for head, *text in lines for name in head.split()}


if __name__ == "__main__":
    main()
