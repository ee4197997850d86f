# Clusters + promoters -> the motifs of each cluster -> the known motifs they resemble.


localrules:
    promoters,


rule promoters:
    input:
        unpack(promoter_files),
        genes=rules.cluster.output.assignments,
    output:
        fasta="results/joined/{dataset}/cluster_{cluster}/promoters.fa",
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
        source=promoter_options,
    shell:
        "emtools promoters {params.source} --genes {input.genes:q} --cluster {wildcards.cluster}"
        " --out {output.fasta:q} 2> {log:q}"


# A cluster whose genes have no promoter has no motif, and the workflow goes on.
use rule motifs as cluster_motifs with:
    input:
        fasta=rules.promoters.output.fasta,
        background=BACKGROUND_FILE,
    output:
        **motif_results("results/joined/{dataset}/cluster_{cluster}"),
    log:
        "results/logs/joined/{dataset}/cluster_{cluster}/motifs.log",
    benchmark:
        "results/benchmarks/joined/{dataset}/cluster_{cluster}/motifs.tsv"
    params:
        more=options(allow_empty=True, one_strand=SETTINGS["motifs"]["one_strand"]),


use rule names as cluster_names with:
    input:
        motifs=rules.cluster_motifs.output.meme,
        database=lambda wildcards: database_file(EXPRESSION[wildcards.dataset]),
    output:
        names=report(
            "results/joined/{dataset}/cluster_{cluster}/names.tsv",
            caption="../report/names.rst",
            category="Motifs",
            labels={"result": "{dataset}, cluster {cluster}", "table": "names"},
        ),
    log:
        "results/logs/joined/{dataset}/cluster_{cluster}/names.log",
    benchmark:
        "results/benchmarks/joined/{dataset}/cluster_{cluster}/names.tsv"
    params:
        database=lambda wildcards: EXPRESSION[wildcards.dataset]["database"],
