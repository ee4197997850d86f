# The entry of the workflow: plain `snakemake` in this directory runs everything that workflow/Snakefile describes.


include: "workflow/Snakefile"


rule default:
    default_target: True
    input:
        rules.all.input,
