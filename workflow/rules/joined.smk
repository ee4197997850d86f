# Clusters + promoters -> the motifs of each cluster -> the known motifs they resemble.


localrules:
    promoters,


rule promoters:
    input:
        unpack(promoter_files),
        genes=rules.cluster.output.assignments,
    output:
        **cluster_controls("results/joined/{dataset}/cluster_{cluster}/controls.fa"),
        fasta="results/joined/{dataset}/cluster_{cluster}/promoters.fa",
        summary="results/joined/{dataset}/cluster_{cluster}/promoters.json",
    log:
        "results/logs/joined/{dataset}/cluster_{cluster}/promoters.log",
    benchmark:
        "results/benchmarks/joined/{dataset}/cluster_{cluster}/promoters.tsv"
    conda:
        "../envs/emtools.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        version=emtools.__version__,
        options=promoter_options,
        controls_out=lambda wildcards, output: options(controls_out=output.get("controls")),
    shell:
        "emtools promoters {params.options} --genes {input.genes:q} --cluster {wildcards.cluster}"
        " --out {output.fasta:q} {params.controls_out} 2> {log:q}"


# A cluster whose genes have no promoter has no motif, and the workflow goes on. One thread each: there are several.
use rule motifs as cluster_motifs with:
    input:
        fasta=rules.promoters.output.fasta,
        control=rules.promoters.output.get("controls", []),
        background=file_input(SETTINGS["motifs"]["background"]),
    output:
        **motif_results("results/joined/{dataset}/cluster_{cluster}"),
    log:
        "results/logs/joined/{dataset}/cluster_{cluster}/motifs.log",
    benchmark:
        "results/benchmarks/joined/{dataset}/cluster_{cluster}/motifs.tsv"
    threads: 1
    params:
        dataset_options=lambda wildcards, input: options(allow_empty=True, control=input.control or None),


use rule names as cluster_names with:
    input:
        motifs=rules.cluster_motifs.output.meme,
        database=lambda wildcards: file_input(EXPRESSION[wildcards.dataset]["database"]),
    output:
        names=report(
            "results/joined/{dataset}/cluster_{cluster}/names.tsv",
            caption="../report/names.rst",
            category="Motifs",
            labels={"result": "joined/{dataset}/cluster_{cluster}", "table": "names"},
        ),
        summary="results/joined/{dataset}/cluster_{cluster}/names.json",
    log:
        "results/logs/joined/{dataset}/cluster_{cluster}/names.log",
    benchmark:
        "results/benchmarks/joined/{dataset}/cluster_{cluster}/names.tsv"
    params:
        database=lambda wildcards: EXPRESSION[wildcards.dataset]["database"],
