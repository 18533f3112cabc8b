"""The cards in docs/worlds say what the code says, and say everything that a card must."""

from __future__ import annotations

import dataclasses

import gymnasium
import pytest

from fairgym.envs import WORLDS
from fairgym.testing.basics import law_of
from scripts import make_world_cards as cards

IDS = [world.env_id for world in WORLDS]
SECTIONS = (
    "Model",
    "Sources",
    "Intended use",
    "Not for",
    "Groups",
    "Observation",
    "Action",
    "Reward",
    "Info",
    "Parameters",
)


def section(text: str, name: str) -> str:
    """Return what a card says under a heading."""
    return text.split(f"\n## {name}\n")[1].split("\n## ")[0]


@pytest.mark.parametrize("world", WORLDS, ids=IDS)
def test_the_card_is_what_the_code_says(world):
    written = (cards.FOLDER / f"{world.env_id}.md").read_text(encoding="utf-8")
    assert written == cards.card(world), "run python scripts/make_world_cards.py"


def test_there_is_a_card_for_each_world_and_an_index():
    assert {path.name for path in cards.FOLDER.iterdir()} == {"README.md", *(f"{name}.md" for name in IDS)}
    assert (cards.FOLDER / "README.md").read_text(encoding="utf-8") == cards.index()


@pytest.mark.parametrize("world", WORLDS, ids=IDS)
def test_a_card_says_everything(world):
    card = cards.card(world)
    for name in SECTIONS:
        assert len(section(card, name).strip()) > 20, name
    law = law_of(world.env_id)
    for field in dataclasses.fields(law.params_type):
        row = next(line for line in section(card, "Parameters").splitlines() if line.startswith(f"| `{field.name}` |"))
        assert len(row.split(" | ")[-1]) > 10
    _, info = gymnasium.make(world.env_id).reset(seed=0)
    for key in (*info, "decision", "utility", "group"):
        assert f"| `{key}` |" in section(card, "Info")
    for key in law.observation_space.spaces:
        assert f"| `{key}` |" in section(card, "Observation")
    assert "``" not in card.replace("```", "")


def test_what_a_docstring_does_not_say_is_an_error():
    with pytest.raises(ValueError, match="no paragraph begins with 'Not for'"):
        cards.labelled(["A world.", "Sources: us.", "Intended use: to play."], cards.ABOUT)


def test_docstrings_are_cut_where_another_subject_begins():
    text = "Action: one of two. It is 1 or 0.\nObservation: ``x`` (Box). Reward: money. The episode ends. Version: v0."
    assert cards.sentences_of(text) == [
        "Action: one of two. It is 1 or 0.",
        "Observation: ``x`` (Box).",
        "Reward: money.",
        "The episode ends.",
        "Version: v0.",
    ]


def test_spaces_are_shown_in_few_words():
    assert cards.shown(gymnasium.spaces.MultiDiscrete([3] * 40)) == "MultiDiscrete([3] * 40)"
    assert cards.shown(gymnasium.spaces.MultiDiscrete([3, 2])) == "MultiDiscrete([3 2])"
    assert cards.shown(gymnasium.spaces.Box(0, 1, (5,))) == "Box(0, 1, (5,), float32)"
