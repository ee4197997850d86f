"""Who may import whom, and what the lower layers may not do (docs/architecture.md)."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "emtools"

DOMAIN = ("emtools.models", "emtools.em", "emtools.files")
MAY_IMPORT = {
    "errors": (),
    "files": (),
    "kernels": (),
    "em": ("emtools.kernels.waiting",),  # how threads wait for each other: docs/decisions/0014
    "models": ("emtools.em.protocol", "emtools.kernels"),
    "expression": DOMAIN,
    "motifs": (*DOMAIN, "emtools.kernels"),  # the search for starts is no model: docs/decisions/0004
    "report": ("emtools.files",),
    "estimators": ("emtools.expression", "emtools.motifs", "emtools.models", "emtools.em"),
    "cli": ("emtools.expression", "emtools.motifs", "emtools.report", "emtools.files"),
}
"""What a layer imports beside itself, `emtools.errors` and the version."""

LIBRARIES = {"errors": set(), "kernels": {"numpy"}, "em": {"numpy"}, "models": {"numpy", "scipy"}}
DOORS = {
    "emtools.kernels.compiler": {"llvmlite", "numba"},
    "emtools.kernels.machine_code": {"llvmlite"},
    "emtools.em.execution": {"threadpoolctl"},
}
"""The one module that may import a library which its layer, or every other module, may not."""
ONLY_IN = {"llvmlite": "kernels", "numba": "kernels", "click": "cli", "rich": "cli"}

PURE = ("em", "models", "kernels")
ON_DISK = "emtools.kernels.kept"
"""The one module of a pure layer that reads and writes files: the machine code of kernels."""
BANNED_CALLS = {"print", "open", "input"}
BANNED_MODULES = {"os", "pathlib", "random", "shutil", "subprocess", "sys", "tempfile"}
GENERATORS = {"BitGenerator", "Generator", "PCG64", "SeedSequence", "default_rng"}


def violations(package: Path) -> list[str]:
    """What each module of a package does that its layer may not, as `module: what`."""
    return [
        f"{module}: {what}"
        for path in sorted(package.rglob("*.py"))
        for module in [module_name(package, path)]
        for tree in [ast.parse(path.read_text(encoding="utf-8"))]
        for what in (*forbidden_imports(module, tree), *impurities(module, tree))
    ]


def module_name(package: Path, path: Path) -> str:
    parts = path.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def layer_of(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def imported(tree: ast.AST) -> Iterator[str]:
    """The dotted names that a module imports, as deep as it tells, or reaches through `emtools`."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(level=level) if level:
                yield "a relative import"
            case ast.ImportFrom(module=str(module), names=names):
                yield from (f"{module}.{alias.name}" for alias in names)
            case ast.Attribute(value=ast.Name(id="emtools"), attr=name):
                yield f"emtools.{name}"


def forbidden_imports(module: str, tree: ast.AST) -> Iterator[str]:
    layer = layer_of(module)
    own = f"emtools.{layer}"
    allowed = (own, "emtools.errors", *MAY_IMPORT.get(layer, ()), *(("emtools.files",) if module == ON_DISK else ()))
    for name in imported(tree):
        library = name.split(".")[0]
        if name in ("emtools", "emtools.__version__"):
            continue
        if library == "emtools":
            if layer and not any(name == prefix or name.startswith(f"{prefix}.") for prefix in allowed):
                yield f"imports {name}"
        elif not library_allowed(module, library):
            yield f"imports {name}"


def library_allowed(module: str, library: str) -> bool:
    if library in DOORS.get(module, ()):
        return True
    layer = layer_of(module)
    if layer in LIBRARIES:
        return library in LIBRARIES[layer] or library in sys.stdlib_module_names
    return ONLY_IN.get(library, layer) == layer and library != "a relative import"


def impurities(module: str, tree: ast.AST) -> Iterator[str]:
    """Paths, prints, the environment and global random state, below the domain packages."""
    if layer_of(module) not in PURE or module == ON_DISK:
        return
    for name in imported(tree):
        if name.split(".")[0] in BANNED_MODULES:
            yield f"imports {name}"
        if name.startswith("numpy.random.") and name.split(".")[2] not in GENERATORS:
            yield f"imports {name}"
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in BANNED_CALLS:
                yield f"calls {name}"
            case ast.Attribute(value=ast.Attribute(value=ast.Name(id="np" | "numpy"), attr="random"), attr=name):
                if name not in GENERATORS:
                    yield f"uses np.random.{name}"
            case ast.Call(func=ast.Attribute(attr="default_rng"), args=[], keywords=[]):
                yield "draws from an unseeded generator"


def test_the_layers_hold() -> None:
    assert violations(PACKAGE) == []


def test_every_layer_is_known() -> None:
    layers = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert layers - {"__init__"} <= set(MAY_IMPORT)


@pytest.mark.parametrize(
    ("file", "line", "expected"),
    [
        ("em/engine.py", "from emtools.models import mixture", "imports emtools.models.mixture"),
        ("em/engine.py", "import emtools.files", "imports emtools.files"),
        ("em/engine.py", "import threadpoolctl", "imports threadpoolctl"),
        ("em/engine.py", "import scipy.special", "imports scipy.special"),
        ("em/engine.py", "print('converged')", "calls print"),
        ("em/engine.py", "import os", "imports os"),
        ("em/engine.py", "rng = np.random.default_rng()", "draws from an unseeded generator"),
        ("models/mixture.py", "from emtools.em import fit", "imports emtools.em.fit"),
        ("models/mixture.py", "from pathlib import Path", "imports pathlib.Path"),
        ("models/mixture.py", "np.random.seed(1)", "uses np.random.seed"),
        ("models/mixture.py", "from numpy.random import rand", "imports numpy.random.rand"),
        ("models/mixture.py", "text = open('data.tsv')", "calls open"),
        ("models/families/gaussian.py", "import numba", "imports numba"),
        ("kernels/motif.py", "import numba", "imports numba"),
        ("kernels/jit.py", "import numba", "imports numba"),
        ("kernels/jit.py", "from emtools.files import atomic_path", "imports emtools.files.atomic_path"),
        ("kernels/jit.py", "import os", "imports os"),
        ("kernels/motif.py", "from emtools.em.protocol import Stats", "imports emtools.em.protocol.Stats"),
        ("expression/result.py", "from emtools.motifs import sequences", "imports emtools.motifs.sequences"),
        ("motifs/search.py", "from emtools import expression", "imports emtools.expression"),
        ("motifs/search.py", "import rich.progress", "imports rich.progress"),
        ("report/page.py", "from emtools.em.history import Fit", "imports emtools.em.history.Fit"),
        ("cli/cluster.py", "from emtools.models import registry", "imports emtools.models.registry"),
        ("cli/cluster.py", "from . import console", "imports a relative import"),
        ("cli/cluster.py", "def main():\n    from emtools.em import fit", "imports emtools.em.fit"),
        ("report/page.py", "import emtools\nfit = emtools.em.fit", "imports emtools.em"),
        ("files.py", "import emtools.report", "imports emtools.report"),
        ("estimators.py", "from emtools.cli import app", "imports emtools.cli.app"),
    ],
)
def test_a_breach_is_seen(tmp_path: Path, file: str, line: str, expected: str) -> None:
    path = tmp_path / "emtools" / file
    path.parent.mkdir(parents=True)
    path.write_text(f"{line}\n")
    module = ".".join(["emtools", *Path(file).with_suffix("").parts])
    assert f"{module}: {expected}" in violations(tmp_path / "emtools")


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("em/execution.py", "from threadpoolctl import threadpool_limits"),
        ("kernels/compiler.py", "import numba"),
        ("kernels/kept.py", "import os\nfrom emtools.files import atomic_path"),
        ("models/mixture.py", "from emtools.em.protocol import Stats"),
        ("models/mixture.py", "rng = np.random.default_rng(seed)"),
        ("motifs/search.py", "from emtools.models.motif import Oops"),
        ("cli/app.py", "import click\nfrom emtools import __version__"),
        ("report/page.py", "import emtools\nversion = emtools.__version__"),
    ],
)
def test_what_is_allowed_passes(tmp_path: Path, file: str, line: str) -> None:
    path = tmp_path / "emtools" / file
    path.parent.mkdir(parents=True)
    path.write_text(f"{line}\n")
    assert violations(tmp_path / "emtools") == []


def test_kernels_call_parts_and_no_kernels() -> None:
    """Others cannot be compiled with what is kept of a kernel, which `emtools.kernels.jit` says only when it is run."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (PACKAGE / "kernels").glob("*.py")]
    functions = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    made = {function: {ast.unparse(each) for each in function.decorator_list} for function in functions}
    kernels = {function.name for function, by in made.items() if by & {"jit", "jit_contracting"}}
    parts = {function.name for function, by in made.items() if by & {"jit_part", "jit_contracting_part"}}
    called = {
        call.func.id
        for function, by in made.items()
        if by
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
    }
    assert "expect" in kernels
    assert "expected" in called & parts
    assert called & kernels == set()
