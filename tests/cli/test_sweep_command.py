"""fairgym sweep: a plan in TOML becomes a result folder, and an interrupted one goes on."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from fairgym.agents import ClassifierAgent, RewardMaximizer
from fairgym.checks import InputError
from fairgym.cli import app
from fairgym.experiment import Experiment
from fairgym.metrics import Gap, TruePositiveRate, Window
from fairgym.result import Result
from fairgym.sweep.plan import make_plan, read_plan

PLAN = """\
world = "LendingEnv-v0"
steps = 30
seeds = 3
seed = 5
every = 10

[parameters]
pool_size = 50

[grid]
interest_rate = [0.5, 1.0]
score_moves = [true, false]

[agents]
everybody = "AcceptAll"
greedy = {class = "RewardMaximizer", oracle = true}

[trackers]
loans = "CumulativeDecisions"
recent = {class = "Gap", of = {class = "Window", rate = "TruePositiveRate", steps = 20}}
"""
FILES = ["README.md", "config.json", "result.parquet", "sweep.toml", "table.csv"]
QUICK = ("--backend", "sequential", "--quiet")


def plan(**changes):
    """Return the keys of a small plan with some of them changed; None leaves one out."""
    usual = {"world": "LendingEnv-v0", "steps": 3, "agents": {"a": "AcceptAll"}, "trackers": {"t": "Utility"}}
    return {key: value for key, value in {**usual, **changes}.items() if value is not None}


def test_a_plan_is_one_experiment_for_each_agent_and_point_of_the_grid(tmp_path):
    (tmp_path / "plan.toml").write_text(PLAN)
    read = read_plan(tmp_path / "plan.toml")
    names = [experiment.name for experiment in read.experiments]
    assert len(names) == 8
    assert names[0] == "everybody, interest_rate=0.5, score_moves=true"
    assert names[-1] == "greedy, interest_rate=1.0, score_moves=false"
    assert read.settings[-1] == {"agent": "greedy", "interest_rate": 1.0, "score_moves": False}
    last = read.experiments[-1]
    assert last.env_params == {"pool_size": 50, "interest_rate": 1.0, "score_moves": False}
    assert (last.env_id, last.steps, last.num_envs, last.seed) == ("LendingEnv-v0", 30, 3, 5)
    assert last.recorded_steps() == [0, 10, 20, 30]
    assert isinstance(last.agent, RewardMaximizer)
    assert last.agent.oracle
    recent = last.trackers["recent"]
    assert isinstance(recent, Gap)
    assert isinstance(recent.of, Window)
    assert isinstance(recent.of.rate, TruePositiveRate)
    assert recent.of.steps == 20
    assert read_plan(tmp_path / "plan.toml", seeds=9, steps=None).experiments[0].num_envs == 9


def test_classes_of_any_module(tmp_path):
    tree = {"class": "sklearn.tree:DecisionTreeClassifier", "max_depth": 2}
    (only,) = make_plan(plan(agents={"tree": {"class": "ClassifierAgent", "estimator": tree}})).experiments
    assert isinstance(only.agent, ClassifierAgent)
    assert only.agent.estimator.get_params()["max_depth"] == 2
    assert only.num_envs == 100


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"wrld": "x"}, "the plan has the unknown key 'wrld': did you mean 'world'?"),
        ({"steps": None}, "the plan has no 'steps': it needs world, steps, agents, trackers."),
        ({"agents": {}}, "agents in the plan is empty: give at least one."),
        ({"grid": 3}, "grid=3 in the plan is not a table: write [grid] and lines below."),
        ({"grid": {"interest_rate": 3}}, "grid.interest_rate=3 is not a list of values"),
        ({"grid": {"interest_rate": []}}, "grid.interest_rate=[] is not a list of values"),
        ({"grid": {"a": [1]}, "parameters": {"a": 1}}, "gives 'a' in [parameters] and in [grid]: leave one out."),
        ({"world": "LendingEnv-v1"}, "env_id='LendingEnv-v1' is not known: did you mean 'LendingEnv-v0'?"),
        ({"seeds": "many"}, "num_envs='many' is not a whole number"),
        ({"agents": {"a": "AcceptAl"}}, "agents.a names the class 'AcceptAl', which is not known: did you mean 'Acc"),
        ({"agents": {"a": 3}}, "agents.a is 3: give the name of a class, or a table with class = \"NAME\"."),
        ({"agents": {"a": {"oracle": True}}}, "give the name of a class, or a table with class"),
        ({"agents": {"a": {"class": "RandomAgent", "rat": 1}}}, "RandomAgent has no argument 'rat': did you mean"),
        ({"agents": {"a": {"class": "AcceptAll", "rat": 1}}}, "AcceptAll has no argument 'rat': leave it out."),
        ({"agents": {"a": "ThresholdAgent"}}, "agents.a: ThresholdAgent needs the argument 'thresholds': give it."),
        ({"agents": {"a": {"class": "AggregateEqualizer", "burn": 1}}}, "agents.a cannot be made: "),
        ({"agents": {"a": {"class": "RandomAgent", "rate": 2}}}, "rate=2 is out of range"),
        ({"agents": {"a": "no.such:Thing"}}, "'no.such' cannot be imported: No module named 'no'."),
        ({"agents": {"a": "json:JSONDecodr"}}, "'json' has no such class: did you mean 'JSONDecoder'?"),
        ({"agents": {"a": "json:JSONDecoder"}}, "is not an agent"),
        ({"agents": {"a": "Utility"}}, "is not an agent"),
        ({"trackers": {"t": {"class": "Gap", "of": "TruePositivRate"}}}, "trackers.t.of names the class 'TruePos"),
        ({"trackers": {"t": "AcceptAll"}}, "tracker 't' is a AcceptAll: give a tracker object"),
    ],
)  # fmt: skip
def test_what_a_plan_refuses(changes, refusal):
    with pytest.raises(InputError) as refused:
        [experiment.make() for experiment in make_plan(plan(**changes)).experiments]
    assert refusal in str(refused.value)
    assert "\n" not in str(refused.value)


def test_files_that_are_no_plan(terminal):
    Path("bad.toml").write_text("[grid")
    answer = terminal("sweep", "bad.toml")
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith("fairgym: bad.toml is not TOML (")
    assert terminal("sweep", "none.toml").err == (
        "fairgym: none.toml cannot be read (No such file or directory): give a TOML file.\n"
    )
    assert terminal.files() == ["bad.toml"]


def test_a_sweep_leaves_frame_configuration_and_table(terminal):
    Path("plan.toml").write_text(PLAN)
    answer = terminal("sweep", "plan.toml", "--backend", "sequential")
    assert (answer.status, answer.err) == (0, "")
    assert sorted(path.name for path in Path("runs/plan").iterdir()) == FILES
    result, experiments = Result.load("runs/plan"), read_plan("plan.toml").experiments
    assert result.experiments == [experiment.name for experiment in experiments]
    for experiment in experiments[::3]:
        alone = experiment.run().values("loans", group="advantaged")
        assert result.values("loans", experiment=experiment.name, group="advantaged").equals(alone)
    table = pd.read_csv("runs/plan/table.csv")
    assert list(table.columns[:6]) == ["experiment", "agent", "interest_rate", "score_moves", "step", "metric"]
    row = table[(table["agent"] == "greedy") & (table["interest_rate"] == 0.5) & table["score_moves"]]
    row = row[(row["metric"] == "loans") & (row["group"] == "advantaged")].iloc[0]
    name = "greedy, interest_rate=0.5, score_moves=true"
    assert row["experiment"] == name
    assert row["mean"] == result.estimate("loans", experiment=name, group="advantaged").mean
    readme = Path("runs/plan/README.md").read_text()
    for experiment in experiments:
        assert f"| {experiment.name} |" in readme
    assert "made by `fairgym sweep sweep.toml`" in readme
    assert "greedy, interest_rate=1.0" in answer.out
    assert "last values, mean [95 %]" in answer.out


def test_the_folder_makes_itself_again(terminal):
    Path("plan.toml").write_text(PLAN)
    assert terminal("sweep", "plan.toml", "--seeds", "2", *QUICK, "--out", "one").status == 0
    command = Path("one/README.md").read_text().split("made by `")[1].split("`")[0]
    shutil.copy("one/sweep.toml", "sweep.toml")
    assert terminal(*command.split()[1:], *QUICK, "--out", "two").status == 0
    for name in FILES:
        assert Path("one", name).read_bytes() == Path("two", name).read_bytes()


def test_an_interrupted_sweep_says_what_is_kept_and_goes_on(terminal, monkeypatch):
    Path("plan.toml").write_text(PLAN)
    real, done = Experiment.run, []

    def interrupted(self, *rest):
        if len(done) == 5:
            raise KeyboardInterrupt
        done.append(self.name)
        return real(self, *rest)

    monkeypatch.setattr(Experiment, "run", interrupted)
    answer = terminal("sweep", "plan.toml", *QUICK)
    kept = terminal.folder / "runs" / "plan-pieces"
    assert (answer.status, answer.out) == (130, "")
    assert answer.err == (
        f"fairgym: interrupted, 5 finished pieces are kept in {kept}: the same command goes on from there.\n"
    )
    assert [path.name for path in Path("runs").iterdir()] == ["plan-pieces"]
    done.clear()
    again = terminal("sweep", "plan.toml", "--backend", "sequential")
    assert again.status == 0
    assert "5 of 8 pieces of work were done before." in again.out
    assert len(done) == 3
    assert sorted(path.name for path in Path("runs").iterdir()) == ["plan", "plan-pieces"]
    done.clear()
    longer = PLAN.replace("[0.5, 1.0]", "[0.5, 1.0, 1.5]")
    Path("plan.toml").write_text(longer)
    assert "8 of 12 pieces" in terminal("sweep", "plan.toml", "--backend", "sequential").out
    assert len(done) == 4


def test_the_file_in_the_help_is_a_plan():
    text = CliRunner().invoke(app, ["sweep", "--help"], env={"COLUMNS": "200"}).output
    lines = [line.strip() for line in text.split("for example:")[1].split("Example")[0].splitlines()]
    read = make_plan(tomllib.loads("\n".join(lines)))
    assert [experiment.name for experiment in read.experiments] == [
        "greedy, interest_rate=0.5", "greedy, interest_rate=1.0"
    ]  # fmt: skip
    assert read.experiments[0].num_envs == 20


def test_other_files_are_never_replaced(terminal):
    Path("plan.toml").write_text(PLAN)
    Path("mine").mkdir()
    Path("mine/precious.txt").write_text("")
    answer = terminal("sweep", "plan.toml", "--out", "mine")
    assert answer.status == 2
    assert "mine holds other files (precious.txt)" in answer.err
    assert terminal.files() == ["mine", "mine/precious.txt", "plan.toml"]


def test_quiet_prints_nothing(terminal):
    Path("plan.toml").write_text(PLAN)
    assert terminal("sweep", "plan.toml", *QUICK) == (0, "", "")
    assert json.loads(Path("runs/plan/config.json").read_text())["experiments"][0]["num_envs"] == 3
