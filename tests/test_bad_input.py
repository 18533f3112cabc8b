"""Law 8: bad input is answered at the door with one sentence that says what, where and what would do.

One table for Python and one for the command line; bad populations have a table of their own in
``tests/populations``. Every row holds the fragments that its sentence must have: the name, the value, the remedy.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import gymnasium
import numpy as np
import pytest
from rich.console import Console
from sklearn.linear_model import LogisticRegression

from fairgym.agents import (
    AcceptAll,
    AggregateEqualizer,
    ClassifierAgent,
    DemographicParity,
    EqualOpportunity,
    RandomAgent,
    RewardMaximizer,
    ThresholdAgent,
)
from fairgym.checks import InputError
from fairgym.envs.lending import LendingEnv
from fairgym.metrics import (
    AcceptanceRate,
    CumulativeDecisions,
    Difference,
    Discounted,
    Gap,
    Ratio,
    ScoreDistribution,
    SimpsonDecomposition,
    Track,
    TruePositiveRate,
    Utility,
    Window,
)
from fairgym.report import Report, claims_table, print_notes
from fairgym.result import Result, compare
from fairgym.scenarios import Claim, Measurement, load_scenario
from fairgym.sweep import run_all
from tests.cli.terminal import FAIRGYM, Terminal
from tests.experiment.small import experiment, result

NAN, INF = float("nan"), float("inf")


def lending(**params):
    return gymnasium.make("LendingEnv-v0", disable_env_checker=True, **params)


def started(**params):
    env = lending(**params).unwrapped
    env.reset(seed=0)
    return env


def several(**params):
    env = gymnasium.make_vec("LendingEnv-v0", num_envs=3, **params)
    env.reset(seed=0)
    return env


def step_after_the_end():
    env = started(starting_cash=1, interest_rate=0)
    over = False
    while not over:
        _, _, over, _, _ = env.step(1)
    env.step(1)


def run_tracker(tracker, **changes):
    return experiment(trackers={"mine": tracker}, **changes).run()


def in_the_hiring_world(agent):
    env = gymnasium.make("TemplateEnv-v0")
    agent.reset(env)


MONEY = result(money=[1, 2, 3])
GROUPS = experiment(num_envs=2, steps=4).run()

CASES = {
    # ids
    "an unknown world": (lambda: experiment(env_id="LendngEnv-v0").run(), "env_id='LendngEnv-v0'", "'LendingEnv-v0'?"),
    "a world that is no word": (lambda: experiment(env_id=3).run(), "env_id=3 is not known", "LendingEnv-v0"),
    "a world without groups": (lambda: experiment(env_id="CartPole-v1").run(), "CartPole-v1 has no groups", "use a"),
    "an unknown scenario": (lambda: load_scenario("simpson"), "scenario='simpson'", "did you mean 'simpson-tpr'?"),
    "an unknown variant": (
        lambda: gymnasium.make("FeatureLendingEnv-v0", variant="one-groop"),
        "variant='one-groop'",
        "did you mean 'one-group'?",
    ),
    "an unknown render mode": (lambda: LendingEnv(render_mode="rgbarray"), "render_mode='rgbarray'", "'rgb_array'?"),
    # parameters of the world
    "a typo": (lambda: lending(intrest_rate=0.5), "no parameter 'intrest_rate'", "did you mean 'interest_rate'?"),
    "nothing alike": (lambda: lending(zzz=1), "no parameter 'zzz'", "known are population, group_shares"),
    "negative interest": (lambda: lending(interest_rate=-0.1), "interest_rate=-0.1", "must be between 0 and"),
    "interest of NaN": (lambda: lending(interest_rate=NAN), "interest_rate=nan is not finite", "give a finite number"),
    "infinite interest": (
        lambda: lending(interest_rate=INF),
        "interest_rate=inf is not finite",
        "give a finite number",
    ),
    "interest in words": (lambda: lending(interest_rate="high"), "interest_rate='high' is not a number", "give a"),
    "interest of True": (lambda: lending(interest_rate=True), "interest_rate=True is not a number", "give a finite"),
    "no loan": (lambda: lending(loan_amount=0), "loan_amount=0 is too small", "above 0"),
    "negative money": (lambda: lending(starting_cash=-5), "starting_cash=-5 is out of range", "between 1 and"),
    "too little money for one loan": (
        lambda: lending(loan_amount=100, starting_cash=50),
        "starting_cash=50 is out of range",
        "between 100 and",
    ),
    "a negative loss": (lambda: lending(default_loss=-1.0), "default_loss=-1.0 is out of range", "between 0 and"),
    "nobody": (lambda: lending(pool_size=0), "pool_size=0 is out of range", "between 1 and"),
    "half a person": (
        lambda: lending(pool_size=2.5),
        "pool_size=2.5 is not a whole number",
        "give an int of at least 1",
    ),
    "perhaps": (lambda: lending(score_moves="maybe"), "score_moves='maybe' is not a yes or no", "True or False"),
    "one for True": (lambda: lending(selective_labels=1), "selective_labels=1 is not a yes or no", "True or False"),
    "an error of 150 %": (lambda: lending(score_error=1.5), "score_error holds 1.5", "every entry must be in [0, 1]"),
    "an error for each of three": (
        lambda: lending(score_error=[0.1, 0.1, 0.1]),
        "score_error has 3 entries for 2 groups (advantaged, disadvantaged)",
        "one number per group",
    ),
    "shares that do not sum": (lambda: lending(group_shares=[0.5, 0.6]), "group_shares sums to 1.1", "must sum to 1"),
    "a share for each of three": (
        lambda: lending(group_shares=[0.5, 0.25, 0.25]),
        "group_shares has 3 entries for 2 groups",
        "one number per group",
    ),
    "a negative share": (lambda: lending(group_shares=[1.5, -0.5]), "group_shares holds -0.5", "must be in [0, 1]"),
    "no groups": (lambda: lending(group_shares=[]), "group_shares=[] is empty", "give at least one probability"),
    "shares in words": (lambda: lending(group_shares=["half", "half"]), "group_shares=['half', 'half']", "give those"),
    "a share of NaN": (lambda: lending(group_shares=[NAN, 1]), "group_shares holds a number that is not finite", "NaN"),
    "half a score": (
        lambda: lending(score_gain=0.5),
        "score_gain=0.5 is not a multiple of the spacing 1",
        "two-groups",
    ),
    "a negative gain": (lambda: lending(score_gain=-1), "score_gain=-1 is out of range", "at least 0"),
    # actions
    "an action outside": (lambda: started().step(2), "action 2 is outside", "whole numbers 0 to 1"),
    "a negative action": (lambda: started().step(-1), "action -1 is outside", "whole numbers 0 to 1"),
    "a fraction of an action": (lambda: started().step(0.5), "dtype float64", "give an integer dtype"),
    "no action": (lambda: started().step(None), "actions have dtype object", "give an integer dtype"),
    "an action in words": (lambda: started().step("accept"), "actions have dtype", "give an integer dtype"),
    "two actions at once": (lambda: started().step([1, 0]), "actions have shape (1, 2)", "one action per lane"),
    "one action for three": (lambda: several().step(np.array([1])), "shape (1,), but (3,) is needed", "per lane"),
    "truth values": (lambda: several().step(np.array([True] * 3)), "dtype bool", "give an integer dtype"),
    "one of three outside": (
        lambda: several().step(np.array([0, 1, 7])),
        "action 7 is outside",
        "whole numbers 0 to 1",
    ),
    "rows of unequal length": (lambda: several().step([[1], [1, 0], [0]]), "not one array", "give one action of"),
    "a step before the start": (lambda: lending().unwrapped.step(1), "has not been started", "call reset() first"),
    "a step after the end": (step_after_the_end, "after the end of the episode", "call reset() first"),
    "an unknown option": (lambda: started().reset(options={"stat": 1}), "no option 'stat'", "did you mean 'state'?"),
    "two seeds for three": (lambda: several().reset(seed=[1, 2]), "2 seeds for 3 lanes", "give one per lane"),
    "an unknown autoreset": (lambda: several(autoreset_mode="Now"), "autoreset_mode='Now' is not known", "SameStep"),
    # agents
    "a negative threshold": (lambda: ThresholdAgent(-1), "thresholds=-1 is out of range", "at least 0"),
    "a threshold in words": (lambda: ThresholdAgent("3"), "thresholds='3' is not a whole number", "give an int"),
    "half a threshold": (lambda: ThresholdAgent([3, 2.5]), "thresholds[1]=2.5 is not a whole number", "give an int"),
    "a threshold too high": (
        lambda: experiment(agent=ThresholdAgent(8)).run(),
        "thresholds=8 is beyond the 7 score levels",
        "give 0 to 7",
    ),
    "three thresholds for two": (
        lambda: experiment(agent=ThresholdAgent([3, 3, 3])).run(),
        "thresholds=(3, 3, 3) has 3 entries for 2 groups",
        "give one per group, or one number for all",
    ),
    "a rate above one": (lambda: RandomAgent(1.5), "rate=1.5 is out of range", "between 0 and 1"),
    "a negative income": (lambda: RewardMaximizer(gain=-1), "gain=-1 is out of range", "at least 0"),
    "a loss of NaN": (lambda: EqualOpportunity(loss=NAN), "loss=nan is not finite", "give a finite number"),
    "no burn-in": (lambda: DemographicParity(burn_in=0), "burn_in=0 is out of range", "at least 1"),
    "never refitted": (lambda: EqualOpportunity(refit_every=0), "refit_every=0 is out of range", "at least 1"),
    "an oracle in words": (lambda: RewardMaximizer(oracle="yes"), "oracle='yes' is not a yes or no", "True or False"),
    "a marginal score of a half": (
        lambda: AggregateEqualizer(1.5),
        "threshold=1.5 is not a whole number",
        "give an int",
    ),
    "an estimator in words": (lambda: ClassifierAgent("tree"), "estimator='tree'", "give an instance with fit"),
    "a class for an estimator": (lambda: ClassifierAgent(LogisticRegression), "LogisticRegression", "give an instance"),
    "an unknown aim": (
        lambda: ClassifierAgent(LogisticRegression(), group_thresholds="equal-oportunity"),
        "group_thresholds='equal-oportunity'",
        "did you mean 'equal-opportunity'?",
    ),
    "an unknown feature": (
        lambda: experiment(agent=ClassifierAgent(LogisticRegression(), features=["scor"])).run(),
        "features names 'scor'",
        "did you mean 'score'?",
    ),
    "an agent of another world": (
        lambda: in_the_hiring_world(AcceptAll()),
        "AcceptAll accepts or rejects one person a step",
        "use it in a world with actions Discrete(2)",
    ),
    # trackers
    "a window of nothing": (lambda: Window(TruePositiveRate(), 0), "steps of Window=0", "at least 1"),
    "a discount above one": (lambda: Discounted(TruePositiveRate(), 1.5), "discount of Discounted=1.5", "0 and 1"),
    "a class for a tracker": (lambda: Gap(TruePositiveRate), "Gap was given the class TruePositiveRate", "object"),
    "a group with itself": (lambda: Ratio(AcceptanceRate(), 1, 1), "Ratio compares group 1 with itself", "different"),
    "a group that is not there": (
        lambda: run_tracker(Difference(TruePositiveRate(), 0, 5)),
        "a group of Difference=5 is out of range",
        "between 0 and 1",
    ),
    "a gap of one number": (lambda: run_tracker(Gap(Utility())), "Utility does not have one value per", "(n, G)"),
    "a period of nothing": (lambda: SimpsonDecomposition(0), "period of SimpsonDecomposition=0", "at least 1"),
    "a tracker of another world": (
        lambda: experiment(
            env_id="FeatureLendingEnv-v0", agent=AcceptAll(), trackers={"mine": ScoreDistribution()}
        ).run(),
        "tracker 'mine' (ScoreDistribution) reads 'score_distribution'",
        "use a tracker made for it",
    ),
    "a name that is taken": (
        lambda: Track(lending(), {"score": Utility()}),
        "tracker name 'score'",
        "give one that is no key",
    ),
    # experiments
    "no steps": (lambda: experiment(steps=0), "steps=0 is out of range", "at least 1"),
    "half a step": (lambda: experiment(steps=2.5), "steps=2.5 is not a whole number", "give an int of at least 1"),
    "no lanes": (lambda: experiment(num_envs=0), "num_envs=0 is out of range", "at least 1"),
    "a negative seed": (lambda: experiment(seed=-1), "seed=-1 is out of range", "at least 0"),
    "recording every 0 steps": (lambda: experiment(every=0), "every=0 is out of range", "at least 1"),
    "recording every half step": (lambda: experiment(every=0.5), "every=0.5 is not a whole number", "give an int"),
    "recording in words": (lambda: experiment(every="ten"), "every='ten' is not a whole number", "give an int"),
    "recording at step 1.5": (lambda: experiment(every=[1, 1.5]), "a step of every=1.5", "give an int of at least 0"),
    "recording before the start": (lambda: experiment(every=[-3]), "a step of every=-3 is out of range", "at least 0"),
    "no name": (lambda: experiment(name=""), "name='' is not a name", "give a word"),
    "a class for an agent": (lambda: experiment(agent=AcceptAll), "AcceptAll'> is not an agent", "give an object"),
    "no trackers": (lambda: experiment(trackers={}), "trackers are nothing", "'tpr': TruePositiveRate()"),
    "a list of trackers": (lambda: experiment(trackers=[Utility]), "trackers are a list", "'tpr': TruePositiveRate()"),
    "a word for a tracker": (lambda: experiment(trackers={"tpr": "tpr"}), "tracker 'tpr' is a str", "give a tracker"),
    "lanes given twice": (
        lambda: experiment(env_params={"num_envs": 3}).run(),
        "env_params holds 'num_envs', which the experiment sets",
        "leave it out",
    ),
    "no experiments": (lambda: run_all([]), "no experiments to run", "give at least one"),
    "two of one name": (lambda: run_all([experiment(), experiment()]), "name='small' is that of 2", "name of its own"),
    "no processes": (lambda: run_all([experiment()], jobs=0), "jobs=0 is out of range", "at least 1"),
    # results
    "an unknown metric": (lambda: MONEY.values("mony"), "metric='mony' was not recorded", "did you mean 'money'?"),
    "an unknown experiment": (
        lambda: MONEY.table("money", experiment="made upp"),
        "experiment='made upp' was not recorded",
        "did you mean 'made up'?",
    ),
    "an unknown group": (
        lambda: GROUPS.estimate("loans", group="advantagd"),
        "group='advantagd' was not recorded",
        "did you mean 'advantaged'?",
    ),
    "no group": (lambda: GROUPS.curve("loans"), "group is needed", "there are 'advantaged', 'disadvantaged'"),
    "a group where there is none": (
        lambda: GROUPS.values("profit", group="advantaged"),
        "group='advantaged' was given, but this metric has none",
        "leave it out",
    ),
    "a step between": (lambda: MONEY.values("money", step=5), "step=5 was not recorded", "recorded are 10"),
    "a summary of a step between": (lambda: MONEY.summary(5), "step=5 was not recorded", "recorded are 10"),
    "no common seeds": (
        lambda: compare(MONEY, result(seed=50, money=[1, 2]), "money"),
        "the two results share no lanes (seeds)",
        "run them with the same --seed",
    ),
    "different ends": (
        lambda: compare(MONEY, result(step=20, money=[1, 2]), "money"),
        "the two results end at steps 10 and 20",
        "give a step that both recorded",
    ),
    "a folder that is not there": (lambda: Result.load("no/such"), "no/such is not a result folder", "result.parquet"),
    "a setting of a scenario": (
        lambda: load_scenario("delayed-impact").settings(step=3),
        "scenario 'delayed-impact' has no setting 'step'",
        "did you mean 'steps'?",
    ),
    "no seeds of a scenario": (lambda: load_scenario("simpson-tpr").settings(lanes=0), "seeds=0", "at least 1"),
}


def assert_one_sentence(message: str) -> None:
    assert message.endswith((".", "?")), message
    assert "\n" not in message
    assert not re.search(r"[.?!]\s", message), message


def test_there_are_enough_cases():
    assert len(CASES) >= 40
    assert len(COMMANDS) >= 30


@pytest.mark.parametrize("case", CASES)
def test_bad_input_in_python(case):
    action, *fragments = CASES[case]
    with pytest.raises(InputError) as refusal:
        action()
    message = str(refusal.value)
    for fragment in fragments:
        assert fragment in message
    assert_one_sentence(message)


@pytest.mark.parametrize(("env_id", "suggested"), [("LendngEnv-v0", "LendingEnv"), ("LendingEnv-v7", "v0")])
def test_unknown_ids_are_refused_by_gymnasium(env_id, suggested):
    for make in (gymnasium.make, gymnasium.make_vec):
        with pytest.raises(gymnasium.error.Error, match=suggested):
            make(env_id)


GOOD_CSV = "group,score,share,repayment\na,1,0.5,0.1\na,2,0.5,0.9\n"
RUN = ("run", "delayed-impact", "--seeds", "2", "--steps", "3", "--jobs", "1")

COMMANDS = {
    "an unknown scenario": (("run", "delayed-imapct"), "scenario='delayed-imapct'", "did you mean 'delayed-impact'?"),
    "no seeds": (("run", "delayed-impact", "--seeds", "0"), "seeds=0 is out of range", "at least 1"),
    "negative steps": (("run", "delayed-impact", "--steps", "-1"), "steps=-1 is out of range", "at least 1"),
    "a negative seed": (("run", "delayed-impact", "--seed", "-1"), "seed=-1 is out of range", "at least 0"),
    "no processes": ((*RUN[:-1], "0"), "jobs=0 is out of range", "at least 1"),
    "a change without a value": ((*RUN, "--set", "interest_rate"), "'interest_rate' is not key=value", "write for"),
    "a change without a key": ((*RUN, "--set", "=3"), "'=3' is not key=value", "write for example"),
    "a typo in a parameter": ((*RUN, "--set", "interst_rate=1"), "'interst_rate'", "did you mean 'interest_rate'?"),
    "negative interest": ((*RUN, "--set", "interest_rate=-1"), "interest_rate=-1 is out of range", "between 0"),
    "interest of NaN": ((*RUN, "--set", "interest_rate=NaN"), "interest_rate=nan is not finite", "finite number"),
    "interest in words": ((*RUN, "--set", "interest_rate=high"), "interest_rate='high' is not a number", "give a"),
    "a comma for a point": ((*RUN, "--set", "interest_rate=0,5"), "interest_rate='0,5' is not a number", "give a"),
    "perhaps": ((*RUN, "--set", "score_moves=maybe"), "score_moves='maybe' is not a yes or no", "True or False"),
    "shares that do not sum": ((*RUN, "--set", "group_shares=[0.5, 0.6]"), "group_shares sums to 1.1", "sum to 1"),
    "lanes as a parameter": ((*RUN, "--set", "num_envs=3"), "env_params holds 'num_envs'", "leave it out"),
    "an unknown population": ((*RUN, "--population", "trans-risk"), "'trans-risk'", "did you mean 'transrisk'?"),
    "a file that is not there": ((*RUN, "--population", "people.csv"), "people.csv does not exist", "give"),
    "a file without a column": ((*RUN, "--population", "lacking.csv"), "lacks the column 'repayment'", "header is"),
    "a file with words": (
        (*RUN, "--population", "words.csv"),
        "line 3, column 'share': 'half' is not a number",
        "words",
    ),
    "a population given twice": (
        (*RUN, "--population", "transrisk", "--set", "population=two-groups"),
        "population is given twice",
        "by --population alone",
    ),
    "a population where there is one": (
        ("run", "simpson-tpr", "--population", "transrisk"),
        "'simpson-tpr' has a population of its own",
        "leave out --population",
    ),
    "seeds of a computation": (
        ("run", "two-year-paradox", "--seeds", "3"),
        "'two-year-paradox' is computed",
        "leave out",
    ),
    "a file to write into": ((*RUN, "--out", "file"), "file is a file", "give a folder"),
    "a place below a file": ((*RUN, "--out", "file/below"), "file/below cannot be written", "choose another folder"),
    "a folder of other files": ((*RUN, "--out", "precious"), "precious holds other files (thesis.tex)", "empty folder"),
    "the folder one is in": ((*RUN, "--out", "."), " is in use and cannot be replaced", "a new folder inside it"),
    "a name too long": ((*RUN, "--out", "x" * 300), "cannot be written (File name too long)", "another folder"),
    "a place to reproduce in": (("reproduce", "--out", "file"), "file/delayed-impact cannot be written", "choose"),
    "no result": (("compare", "nowhere", "nowhere", "--metric", "money"), "nowhere is not a result folder", "parquet"),
    "a damaged result": (("compare", "cut", "good", "--metric", "money"), "cut/result.parquet is damaged", "run the"),
    "an unknown metric": (("compare", "good", "good", "--metric", "mony"), "metric='mony'", "did you mean 'money'?"),
    "an unknown experiment": (
        ("compare", "good:made", "good", "--metric", "money"),
        "experiment='made' was not recorded",
        "did you mean 'made up'?",
    ),
    "an unknown group": (
        ("compare", "good", "good", "--metric", "money", "--group", "a"),
        "group='a' was given, but this metric has none",
        "leave it out",
    ),
    "a step between": (
        ("compare", "good", "good", "--metric", "money", "--step", "7"),
        "step=7 was not recorded",
        "recorded are 10",
    ),
    "no common seeds": (
        ("compare", "good", "later", "--metric", "money"),
        "the two results share no lanes (seeds)",
        "run them with the same --seed",
    ),
}
USAGE = {
    "an unknown command": (("rum", "delayed-impact"), "rum"),
    "an unknown option": (("run", "delayed-impact", "--sedes", "3"), "--sedes"),
    "seeds in words": (("run", "delayed-impact", "--seeds", "many"), "--seeds"),
    "no scenario": (("run",), "scenario"),
    "no metric": (("compare", "good", "good"), "--metric"),
}


@pytest.fixture
def terminal(monkeypatch, capfd, tmp_path):
    """A terminal in a folder with results and files, good and bad."""
    at = Terminal(monkeypatch, capfd, tmp_path)
    Path("file").write_text("precious")
    Path("precious").mkdir()
    Path("precious/thesis.tex").write_text("precious")
    Path("lacking.csv").write_text(GOOD_CSV.replace("repayment", "repaid"))
    Path("words.csv").write_text(GOOD_CSV.replace("a,2,0.5", "a,2,half"))
    result(money=[1, 2]).save("good")
    result(money=[1, 2]).save("cut")
    result(seed=9, money=[1, 2]).save("later")
    frame = Path("cut/result.parquet")
    frame.write_bytes(frame.read_bytes()[:-20])
    return at


@pytest.mark.parametrize("case", COMMANDS)
def test_bad_input_on_the_command_line(terminal, case):
    words, *fragments = COMMANDS[case]
    before = terminal.files()
    status, out, err = terminal(*words)
    assert (status, out) == (2, ""), err
    assert err.startswith("fairgym: ")
    assert err.count("\n") == 1
    assert_one_sentence(err.strip())
    for fragment in fragments:
        assert fragment in err
    assert terminal.files() == before


@pytest.mark.parametrize("case", USAGE)
def test_bad_usage_of_the_command_line(terminal, case):
    words, fragment = USAGE[case]
    status, out, err = terminal(*words)
    assert (status, out) == (2, "")
    assert fragment in err.lower()
    assert err.startswith("fairgym: ")
    assert err.endswith(": see fairgym --help.\n")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [
        ("run", "delayed-imapct"),
        (*RUN[:-2], "--jobs", "2", "--out", "file/below"),
        ("compare", "cut", "good", "--metric", "money"),
        ("run",),
    ],
)
def test_there_is_no_traceback_in_a_process_of_its_own(terminal, words):
    answer = subprocess.run([*FAIRGYM, *words], capture_output=True, text=True, env={**os.environ, "COLUMNS": "80"})
    assert answer.returncode == 2
    assert answer.stdout == ""
    assert "Traceback" not in answer.stderr
    assert len(words) == 1 or re.fullmatch(r"fairgym: .*\n", answer.stderr)


@pytest.mark.parametrize("words", [("list",), (*RUN, "--out", "new"), (*RUN, "--out", "new", "--check")])
def test_exit_status_of_a_process_of_its_own(terminal, words):
    answer = subprocess.run([*FAIRGYM, *words], capture_output=True, text=True)
    assert answer.returncode == (1 if "--check" in words else 0)
    assert answer.stderr == ""


def test_what_the_system_refuses_is_one_line_too(terminal, monkeypatch):
    """A disk that is full during the run, for example."""

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("fairgym.sweep.running.progress_bar", full)
    status, out, err = terminal(*RUN)
    assert (status, out) == (2, "")
    assert err == "fairgym: [Errno 28] No space left on device\n"


def test_refusals_are_shown_as_they_are(terminal):
    """Square brackets and long lines, which terminals libraries like to change."""
    status, _, err = terminal(*RUN, "--set", "group_shares=[[bold]]" + "x" * 200)
    assert status == 2
    assert "[[bold]]" in err
    assert err.count("\n") == 1


def test_notes_are_shown_as_they_are(capsys):
    def refusing(_):
        raise InputError("options[state] is not known.")

    scenario = load_scenario("two-year-paradox")
    claims = [
        Claim("A", "a [dim]claim.", "s", "q", (0, 1), measure)
        for measure in (refusing, lambda _: Measurement(0.5, 0.1, 0.9))
    ]
    report = Report(scenario, scenario.settings(), MONEY, [claim.check(MONEY) for claim in claims], "x")
    console = Console(width=120)
    console.print(claims_table([report]))
    print_notes([report], console)
    out = capsys.readouterr().out
    assert "A: not measurable with these settings: options[state] is not known." in out
    assert "a [dim]claim." in out
    assert "0.5 [0.1, 0.9]" in out


def test_trackers_that_do_fit_are_taken():
    """The table above must not pass because everything is refused."""
    trackers = {
        "gap": Gap(Window(TruePositiveRate(), 5)),
        "difference": Difference(AcceptanceRate(), 0, 1),
        "ratio": Ratio(CumulativeDecisions(), 1, 0),
        "discounted": Discounted(TruePositiveRate(), 0.9),
        "simpson": SimpsonDecomposition(3),
    }
    frame = experiment(trackers=trackers, steps=8, num_envs=2, every=[0, 8]).run().frame
    assert set(trackers) <= {name.split(".")[0] for name in frame["metric"]}
