"""The wheel holds everything that the tree holds, and works without the tree."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = {
    ".py",
    ".yaml",
    ".md",
    ".jinja2",
    ".txt",
    ".po",
    ".mo",
    ".mako",
    ".css",
    ".js",
    ".svg",
    ".gz",
    ".html",
    ".typed",
}
PLACES = {
    "forms": "casework/share/forms",
    "locale": "casework/share/locale",
    "standards": "casework/share/standards",
}
NOT_INSTALLED = (
    "casework/web/styles/",
    "casework/web/scripts/",
    "casework/web/icons/",
    "casework/web/licences/",
)
"""Sources of the assets, which are shipped as built."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as anybody would build it, from the files that git knows and the built assets."""
    source = tmp_path_factory.mktemp("source")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    built = [
        os.fsencode(path.relative_to(ROOT))
        for path in (ROOT / "casework/web/static/built").rglob("*")
        if path.is_file()
    ]
    names = [os.fsdecode(name) for name in [*listed.split(b"\0"), *built] if name]
    for name in names:
        if (ROOT / name).is_file():
            target = source / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((ROOT / name).read_bytes())
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", target, source]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = target.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def tree() -> Iterator[str]:
    """What the wheel should hold, by its name there."""
    for top, place in {"casework": "casework", "plugins": "casework_programs", **PLACES}.items():
        for path in (ROOT / top).rglob("*"):
            inside = path.relative_to(ROOT / top)
            name = f"{place}/{inside.as_posix()}"
            if not path.is_file() or path.suffix not in SHIPPED or "__pycache__" in inside.parts:
                continue
            if name.startswith(NOT_INSTALLED) or (top == "plugins" and "tests" in inside.parts):
                continue
            yield name
        for path in (ROOT / top).rglob("*.po"):
            yield f"{place}/{path.relative_to(ROOT / top).with_suffix('.mo').as_posix()}"


def test_the_wheel_holds_what_the_tree_holds(names: set[str]) -> None:
    wanted = set(tree())
    assert sorted(wanted - names) == []
    assert sorted(names - wanted) == []


def test_the_wheel_holds_every_kind_of_thing(names: set[str]) -> None:
    for sample in (
        "casework/migrations/versions/0001_foundation.py",
        "casework/migrations/script.py.mako",
        "casework/web/static/built/app.css",
        "casework_programs/casework/plugin.py",
    ):
        assert sample in names


def test_nothing_has_a_name_that_hides_the_standard_library() -> None:
    assert not (ROOT / "locale" / "__init__.py").exists()
    assert not {path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()} & set(
        sys.stdlib_module_names
    )


def test_it_is_found_and_answers_from_an_environment_of_its_own(wheel: Path, tmp_path: Path) -> None:
    """The second environment borrows the installed packages, but not the checkout."""
    venv.create(tmp_path / "venv", with_pip=False)
    python = tmp_path / "venv" / "bin" / "python"
    (packages,) = (tmp_path / "venv").glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    here = next(Path(path) for path in sys.path if path.endswith("site-packages"))
    borrowed = [path for path in here.iterdir() if "casework" not in path.name and path.suffix != ".pth"]
    for path in borrowed:
        if not (packages / path.name).exists():
            (packages / path.name).symlink_to(path)
    program = """
import casework, casework_programs
from casework.programs import Programs
from casework.resources import share
from casework.migrations import lineages
programs = Programs.load(("casework",))
assert [lineage.name for lineage in lineages(programs)][0] == "core"
assert any(share("forms").iterdir()) and any(share("standards").iterdir())

import warnings
warnings.simplefilter("ignore")
from webob import Request
from casework.settings import Settings
from casework.web.application import make_application
application = make_application(Settings(mode="test", programs=("casework",)), sessions=dict)
for path in ("/healthz", "/static/built/app.css"):
    answer = Request.blank(path).get_response(application)
    assert answer.status_int == 200, (path, answer.status)
print(casework.__file__)
"""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "CASEWORK_"))
    }
    done = subprocess.run(
        [python, "-W", "error::ImportWarning", "-c", program],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).is_relative_to(packages)
