"""The map is right: what the documents name exists, every part of the program is on it, the lowest layer is pure."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "app" / "relaywright"
DOCUMENTS = (
    "ARCHITECTURE.md",
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "resources/README.md",
)
MADE_BY_THE_BUILD = (".venv", "dist", ".work")
IN_THE_DATA_FOLDER = {"tokens.bin", "keys.bin", "relaywright.db", "logs/relaywright.log", "clouds.toml", "targets"}
_CODE = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(r"\.?[A-Za-z_][\w-]*(?:[/.][\w.-]+)*/?")
_SUFFIXES = (".py", ".md", ".toml", ".lock", ".sql", ".spec", ".desktop", ".bin", ".db", ".log", ".j2", ".html")
_LINK = re.compile(r"\]\(([^)#\s]+)\)")
_INPUT_AND_OUTPUT = {
    "io", "pathlib", "shutil", "tempfile", "glob", "socket", "ssl", "http", "smtplib", "sqlite3", "subprocess",
    "logging", "sys", "select", "selectors", "asyncio", "multiprocessing", "ctypes", "urllib.request", "webbrowser",
}  # fmt: skip


def named_paths(document: Path) -> list[str]:
    """Return what a document names that must be a file or a folder."""
    text = document.read_text(encoding="utf-8")
    code = [name for name in _CODE.findall(text) if _PATH.fullmatch(name) and ("/" in name or name.endswith(_SUFFIXES))]
    return [*code, *(link for link in _LINK.findall(text) if "://" not in link)]


def exists(name: str, document: Path) -> bool:
    if name in IN_THE_DATA_FOLDER or name.partition("/")[0] in MADE_BY_THE_BUILD:
        return True
    return any((place / name).exists() for place in (ROOT, PACKAGE, ROOT / "resources", document.parent))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_path_that_a_document_names_exists(name: str) -> None:
    document = ROOT / name
    found = named_paths(document)
    assert [path for path in found if not exists(path, document)] == []


def test_the_check_would_see_a_path_that_is_gone(tmp_path: Path) -> None:
    document = tmp_path / "MAP.md"
    document.write_text("`domain/gone.py`, `domain/secret.py`, `Secret`, [x](docs/gone.md), `--json`", encoding="utf-8")
    assert [path for path in named_paths(document) if not exists(path, document)] == ["domain/gone.py", "docs/gone.md"]


def parts_of_the_program() -> set[str]:
    modules = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__"}
    return modules | {path.parent.name for path in PACKAGE.glob("*/__init__.py")}


def test_every_part_of_the_program_is_on_the_map_and_nothing_else() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    drawing = text.partition("```\n")[2].partition("```")[0]
    assert set(re.findall(r"\w+", drawing)) == parts_of_the_program()
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", text, re.MULTILINE)
    told = {name for row in rows for name in re.findall(r"\w+", row)}
    assert {path.parent.name for path in PACKAGE.glob("*/__init__.py")} - told == set()


def test_the_map_is_the_one_that_is_enforced() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (layers,) = [row["layers"] for row in project["tool"]["importlinter"]["contracts"] if row["type"] == "layers"]
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    drawing = text.partition("```\n")[2].partition("```")[0]
    drawn = [sorted(re.findall(r"\w+", line)) for line in drawing.splitlines() if line.strip()]
    assert drawn == [sorted(re.findall(r"\w+", line)) for line in layers]


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or ".")
    return found


@pytest.mark.parametrize("path", sorted((PACKAGE / "domain").glob("*.py")), ids=lambda path: path.stem)
def test_the_domain_needs_the_standard_library_alone_and_does_no_input_or_output(path: Path) -> None:
    for name in imports_of(path):
        top = name.partition(".")[0]
        assert name.startswith("relaywright.domain") or top in sys.stdlib_module_names, name
        assert name not in _INPUT_AND_OUTPUT
        assert top not in _INPUT_AND_OUTPUT
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert called & {"open", "print", "input", "exec", "eval", "__import__"} == set()
    of_the_system = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os"
    }
    assert of_the_system <= {"urandom"}


def test_the_domain_loads_nothing_but_itself_and_the_standard_library() -> None:
    names = [f"relaywright.domain.{path.stem}" for path in (PACKAGE / "domain").glob("[a-z]*.py")]
    program = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'app')!r}); before = set(sys.modules)\n"
        f"import importlib; [importlib.import_module(name) for name in {names!r}]\n"
        "print('\\n'.join({name.partition('.')[0] for name in set(sys.modules) - before}))"
    )
    done = subprocess.run([sys.executable, "-I", "-c", program], check=True, capture_output=True, text=True)
    assert set(done.stdout.split()) - set(sys.stdlib_module_names) == {"relaywright"}
