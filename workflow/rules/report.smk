# Every result -> one page to look at.


localrules:
    report_page,


rule report_page:
    input:
        expand(rules.cluster.output, dataset=EXPRESSION),
        # One function a dataset, so that no dataset waits for the clusters of another.
        *[joined_results(dataset) for dataset, row in EXPRESSION.items() if has_promoters(row)],
        sequence_results(),
    output:
        page=report("results/report.html", caption="../report/page.rst", category="Report"),
    log:
        "results/logs/report.log",
    benchmark:
        "results/benchmarks/report.tsv"
    conda:
        "../envs/emtools.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        version=emtools.__version__,
        directories=lambda wildcards, input: list(dict.fromkeys(str(Path(path).parent) for path in input)),
    shell:
        "emtools report {params.directories:q} --out {output.page:q} 2> {log:q}"
