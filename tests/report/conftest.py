"""Result directories as the commands write them, made from arrays and letters."""

import math
from pathlib import Path

import anndata
import numpy as np
import pytest

from emtools.files import write_json, write_table
from emtools.motifs.result import MOTIF_HEADER

LETTERS = "ACGT"
SUMMARY = {
    "emtools_version": "0.1.0",
    "config": {"seed": 0, "k": "2:6", "covariance": "auto"},
    "inputs": [{"path": "resources/expression.tsv", "sha256": "0" * 64}],
    "seed": 0,
}


def climbing_runs(rng, n_runs=6, n_long=3, best=-1200.0):
    """Histories as emEM leaves them: short runs from every start, long runs from the best of them."""
    runs, rows = [], []
    for run in range(n_runs):
        steps = 30 + 5 * run if run < n_long else 8
        final = best - (0.0 if run < n_long - 1 else 12.5 * run)
        objective = final - 400.0 * np.exp(-0.35 * np.arange(steps + 1)) * rng.uniform(0.8, 1.2)
        objective[-1] = final if run < n_long else objective[-1]
        gains = np.concatenate([[0.0], np.diff(objective)])
        rows += [(run, i, value, gain, 1, "") for i, (value, gain) in enumerate(zip(objective, gains, strict=True))]
        reason = "converged" if run < n_long else "short run, not continued: others were better"
        runs.append(
            {
                "run": run,
                "start": f"seed 0, child {run}",
                "stop_reason": reason,
                "iterations": steps,
                "evaluations": steps + 1,
                "objective": float(objective[-1]),
                "best": run == 0,
            }
        )
    return runs, rows


def write_clusters(path, expression, genes, samples, responsibilities, *, messages=(), rng=None):
    """A result of `emtools cluster`; columns of `responsibilities` are in falling order of cluster size."""
    rng = rng or np.random.default_rng(0)
    path.mkdir(parents=True)
    n_clusters = responsibilities.shape[1]
    assigned = responsibilities.argmax(axis=1) + 1
    probability = responsibilities.max(axis=1)
    columns = [f"cluster_{i + 1}" for i in range(n_clusters)]
    rows = zip(genes, assigned, probability, 1 - probability, *responsibilities.T, strict=True)
    write_table(path / "assignments.tsv", ["gene", "cluster", "probability", "uncertainty", *columns], rows)
    means = [np.nanmean(expression[assigned == i + 1], axis=0) for i in range(n_clusters)]
    sizes = [int(np.sum(assigned == i + 1)) for i in range(n_clusters)]
    rows = [(i + 1, sizes[i], *means[i]) for i in range(n_clusters)]
    write_table(path / "profiles.tsv", ["cluster", "n_genes", *samples], rows)
    header = ["family", "n_components", "n_clusters", "log_likelihood", "n_parameters", "bic", "icl", "aic"]
    models = [
        (family, k, k, -1000.0 - 40 * abs(k - n_clusters) - 60 * j, 50 * k, 2500.0 + 80 * abs(k - n_clusters) + 90 * j)
        for j, family in enumerate(["diagonal", "tied", "full", "spherical"])
        for k in range(2, 7)
    ]
    chosen = min(models, key=lambda row: row[5])
    rows = [(*model, model[5], model[5], "converged", "yes" if model is chosen else "no") for model in models]
    write_table(path / "selection.tsv", [*header, "stop_reason", "chosen"], rows)
    runs, history = climbing_runs(rng)
    write_table(path / "history.tsv", ["run", "iteration", "objective", "gain", "evaluations", "note"], history)
    write_json(path / "parameters.json", {"weights": [size / len(genes) for size in sizes]})
    summary = {
        **SUMMARY,
        "command": "cluster",
        "messages": list(messages),
        "runs": runs,
        "n_genes": len(genes),
        "n_samples": len(samples),
        "n_clusters": n_clusters,
        "family": "diagonal",
        "criterion": "bic",
        "sentence": f"{n_clusters} clusters with diagonal covariances have the lowest BIC of 20 models.",
        "sizes": sizes,
    }
    write_json(path / "summary.json", summary)
    data = anndata.AnnData(expression.T.copy())
    data.obs_names, data.var_names = list(samples), list(genes)
    data.write_h5ad(path / "result.h5ad")
    return path


def write_motifs(path, sequences, words, *, names=None, messages=(), promoters=False, rng=None):
    """A result of `emtools motifs` whose motifs are the best match of each word in each sequence."""
    rng = rng or np.random.default_rng(0)
    path.mkdir(parents=True, exist_ok=True)
    motifs, sites, history, runs, matrices = [], [], [], [], []
    for index, word in enumerate(words):
        name = f"motif_{index + 1}"
        found = [(sequence, *best_match(letters, word)) for sequence, letters in sequences.items()]
        found = [hit for hit in found if hit[-1] >= len(word) - max(1, len(word) // 3)]
        counts = np.array([[sum(hit[3][i] == a for hit in found) for a in LETTERS] for i in range(len(word))])
        probabilities = (counts + 0.25) / (len(found) + 1)
        bits = float(np.sum(2 + np.sum(probabilities * np.log2(probabilities), axis=1)))
        p_value = 10.0 ** -len(found)
        hits = (9, 12, 6, 240, word[:6] if index else None) if promoters else (None,) * 5
        n_sequences = len({hit[0] for hit in found})
        significance = (p_value, p_value * 100, bits * 10, bits, *hits)
        row = (name, index + 1, word, len(word), len(found), n_sequences, *significance, "no", "no")
        motifs.append(row)
        matrices.append((name, word, len(found), probabilities))
        sites += [
            (name, sequence, start + 1, start + len(word), strand, site, 2.0 * matched - 3 + rng.uniform(), 0.98)
            for sequence, start, strand, site, matched in found
        ]
        own, rows = climbing_runs(rng, best=-300.0)
        runs += [{"motif": name, **run} for run in own]
        history += [(name, *row) for row in rows]
    write_table(path / "motifs.tsv", MOTIF_HEADER, motifs)
    header = ["motif", "sequence", "start", "end", "strand", "site", "score_bits", "posterior"]
    write_table(path / "sites.tsv", header, sites)
    header = ["motif", "run", "iteration", "objective", "gain", "evaluations", "note"]
    write_table(path / "history.tsv", header, history)
    (path / "motifs.meme").write_text(meme(matrices), encoding="utf-8")
    if promoters:
        (path / "promoters.fa").write_text("".join(f">{name}\n{s}\n" for name, s in sequences.items()))
    if names is not None:
        header = ["motif", "rank", "database_id", "name", "p_value", "e_value", "q_value", "offset", "overlap"]
        write_table(path / "names.tsv", [*header, "strand", "similarity"], names)
    n_letters = sum(map(len, sequences.values()))
    more = {"n_sequences": len(sequences), "n_letters": n_letters, "n_motifs": len(words)}
    conclusion = f"{len(words)} motifs." if words else "No motif is stronger than chance."
    summary = {**SUMMARY, "command": "motifs", "messages": list(messages), "runs": runs, **more}
    write_json(path / "summary.json", {**summary, "conclusion": conclusion})
    return path


def best_match(letters, word):
    """Start, strand, site and matches of the best place of a word on either strand."""
    width = len(word)
    turned = word[::-1].translate(str.maketrans("ACGT", "TGCA"))
    best = (0, "+", letters[:width], -1)
    for strand, wanted in (("+", word), ("-", turned)):
        for start in range(len(letters) - width + 1):
            matched = sum(map(str.__eq__, letters[start : start + width], wanted))
            if matched > best[-1]:
                best = (start, strand, letters[start : start + width], matched)
    start, strand, site, matched = best
    return start, strand, site if strand == "+" else site[::-1].translate(str.maketrans("ACGT", "TGCA")), matched


def meme(matrices):
    """The motifs in MEME's minimal format."""
    lines = ["MEME version 4", "", "ALPHABET= ACGT", "", "strands: + -", "", "Background letter frequencies"]
    lines += ["A 0.25 C 0.25 G 0.25 T 0.25", ""]
    for name, word, n_sites, probabilities in matrices:
        lines += [
            f"MOTIF {name} {word}",
            f"letter-probability matrix: alength= 4 w= {len(word)} nsites= {n_sites} E= 0",
        ]
        lines += [" ".join(f"{p:.6f}" for p in row) for row in probabilities] + [""]
    return "\n".join(lines)


def planted(rng, n_sequences, length, word):
    """Random sequences, each with the word somewhere on one of the strands."""
    sequences = {}
    for i in range(n_sequences):
        letters = rng.choice(list(LETTERS), length)
        start = rng.integers(0, length - len(word))
        site = word if rng.random() < 0.5 else word[::-1].translate(str.maketrans("ACGT", "TGCA"))
        letters[start : start + len(word)] = list(site)
        sequences[f"gene{i}"] = "".join(letters)
    return sequences


@pytest.fixture(scope="session")
def results(tmp_path_factory) -> Path:
    """A tree as the workflow leaves it: a clustering with the motifs of its clusters, and motifs of sequences."""
    rng = np.random.default_rng(7)
    root = tmp_path_factory.mktemp("work") / "results"
    samples = [f"heat {i}" for i in range(6)] + [f"cold {i}" for i in range(5)] + [f"dtt {i}" for i in range(4)]
    sizes = (30, 18, 12)
    centers = rng.normal(0, 1.5, (3, len(samples)))
    expression = np.concatenate(
        [rng.normal(center, 0.5, (n, len(samples))) for n, center in zip(sizes, centers, strict=True)]
    )
    expression[rng.random(expression.shape) < 0.02] = math.nan
    genes = ["<script>alert(1)</script>", "=cmd|' /C calc'!A0", *(f"Y{i:03d}W" for i in range(58))]
    responsibilities = np.full((60, 3), 0.0005)
    responsibilities[np.arange(60), np.repeat(range(3), sizes)] = 0.999
    responsibilities[::9] = [0.55, 0.25, 0.2]
    responsibilities[31] = [0.3, 0.4, 0.3]
    messages = ["18 missing cells were filled with the mean of the gene."]
    write_clusters(root / "expression" / "yeast", expression, genes, samples, responsibilities, messages=messages)
    joined = root / "joined" / "yeast"
    names = [
        ("motif_1", 1, "MA0373.1", "RPN4", 1e-6, 1e-4, 1e-4, 0, 7, "+", 0.98),
        ("motif_1", 2, "OTHER1", "<b>bold</b>", 1e-3, 0.2, 0.1, -1, 7, "-", 0.9),
    ]
    sequences = planted(rng, 20, 200, "GGTGGCAAA")
    write_motifs(joined / "cluster_1", sequences, ["GGTGGCAAA", "TTTTCC"], names=names, promoters=True)
    write_motifs(joined / "cluster_2", planted(rng, 10, 200, "A"), [], names=[], promoters=True)
    write_motifs(joined / "cluster_3", {}, [], messages=["no gene of this cluster has a promoter"])
    write_motifs(root / "motifs" / "crp0", planted(rng, 18, 105, "TGTGATCACA"), ["TGTGATCACA"])
    (root / "logs").mkdir()
    return root
