"""fairgym list, run, reproduce and compare, as a user types them."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fairgym.cli import app
from fairgym.cli.options import key_value
from fairgym.envs import WORLDS
from fairgym.result import Result, compare
from fairgym.scenarios import SCENARIOS, load_scenario
from tests.cli.test_sweep_command import PLAN

TINY = ("--seeds", "3", "--steps", "30", "--jobs", "1", "--quiet")
COMMANDS = ("list", "run", "reproduce", "sweep", "leaderboard", "compare")
CSV = """\
group,score,share,repayment
north,300,0.5,0.4
north,500,0.5,0.9
south,300,0.7,0.3
south,500,0.3,0.8
"""


def read(path: str) -> dict:
    """Read strict JSON: NaN and Infinity are refused."""
    return json.loads(Path(path).read_text(), parse_constant=lambda name: pytest.fail(f"{path} holds {name}"))


def test_list_names_every_scenario_and_world(terminal):
    answer = terminal("list")
    assert (answer.status, answer.err) == (0, "")
    for name in [*SCENARIOS, *(world.env_id for world in WORLDS)]:
        assert name in answer.out
    assert terminal.files() == []


def test_run_writes_a_folder_that_can_be_handed_on(terminal):
    answer = terminal("run", "delayed-impact", "--seeds", "3", "--steps", "30", "--jobs", "1")
    assert (answer.status, answer.err) == (0, "")
    figures = [f"runs/delayed-impact/figures/{name}" for name in ("equal-opportunity", "loans-and-credit", "scores")]
    files = [f"runs/delayed-impact/{name}" for name in ("README.md", "claims.json", "config.json", "result.parquet")]
    pictures = [f"{figure}.{kind}" for figure in figures for kind in ("png", "svg")]
    assert terminal.files() == sorted(["runs", "runs/delayed-impact", "runs/delayed-impact/figures", *files, *pictures])
    for picture in pictures:
        first = Path(picture).read_bytes()[:200]
        assert first.startswith(b"\x89PNG") if picture.endswith("png") else b"<svg" in first or b"<?xml" in first

    scenario = load_scenario("delayed-impact")
    claims = read("runs/delayed-impact/claims.json")
    assert [claim["name"] for claim in claims] == [claim.name for claim in scenario.claims]
    for claim, row in zip(scenario.claims, claims, strict=True):
        assert (row["claim"], row["source"], row["expected"]) == (claim.text, claim.source, claim.expected)
        assert row["verdict"] in ("holds", "does not hold", "not decided")
        assert row["verdict"] in answer.out
    config = read("runs/delayed-impact/config.json")
    assert config["scenario"] == "delayed-impact"
    settings = {"lanes": 3, "steps": 30, "seed": 0, "population": None, "env_params": {}, "data": None}
    assert config["settings"] == settings
    assert [one["num_envs"] for one in config["experiments"]] == [3, 3]
    assert set(config["versions"]) >= {"fairgym", "python", "numpy", "gymnasium"}

    readme = Path("runs/delayed-impact/README.md").read_text()
    for link in re.findall(r"\]\((.*?)\)", readme):
        assert Path("runs/delayed-impact", link).is_file()
    assert config["command"] in readme
    for claim in scenario.claims:
        assert claim.text in readme
    assert "claims" in answer.out
    assert "delayed-impact: written to runs/delayed-impact\n" in answer.out


def test_claims_in_the_folder_are_those_of_the_result(terminal):
    terminal("run", "simpson-tpr", *TINY, "--out", "mine")
    result, scenario = Result.load("mine"), load_scenario("simpson-tpr")
    again = [verdict.as_dict() for verdict in scenario.check(result)]
    assert again == read("mine/claims.json")


@pytest.mark.parametrize(
    "words",
    [
        ["delayed-impact", "--seed", "11", "--set", "interest_rate=0.7", "--set", "group_shares=[0.3, 0.7]"],
        ["delayed-impact", "--population", "people.csv", "--set", "score_gain=200", "--set", "score_loss=200"],
        ["simpson-tpr", "--set", "score_moves=false"],
    ],
)
def test_the_command_in_the_configuration_makes_the_same_result_again(terminal, words):
    Path("people.csv").write_text(CSV)
    assert terminal("run", *words, *TINY, "--out", "one").status == 0
    command = shlex.split(read("one/config.json")["command"])
    assert command[0] == "fairgym"
    assert terminal(*command[1:], "--out", "two", "--jobs", "2", "--quiet").status == 0
    assert read("one/config.json") == read("two/config.json")
    for name in ("result.parquet", "claims.json"):
        assert Path("one", name).read_bytes() == Path("two", name).read_bytes()
    for svg in Path("one/figures").glob("*.svg"):
        assert svg.read_bytes() == Path("two/figures", svg.name).read_bytes()


def test_quiet_prints_nothing(terminal):
    for words in (("run", "delayed-impact", *TINY), ("run", "two-year-paradox", "--quiet")):
        assert terminal(*words) == (0, "", "")
    assert Path("runs/two-year-paradox/claims.json").is_file()


def test_check_compares_with_the_recorded_verdicts(terminal):
    """Three seeds of thirty steps cannot show what a full run shows; a computed scenario always shows the same."""
    assert terminal("run", "two-year-paradox", "--quiet", "--check").status == 0
    assert terminal("run", "delayed-impact", *TINY).status == 0
    answer = terminal("run", "delayed-impact", "--seeds", "3", "--steps", "30", "--jobs", "1", "--check")
    assert answer.status == 1
    assert answer.err == ""
    assert "(recorded: holds)" in answer.out
    assert Path("runs/delayed-impact/claims.json").is_file()


def test_reproduce_runs_every_scenario(terminal):
    answer = terminal("reproduce", "--seeds", "2", "--steps", "20", "--out", "all", "--jobs", "1")
    assert (answer.status, answer.err) == (0, "")
    assert sorted(path.name for path in Path("all").iterdir()) == sorted(SCENARIOS)
    table = answer.out[answer.out.index("verdict") :]
    for name in SCENARIOS:
        assert name in table
        assert Path("all", name, "claims.json").is_file()
        for claim in load_scenario(name).claims:
            assert claim.name in table
    assert read("all/delayed-impact/config.json")["settings"]["steps"] == 20
    times = answer.out[answer.out.rindex("scenarios") :]
    rows = {name: re.search(rf"{name} .*", times)[0].split("│")[1:-1] for name in (*SCENARIOS, "all")}
    for name in SCENARIOS:
        verdicts = [claim["verdict"] for claim in read(f"all/{name}/claims.json")]
        expected = [len(verdicts), *map(verdicts.count, ("holds", "does not hold", "not decided"))]
        assert [int(cell) for cell in rows[name][:4]] == expected
    assert [int(cell) for cell in rows["all"][:5]] == [
        sum(int(rows[name][column]) for name in SCENARIOS) for column in range(5)
    ]
    seconds = [float(cells[5].strip().removesuffix(" s")) for cells in rows.values()]
    assert seconds[-1] == pytest.approx(sum(seconds[:-1]), abs=0.06 * len(SCENARIOS))


def test_a_run_replaces_an_earlier_one_of_its_own(terminal):
    terminal("run", "delayed-impact", *TINY)
    before = Path("runs/delayed-impact/config.json").read_text()
    terminal("run", "delayed-impact", *TINY, "--seed", "4")
    assert Path("runs/delayed-impact/config.json").read_text() != before
    assert [path.name for path in Path("runs").iterdir()] == ["delayed-impact"]


@pytest.mark.parametrize(
    ("change", "key", "value"),
    [
        ("interest_rate=0.5", "interest_rate", 0.5),
        ("pool_size=50", "pool_size", 50),
        ("score_moves=true", "score_moves", True),
        ("score_moves=True", "score_moves", True),
        ("score_moves=False", "score_moves", False),
        ("group_shares=[0.3, 0.7]", "group_shares", [0.3, 0.7]),
        ("group_shares=null", "group_shares", None),
        ("population=two-groups", "population", "two-groups"),
        ("population=a=b.csv", "population", "a=b.csv"),
        ('population={"a": 1}', "population", {"a": 1}),
        ("starting_cash=1e4", "starting_cash", 1e4),
        ("name=", "name", ""),
        ("name=truely", "name", "truely"),
    ],
)
def test_values_of_set(change, key, value):
    assert key_value(change) == (key, value)
    assert type(key_value(change)[1]) is type(value)


def test_set_reaches_the_world(terminal):
    changes = ("--set", "interest_rate=0.5", "--set", "score_moves=False", "--set", "group_shares=[1, 0]")
    terminal("run", "delayed-impact", *TINY, *changes)
    for one in read("runs/delayed-impact/config.json")["experiments"]:
        assert one["env_params"] == {"interest_rate": 0.5, "score_moves": False, "group_shares": [1, 0]}
    result = Result.load("runs/delayed-impact")
    first = result.values("agent.threshold", experiment="max-reward", group="advantaged", step=1)
    assert (first == 5).all(), "where a loan earns .5, it pays from a repayment of 2/3 on: the bank knows its terms"
    assert result.values("loans", experiment="max-reward", group="disadvantaged").tolist() == [0, 0, 0]
    credit = result.table("credit", experiment="max-reward", group="advantaged")
    assert (credit.nunique(axis=1) == 1).all()


@pytest.mark.parametrize(("population", "groups"), [("transrisk", 4), ("people.csv", 2), ("./people.csv", 2)])
def test_other_populations(terminal, population, groups):
    Path("people.csv").write_text(CSV)
    answer = terminal(
        *("run", "delayed-impact", "--seeds", "3", "--steps", "30", "--jobs", "1", "--out", "other"),
        *("--population", population, "--set", "score_gain=200", "--set", "score_loss=200"),
    )
    assert (answer.status, answer.err) == (0, "")
    result = Result.load("other")
    names = result.frame.loc[result.frame["metric"] == "credit", "group"].unique().tolist()
    assert len(names) == groups
    assert names == ["north", "south"] or groups == 4
    assert "not measurable with these settings" in answer.out


def test_compare_prints_the_paired_difference(terminal):
    terminal("run", "delayed-impact", *TINY, "--out", "mine")
    result = Result.load("mine")
    names = ("equal-opportunity", "max-reward")
    for options in (("--group", "disadvantaged"), ("--group", "advantaged", "--step", "10")):
        answer = terminal("compare", "mine:equal-opportunity", "mine:max-reward", "--metric", "loans", *options)
        step = 10 if "--step" in options else None
        ours = compare(result, result, "loans", experiments=names, group=options[1], step=step)
        assert answer.status == 0
        for number in (f"{ours.difference.mean:.5g}", f"{ours.difference.standard_error:.3g}", options[1]):
            assert number in answer.out
        assert f" {ours.difference.lanes} " in answer.out
    turned = terminal("compare", "mine:max-reward", "mine:equal-opportunity", "--metric", "agent.threshold", *options)
    assert "-" in turned.out


def test_compare_takes_folders_with_a_colon(terminal):
    terminal("run", "delayed-impact", *TINY, "--out", "at 12:30")
    answer = terminal("compare", "at 12:30:max-reward", "at 12:30:max-reward", "--metric", "profit")
    assert answer.status == 0
    alone = terminal("compare", "at 12:30", "at 12:30", "--metric", "profit")
    assert "experiment is needed: there are 'max-reward', 'equal-opportunity'" in alone.err


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_an_example(command):
    answer = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "300"})
    assert answer.exit_code == 0
    assert f"Example: fairgym {command}" in " ".join(answer.output.split())


def test_help_lists_the_commands():
    for words in (["--help"], []):
        answer = CliRunner().invoke(app, words, env={"COLUMNS": "300"})
        assert "Example: fairgym run delayed-impact" in " ".join(answer.output.split())
        for command in COMMANDS:
            assert re.search(rf"\b{command}\b", answer.output)
    assert {command.name or command.callback.__name__ for command in app.registered_commands} == set(COMMANDS)


def test_the_examples_run(terminal):
    """Each as printed, at a tiny size; ``compare`` compares what the example of the whole command wrote."""
    Path("plan.toml").write_text(PLAN)
    few = ("--seeds", "2", "--steps", "20", "--jobs", "1")
    smaller = {"run": TINY, "reproduce": few, "sweep": few, "leaderboard": few}
    examples = [app.info.help] + [command.callback.__doc__ for command in app.registered_commands]
    commands = [" ".join(text.split("Example: ")[1].split()) for text in examples]
    assert len(commands) == 7
    for command in sorted(commands, key=lambda one: "compare" in one):
        words = shlex.split(command)[1:]
        answer = terminal(*words, *smaller.get(words[0], ()))
        assert answer.status == (1 if "--check" in words else 0), answer
        assert answer.err == ""
