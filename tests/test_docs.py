"""The pages are executed: every code block of README.md and docs/*.md, file by file and in order, in an empty folder.

- ``python``: executed in one namespace per page, with warnings as errors.
- ``bash``, ``console``: commands ``fairgym ...`` and ``python -m ...`` are executed as printed, and must succeed.
  Where a ``console`` block has lines that begin with ``$``, those are the commands and the others what they print.
  A block marked ``<!-- run by the build -->`` or ``<!-- test command -->`` in the line before it (set-up, full-size
  runs) is left to ``.ci/run``, which must have a rule for that mark on that page.
- ``json``, ``text``, ``csv``: shown only. Marked ``<!-- output -->``, such a block must be what the one before printed;
  marked ``<!-- file NAME -->``, it is written into the folder for the blocks after it.

Any other language, or none, is an error, and so is a command that would not be executed.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
import types
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import gymnasium
import pytest
from markdown_it import MarkdownIt

import fairgym  # noqa: F401 - registers its worlds before the registry is copied

ROOT = Path(__file__).parent.parent
BUILD = ROOT / ".ci" / "run"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMANDS, SHOWN = ("bash", "console"), ("json", "text", "csv")
BUILD_MARKS, OUTPUT_MARK, FILE_MARK = ("run by the build", "test command"), "output", "file "
TIMEOUT = 300
"""Seconds that one command may take."""


@dataclass(frozen=True)
class Block:
    """A fenced code block, the line its text begins on, and the HTML comment directly before it."""

    language: str
    text: str
    line: int
    mark: str


def blocks_of(page: Path) -> list[Block]:
    tokens = MarkdownIt().parse(page.read_text(encoding="utf-8"))
    blocks, before = [], (None, "")
    for token in tokens:
        if token.type == "html_block":
            before = (token.map[1], token.content.strip())
        elif token.type == "fence":
            comment = re.fullmatch(r"<!-- (.*) -->", before[1]) if before[0] == token.map[0] else None
            blocks.append(Block(token.info.strip(), token.content, token.map[0] + 1, comment[1] if comment else ""))
    return blocks


def commands_of(block: Block) -> list[str]:
    """Return the commands of a block, each on one line; refuses one that would not be executed."""
    lines = [line for line in block.text.replace("\\\n", " ").splitlines() if line.strip() and line[0] != "#"]
    if block.language == "console" and any(line.startswith("$ ") for line in lines):
        lines = [line[2:] for line in lines if line.startswith("$ ")]
    for line in lines:
        assert line.startswith(("fairgym ", "python -m ")), (
            f"line {block.line}: {line!r} is not executed: mark the block"
        )
    return lines


def run_command(command: str, folder: Path) -> str:
    """Run one command with this Python's folder first on the path; return what it printed, errors included."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "MPLBACKEND": "Agg", "COLUMNS": "120", "NO_COLOR": "1"}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command], cwd=folder, env=env, timeout=TIMEOUT, encoding="utf-8",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{command!r} ended with {done.returncode}: {done.stdout}"
    return done.stdout


def run_python(block: Block, page: Path, namespace: dict[str, object]) -> str:
    """Run a block as if it stood on its lines of the page; return what it printed."""
    printed = io.StringIO()
    code = compile("\n" * block.line + block.text, page, "exec")
    with contextlib.redirect_stdout(printed), warnings.catch_warnings():
        warnings.simplefilter("error")
        exec(code, namespace)
    return printed.getvalue()


def check_build_mark(mark: str, page: Path, build: str) -> None:
    """Refuse a mark unless ``.ci/run`` executes the blocks of this page: ``bash -c "$(block MARK PAGE)"``."""
    rules = [line for line in build.splitlines() if not line.lstrip().startswith("#")]
    name = page.name if page.name == "README.md" else f"docs/{page.name}"
    runs = [line for line in rules if "bash" in line and re.search(rf"\$\(block ['\"]{mark}['\"]", line)]
    assert runs, f".ci/run has no rule for <!-- {mark} -->"
    assert name == "README.md" or any(name in line for line in runs), f".ci/run does not run <!-- {mark} --> of {name}"


def run_page(page: Path, folder: Path, namespace: dict[str, object], build: str) -> None:
    printed = ""
    for block in blocks_of(page):
        where = f"{page.name}, line {block.line}"
        assert block.language in ("python", *COMMANDS, *SHOWN), f"{where}: unknown language {block.language!r}"
        known = block.mark in ("", OUTPUT_MARK, *BUILD_MARKS) or block.mark.startswith(FILE_MARK)
        assert known, f"{where}: unknown mark {block.mark!r}"
        if block.mark in BUILD_MARKS:
            check_build_mark(block.mark, page, build)
        elif block.language == "python":
            printed = run_python(block, page, namespace)
        elif block.language in COMMANDS:
            printed = "".join(run_command(command, folder) for command in commands_of(block))
        elif block.mark.startswith(FILE_MARK):
            (folder / block.mark.removeprefix(FILE_MARK)).write_text(block.text, encoding="utf-8")
        elif block.mark == OUTPUT_MARK:
            assert _lines(printed) == _lines(block.text), f"{where}: the page shows other output than this:\n{printed}"


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip("\n").splitlines()]


@pytest.fixture
def namespace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, object]]:
    """The globals of a page: a module of its own, in an empty folder; worlds that it registers are forgotten again."""
    module = types.ModuleType("page")
    monkeypatch.setitem(sys.modules, "page", module)  # so that its classes can be pickled
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    known = dict(gymnasium.registry)
    yield vars(module)
    gymnasium.registry.clear()
    gymnasium.registry.update(known)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page(page: Path, tmp_path: Path, namespace: dict[str, object]) -> None:
    run_page(page, tmp_path, namespace, BUILD.read_text(encoding="utf-8"))


BAD_BUILD = """
# bash -c "$(block 'test command')"
block "test command"
bash -c "$(block 'run by the build')"
"""


@pytest.mark.parametrize(
    ("text", "error", "complaint"),
    [
        ("```\n1 + 1\n```", AssertionError, "unknown language ''"),
        ("```yaml\na: 1\n```", AssertionError, "unknown language 'yaml'"),
        ("<!-- no such mark -->\n```python\n```", AssertionError, "unknown mark"),
        ("```python\nx = 1\n```\n- list\n\n  ```python\n  raise ValueError(f'x is {x}')\n  ```", ValueError, "x is 1"),
        ("```python\nimport warnings\nwarnings.warn('old')\n```", UserWarning, "old"),
        ("```bash\npip install fairgym\n```", AssertionError, "not executed"),
        ("```bash\nfairgym run no-such-scenario\n```", AssertionError, "ended with 2"),
        ("```console\n$ fairgym no-such-command\noutput\n```", AssertionError, "ended with 2"),
        ("```bash\npython -m no_such_module \\\n  --option\n```", AssertionError, "No module named no_such_module"),
        ("```python\nprint(1)\n```\n\n<!-- output -->\n```text\n2\n```", AssertionError, "other output"),
        ("<!-- test command -->\n```bash\npip install .\n```", AssertionError, "no rule for <!-- test command -->"),
        ("<!-- run by the build -->\n```bash\npip install .\n```", AssertionError, "does not run"),
        ("<!-- run by the build -->\n\n```bash\npip install .\n```", AssertionError, "not executed"),
    ],
)
def test_bad_pages_fail(
    text: str, error: type[Exception], complaint: str, tmp_path: Path, namespace: dict[str, object]
) -> None:
    page = tmp_path / "page.md"
    page.write_text(text, encoding="utf-8")
    with pytest.raises(error, match=re.escape(complaint)):
        run_page(page, tmp_path, namespace, BAD_BUILD)


def test_good_page_passes(tmp_path: Path, namespace: dict[str, object]) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "<!-- test command -->\n```bash\npip install .\n```\n"
        "```python\nfrom pathlib import Path\nx = 1\nprint('one\\ntwo')\n```\n<!-- output -->\n```text\none\ntwo\n```\n"
        '```console\n$ python -m timeit -n 1 -r 1 \'open("made", "w")\'\n1 loop, best of 1: 1 usec per loop\n```\n'
        "<!-- file table.csv -->\n```csv\na,b\n1,2\n```\n"
        "```python\nassert Path('made').exists() and Path('table.csv').read_text() == 'a,b\\n1,2\\n' and x == 1\n```\n",
        encoding="utf-8",
    )
    run_page(page, tmp_path, namespace, """bash -c "$(block 'test command' docs/page.md)" | tee log""")
