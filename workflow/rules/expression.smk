# Expression matrix -> clusters.


# A checkpoint, because the number of clusters, and with it the jobs that follow, is known only after fitting.
checkpoint cluster:
    input:
        lambda wildcards: EXPRESSION[wildcards.dataset]["path"],
    output:
        summary="results/expression/{dataset}/summary.json",
        assignments=report(
            "results/expression/{dataset}/assignments.tsv",
            caption="../report/assignments.rst",
            category="Clusters",
            labels={"dataset": "{dataset}", "table": "assignments"},
        ),
        profiles="results/expression/{dataset}/profiles.tsv",
        selection=report(
            "results/expression/{dataset}/selection.tsv",
            caption="../report/selection.rst",
            category="Clusters",
            labels={"dataset": "{dataset}", "table": "selection"},
        ),
        history="results/expression/{dataset}/history.tsv",
        parameters="results/expression/{dataset}/parameters.json",
        anndata="results/expression/{dataset}/result.h5ad",
    log:
        "results/logs/expression/{dataset}/cluster.log",
    benchmark:
        "results/benchmarks/expression/{dataset}/cluster.tsv"
    conda:
        "../envs/emtools.yaml"
    threads: 2
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        version=emtools.__version__,
        directory=subpath(output.summary, parent=True),
        axis=SETTINGS["cluster"]["axis"],
        transform=SETTINGS["cluster"]["transform"],
        pseudo_count=SETTINGS["cluster"]["pseudo_count"],
        missing=SETTINGS["cluster"]["missing"],
        constant=SETTINGS["cluster"]["constant"],
        components=SETTINGS["cluster"]["components"],
        model=SETTINGS["cluster"]["model"],
        covariance=SETTINGS["cluster"]["covariance"],
        k="{min_clusters}:{max_clusters}".format(**SETTINGS["cluster"]),
        criterion=SETTINGS["cluster"]["criterion"],
        restarts=SETTINGS["cluster"]["restarts"],
        seed=SETTINGS["seed"],
        dataset_options=lambda wildcards: options(
            **{name: EXPRESSION[wildcards.dataset].get(name) for name in ("orientation", "layer")}
        ),
    shell:
        "emtools cluster {input:q} --out {params.directory:q} {params.dataset_options} --axis {params.axis}"
        " --transform {params.transform:q} --pseudo-count {params.pseudo_count} --missing {params.missing}"
        " --constant {params.constant} --components {params.components} --model {params.model}"
        " --covariance {params.covariance:q} --k {params.k} --criterion {params.criterion}"
        " --restarts {params.restarts} --seed {params.seed} --threads {threads} 2> {log:q}"
