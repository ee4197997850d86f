"""`emtools promoters`: the promoters of genes, from a FASTA or cut from a genome."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from emtools.cli import options
from emtools.cli.console import say
from emtools.errors import ConfigurationError

if TYPE_CHECKING:
    from emtools.motifs.promoters import Promoters

EPILOG = """
\b
Examples:
  emtools promoters --fasta upstream500.fa.gz --genes result/assignments.tsv --cluster 2 --out cluster_2.fa
  emtools promoters --genome genome.fa --annotation genes.gff3 --upstream 1000 --genes genes.txt --out promoters.fa
"""


@click.command(epilog=EPILOG)
@click.option(
    "--genes",
    type=options.PATH,
    metavar="TSV",
    required=True,
    help="A table with a column 'gene', or one name a line.",
)
@click.option("--out", type=options.PATH, metavar="FASTA", required=True, help="Where the promoters go.")
@click.option("--cluster", metavar="C", help="Only the genes of this cluster (column 'cluster').")
@click.option(
    "--fasta",
    type=options.PATH,
    metavar="FASTA",
    help="Promoters: a header is a gene, and then its other name if any.",
)
@click.option("--genome", type=options.PATH, metavar="FASTA", help="A genome to cut from.")
@click.option("--annotation", type=options.PATH, metavar="GFF3|GTF|BED", help="Where the genes are on the genome.")
@click.option(
    "--upstream", type=click.IntRange(min=0), metavar="N", default=500, help="Letters before the start of a gene."
)
@click.option(
    "--downstream", type=click.IntRange(min=0), metavar="N", default=0, help="Letters after the start of a gene."
)
@click.option("--stop-at-genes", is_flag=True, help="End a promoter where a neighboring gene begins.")
@click.option("--feature", default="gene", help="Which lines of a GFF3 or GTF are genes: gene, mRNA, CDS, ...")
@click.option(
    "--controls-out",
    type=options.PATH,
    metavar="FASTA",
    help="Write the promoters of all other genes, as controls.",
)
@click.pass_context
def promoters(
    context: click.Context,
    *,
    genes: Path,
    out: Path,
    cluster: str | None,
    fasta: Path | None,
    genome: Path | None,
    annotation: Path | None,
    upstream: int,
    downstream: int,
    stop_at_genes: bool,
    feature: str,
    controls_out: Path | None,
) -> None:
    """Take the promoters of genes from a FASTA, or cut them from a genome.

    Genes without a promoter are named. If no gene of the cluster has one, though others have, FASTA is empty; `emtools
    motifs --allow-empty` reads it.
    What was asked for and what is missing is also written beside FASTA, as JSON.
    """
    from emtools.files import atomic_path, check_outputs, write_json
    from emtools.motifs.gene_list import read_gene_list
    from emtools.motifs.promoters import cut_promoters, read_promoters, write_promoters
    from emtools.motifs.result import summary

    beside = options.summary_beside(out)
    read = [path for path in (genes, fasta, genome, annotation) if path]
    check_outputs([out, beside, *([controls_out] if controls_out else [])], read)
    source: Promoters
    if fasta and not (genome or annotation):
        _refuse_cutting(context)
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
    if not selection.found:
        source.require_any_of(read_gene_list(genes)[0], genes)
    messages += [*source.messages, *selection.messages]
    others = source.others(selection)
    if controls_out and not others:
        messages.append(f"{controls_out}: no other gene has a promoter, so there are no controls.")
    say(*messages)
    with atomic_path(out) as path:
        write_promoters(path, selection.found)
    if controls_out:
        with atomic_path(controls_out) as path:
            write_promoters(path, others)
    content = summary(
        "promoters",
        options.chosen(context),
        read,
        messages,
        n_genes=len(asked),
        n_promoters=len(selection.found),
        missing=list(selection.missing),
    )
    with atomic_path(beside) as path:
        write_json(path, content)


def _refuse_cutting(context: click.Context) -> None:
    """An error if it was said how promoters are cut, where they are taken as they are."""
    for name in ("upstream", "downstream", "stop_at_genes", "feature"):
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise ConfigurationError(
                "says how promoters are cut from a genome, and --fasta has them as they are",
                where=f"--{name.replace('_', '-')}",
                value=context.params[name],
                cure="leave it out, or give --genome and --annotation",
            )
