"""Run every benchmark, or those named, each in its own process, and print one table of ratios.

python benchmarks/run.py [--threads N] [NAME ...]
"""

import argparse
import importlib
import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from measure import Row

HERE = Path(__file__).parent
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def main() -> int:
    names = sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1, help="threads of BLAS, OpenMP and numba, for both sides")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of: {', '.join(names)}")
    options = parser.parse_args()
    if unknown := set(options.names) - set(names):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")

    print(f"{'benchmark':<14} {'case':<40} {'emtools':>12} {'peer':>12}  {'ratio':>6}  peer")
    failed = []
    for name in options.names or names:
        rows = measured(name, options.threads)
        if rows is None:
            failed.append(name)
            continue
        for row in rows:
            ours, theirs = f"{row.ours:.4g} {row.unit}", f"{row.theirs:.4g} {row.unit}"
            print(f"{name:<14} {row.case:<40} {ours:>12} {theirs:>12}  {row.theirs / row.ours:>5.1f}x  {row.peer}")
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def measured(name: str, threads: int) -> list[Row] | None:
    """The rows of one benchmark, from a process of its own; None if it failed."""
    environment = os.environ | dict.fromkeys(THREAD_VARIABLES, str(threads))
    child = f"import run; run.report({name!r})"
    done = subprocess.run(
        [sys.executable, "-c", child], cwd=HERE, env=environment, stdout=subprocess.PIPE, text=True, check=False
    )
    return [Row(**row) for row in json.loads(done.stdout)] if done.returncode == 0 else None


def report(name: str) -> None:
    """In the child: run a benchmark and hand its rows back as JSON."""
    rows = importlib.import_module(f"bench_{name}").main()
    print(json.dumps([asdict(row) for row in rows]))


if __name__ == "__main__":
    raise SystemExit(main())
