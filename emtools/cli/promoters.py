"""`emtools promoters`: the promoters of genes, from a FASTA or cut from a genome."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emtools.cli.console import say
from emtools.cli.options import chosen, summary_beside
from emtools.errors import ConfigurationError

if TYPE_CHECKING:
    from emtools.motifs.promoters import Promoters

EPILOG = """
Examples:

emtools promoters --fasta upstream500.fa.gz --genes result/assignments.tsv --cluster 2 --out cluster_2.fa

emtools promoters --genome genome.fa --annotation genes.gff3 --upstream 1000 --genes genes.txt --out promoters.fa
"""


def promoters(
    *,
    context: typer.Context,
    genes: Annotated[
        Path, typer.Option("--genes", metavar="TSV", help="A table with a column 'gene', or one name a line.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FASTA", help="Where the promoters go.")],
    cluster: Annotated[
        str | None, typer.Option("--cluster", metavar="C", help="Only the genes of this cluster (column 'cluster').")
    ] = None,
    fasta: Annotated[
        Path | None,
        typer.Option("--fasta", metavar="FASTA", help="Promoters: a header is a gene, and then its other name if any."),
    ] = None,
    genome: Annotated[Path | None, typer.Option("--genome", metavar="FASTA", help="A genome to cut from.")] = None,
    annotation: Annotated[
        Path | None, typer.Option("--annotation", metavar="GFF3|GTF|BED", help="Where the genes are on the genome.")
    ] = None,
    upstream: Annotated[int, typer.Option("--upstream", min=0, help="Letters before the start of a gene.")] = 500,
    downstream: Annotated[int, typer.Option("--downstream", min=0, help="Letters after the start of a gene.")] = 0,
    stop_at_genes: Annotated[
        bool, typer.Option("--stop-at-genes", help="End a promoter where a neighboring gene begins.")
    ] = False,
    feature: Annotated[
        str, typer.Option("--feature", help="Which lines of a GFF3 or GTF are genes: gene, mRNA, CDS, ...")
    ] = "gene",
    controls_out: Annotated[
        Path | None,
        typer.Option("--controls-out", metavar="FASTA", help="Write the promoters of all other genes, as controls."),
    ] = None,
) -> None:
    """Take the promoters of genes from a FASTA, or cut them from a genome.

    Genes without a promoter are named. If no gene has one, FASTA is empty; `emtools motifs --allow-empty` reads it.
    What was asked for and what is missing is also written beside FASTA, as JSON.
    """
    from emtools.files import atomic_path, write_json
    from emtools.motifs.gene_list import read_gene_list
    from emtools.motifs.promoters import cut_promoters, read_promoters, write_promoters
    from emtools.motifs.result import summary

    beside = summary_beside(out)
    source: Promoters
    if fasta and not (genome or annotation):
        source = read_promoters(fasta)
    elif genome and annotation and not fasta:
        source = cut_promoters(
            genome,
            annotation,
            upstream=upstream,
            downstream=downstream,
            stop_at_genes=stop_at_genes,
            feature=feature,
        )
    else:
        raise ConfigurationError(
            "promoters come from --fasta, or from --genome and --annotation", cure="give one of them"
        )
    asked, messages = read_gene_list(genes, cluster)
    selection = source.select(asked)
    messages += [*source.messages, *selection.messages]
    say(*messages)
    with atomic_path(out) as path:
        write_promoters(path, selection.found)
    if controls_out:
        with atomic_path(controls_out) as path:
            write_promoters(path, source.others(selection))
    content = summary(
        "promoters",
        chosen(context),
        [path for path in (genes, fasta, genome, annotation) if path],
        messages,
        n_genes=len(asked),
        n_promoters=len(selection.found),
        missing=list(selection.missing),
    )
    with atomic_path(beside) as path:
        write_json(path, content)
