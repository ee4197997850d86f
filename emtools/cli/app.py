"""The `emtools` command: what there is to run, each command's module imported only when it is called."""

import sys
from importlib import import_module
from typing import Any

import click

from emtools import __version__
from emtools.cli import console

#: The commands and what the overview says of each. `emtools.cli.NAME` holds the command `NAME`.
COMMANDS = {
    "cluster": "Cluster the genes of an expression matrix; the number of clusters is chosen from a range.",
    "assign": "Give new observations a cluster under a fitted model.",
    "motifs": "Find the motifs in DNA, RNA or protein sequences.",
    "promoters": "Take the promoters of genes from a FASTA, or cut them from a genome.",
    "name": "Find the known motifs that resemble these.",
    "report": "Make one self-contained HTML page of results.",
}


class LazyCommands(click.Group):
    """A group that lists commands by their one-line summary and imports a command when it is called."""

    def __init__(self, **settings: Any) -> None:
        listed = {name: click.Command(name, short_help=summary) for name, summary in COMMANDS.items()}
        super().__init__(**settings, commands=listed)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command a line names and import it."""
        name, _, rest = super().resolve_command(ctx, args)
        return name, getattr(import_module(f"emtools.cli.{name}"), str(name)), rest


@click.group(
    cls=LazyCommands,
    context_settings={"show_default": True, "max_content_width": 110},
    epilog="Each command explains itself: emtools COMMAND --help",
)
@click.version_option(__version__, message="%(prog)s %(version)s", help="Print the version and stop.")
def app() -> None:
    """Clusters of genes, motifs in sequences, and the proof of how EM got there."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command line and return its exit code (0; 2 for bad input; 3 for numerical failure; 130 for Ctrl-C)."""
    arguments = sys.argv[1:] if arguments is None else arguments
    return console.run(lambda: app.main(arguments or ["--help"], prog_name="emtools", standalone_mode=False))
