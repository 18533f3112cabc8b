"""Write a card for every world into docs/worlds: what it is, what it is for, what goes in and what comes out.

Everything is read from the code: the docstring of the world's file, the fields of its parameters, its spaces and one
step of it. In that docstring, paragraphs that begin with ``Sources:``, ``Intended use:`` and ``Not for:`` are the
sections of these names, the others are the model; in the docstring of the environment class, ``Action:``,
``Observation:`` and ``Reward:`` begin what is said about these.

Run ``python scripts/make_world_cards.py`` after a change of a world; a test holds the cards against the code.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import itertools
import re
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from fairgym.envs import WORLDS, World
from fairgym.outcome import VOCABULARY

FOLDER = Path(__file__).parent.parent / "docs" / "worlds"
ABOUT = ("Sources", "Intended use", "Not for")
"""Labels of paragraphs in the docstring of a world's file."""
INTERFACE = ("Action", "Observation", "Reward")
"""Labels of sentences in the docstring of an environment class."""


def cards() -> dict[str, str]:
    """Return the pages by file name: one per registered world and an index."""
    return {"README.md": index(), **{f"{world.env_id}.md": card(world) for world in WORLDS}}


def index() -> str:
    """Return the page that links the cards."""
    rows = [[f"[{world.env_id}]({world.env_id}.md)", world.summary] for world in WORLDS]
    return (
        "# Worlds\n\nOne card per world, written by `python scripts/make_world_cards.py` from the code.\n\n"
        + table(["id", "world"], rows)
        + "\n"
    )


def card(world: World) -> str:
    """Return the card of one world."""
    env: Any = gymnasium.make(world.env_id).unwrapped
    law = env.dynamics
    about = labelled(paragraphs(inspect.getdoc(sys.modules[type(env).__module__]) or ""), ABOUT)
    said = labelled(sentences_of(inspect.getdoc(type(env)) or ""), INTERFACE)
    title, *model = about[""]
    parts = [
        f"# {world.env_id}",
        capital(title.partition(": ")[2] or title),
        f'`gymnasium.make("fairgym:{world.env_id}")`',
        "## Model",
        *model,
        *(part for label in ABOUT for part in (f"## {label}", *about[label])),
        "## Groups",
        f"With the default parameters: {', '.join(law.groups)}.",
        "## Observation",
        *said["Observation"],
        table(["key", "space"], [[f"`{key}`", f"`{shown(space)}`"] for key, space in observed(env)]),
        "## Action",
        *said["Action"],
        f"With the default parameters: `{shown(env.action_space)}`.",
        "## Reward",
        " ".join([*said["Reward"], *(piece for piece in said[""] if piece.startswith("The episode "))]),
        "## Info",
        "Shapes are those of a single environment with the default parameters, `()` is a number; the meanings are "
        "those of `fairgym.outcome.VOCABULARY`.",
        table(["key", "shape", "known", "meaning"], info_rows(env)),
        "## Parameters",
        table(["parameter", "default", "type", "meaning"], parameter_rows(law.params_type)),
        f"Made from `{type(env).__module__.replace('.', '/')}.py` by `python scripts/make_world_cards.py`.",
    ]
    return "\n\n".join(re.sub("(?<!`)``(?!`)", "`", part) for part in parts) + "\n"


def capital(text: str) -> str:
    """Return the text with its first letter capital, if it begins with a letter."""
    return text[:1].upper() + text[1:]


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a docstring, each on one line; lists keep their lines."""
    blocks = re.split(r"\n\s*?\n", text.strip())
    return [one_paragraph(block) for block in blocks]


def one_paragraph(block: str) -> str:
    """Return a list as it is, an indented diagram in a fence, anything else as one line."""
    if block.lstrip().startswith("- "):
        return block
    if all(line.startswith("    ") for line in block.splitlines()):
        return f"```text\n{textwrap.dedent(block)}\n```"
    return re.sub("::$", ":", " ".join(block.split()))


def sentences_of(text: str) -> list[str]:
    """Return the pieces of a docstring, cut before each ``Word:`` or sentence that begins another subject."""
    whole = " ".join(text.split())
    return [piece.strip() for piece in re.split(r"(?<=[.])\s+(?=(?:[A-Z][a-z]+(?: [a-z]+)?: |The episode ))", whole)]


def labelled(pieces: Sequence[str], labels: Sequence[str]) -> dict[str, list[str]]:
    """Return the pieces by the label that they begin with, "" for none; a label that is missing is an error."""
    found: dict[str, list[str]] = {label: [] for label in ("", *labels)}
    for piece in pieces:
        label, colon, rest = piece.partition(": ")
        if colon and label in labels:
            found[label].append(capital(rest))
        else:
            found[""].append(piece)
    missing = [label for label in labels if not found[label]]
    if missing:
        raise ValueError(f"no paragraph begins with {missing[0]!r} in: {' '.join(pieces)[:80]}")
    return found


def observed(env: Any) -> Iterator[tuple[str, spaces.Space[Any]]]:
    """Give the parts of the observation."""
    yield from env.observation_space.spaces.items()


def shown(space: spaces.Space[Any]) -> str:
    """Return a space in few words: equal entries are said once, with the shape."""
    if isinstance(space, spaces.Box):
        low, high = np.unique(space.low), np.unique(space.high)
        if len(low) == len(high) == 1:
            return f"Box({low[0]:g}, {high[0]:g}, {space.shape}, {space.dtype})"
    if isinstance(space, spaces.MultiDiscrete) and len(np.unique(space.nvec)) == 1:
        return f"MultiDiscrete([{space.nvec.flat[0]}] * {space.nvec.size})"
    return str(space)


def info_rows(env: Any) -> list[list[str]]:
    """Return key, shape, when it is known, and meaning of everything in ``info``, from one step."""
    _, first = env.reset(seed=0)
    env.action_space.seed(0)
    info = env.step(env.action_space.sample())[4]
    return [
        [
            f"`{key}`",
            f"`{np.shape(value)}`",
            "from the reset on" if key in first else "after a step",
            meaning(VOCABULARY[key]),
        ]
        for key, value in info.items()
    ]


def meaning(text: str) -> str:
    """Return a meaning of the vocabulary without the shapes over lanes, which a single environment does not have."""
    return re.sub(r"; \(n.*$", "", text)


def parameter_rows(params_type: type) -> list[list[str]]:
    """Return name, default, type and meaning of every parameter."""
    meanings = {
        name: text
        for base in reversed(params_type.__mro__)
        if dataclasses.is_dataclass(base)
        for name, text in field_docstrings(base).items()
    }
    return [
        [f"`{field.name}`", f"`{default_of(field)}`", f"`{field.type}`", meanings[field.name]]
        for field in dataclasses.fields(params_type)
    ]


def default_of(field: dataclasses.Field[Any]) -> str:
    """Return the default as code."""
    made = field.default_factory is not dataclasses.MISSING
    return repr(field.default_factory() if made else field.default)


def field_docstrings(described: type) -> dict[str, str]:
    """Return the string below each field of a dataclass, on one line."""
    body = ast.parse(textwrap.dedent(inspect.getsource(described))).body[0].body  # type: ignore[attr-defined]
    texts = {}
    for node, below in itertools.pairwise(body):
        if isinstance(node, ast.AnnAssign) and isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            texts[node.target.id] = " ".join(str(below.value.value).split())
    return texts


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def write(pages: Mapping[str, str], folder: Path) -> None:
    """Write the pages, and remove those of worlds that are gone."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.md"):
        if old.name not in pages:
            old.unlink()
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(cards(), FOLDER)
