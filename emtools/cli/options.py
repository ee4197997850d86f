"""Options that several commands share, each defined once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import click

from emtools.errors import ConfigurationError

Orientation = Literal["genes-by-samples", "samples-by-genes"]

PATH = click.Path(path_type=Path)
DIRECTORY = click.Path(path_type=Path, file_okay=False)


@dataclass(frozen=True, slots=True)
class Span:
    """Whole numbers from `low` to `high`, both included."""

    low: int
    high: int

    def __str__(self) -> str:
        return f"{self.low}:{self.high}" if self.low < self.high else str(self.low)


def span(text: str) -> Span:
    """Read `6:15` (both ends included) or `8` (that value alone).

    Examples
    --------
    >>> span("6:15")
    Span(low=6, high=15)
    >>> span("8")
    Span(low=8, high=8)
    """
    low, colon, high = text.partition(":")
    try:
        read = Span(int(low), int(high) if colon else int(low))
    except ValueError:
        raise click.BadParameter(f"{text!r} is not a range; write it as 6:15, or as one number.") from None
    if not 1 <= read.low <= read.high:
        raise click.BadParameter(f"{text!r} is not a range: it must start at 1 or more and not end before its start.")
    return read


seed = click.option(
    "--seed", type=click.IntRange(min=0), metavar="N", default=0, help="The same seed gives the same files."
)
threads = click.option(
    "--threads",
    type=click.IntRange(min=1),
    metavar="N",
    default=1,
    help="Threads to use; the results do not depend on it.",
)
orientation = click.option(
    "--orientation",
    type=click.Choice(get_args(Orientation)),
    help="What the rows are; by default genes in a table, samples in .h5ad.",
)
layer = click.option("--layer", help="The layer of an .h5ad file to read in place of X.")


def summary_beside(out: Path) -> Path:
    """Where the summary of a single result file goes: beside it, under its name.

    Examples
    --------
    >>> summary_beside(Path("result/names.tsv")).name
    'names.json'
    """
    if out.suffix == ".json":
        raise ConfigurationError(
            "is where the summary of the result goes", where="--out", value=str(out), cure="end it in .tsv or .fa"
        )
    return out.with_suffix(".json")


@contextmanager
def named(context: click.Context) -> Iterator[None]:
    """What does not fit is called as it was given: a setting that is an option of the command, by its dashes."""
    try:
        yield
    except ConfigurationError as error:
        if error.where.replace("-", "_") in context.params:
            error.where = f"--{error.where}"
        raise


def chosen(context: click.Context) -> dict[str, Any]:
    """Every option of a call as a summary records it, without those that cannot change the results."""
    plain = (int, float, str, type(None))
    return {
        name: value if isinstance(value, plain) else str(value)
        for name, value in context.params.items()
        if name not in ("out", "controls_out", "threads")
    }
