# What the rules share: the configuration, checked before any job starts, and the results a report needs.

import json
from pathlib import Path
from shlex import quote

from snakemake.exceptions import WorkflowError

import emtools
from emtools.cli.configuration import check_syntax, has_promoters, read_configuration
from emtools.errors import EmtoolsError

try:
    check_syntax("config/config.yaml")
except EmtoolsError as error:
    raise WorkflowError(str(error)) from None


configfile: "config/config.yaml"


try:
    SETTINGS, EXPRESSION, SEQUENCES = read_configuration(
        config,
        schemas={
            name: workflow.source_path(f"../schemas/{name}.schema.yaml")
            for name in ("config", "expression", "sequences")
        },
        name=" + ".join(map(str, workflow.configfiles)) or "the configuration",
    )
except EmtoolsError as error:
    raise WorkflowError(str(error)) from None


wildcard_constraints:
    dataset=r"[A-Za-z0-9][A-Za-z0-9_.-]*",
    cluster=r"[1-9][0-9]*",


def options(**values):
    """Command-line options for the values that are there; `auto` is what a command does without the option."""
    words = []
    for name, value in values.items():
        if value is True:
            words.append(f"--{name.replace('_', '-')}")
        elif value is not False and value is not None and value != "auto":
            words.append(f"--{name.replace('_', '-')} {quote(str(value))}")
    return " ".join(words)


def file_input(value):
    """The value as an input, if it is a file and not a number or a word that stands in its place."""
    return value if Path(str(value)).is_file() else []


def promoter_files(wildcards):
    """Where the promoters of a dataset come from: a FASTA of promoters, or a genome and its annotation."""
    row = EXPRESSION[wildcards.dataset]
    return {"fasta": row["promoters"]} if "promoters" in row else {name: row[name] for name in ("genome", "annotation")}


def promoter_options(wildcards):
    """The options that name these files, and how promoters are cut from a genome."""
    files = promoter_files(wildcards)
    cutting = SETTINGS["promoters"] | {"upstream": EXPRESSION[wildcards.dataset]["upstream"]}
    return options(**files) if "fasta" in files else options(**files, **cutting)


def cluster_controls(path):
    """The promoters of all genes that are not in a cluster, if its own are compared with them; needed only for that."""
    return {"controls": temp(path)} if SETTINGS["joined"]["controls"] == "others" else {}


def motif_results(directory):
    """The files of a motif result."""
    labels = {"result": directory.removeprefix("results/"), "table": "motifs"}
    return dict(
        summary=f"{directory}/summary.json",
        motifs=report(f"{directory}/motifs.tsv", caption="../report/motifs.rst", category="Motifs", labels=labels),
        sites=f"{directory}/sites.tsv",
        history=f"{directory}/history.tsv",
        meme=f"{directory}/motifs.meme",
        jaspar=f"{directory}/motifs.jaspar",
        transfac=f"{directory}/motifs.transfac",
    )


def is_named(row):
    """Whether the motifs of a dataset are compared with known ones."""
    return row["database"] != "none"


def sequence_results():
    """The results of the datasets of sequences."""
    named = [dataset for dataset, row in SEQUENCES.items() if is_named(row)]
    return expand(rules.motifs.output, dataset=SEQUENCES) + expand(rules.names.output, dataset=named)


def joined_results(dataset):
    """The results of the clusters of one dataset, as an input function: only fitting tells how many there are."""
    steps = [*rules.promoters.output, *rules.cluster_motifs.output]
    if is_named(EXPRESSION[dataset]):
        steps += rules.cluster_names.output

    def files(wildcards):
        summary = Path(checkpoints.cluster.get(dataset=dataset).output.summary)
        n_clusters = json.loads(summary.read_text(encoding="utf-8"))["n_clusters"]
        return expand(steps, dataset=dataset, cluster=range(1, n_clusters + 1))

    return files
