"""What a person sees of a running command: messages, progress and errors, all on standard error."""

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Protocol

import click

from emtools.errors import EmtoolsError

SECONDS_BETWEEN_LINES = 5.0


def run(command: Callable[[], object]) -> int:
    """Run a command and return its exit code; what a user can mend is one line, everything else a traceback.

    Ctrl-C (130) and a polite kill (143) unwind the stack, so that temporary files are gone afterwards.
    """
    signal.signal(signal.SIGTERM, _unwind)
    try:
        result = command()
    except EmtoolsError as error:
        say(f"error: {error}")
        return error.exit_code
    except click.ClickException as error:
        say(f"error: {' '.join(error.format_message().split())}{_help_hint(error)}")
        return error.exit_code
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        say(f"error: {place}{error.strerror or error}")
        return EmtoolsError.exit_code
    except (KeyboardInterrupt, click.Abort):
        say("interrupted: no result was written")
        return 130
    except SystemError as error:
        return _code_of_interruption(error)
    return result if isinstance(result, int) else 0


def say(*messages: str) -> None:
    """Say aloud what was changed, dropped or decided."""
    for message in messages:
        click.echo(message, err=True)


class Progress(Protocol):
    """What the engine tells of a fit after each iteration."""

    @property
    def run(self) -> int:
        """Which of the runs, from 0."""

    @property
    def n_runs(self) -> int:
        """How many runs there are."""

    @property
    def iteration(self) -> int:
        """How many steps this run has made."""

    @property
    def objective(self) -> float:
        """Where it stands, in nats."""


@contextmanager
def progress(title: str) -> Iterator[Callable[[Progress], None]]:
    """Show how a fit goes on: a bar on a terminal, now and then a plain line elsewhere.

    Yields the observer to be given to the fit.
    """
    if not sys.stderr.isatty():
        yield _plain_lines(title)
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda told: bar.update(task, total=told.n_runs, completed=told.run + 1, description=_told(title, told))


def _plain_lines(title: str) -> Callable[[Progress], None]:
    due = time.monotonic() + SECONDS_BETWEEN_LINES

    def observe(told: Progress) -> None:
        nonlocal due
        if time.monotonic() >= due:
            due = time.monotonic() + SECONDS_BETWEEN_LINES
            say(_told(title, told))

    return observe


def _told(title: str, told: Progress) -> str:
    return f"{title}: run {told.run + 1} of {told.n_runs}, iteration {told.iteration}, objective {told.objective:.3f}"


def _unwind(number: int, _: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _code_of_interruption(error: SystemError) -> int:
    """What interrupts compiled code arrives as the cause of other errors; the exit code it stands for."""
    cause: BaseException | None = error
    while isinstance(cause, SystemError):
        cause = cause.__cause__
    if isinstance(cause, KeyboardInterrupt):
        say("interrupted: no result was written")
        return 130
    if isinstance(cause, SystemExit) and isinstance(cause.code, int):
        return cause.code
    raise error


def _help_hint(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return f" (see {context.command_path} --help)" if context else ""
