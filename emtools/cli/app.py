"""The `emtools` command: what there is to run, each command's module imported only when it is called."""

import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from emtools import __version__
from emtools.cli import console

#: The commands and what the overview says of each. `emtools.cli.NAME` holds the function `NAME` and its `EPILOG`.
COMMANDS = {
    "cluster": "Cluster the genes of an expression matrix; the number of clusters is chosen from a range.",
    "assign": "Give new observations a cluster under a fitted model.",
    "motifs": "Find the motifs in DNA, RNA or protein sequences.",
    "promoters": "Take the promoters of genes from a FASTA, or cut them from a genome.",
    "name": "Find the known motifs that resemble these.",
    "report": "Make one self-contained HTML page of results.",
}


class LazyCommands(TyperGroup):
    """A group that lists commands by their one-line summary and imports a command when it is called."""

    def __init__(self, **settings: Any) -> None:
        settings["commands"] = {name: TyperCommand(name, help=summary) for name, summary in COMMANDS.items()}
        super().__init__(**settings)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command a line names and import it."""
        name, _, rest = super().resolve_command(ctx, args)
        return name, load(str(name)), rest


def load(name: str) -> Any:
    """The command `name`, ready to be invoked, from its own module."""
    single = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="rich")
    module = import_module(f"emtools.cli.{name}")
    single.command(name, epilog=getattr(module, "EPILOG", None))(getattr(module, name))
    return get_command(single)


app = typer.Typer(
    cls=LazyCommands,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Clusters of genes, motifs in sequences, and the proof of how EM got there.",
    epilog="Each command explains itself: emtools COMMAND --help",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"emtools {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """The options that belong to no command."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command line and return its exit code (0; 2 for bad input; 3 for numerical failure; 130 for Ctrl-C)."""
    arguments = sys.argv[1:] if arguments is None else arguments
    return console.run(lambda: app(arguments or ["--help"], prog_name="emtools", standalone_mode=False))
