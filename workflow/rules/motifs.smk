# Sequences -> motifs -> the known motifs they resemble.


rule motifs:
    input:
        fasta=lambda wildcards: SEQUENCES[wildcards.dataset]["path"],
        control=lambda wildcards: SEQUENCES[wildcards.dataset].get("control", []),
        position_priors=lambda wildcards: SEQUENCES[wildcards.dataset].get("position_priors", []),
        background=file_input(SETTINGS["motifs"]["background"]),
    output:
        **motif_results("results/motifs/{dataset}"),
    log:
        "results/logs/motifs/{dataset}/motifs.log",
    benchmark:
        "results/benchmarks/motifs/{dataset}/motifs.tsv"
    conda:
        "../envs/emtools.yaml"
    threads: 2
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        version=emtools.__version__,
        directory=subpath(output.summary, parent=True),
        model=SETTINGS["motifs"]["model"],
        width="{min_width}:{max_width}".format(**SETTINGS["motifs"]),
        max_motifs=SETTINGS["motifs"]["max_motifs"],
        significance=SETTINGS["motifs"]["significance"],
        duplicates=SETTINGS["motifs"]["duplicates"],
        options=options(**{name: SETTINGS["motifs"][name] for name in ("background", "one_strand", "mask_lower")}),
        dataset_options=lambda wildcards: options(
            **{name: SEQUENCES[wildcards.dataset].get(name) for name in ("control", "position_priors")}
        ),
        seed=SETTINGS["seed"],
    shell:
        "emtools motifs {input.fasta:q} --out {params.directory:q} --model {params.model} --width {params.width}"
        " --max-motifs {params.max_motifs} --significance {params.significance} --duplicates {params.duplicates}"
        " {params.options} {params.dataset_options}"
        " --seed {params.seed} --threads {threads} 2> {log:q}"


rule names:
    input:
        motifs=rules.motifs.output.meme,
        database=lambda wildcards: file_input(SEQUENCES[wildcards.dataset]["database"]),
    output:
        names=report(
            "results/motifs/{dataset}/names.tsv",
            caption="../report/names.rst",
            category="Motifs",
            labels={"result": "motifs/{dataset}", "table": "names"},
        ),
        summary="results/motifs/{dataset}/names.json",
    log:
        "results/logs/motifs/{dataset}/names.log",
    benchmark:
        "results/benchmarks/motifs/{dataset}/names.tsv"
    conda:
        "../envs/emtools.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        version=emtools.__version__,
        database=lambda wildcards: SEQUENCES[wildcards.dataset]["database"],
    shell:
        "emtools name {input.motifs:q} --database {params.database:q} --out {output.names:q} 2> {log:q}"
