"""What a person sees of a running command: messages, progress and errors, all on standard error."""

import signal
from collections.abc import Callable
from types import FrameType

import typer
from typer.exceptions import TyperException

from emtools.errors import EmtoolsError


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
    except TyperException as error:
        say(f"error: {' '.join(error.format_message().split())}{_help_hint(error)}")
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return 130
    return result if isinstance(result, int) else 0


def say(*messages: str) -> None:
    """Say aloud what was changed, dropped or decided."""
    for message in messages:
        typer.echo(message, err=True)


def _unwind(number: int, _: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _help_hint(error: TyperException) -> str:
    context = getattr(error, "ctx", None)
    return f" (see {context.command_path} --help)" if context else ""
