"""Lanes are independent, so an experiment cut into ranges of lanes, in any number of processes, is the whole."""

from __future__ import annotations

import io
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from sklearn.tree import DecisionTreeClassifier

from fairgym.agents import AcceptAll, ClassifierAgent, EqualOpportunity, RandomAgent, ThresholdAgent
from fairgym.checks import InputError
from fairgym.metrics import PopulationScore
from fairgym.progress import INTERVAL, Counter, progress_bar
from fairgym.result import Result
from fairgym.sweep import chunks, run_all, split, sweep
from tests.experiment.small import SHORT, experiment

AGENTS = {
    "threshold": ThresholdAgent(3),
    "random": RandomAgent(0.5),
    "oracle": EqualOpportunity(oracle=True),
    "learned": EqualOpportunity(burn_in=10, refit_every=4),
    "classifier": ClassifierAgent(DecisionTreeClassifier(max_features=1), burn_in=15, refit_every=10),
}


def assert_same(left: Result, right: Result) -> None:
    """Check that two results hold the same rows in the same order, values bit for bit."""
    assert left.frame.drop(columns="value").equals(right.frame.drop(columns="value"))
    assert left.frame["value"].to_numpy().tobytes() == right.frame["value"].to_numpy().tobytes()


@pytest.mark.parametrize("params", [{}, SHORT])
@pytest.mark.parametrize("agent", AGENTS.values(), ids=AGENTS.keys())
def test_ranges_of_lanes_put_together_are_the_whole(agent, params):
    whole = experiment(agent=agent, num_envs=7, env_params=params, every=1)
    for parts in (2, 3, 7):
        assert_same(Result.concat([piece.run() for piece in split(whole, parts)]), whole.run())


@settings(max_examples=25, deadline=None)
@given(lanes=st.integers(1, 9), parts=st.integers(1, 12), seed=st.integers(0, 10**6))
def test_any_split_is_the_whole(lanes, parts, seed):
    whole = experiment(agent=RandomAgent(0.5), num_envs=lanes, seed=seed, steps=6)
    pieces = split(whole, parts)
    assert len(pieces) == min(lanes, parts)
    sizes = [piece.num_envs for piece in pieces]
    assert max(sizes) - min(sizes) <= 1
    lanes_of_pieces = [piece.seed + lane for piece in pieces for lane in range(piece.num_envs)]
    assert lanes_of_pieces == list(range(seed, seed + lanes))
    assert_same(Result.concat([piece.run() for piece in pieces]), whole.run())


def test_lanes_that_learn_from_each_other_stay_together():
    shared = experiment(agent=ClassifierAgent(DecisionTreeClassifier(), shared=True), num_envs=6)
    assert split(shared, 3) == [shared]


def test_processes_do_not_change_results():
    experiments = [
        experiment(name="poor", agent=EqualOpportunity(burn_in=10), num_envs=5, env_params=SHORT),
        experiment(name="rich", agent=RandomAgent(0.5), num_envs=4),
    ]
    one, two, three = (run_all(experiments, jobs) for jobs in (1, 2, 3))
    assert one.experiments == ["poor", "rich"]
    assert [config["num_envs"] for config in two.config["experiments"]] == [5, 4]
    for other in (two, three):
        assert_same(one, other)
        assert one.config == other.config


@settings(max_examples=25, deadline=None)
@given(lanes=st.integers(1, 9), more=st.integers(0, 9), chunk=st.integers(1, 12))
def test_chunks_do_not_depend_on_the_machine_and_full_ones_stay_where_seeds_are_added(lanes, more, chunk):
    few, many = (chunks(experiment(num_envs=count), chunk) for count in (lanes, lanes + more))
    assert [piece.num_envs for piece in few] == [chunk] * (lanes // chunk) + [lanes % chunk] * (lanes % chunk > 0)
    full = lanes // chunk
    assert [(one.seed, one.num_envs) for one in few[:full]] == [(one.seed, one.num_envs) for one in many[:full]]
    seeds = [piece.seed + lane for piece in many for lane in range(piece.num_envs)]
    assert seeds == list(range(7, 7 + lanes + more))


def poor_and_rich():
    """Two experiments: bankruptcies and a learning agent with luck of its own, and random decisions."""
    poor = experiment(name="poor", agent=EqualOpportunity(burn_in=10), num_envs=5, env_params=SHORT)
    return [poor, experiment(name="rich", agent=RandomAgent(0.5), num_envs=4)]


def needs(backend):
    """Skip where the engine of a backend, an extra, is not installed."""
    pytest.importorskip({"ray": "ray", "dask": "distributed"}.get(backend, "joblib"))


@pytest.mark.parametrize("backend", ["loky", "threading", "ray", "dask"])
def test_every_backend_gives_the_result_of_a_plain_loop(tmp_path, backend):
    """In pieces of two lanes, which each worker keeps; then all from what was kept."""
    needs(backend)
    plain = Result.concat([one.run() for one in poor_and_rich()])
    for kept in (0, 5):
        assert len(list(tmp_path.glob("*.parquet"))) == kept
        console = Console(file=io.StringIO())
        result = sweep(poor_and_rich(), backend, 2, tmp_path, console, chunk=2)
        assert_same(result, plain)
        assert result.config == plain.config
        assert ("5 of 5 pieces of work were done before" in console.file.getvalue()) == (kept == 5)


@pytest.mark.parametrize("backend", ["ray", "dask"])
def test_a_missing_extra_is_named(monkeypatch, backend):
    monkeypatch.setitem(sys.modules, {"ray": "ray", "dask": "distributed"}[backend], None)
    with pytest.raises(InputError, match=rf"needs {backend.title()}, .* pip install 'fairgym\[{backend}\]'"):
        sweep([experiment()], backend)


def test_an_unknown_backend_is_refused_with_the_nearest():
    with pytest.raises(InputError, match="backend='lokky' is not known: did you mean 'loky'"):
        sweep([experiment()], "lokky")
    with pytest.raises(InputError, match="chunk=0 is out of range"):
        sweep([experiment()], "sequential", chunk=0)


def test_a_worker_of_another_version_is_refused(monkeypatch):
    monkeypatch.setattr(
        "fairgym.sweep.running.versions", iter([{"numpy": "1"}, {"numpy": "2"}, {"numpy": "2"}]).__next__
    )
    with pytest.raises(InputError, match=r"a worker has .*'2'.* but this process has .*'1'"):
        sweep([experiment()], "sequential")


def test_a_refusal_in_another_process_is_the_same_refusal():
    bad = [experiment(name=name, env_params={"interest_rat": 0.5}) for name in "ab"]
    with pytest.raises(InputError, match="no parameter 'interest_rat': did you mean 'interest_rate'"):
        run_all(bad, jobs=2)


def test_relative_paths_are_those_of_the_caller(tmp_path, monkeypatch):
    """Workers are kept from one call to the next, wherever the caller has gone in between."""
    for place, repayment in (("here", 0.2), ("there", 0.8)):
        (tmp_path / place).mkdir()
        rows = [f"a,{score},0.5,{repayment}" for score in (1, 2)]
        (tmp_path / place / "people.csv").write_text("\n".join(["group,score,share,repayment", *rows]))
        monkeypatch.chdir(tmp_path / place)
        trackers = {"credit": PopulationScore()}
        many = [
            experiment(name=name, agent=AcceptAll(), trackers=trackers, env_params={"population": "people.csv"})
            for name in "ab"
        ]
        assert set(run_all(many, jobs=2).values("credit", experiment="b")) == {repayment}


def test_experiments_need_different_names():
    with pytest.raises(InputError, match="name='small' is that of 2 experiments: give each a name of its own"):
        run_all([experiment(), experiment(seed=9)], jobs=1)
    with pytest.raises(InputError, match="no experiments to run"):
        run_all([], jobs=1)


def test_the_progress_bar_names_experiments_and_says_rate_and_time(monkeypatch):
    monkeypatch.setattr("fairgym.progress.INTERVAL", 0.02)
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    run_all([experiment(name="mine", agent=AcceptAll(), num_envs=3, seed=2, steps=3_000)], 1, console)
    shown = console.file.getvalue()
    assert "mine, lanes 2-4" in shown
    assert "lane-steps/s" in shown
    assert "0:00:0" in shown


def test_one_experiment_is_cut_for_several_processes():
    console = Console(file=io.StringIO(), width=100)
    run_all([experiment(name="mine", num_envs=5, seed=2)], 2, console)
    assert "mine, lanes 2-4" in console.file.getvalue()
    assert "mine, lanes 5-6" in console.file.getvalue()


def test_counts_of_other_processes_are_shown(monkeypatch):
    """A counter writes at most every INTERVAL seconds; what it wrote is seen through its file."""
    clock = [100.0]
    monkeypatch.setattr("fairgym.progress.time.monotonic", lambda: clock[0])
    console = Console(file=io.StringIO())
    with progress_bar(console, ["a", "b"], [10, 20]) as counters:
        counter = Counter(counters[1].path, 1)
        counter(5)
        counter(6)
        assert np.memmap(counter.path, dtype=np.int64, mode="r").tolist() == [0, 5]
        clock[0] += INTERVAL
        counter(7)
        assert np.memmap(counter.path, dtype=np.int64, mode="r").tolist() == [0, 7]


def test_nothing_is_shown_on_a_quiet_console(capsys):
    run_all([experiment(agent=AcceptAll(), num_envs=2, steps=3)], 1)
    assert capsys.readouterr() == ("", "")
