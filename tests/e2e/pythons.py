"""The Pythons that tests take: pyenv's, Debian's, and what tools/make-pythons made."""
import glob
import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
MADE = ROOT / ".cache/pythons"
PATTERNS = f"~/.pyenv/versions/*/bin/python:{MADE}/*/bin/python3:/usr/bin/python3"
NEWEST = 14  # the last minor version whose frames are known


class Python:
    """One CPython: its path, its version, and the name that tests give it."""

    def __init__(self, path, version):
        self.path = path
        self.short = tuple(int(part) for part in version.split(".")[:2])
        made = re.match(re.escape(f"{MADE}/") + "([^/]+)-", path)
        self.name = version + ("-" + made.group(1) if made else "d" if path.startswith("/usr/") else "")
        self.reads_frames = self.short[1] <= NEWEST and not (made and made.group(1) == "nogil")


def ask(path):
    code = "import sys; print('%d.%d.%d' % sys.version_info[:3], sys.implementation.name)"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LD_"))}
    try:
        words = subprocess.run([path, "-c", code], capture_output=True, text=True, timeout=60, env=environment, check=False).stdout.split()
    except OSError:
        return None
    return Python(path, words[0]) if len(words) == 2 and words[1] == "cpython" else None


def find(patterns=None):
    """Each CPython from 3.9 on, one a name, by version.  patterns: default COLDSPOT_PYTHONS, else all."""
    found = {}
    for pattern in (patterns or os.environ.get("COLDSPOT_PYTHONS") or PATTERNS).split(":"):
        for path in sorted(glob.glob(os.path.expanduser(pattern))):
            python = ask(path)
            if python and python.short >= (3, 9):
                found.setdefault(python.name, python)
    return sorted(found.values(), key=lambda python: [int(part) for part in re.findall(r"\d+", python.name)])


def missing(found):
    """Words on each that was not found: a version that coldspot knows, or one that tools/make-pythons would make."""
    versions = {python.short for python in found}
    for minor in range(9, NEWEST + 1):
        if (3, minor) not in versions:
            yield f"no Python 3.{minor} here"
    listed = subprocess.run([ROOT / "tools/make-pythons", "--list"], stdout=subprocess.PIPE, text=True, check=True).stdout
    paths = {python.path for python in found}
    for line in listed.splitlines():
        name, what = line.split(maxsplit=1)
        if f"{MADE}/{name}/bin/python3" not in paths:
            yield f"no {name} here ({what}): tools/setup pythons"
