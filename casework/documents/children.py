"""Runs what might blow up in a process of its own, with bounds of memory and time.

Setting pages and decoding pictures is where hostile input takes gigabytes or minutes. A child that
goes beyond its bounds dies alone, and its parent says so.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys

GRACE_SECONDS = 5
"""A child that was told its end by the processor's time has so long on the clock besides."""


class ChildError(Exception):
    """The child failed; the message says why, in the child's words or as what ended it."""


def run_child(
    module: str, given: bytes, *, timeout_s: int, memory_mb: int, arguments: tuple[str, ...] = ()
) -> bytes:
    """What `python -m module` writes when it is given some bytes. Raises ChildError.

    The child sees no more of this process than its search path; it begins with `accept_bounds`.
    """
    environment = {
        name: os.environ[name]
        for name in ("PATH", "HOME", "LD_LIBRARY_PATH", "PYTHONPATH")
        if name in os.environ
    }
    command = [sys.executable, "-P", "-m", module, str(memory_mb), str(timeout_s), *arguments]
    try:
        done = subprocess.run(
            command,
            input=given,
            capture_output=True,
            env={**environment, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1", "MALLOC_ARENA_MAX": "2"},
            timeout=timeout_s + GRACE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as ended:
        raise ChildError(f"it took longer than {timeout_s} s") from ended
    if done.returncode == 0:
        return done.stdout
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    if done.returncode == EXPLAINED and said:
        raise ChildError(said[-1])
    if done.returncode in {-9, -24} or _lacked_memory(said):
        raise ChildError(f"it needed more than {timeout_s} s or {memory_mb} MB")
    raise ChildError(f"it ended with {done.returncode}: {said[-1] if said else ''}".strip())


LARGEST_FILE = 16 * 1024 * 1024
"""Bytes of a file that a child may write; it needs none but a short-lived one of its own."""

EXPLAINED = 3
"""The exit of a child that says in its last line why it failed."""


def _lacked_memory(said: list[str]) -> bool:
    return any("MemoryError" in line or "memory" in line.lower() for line in said[-3:])


def accept_bounds() -> None:
    """In the child, before anything else: bound memory and time as the first two arguments say."""
    memory, seconds = int(sys.argv[1]) * 1024 * 1024, int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    os.nice(5)


def explain(reason: str) -> None:
    """In the child: end with a reason in one line."""
    sys.stderr.write(reason.replace("\n", " ") + "\n")
    sys.exit(EXPLAINED)
