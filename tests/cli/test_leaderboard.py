"""fairgym leaderboard: who takes part, how they are ranked, and what is left in the folder."""

from __future__ import annotations

import itertools
import math
from importlib.metadata import EntryPoint
from pathlib import Path

import gymnasium
import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from fairgym.agents import AcceptAll
from fairgym.envs import WORLDS
from fairgym.leaderboard import MEASURES, candidates, measure_of, run_leaderboard, standings, tradeoff
from fairgym.leaderboard.ranking import on_front
from fairgym.result import Result, compare
from tests.experiment.small import experiment
from tests.experiment.small import result as made_up

MINE = """\
from fairgym.agents import AcceptAll, AcceptRejectAgent, ThresholdAgent

class Generous(ThresholdAgent):
    @classmethod
    def examples(cls):
        return {"Generous": cls(1)}

class AcceptAll(AcceptAll):
    pass

class Needy(AcceptAll):
    def __init__(self, argument):
        pass

class Unfit(AcceptAll):
    requires = ("crystal ball",)

class Abstract(AcceptRejectAgent):
    pass
"""
TINY = ("--seeds", "2", "--steps", "40", "--backend", "sequential")


@pytest.fixture
def mine(terminal):
    Path("agents_of_mine.py").write_text(MINE)
    return terminal


def lending(**params):
    return gymnasium.make_vec("LendingEnv-v0", num_envs=2, **params)


def board_of(reward, gap, difference=None, oracle=()):
    """Return a result as a leaderboard records it, from lists by agent."""
    metrics = {"reward": reward, "gap": gap} | ({} if difference is None else {"difference": difference})
    parts = [
        made_up(experiment=name, **{metric: values[name] for metric, values in metrics.items()}) for name in reward
    ]
    described = [{"name": name, "agent": {"class": name, "oracle": name in oracle}} for name in reward]
    return Result.concat(parts, described)


def test_standings_by_hand():
    """Reward 4 beats 3 by 1 in every seed; the differences of b cancel, their gaps do not."""
    reward = {"a": [2.0, 4.0], "b": [3.0, 5.0], "c": [1.0, 1.0]}
    gap = {"a": [0.5, 0.5], "b": [0.2, 0.2], "c": [0.1, 0.1]}
    difference = {"a": [-0.5, -0.5], "b": [0.2, -0.2], "c": [0.1, 0.1]}
    table = standings(board_of(reward, gap, difference, oracle=["c"])).set_index("agent")
    assert table.index.tolist() == ["b", "a", "c"]
    assert table["reward"].tolist() == [4, 3, 1]
    assert table["behind"].tolist() == [0, 1, 3]
    assert table.loc["a", ["behind_low", "behind_high"]].tolist() == [1, 1], "paired: the seeds differ, not the lead"
    assert table.loc["a", "reward_low"] < 3 < table.loc["a", "reward_high"]
    assert table["difference"].tolist() == [0, -0.5, 0.1]
    assert table["inequality"].tolist() == [0, 0.5, 0.1]
    assert table.loc["a", ["inequality_low", "inequality_high"]].tolist() == [0.5, 0.5]
    assert table.loc["b", ["inequality_low", "inequality_high"]].tolist() == [0, 0.2]
    assert table["oracle"].tolist() == [False, False, True]
    assert table["front"].tolist() == [True, False, False]


def test_seeds_without_a_number_are_left_out_and_counted():
    gap = {"a": [0.5, math.nan, 0.3], "b": [0.2, 0.2, 0.2], "c": [math.nan] * 3}
    table = standings(board_of({name: [1.0, 1.0, 1.0] for name in gap}, gap)).set_index("agent")
    assert table["seeds"].tolist() == [2, 3, 0]
    assert table["inequality"].tolist()[:2] == [0.4, pytest.approx(0.2)]
    assert math.isnan(table.loc["c", "inequality"])
    assert table["front"].tolist() == [False, True, False]
    figure = tradeoff(table.reset_index(), "made up", "gap")
    assert [text.get_text() for text in figure.axes[0].texts] == ["2", "1"], "who has no number has no point"


def test_with_more_groups_the_gap_is_the_inequality():
    table = standings(board_of({"a": [1.0, 1.0], "b": [0.0, 0.0]}, {"a": [0.5, 0.5], "b": [0.2, 0.2]}))
    assert table["inequality"].tolist() == [0.5, 0.2]
    assert "difference" not in table
    assert table["front"].tolist() == [True, True]


@pytest.mark.parametrize(
    ("points", "front"),
    [
        ([(1, 0.1)], [True]),
        ([(2, 0.2), (1, 0.1)], [True, True]),
        ([(2, 0.1), (1, 0.2)], [True, False]),
        ([(2, 0.1), (2, 0.2), (1, 0.1)], [True, False, False]),
        ([(2, 0.1), (2, 0.1)], [True, True]),
        ([(3, math.nan), (1, 0.1)], [False, True]),
        ([(3, 0.5), (2, 0.3), (1, 0.4), (0, 0.0)], [True, True, False, True]),
    ],
)
def test_the_front(points, front):
    reward, inequality = np.array(points, dtype=float).T
    assert on_front(reward, inequality).tolist() == front


def test_who_fits_takes_part_and_who_does_not_is_named_with_the_reason():
    fitting, refusals = candidates(lending())
    assert {"AcceptAll", "EqualOpportunity", "EqualOpportunity(oracle=True)", "ThresholdAgent([2, 1])"} <= set(fitting)
    assert "ThresholdAgent([2, 1])" in candidates(lending(population="transrisk"))[1]
    for name, reason in refusals.items():
        assert reason.endswith((".", "?")), name


@pytest.mark.parametrize("world", [world.env_id for world in WORLDS if world.env_id != "TemplateEnv-v0"])
def test_every_published_world_has_a_leaderboard(world):
    board = run_leaderboard(world, seeds=2, steps=3, backend="sequential", chunk=2)
    assert len(board.table) >= 3
    assert board.table["reward"].is_monotonic_decreasing
    assert world in MEASURES


def test_agents_of_the_user(mine):
    answer = mine("leaderboard", "LendingEnv-v0", *TINY, "--agent", "agents_of_mine:Generous", "--agent",
                  "agents_of_mine:AcceptAll")  # fmt: skip
    assert (answer.status, answer.err) == (0, "")
    table = pd.read_csv("runs/leaderboard-LendingEnv-v0/leaderboard.csv")
    assert {"Generous", "AcceptAll", "AcceptAll of agents_of_mine"} <= set(table["agent"])
    theirs, ours = (table[table["agent"] == name] for name in ("AcceptAll of agents_of_mine", "AcceptAll"))
    assert theirs["reward"].item() == ours["reward"].item()


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("Needy", "Needy cannot be made without arguments ("),
        ("Unfit", "agent Unfit does not fit this world: Unfit reads observation 'crystal ball', but"),
        ("Abstract", "--agent agents_of_mine:Abstract is not an agent that can be made: derive it from"),
        ("Genrous", "'agents_of_mine' has no such class: did you mean 'Generous'?"),
    ],
)
def test_agents_of_the_user_that_cannot_take_part(mine, name, refusal):
    answer = mine("leaderboard", "LendingEnv-v0", *TINY, "--agent", f"agents_of_mine:{name}")
    assert (answer.status, answer.out) == (2, "")
    assert refusal in answer.err
    assert answer.err.count("\n") == 1
    assert not Path("runs").exists()


def test_agents_of_installed_packages(mine, monkeypatch):
    point = EntryPoint("generous", "agents_of_mine:Generous", "fairgym.agents")
    monkeypatch.syspath_prepend(".")
    monkeypatch.setattr(
        "fairgym.leaderboard.entrants.entry_points", lambda group: [point] if group == "fairgym.agents" else []
    )
    assert "Generous" in candidates(lending())[0]


def test_the_folder_holds_table_frame_and_picture(terminal):
    answer = terminal("leaderboard", "LendingEnv-v0", *TINY, "--set", "interest_rate=0.5", "--out", "board")
    assert (answer.status, answer.err) == (0, "")
    assert sorted(path.name for path in Path("board").iterdir()) == [
        "README.md", "config.json", "figures", "leaderboard.csv", "result.parquet"
    ]  # fmt: skip
    result, table = Result.load("board"), pd.read_csv("board/leaderboard.csv")
    assert table["agent"].tolist() == standings(result)["agent"].tolist()
    best, last = table["agent"].iloc[0], table["agent"].iloc[-1]
    paired = compare(result, result, "reward", experiments=(best, last)).difference
    assert table["behind"].iloc[-1] == pytest.approx(paired.mean)
    assert all(one["env_params"] == {"interest_rate": 0.5} for one in result.config["experiments"])
    alone = experiment(agent=AcceptAll(), num_envs=2, seed=0, env_params={"interest_rate": 0.5}).run()
    assert result.estimate("reward", experiment="AcceptAll").mean == pytest.approx(alone.estimate("profit").mean / 40)
    readme = Path("board/README.md").read_text()
    command = "fairgym leaderboard LendingEnv-v0 --seeds 2 --steps 40 --set interest_rate=0.5"
    assert f"`{command}`" in readme
    for picture in ("tradeoff.png", "tradeoff.svg"):
        assert Path("board/figures", picture).stat().st_size > 5000
    for name in table["agent"]:
        assert f"| {name} |" in readme
    assert "LendingEnv-v0: 2 seeds, 40 steps" in answer.out
    assert "oracle: reads hidden truth" in answer.out


def test_a_second_run_takes_what_was_kept(terminal):
    assert terminal("leaderboard", "FeatureLendingEnv-v0", *TINY, "--quiet") == (0, "", "")
    first = {path.name: path.read_bytes() for path in Path("runs/leaderboard-FeatureLendingEnv-v0").glob("*.*")}
    assert "4 of 4 pieces of work were done before." in terminal("leaderboard", "FeatureLendingEnv-v0", *TINY).out
    assert first == {path.name: path.read_bytes() for path in Path("runs/leaderboard-FeatureLendingEnv-v0").glob("*.*")}


def test_bad_input(terminal):
    for words, refusal in [
        (("LendingEnv-v1",), "env_id='LendingEnv-v1' is not known: did you mean 'LendingEnv-v0'?"),
        (("LendingEnv-v0", "--set", "interest_rat=1"), "LendingParams has no parameter 'interest_rat'"),
        (("LendingEnv-v0", "--seeds", "0"), "num_envs=0 is out of range"),
        (("TemplateEnv-v0",), "no agent fits this world: name one of yours by --agent module:Class."),
        (("LendingEnv-v0", "--backend", "cloud"), "backend='cloud' is not known"),
    ]:
        answer = terminal("leaderboard", *words)
        assert (answer.status, answer.out) == (2, "")
        assert refusal in answer.err
    assert terminal.files() == []


def test_a_world_that_is_not_in_the_table_gets_the_rate_that_it_reports(monkeypatch):
    monkeypatch.setattr("fairgym.leaderboard.measures.MEASURES", {})
    assert measure_of("LendingEnv-v0", {}).name == "true positive rate"
    assert measure_of("AttentionAllocationEnv-v0", {}).name == "acceptance rate"


def test_numbers_in_the_picture_hide_neither_each_other_nor_the_points():
    """Six points close together: every number finds a place of its own."""
    rows = [
        {"agent": f"agent {index}", "oracle": index == 2, "front": index < 3, "reward": 1 - index / 100,
         "inequality": 0.5 + index / 200}
        for index in range(6)
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    for name in ("reward", "inequality"):
        table[f"{name}_low"], table[f"{name}_high"] = table[name] - 0.01, table[name] + 0.01
    figure = tradeoff(table, "made up", "difference")
    figure.canvas.draw()
    axes, names = figure.axes
    assert [text.get_text() for text in axes.texts] == [str(rank) for rank in range(1, 7)]
    boxes = [Text.get_window_extent(text) for text in axes.texts]
    assert all(not one.overlaps(other) for one, other in itertools.combinations(boxes, 2))
    points = axes.transData.transform(table[["inequality", "reward"]].to_numpy())
    assert not any(box.contains(*point) for box in boxes for point in points)
    assert all(axes.get_window_extent().containsx(box.x0) for box in boxes)
    listed = [text.get_text() for text in names.texts]
    assert [f"agent {index}" for index in range(6)] == listed[1:12:2]
