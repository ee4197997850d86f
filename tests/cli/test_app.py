"""The command as a person meets it: help, version, exit codes, interruption."""

import errno
import gc
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from emtools import __version__
from emtools.cli import __main__ as process
from emtools.cli import console
from emtools.cli.app import COMMANDS, main
from emtools.errors import InputError, NumericalError
from emtools.files import atomic_path, result_directory


def test_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"emtools {__version__}\n"


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in COMMANDS)


def test_the_overview_imports_nothing_heavy() -> None:
    script = (
        "import sys; from emtools.cli.app import main; main(['--help']); print(sorted(sys.modules), file=sys.stderr)"
    )
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stderr
    for heavy in ("numpy", "pandas", "scipy", "numba", "Bio", "emtools.cli.motifs"):
        assert f"'{heavy}'" not in loaded


@pytest.mark.parametrize(("chosen", "used"), [(None, "1"), ("4", "4")])
def test_a_process_makes_no_threads_of_blas_and_looks_for_no_garbage_as_it_ends(
    chosen: str | None, used: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", str(chosen))
    if chosen is None:
        monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    monkeypatch.setattr(process, "main", lambda: 3)
    thresholds, frozen = gc.get_threshold(), gc.get_freeze_count()
    try:
        assert process.start() == 3
        assert os.environ["OPENBLAS_NUM_THREADS"] == used
        assert gc.get_threshold() == (process.NEW_OBJECTS, *thresholds[1:])
        assert gc.get_freeze_count() > frozen
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["motif"], "error: No such command 'motif'"),
        (["--verson"], "error: No such option"),
    ],
)
def test_a_wrong_call_is_one_line(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    shown = capsys.readouterr().err
    assert shown.startswith(said)
    assert shown.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "code"), [(InputError("no", where="a.fa"), 2), (NumericalError("no", where="a.fa"), 3)]
)
def test_an_error_of_the_house_is_one_line(error: Exception, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    def command() -> None:
        raise error

    assert console.run(command) == code
    assert capsys.readouterr().err == "error: a.fa: no\n"


def test_what_the_disk_refuses_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert console.run((tmp_path / "file" / "below").mkdir) == 2
    assert capsys.readouterr().err == f"error: {tmp_path}/file/below: Not a directory\n"


@pytest.mark.parametrize(("manager", "taken"), [(result_directory, "file"), (atomic_path, "directory")])
def test_a_result_does_not_go_where_something_else_is(
    manager: Callable[[Path], AbstractContextManager[Path]], taken: str, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "directory").mkdir()
    with (
        pytest.raises(InputError, match=f"{taken}: is a {taken}, and a .* is to be written"),
        manager(tmp_path / taken),
    ):
        pytest.fail("it is told before anything is written")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["directory", "file"]


@pytest.mark.parametrize(("cause", "code"), [(KeyboardInterrupt(), 130), (SystemExit(143), 143)])
def test_an_interruption_of_compiled_code_is_one_too(cause: BaseException, code: int) -> None:
    def calls(depth: int) -> None:
        try:
            raise cause if depth == 1 else SystemError("returned a result with an exception set")
        except BaseException as error:
            raise SystemError("returned a result with an exception set") from error

    def nested() -> None:
        try:
            calls(1)
        except SystemError as error:
            raise SystemError("a call within that call") from error

    assert console.run(lambda: calls(1)) == code
    assert console.run(nested) == code


def test_an_error_of_compiled_code_is_not_hidden() -> None:
    def command() -> None:
        raise SystemError("bad call")

    with pytest.raises(SystemError, match="bad call"):
        console.run(command)


def test_an_unexpected_error_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        console.run(lambda: 1 / 0)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interruption_leaves_nothing_behind(number: signal.Signals, code: int, tmp_path: Path) -> None:
    # What a shell runs in the background ignores interruptions, and so would the tests there.
    script = f"""
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from pathlib import Path
from emtools.cli import console
from emtools.files import result_directory
def command():
    with result_directory(Path({str(tmp_path)!r}, "result")):
        print("started", flush=True)
        time.sleep(60)
sys.exit(console.run(command))
"""
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    process.send_signal(number)
    _, said = process.communicate(timeout=20)
    assert process.returncode == code
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [["--help"], ["motifs", "--help"], ["--version"]])
def test_help_answers_at_once(arguments: list[str]) -> None:
    def spent() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    before = spent()
    subprocess.run([sys.executable, "-m", "emtools.cli", *arguments], capture_output=True, check=True)
    assert spent() - before < 1.0  # CPU seconds, which other processes change less than the clock; 0.25 when alone


@pytest.mark.parametrize("command", ["cluster", "motifs"])
@pytest.mark.parametrize("place", ["file/out", "file/deeper/out", "closed/out", "closed"])
def test_where_no_result_can_be_written_no_work_begins(
    command: str, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "closed").mkdir()
    make_directory = os.mkdir

    def refuse(path: str, *mode: int) -> None:
        if Path(path).parent.name == "closed":
            raise PermissionError(errno.EACCES, "Permission denied", path)
        make_directory(path, *mode)

    monkeypatch.setattr(os, "mkdir", refuse)
    before = sorted(tmp_path.rglob("*"))
    # The input is not there, which would be said if it were read first.
    assert main([command, str(tmp_path / "absent"), "--out", str(tmp_path / place)]) == 2
    within = tmp_path / place.partition("/")[0]
    said = f"error: {tmp_path / place}: a directory cannot be made in {within}: "
    assert capsys.readouterr().err.startswith(said)
    assert sorted(tmp_path.rglob("*")) == before
