"""What a sweep keeps: every finished piece, under a hash of everything that its numbers depend on."""

from __future__ import annotations

import io
import sys

import numpy as np
import pytest
from rich.console import Console
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier

from fairgym.agents import AcceptAll, AcceptRejectAgent, ClassifierAgent, EqualOpportunity, RandomAgent, ThresholdAgent
from fairgym.checks import InputError
from fairgym.experiment import Experiment, plain
from fairgym.metrics import CumulativeDecisions, Difference, Gap, TruePositiveRate, Utility, Window
from fairgym.result import Result
from fairgym.sweep import Pieces, sweep
from fairgym.sweep.pieces import content_hash
from tests.experiment.small import experiment
from tests.experiment.test_sweep import assert_same


def pair(**changes):
    """Two experiments of two pieces each."""
    agents = {"a": RandomAgent(0.5), "b": ThresholdAgent(2)}
    return [experiment(name=name, agent=agent, num_envs=4, **changes) for name, agent in agents.items()]


def run(folder, experiments=None, **how):
    """Run in this process, in pieces of two lanes; return the result and what was said."""
    console = Console(file=io.StringIO(), width=200)
    result = sweep(pair() if experiments is None else experiments, "sequential", 1, folder, console, chunk=2, **how)
    return result, console.file.getvalue()


@pytest.fixture
def runs(monkeypatch):
    """The pieces that were really run: name and first lane."""
    done = []
    real = Experiment.run

    def counted(self, *rest):
        result = real(self, *rest)
        done.append((self.name, self.seed))
        return result

    monkeypatch.setattr(Experiment, "run", counted)
    return done


def test_only_what_is_missing_is_done(tmp_path, runs):
    whole, said = run(tmp_path)
    assert runs == [("a", 7), ("a", 9), ("b", 7), ("b", 9)]
    assert "done before" not in said
    first = min(tmp_path.iterdir())
    first.unlink()
    again, said = run(tmp_path)
    assert len(runs) == 5
    assert "3 of 4 pieces of work were done before." in said
    assert_same(whole, again)
    assert whole.config == again.config
    assert first.is_file()


def test_an_interrupted_sweep_goes_on(tmp_path, runs, monkeypatch):
    counted = Experiment.run

    def interrupted(self, *rest):
        if len(runs) == 3:
            raise KeyboardInterrupt
        return counted(self, *rest)

    monkeypatch.setattr(Experiment, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path)
    assert len(Pieces(tmp_path)) == 3
    assert all(path.suffix == ".parquet" for path in tmp_path.iterdir()), "nothing half written is left"
    monkeypatch.setattr(Experiment, "run", counted)
    result, said = run(tmp_path)
    assert runs[3:] == [("b", 9)]
    assert "3 of 4" in said
    assert_same(result, Result.concat([one.run() for one in pair()]))


@pytest.mark.parametrize("damage", ["cut short", "one byte", "empty", "other lanes"])
def test_a_damaged_piece_is_done_again(tmp_path, runs, damage):
    whole, _ = run(tmp_path)
    first, second = sorted(tmp_path.iterdir())[:2]
    whole_bytes = first.read_bytes()
    damaged = bytearray(whole_bytes)
    damaged[len(damaged) // 8] ^= 1
    other = next(one for one in tmp_path.iterdir() if lanes_of(one) != lanes_of(first))
    contents = {"cut short": whole_bytes[:-40], "one byte": damaged, "empty": b"", "other lanes": other.read_bytes()}
    first.write_bytes(bytes(contents[damage]))
    again, said = run(tmp_path)
    assert "3 of 4" in said
    assert len(runs) == 5
    assert_same(whole, again)
    assert first.read_bytes() == whole_bytes
    assert second.is_file()


def lanes_of(file):
    """Return the lanes in a kept piece."""
    import pandas as pd

    return set(pd.read_parquet(file)["lane"])


def test_every_byte_of_a_piece_counts(tmp_path):
    """Whatever bit of the file is turned, the piece is refused or its numbers are the same."""
    store, piece = Pieces(tmp_path), experiment(num_envs=1, steps=3)
    frame = piece.run().frame
    store.save("key", frame)
    file = tmp_path / "key.parquet"
    good = file.read_bytes()
    assert store.load("key", piece).equals(frame)
    for place in range(4, len(good), 97):
        file.write_bytes(good[:place] + bytes([good[place] ^ 16]) + good[place + 1 :])
        loaded = store.load("key", piece)
        assert loaded is None or loaded.equals(frame), f"byte {place} of {len(good)}"


def test_more_seeds_and_another_name_use_what_is_there(tmp_path, runs):
    run(tmp_path, [experiment(name="few", num_envs=5)])
    more, said = run(tmp_path, [experiment(name="many", num_envs=8)])
    assert runs == [("few", 7), ("few", 9), ("few", 11), ("many", 11), ("many", 13)]
    assert "2 of 4" in said
    assert_same(more, experiment(name="many", num_envs=8).run())


def test_refused_sweeps_and_finished_ones_make_no_folder(tmp_path):
    with pytest.raises(InputError, match="no parameter 'interest_rat'"):
        run(tmp_path / "new", [experiment(env_params={"interest_rat": 1})])
    assert not (tmp_path / "new").exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"file cannot be written \(.*\): choose another folder"):
        run(tmp_path / "file")


class Opaque:
    """A setting that says nothing about itself."""

    def __init__(self, value):
        self.value = value


class Particular(AcceptAll):
    """An agent with a setting that has no description."""

    def __init__(self, setting):
        self.setting = setting


TRACKERS = {"loans": CumulativeDecisions(), "tpr": TruePositiveRate(), "profit": Utility()}
OTHERS = {
    "seed": {"seed": 8},
    "lanes": {"num_envs": 4},
    "steps": {"steps": 41},
    "recorded": {"every": 7},
    "parameter": {"env_params": {"interest_rate": 0.5}},
    "another value": {"env_params": {"interest_rate": 0.25}},
    "list": {"env_params": {"group_shares": (0.25, 0.75)}},
    "world": {"env_id": "FeatureLendingEnv-v0", "agent": AcceptAll()},
    "agent": {"agent": AcceptAll()},
    "setting": {"agent": ThresholdAgent(2)},
    "kind of setting": {"agent": ThresholdAgent([3, 3])},
    "burn-in": {"agent": EqualOpportunity(burn_in=10)},
    "longer burn-in": {"agent": EqualOpportunity(burn_in=11)},
    "estimator": {"agent": ClassifierAgent(GaussianNB())},
    "estimator's setting": {"agent": ClassifierAgent(GaussianNB(var_smoothing=1e-8))},
    "other estimator": {"agent": ClassifierAgent(DecisionTreeClassifier())},
    "private setting": {"agent": Particular(Opaque(1))},
    "private setting, other": {"agent": Particular(Opaque(2))},
    "private array": {"agent": Particular(Opaque(np.arange(5000)))},
    "private array, other": {"agent": Particular(Opaque(np.arange(5000) + (np.arange(5000) == 2500)))},
    "text": {"agent": Particular("1")},
    "number": {"agent": Particular(1)},
    "trackers": {"trackers": {"loans": CumulativeDecisions()}},
    "order of trackers": {"trackers": dict(reversed(TRACKERS.items()))},
    "name of a tracker": {"trackers": {"credits": CumulativeDecisions()}},
    "pair": {"trackers": {"loans": Difference(TruePositiveRate(), 0, 1)}},
    "turned pair": {"trackers": {"loans": Difference(TruePositiveRate(), 1, 0)}},
    "gap": {"trackers": {"loans": Gap(Window(TruePositiveRate(), 5))}},
    "window": {"trackers": {"loans": Gap(Window(TruePositiveRate(), 6))}},
}


def test_two_different_settings_never_share_a_hash():
    hashes = {name: content_hash(experiment(**changes)) for name, changes in {"usual": {}, **OTHERS}.items()}
    assert len(set(hashes.values())) == len(hashes)


def test_the_description_in_the_configuration_would_not_do():
    """It is for people: what has no description of its own is shown by its class."""
    assert plain(Particular(Opaque(1))) == plain(Particular(Opaque(2)))


def test_the_same_work_has_the_same_hash():
    for changes in ({}, *OTHERS.values()):
        assert content_hash(experiment(**changes)) == content_hash(experiment(**{**changes, "name": "other"}))
    params = {"interest_rate": 0.5, "pool_size": 50}
    turned = dict(reversed(params.items()))
    assert content_hash(experiment(env_params=params)) == content_hash(experiment(env_params=turned))


def test_other_versions_have_another_hash(monkeypatch):
    before = content_hash(experiment())
    monkeypatch.setattr("fairgym.sweep.pieces.versions", lambda: {"numpy": "3.0"})
    assert content_hash(experiment()) != before


def test_a_changed_formula_has_another_hash(monkeypatch):
    before = content_hash(experiment())
    monkeypatch.setattr("fairgym.sweep.pieces._our_code", lambda: "changed")
    assert content_hash(experiment()) != before


def test_a_changed_file_has_another_hash(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    hashes = set()
    for repayment in (0.2, 0.8, 0.2):
        rows = [f"a,{score},0.5,{repayment}" for score in (1, 2)]
        (tmp_path / "people.csv").write_text("\n".join(["group,score,share,repayment", *rows]))
        hashes.add(content_hash(experiment(agent=AcceptAll(), env_params={"population": "people.csv"})))
    assert len(hashes) == 2


def test_a_changed_agent_of_the_user_has_another_hash(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    hashes = set()
    for base in ("RandomAgent", "RandomAgent  # changed", "RandomAgent"):
        (tmp_path / "base_of_mine.py").write_text(
            f"from fairgym.agents import RandomAgent\nBase = {base}\nclass Base(Base): pass\n"
        )
        (tmp_path / "agent_of_mine.py").write_text("from base_of_mine import Base\nclass Mine(Base): pass\n")
        for name in ("agent_of_mine", "base_of_mine"):
            monkeypatch.delitem(sys.modules, name, raising=False)
        module = __import__("agent_of_mine")
        hashes.add(content_hash(experiment(agent=module.Mine(0.5))))
    assert len(hashes) == 2


def test_what_cannot_be_told_apart_is_refused(tmp_path):
    class Local(AcceptRejectAgent):
        def acceptance(self, observation, info):
            return np.ones(self.lanes)

    for agent in (Particular(lambda: 1), Local()):
        with pytest.raises(InputError, match="pieces of 'small' cannot be kept, because what cannot be pickled"):
            run(tmp_path, [experiment(agent=agent)])
    assert list(tmp_path.iterdir()) == []


def test_code_without_a_file_is_refused(monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "__file__", None)
    with pytest.raises(InputError, match=r"code that has no file \(tests.experiment.test_pieces\): put it in a module"):
        content_hash(experiment(agent=Particular(1)))
