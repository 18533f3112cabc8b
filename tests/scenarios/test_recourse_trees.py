"""Trees and forests trained for recourse: folds, what is measured on them, claims with and without data."""

from __future__ import annotations

import io
import json

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import StratifiedKFold

from fairgym.checks import InputError
from fairgym.populations.applicants import as_table, repayment
from fairgym.populations.recourse_data import load_table
from fairgym.result import Result, tidy
from fairgym.scenarios import load_scenario
from fairgym.scenarios.base import HOLDS, OPEN
from fairgym.scenarios.recourse_trees import fitting
from fairgym.scenarios.recourse_trees.fitting import Fit
from fairgym.scenarios.recourse_trees.folds import folds_of, samples_of
from fairgym.scenarios.recourse_trees.measures import difference, distances, interval
from fairgym.scenarios.recourse_trees.names import (
    ACTIONABLE,
    APPLICANTS,
    AWARE,
    FOREST,
    GRIDS,
    GROUPED,
    METHODS,
    MODELS,
    OURS,
    PAPER_DATA,
    RECORDED,
    ROW_WISE,
    SAMPLED,
    SHOWN,
    TREE,
    TRUTH,
    VANILLA,
    arms,
    curve,
    shown,
    values,
)
from fairgym.scenarios.recourse_trees.published import FOREST_CURVES, FORESTS, ROUNDING, TREES, Published
from tests.data import data_file
from tests.populations.recourse_files import invented, write
from tests.scenarios.verdicts import verdicts

SCENARIO = load_scenario("recourse-trees")
SMALL = {"people": 60, "synthetic_trees": 2, "trees": 2, "folds": 2, "curves": False}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder of which one file is that of the paper's data sets, with 90 invented people, some of them twins."""
    table = invented("bail", 60)
    return write(tmp_path_factory.mktemp("data"), "bail", pd.concat([table, table.head(30)]))


def run(folder=None, pieces=None, lanes=2, **options):
    data = None if folder is None else str(folder)
    return SCENARIO.run(SCENARIO.settings(lanes=lanes, data=data, env_params={**SMALL, **options}), 1, pieces=pieces)


@pytest.fixture(scope="module")
def alone():
    return run(curves=True)


@pytest.fixture(scope="module")
def with_data(folder, tmp_path_factory):
    return run(folder, tmp_path_factory.mktemp("pieces"))


def test_row_wise_folds_are_those_of_scikit_learn_and_grouped_ones_part_no_twins(folder):
    table = load_table("bail", folder)
    expected = StratifiedKFold(3).split(table.X, table.y)
    for split, (train, test) in zip(folds_of(table, ROW_WISE, 3), expected, strict=True):
        np.testing.assert_array_equal(split.train, train)
        np.testing.assert_array_equal(split.test, test)
    grouped = list(folds_of(table, GROUPED, 3))
    assert sorted(np.concatenate([split.test for split in grouped]).tolist()) == list(range(90))
    for split in grouped:
        assert not set(split.train.tolist()) & set(split.test.tolist())
        assert len(split.train) + len(split.test) == 90
        assert not set(table.twins[split.train].tolist()) & set(table.twins[split.test].tolist())
    parted = [np.intersect1d(table.twins[one.train], table.twins[one.test]) for one in folds_of(table, ROW_WISE, 3)]
    assert max(map(len, parted)) > 0, "there are twins to part"


def test_too_many_folds_are_refused(folder):
    with pytest.raises(InputError, match="folds=50 is too many for 'bail'"):
        next(folds_of(load_table("bail", folder), ROW_WISE, 50))


def test_samples_are_new_people_for_every_seed():
    one, two = samples_of(20, [5, 6])
    assert one.table.note == as_table(40, 5).note
    assert one.table.note != two.table.note
    assert not set(one.train.tolist()) & set(one.test.tolist())


def test_every_arm_is_there_once():
    for data in (*PAPER_DATA, APPLICANTS):
        every = list(arms(data, GROUPED, curves=True))
        names = [arm.name for arm in every]
        assert len(set(names)) == len(names)
        for model in MODELS:
            assert {shown(data, model, method, GROUPED) for method in METHODS} <= set(every)
            assert set(curve(data, model, GROUPED)) <= set(every)
            assert SHOWN[model][data] in GRIDS[model][data], "the weight shown is one of the curve"
    assert len(list(arms("fico", GROUPED, curves=False))) == 8


def test_what_is_measured_agrees_with_itself(alone):
    frame = alone.frame.pivot(index=["experiment", "lane"], columns="metric", values="value")
    assert set(frame.columns) == {*RECORDED, *TRUTH}
    assert frame[["accuracy", "f1", "rejected", "recourse"]].stack().between(0, 1).all()
    acted = frame["recourse_of_rejected"].notna()
    total = (1 - frame["rejected"] + frame["rejected"] * frame["recourse_of_rejected"])[acted]
    np.testing.assert_allclose(frame["recourse"][acted], total, atol=1e-12)
    assert (frame.loc[~acted, "recourse"] == 1).all(), "where nobody is rejected, everybody has recourse"
    assert (frame["cost"].dropna() <= 0.3 + 1e-6).all(), "no action is beyond the budget"
    assert (frame["cost"].dropna() > 0).all()
    assert (frame["leaves"] >= 1).all()
    assert (frame["fit_seconds"] > 0).all()


def test_a_fit_is_what_scikit_learn_would_measure():
    split = next(samples_of(80, [0]))
    fit = Fit(shown(APPLICANTS, TREE, VANILLA, SAMPLED), 0, split, 3, 0.3)
    measured = fit.run().set_index("metric")["value"]
    model = fitting.make_model(fit).fit(split.table.X.iloc[:80], split.table.y[:80])
    people, truth = split.table.X.iloc[80:], split.table.y[80:]
    assert measured["accuracy"] == (model.predict(people) == truth).mean() == model.score(people, truth)
    assert measured["rejected"] == (model.predict(people) == 1).mean()
    assert measured["recourse"] == model.recourse_rate(people)
    assert measured["leaves"] == model.get_n_leaves()
    assert (model.recourse_weight, model.paper_rules, model.only_actionable) == (0.0, True, False)


@pytest.mark.parametrize("model", MODELS)
def test_methods_differ_in_what_they_say(model):
    split = next(samples_of(60, [0]))
    made = {m: fitting.make_model(Fit(shown(APPLICANTS, model, m, SAMPLED), 0, split, 3, 0.3)) for m in METHODS}
    assert [made[m].recourse_weight for m in (VANILLA, ACTIONABLE, AWARE)] == [0, 0, SHOWN[model][APPLICANTS]]
    assert made[ACTIONABLE].only_actionable
    assert not made[OURS].paper_rules
    defaults = type(made[OURS])().get_params()
    ours = {name: value for name, value in made[OURS].get_params().items() if value != defaults[name]}
    assert set(ours) <= {"actions", "target_class", "cost", "random_state", "n_estimators", "n_jobs"}
    assert {one.budget for one in made.values()} == {0.3}


def test_acting_is_measured_against_the_truth():
    """Person by person: who is accepted counts as she is, who can act as she was and as she is after it."""
    split = next(samples_of(50, [1]))
    model = fitting.make_model(Fit(shown(APPLICANTS, TREE, AWARE, SAMPLED), 0, split, 3, 0.3))
    model.fit(split.table.X.iloc[split.train], split.table.y[split.train])
    people = split.table.X.iloc[split.test]
    found = model.recourse(people, progress=False)
    accepted, before, after = [], [], []
    for label, decision in zip(people.index, model.predict(people), strict=True):
        first, now = people.loc[[label]].to_numpy(), found.counterfactual.loc[[label]].to_numpy()
        if decision == 0:
            accepted.append(repayment(first)[0])
        elif not np.isnan(now).any():
            before.append(repayment(first)[0])
            after.append(repayment(first, now)[0])
    told = fitting.truth(found, split)
    assert min(len(accepted), len(before)) > 0
    for name, each in (("repays_accepted", accepted), ("repays_before", before), ("repays_after", after)):
        assert told[name] == pytest.approx(np.mean(each))


def made_up(each, experiment=None, metric="auc", **config):
    """Return a result with one metric of one arm."""
    name = experiment or shown("fico", TREE, AWARE, ROW_WISE).name
    frames = [tidy(name, lane, [(1, metric, np.array([value]))]) for lane, value in enumerate(each)]
    options = {"folds": 10, "trees": 200, "budget": 0.3, "protocol": ROW_WISE, **config}
    return Result(pd.concat(frames), {"experiments": [], "tables": {"fico": {}}, "options": options})


def test_intervals_over_folds_by_hand():
    """Three folds of 1, 2 and 3: variance 1, so the error is the root of 1/3 + 1/2, and Student's t with 2 is 4.303."""
    measured = interval(made_up([1]), "fico", np.array([1.0, 2.0, 3.0]))
    assert measured.value == 2
    assert measured.high - 2 == pytest.approx(4.30265 * np.sqrt(5 / 6), rel=1e-5)
    assert 2 - measured.low == pytest.approx(measured.high - 2)
    assert not interval(made_up([1]), "fico", np.array([1.0, np.nan])).known


def test_distances_from_published_numbers_by_hand():
    """Folds of 0.1, 0.2 and 0.3 have a mean of 0.2 and a variance of 0.01; ten folds of spread 0.2 gave 0.1."""
    rows = {AWARE: {"auc": Published(0.1, 0.2)}}
    found = distances(made_up([0.1, 0.2, 0.3]), "fico", TREE, [AWARE], rows, ["auc"])
    assert found == pytest.approx(0.1 / np.sqrt(0.01 / 3 + 0.04 / 10 + ROUNDING**2))
    with pytest.raises(InputError, match=r"the published numbers are for trees=200, not 3\."):
        distances(made_up([0.1, 0.2, 0.3], trees=3), "fico", TREE, [AWARE], rows, ["auc"])


def test_published_numbers_are_there_for_every_method():
    for table, metrics in ((TREES, {"accuracy", "recourse"}), (FORESTS, {"accuracy", "auc", "recourse"})):
        assert set(table) == set(PAPER_DATA)
        for rows in table.values():
            assert set(rows) == {VANILLA, ACTIONABLE, AWARE}
            assert all(set(row) == metrics for row in rows.values())
    for data in PAPER_DATA:
        place = [0.0, *GRIDS[FOREST][data]].index(SHOWN[FOREST][data])
        assert FOREST_CURVES[data][place] == (FORESTS[data][AWARE]["auc"].mean, FORESTS[data][AWARE]["recourse"].mean)


def test_without_data_their_claims_are_open_and_that_is_no_surprise(alone):
    found = verdicts(SCENARIO, alone)
    assert {name for name in found if name[0] == "S"} == {f"S{number}" for number in range(1, 10)}
    for name, verdict in found.items():
        if name[0] != "S":
            assert (verdict.verdict, verdict.measured) == (OPEN, None)
            assert verdict.note.startswith("about data that were not given: it needs ")
            assert verdict.as_expected
    assert not found["S1"].as_expected, "two seeds decide nothing, and that is not for want of data"


def test_with_data_claims_name_what_is_still_missing(with_data):
    found = verdicts(SCENARIO, with_data)
    assert "it needs fico.csv" in found["R1"].note
    assert found["R1"].as_expected
    assert found["N2"].measured is not None, "what is about Bail alone is measured"
    assert "the published numbers are for folds=10, not 2" in found["T4"].note
    assert not found["T4"].as_expected
    json.dumps([verdict.as_dict() for verdict in found.values()], allow_nan=False)


def test_real_data_are_run_by_both_kinds_of_folds_and_told_without_their_path(with_data, folder):
    for held_out in (GROUPED, ROW_WISE):
        for model in MODELS:
            for method in METHODS:
                assert len(values(with_data, shown("bail", model, method, held_out), "recourse")) == 2
    assert str(folder) not in json.dumps(with_data.config)
    assert with_data.config["tables"]["bail"]["rows"] == 90
    table = SCENARIO.tables(with_data)["trees"]
    assert table["data"].unique().tolist() == ["synthetic applicants", "Bail, grouped", "Bail, row-wise"]


def test_row_wise_alone_is_run_once(folder):
    result = run(folder, protocol=ROW_WISE)
    assert len([name for name in result.experiments if name.startswith("bail")]) == 8
    assert SCENARIO.tables(result)["trees"]["data"].unique().tolist() == ["synthetic applicants", "Bail, row-wise"]


def test_an_interrupted_run_goes_on_where_it_was(folder, tmp_path, monkeypatch):
    done, finish = [], Fit.run

    def interrupted(fit):
        if len(done) == 7:
            raise KeyboardInterrupt
        done.append(fit)
        return finish(fit)

    monkeypatch.setattr(Fit, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(folder, tmp_path, lanes=1)
    kept = len(list(tmp_path.glob("*.parquet")))
    assert kept >= 6, "all but what was under way"
    again = []
    monkeypatch.setattr(Fit, "run", lambda fit: (again.append(fit), finish(fit))[1])
    result = run(folder, tmp_path, lanes=1)
    assert len(again) == 8 + 2 * 16 - kept
    again.clear()
    pd.testing.assert_frame_equal(run(folder, tmp_path, lanes=1).frame, result.frame)
    assert not again


def test_the_same_seeds_give_the_same_numbers(alone):
    def timeless(result):
        return result.frame[~result.frame["metric"].str.endswith("_seconds")].reset_index(drop=True)

    pd.testing.assert_frame_equal(timeless(run(curves=True)), timeless(alone))


@pytest.mark.parametrize("which", ["alone", "with_data"])
def test_figures_and_tables_can_be_drawn(which, request):
    result = request.getfixturevalue(which)
    figures = SCENARIO.figures(result)
    assert set(figures) == {"trees", "forests"} | ({"tree-weights", "forest-weights"} if which == "alone" else set())
    for figure in figures.values():
        figure.savefig(io.BytesIO(), format="png")
    for table in SCENARIO.tables(result).values():
        assert set(table["method"]) == set(METHODS)
        assert table["recourse"].between(0, 1).all()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"protocol": "rowwise"}, "protocol='rowwise' is not known: did you mean 'row-wise'"),
        ({"folds": 1}, "folds=1 is out of range: it must be at least 2"),
        ({"budget": 0}, "budget=0 is too small: it must be above 0"),
        ({"curves": "no"}, "curves='no' is not a yes or no"),
        ({"data_sets": "fico"}, "data_sets='fico' is not a list of different names"),
        ({"data_sets": ["ficco"]}, "a name in data_sets='ficco' is not known: did you mean 'fico'"),
        ({"tree": 3}, "Options has no parameter 'tree': did you mean 'trees'"),
    ],
)
def test_options_are_checked_at_the_door(options, sentence):
    with pytest.raises(InputError, match=sentence):
        SCENARIO.settings(env_params=options)


def test_a_data_set_asked_for_has_to_be_there(folder):
    with pytest.raises(InputError, match=r"fico\.csv is not in .*: it is the data set 'fico', home equity"):
        run(folder, data_sets=["bail", "fico"])


def test_recourse_aware_trees_match_the_authors_program_on_compas():
    """Row-wise folds, paper rules: within two standard errors in accuracy and recourse, as claim T2 has it."""
    table = load_table("compas", data_file("recourse/compas.csv").parent)
    arm = shown("compas", TREE, AWARE, ROW_WISE)
    frames = [Fit(arm, fold, split, 2, 0.3).run() for fold, split in enumerate(folds_of(table, ROW_WISE, 10))]
    result = made_up([0.5], metric="other")
    result.config["tables"]["compas"] = {}
    result = Result(pd.concat([result.frame, *frames], ignore_index=True), result.config)
    claim = next(claim for claim in SCENARIO.claims if claim.name == "T2")
    assert claim.check(result).verdict == HOLDS


def test_differences_are_paired(alone):
    """The same on both sides is no difference, seed by seed."""
    assert difference(alone, APPLICANTS, "recourse", TREE, AWARE, AWARE).value == 0
