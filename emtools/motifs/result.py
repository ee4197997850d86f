"""What a motif search writes: tables, matrices, places on the genome, and how it got there."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from emtools import __version__
from emtools.files import atomic_path, described_inputs, write_json


def write_summary(
    path: str | Path,
    command: str,
    *,
    config: Mapping[str, Any],
    inputs: Iterable[str | Path],
    messages: Sequence[str],
    **more: Any,
) -> None:
    """Write what was run, on what, and everything that was said aloud, as JSON."""
    content = {
        "emtools_version": __version__,
        "command": command,
        "config": dict(config),
        "inputs": described_inputs(inputs),
        "messages": list(messages),
        **more,
    }
    with atomic_path(path) as temporary:
        write_json(temporary, content)
