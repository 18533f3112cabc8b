"""Bad input to attacks, measures, certificates and reports: one sentence each."""

import importlib
import itertools

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

from fairgym.checks import InputError
from fairgym.recourse import ActionSpec, Recourse, WeightedShift
from fairgym.robustness import (
    Moves,
    Reach,
    WatchedRun,
    attack_gap,
    best_response,
    certify,
    cheapest_moves,
    empirical_radius,
    gaming_rate,
    radius_gap,
    robust_accuracy,
    robustness_report,
    smoothed_decisions,
    social_burden,
)
from tests.robustness.tables import SPEC, fitted, people

X, Y = people(60)
REACH = Reach(SPEC, "sd", background=X)
MODEL = fitted("logistic")
ROWS = X.to_numpy()
MOVES = Moves(
    np.ones(4), np.zeros((4, 1)), np.array(["line"] * 4), np.zeros(4, dtype=bool), np.array([True, False, True, False])
)
NEAR = Moves(MOVES.radius, MOVES.moved, MOVES.attack, MOVES.exact, MOVES.accepted, budget=0.3)
FRAME = pd.DataFrame({"step": [1], "lane": [0]})
COUNTER = itertools.count()


def moves(model=MODEL, table=X, reach=REACH, **options):
    return cheapest_moves(model, table, reach, **options)


def report(policy=MODEL, y=Y, groups=None, **options):
    return robustness_report(policy, X, y, groups, reach=REACH, **options)


CASES = [
    (lambda: Reach(SPEC, background=X["income"]), "background has 1 dimensions: give a table"),
    (lambda: Reach(SPEC, background=X.assign(income="much")), "background holds no numbers in the column 'income'"),
    (
        lambda: Reach(SPEC, background=X.assign(income=np.nan)),
        "background holds NaN or infinity in the column",
    ),
    (lambda: Reach(SPEC, background=X.iloc[:0]), "background has no rows"),
    (lambda: Reach("all", background=X), "actions is a str: give an ActionSpec, or None"),
    (
        lambda: Reach(ActionSpec({"incone": "up"}), background=X),
        "the column 'incone', which is not there: did you",
    ),
    (lambda: Reach(ActionSpec({}), background=X), "actions lets nobody change anything"),
    (lambda: Reach(Reach(SPEC, background=X).actions, background=ROWS[:, :3]), "actions is for 9 columns, but"),
    (lambda: Reach(SPEC, "sdd", background=X), "cost='sdd' is not known: did you mean 'sd'"),
    (lambda: Reach(None, REACH.cost, background=ROWS[:, :3]), "cost is for 9 columns, but background has 3"),
    (lambda: moves(LogisticRegression()), "model is a LogisticRegression that is not fitted: call its fit first"),
    (lambda: moves(LogisticRegression), "model is the class LogisticRegression, which decides nothing"),
    (lambda: moves(7), "model is a int, which decides nothing: give a fitted classifier, or a function"),
    (lambda: moves(reach=SPEC), "reach is a ActionSpec: give a Reach"),
    (lambda: moves(lambda rows: rows), r"model returned an array of shape \(60, 9\) for 60 people"),
    (lambda: moves(lambda rows: [1]), r"model returned an array of shape \(1,\) for 60 people"),
    (lambda: moves(lambda rows: ["yes"] * len(rows)), "labels such as 'yes', but favourable=1 is of another kind"),
    (lambda: moves(lambda rows: np.full(len(rows), next(COUNTER) % 2)), "decides otherwise when it is asked twice"),
    (lambda: moves(lambda rows: np.full(len(rows), 0.7)), "model returned 0.7, which is no label: give a classifier"),
    (lambda: moves(lambda rows: np.full(len(rows), np.nan)), "model returned nan, which is no label"),
    (lambda: moves(LinearRegression().fit(X, Y)), "which is no label: give a classifier, or a function that returns"),
    (lambda: moves(favourable=2), "favourable=2 is not a class of the model: give one of 0, 1"),
    (lambda: moves(favourable=[1]), r"favourable=\[1\] is not one label"),
    (lambda: moves(table=X.drop(columns="debt")), "X lacks the column debt"),
    (lambda: moves(table=X[X.columns[::-1]]), "X has the columns of the model in another order"),
    (
        lambda: moves(table=X[X.columns[::-1]], reach=Reach(None, background=ROWS)),
        "X has the columns of the model in another order",
    ),
    (lambda: moves(table=ROWS[:, :4]), "X has 4 columns, but the model was fitted on 9"),
    (lambda: moves(table=X.iloc[:0]), "X has no rows"),
    (lambda: moves(table=X.assign(children=0.5)), "X has a fraction in the integer feature 'children'"),
    (lambda: moves(table=X.assign(owner=2.0)), "X has something else than 0 and 1 in the binary feature 'owner'"),
    (lambda: moves(table=X.assign(job_a=1.0, job_b=1.0)), "X row 0 is not one-hot in the group"),
    (lambda: moves(reach=Reach(None, background=ROWS[:, :3])), "model was fitted on 9 columns, but background has 3"),
    (
        lambda: moves(reach=Reach(None, background=X.rename(columns={"debt": "debts"}))),
        "background has the column debts, which the model does not know",
    ),
    (lambda: moves(reach=Reach(None, background=X[X.columns[::-1]])), "the columns of the model in another order"),
    (lambda: moves(attacks="lines"), "attacks='lines' is not known: did you mean 'line'"),
    (lambda: moves(attacks=["line", "pgd"]), "attacks='pgd' is not known"),
    (lambda: moves(attacks=[]), r"attacks=\[\] is no list of names"),
    (
        lambda: moves(fitted("tree"), attacks="linear"),
        "attacks names 'linear', but the model or the cost is",
    ),
    (lambda: moves(attacks="search"), "attacks names 'search', which is for models of trees"),
    (lambda: moves(fitted("bayes"), attacks="gradient"), "attacks names a gradient, but the model has none"),
    (lambda: moves(budget=-0.1), "budget=-0.1 is below zero: it must be at least 0"),
    (lambda: moves(budget=np.nan), "budget holds a number that is not finite"),
    (lambda: moves(budget=[0.1, 0.2]), r"budget has the shape \(2,\), but there are 60 people"),
    (lambda: moves(budget="much"), "budget='much' is not numbers"),
    (lambda: moves(random_state=-1), "random_state=-1 is out of range"),
    (lambda: moves(progress="yes"), "progress='yes' is not a yes or no"),
    (lambda: best_response(MODEL, X, REACH, -1), "budget=-1 is below zero"),
    (lambda: robust_accuracy(X, Y, 0.1), "moves is a DataFrame: give what cheapest_moves returns"),
    (lambda: robust_accuracy(MOVES, [1, 0], 0.1), r"y has the shape \(2,\), but there are 4 people"),
    (lambda: robust_accuracy(MOVES, ["yes"] * 4, 0.1), "y holds labels such as 'yes', but favourable=1 is of another"),
    (lambda: robust_accuracy(MOVES, [1, 0, np.nan, 1], 0.1), "y has no label for person 2: leave those people out"),
    (lambda: gaming_rate(MOVES, [1] * 4, {"a": 1, "b": "much"}, list("aabb")), "budget=.* is not numbers"),
    (lambda: attack_gap(MOVES, MOVES, ["overall", "b"] * 2), "groups has the label 'overall', which stands for"),
    (lambda: robust_accuracy(MOVES, [1] * 4, 0.1, ["a", "b"]), "groups has 2 labels, but there are 4 people"),
    (lambda: robust_accuracy(MOVES, [1] * 4, -0.1), "budget=-0.1 is below zero"),
    (lambda: robust_accuracy(MOVES, [1] * 4, []), r"budget=\[\] is not a number or a list of them"),
    (lambda: robust_accuracy(MOVES, [1] * 4, "much"), "budget='much' is not a number or a list of them"),
    (lambda: gaming_rate(NEAR, [1] * 4, 0.5), "budget=0.5 is more than moves were looked for"),
    (lambda: gaming_rate(MOVES, [1] * 4, {"a": 1}), "budget is given by group, but groups is missing"),
    (lambda: gaming_rate(MOVES, [1] * 4, {"a": 1}, list("aabb")), r"budget has no entry for the group \['b'\]"),
    (
        lambda: social_burden(MOVES, [1] * 4, list("aabb"), against="c"),
        "against='c' is not a group: known are 'a'",
    ),
    (lambda: empirical_radius(MOVES, against="a"), "against='a' needs groups"),
    (lambda: empirical_radius(MOVES, confidence=95), "confidence=95 is out of range"),
    (lambda: radius_gap(MOVES, None), "groups is missing"),
    (lambda: attack_gap(MOVES, moves()), "plain has 4 people, but battery has 60"),
    (lambda: certify(MODEL, X, REACH, 0), "sigma=0 is too small"),
    (lambda: certify(MODEL, X, REACH, 0.1, alpha=0.7), "alpha=0.7 is out of range"),
    (lambda: certify(MODEL, X, REACH, 0.1, n=0), "n=0 is out of range"),
    (lambda: certify(MODEL, X, Reach(SPEC, "percentile", background=X), 0.1), "smoothing needs a linear one"),
    (
        lambda: certify(MODEL, X, Reach(ActionSpec({"owner": "free"}, binary=["owner"]), background=X), 0.1),
        "reach lets nobody change a number",
    ),
    (
        lambda: certify(MODEL, X, Reach(None, WeightedShift((0.0,) + (1.0,) * 8), background=X), 0.1),
        "cost gives the feature income the weight 0",
    ),
    (lambda: certify(MODEL, X[:2], REACH, 0.1, n=10).curve([]), "radii is empty"),
    (lambda: certify(MODEL, X[:2], REACH, 0.1, n=10).table([1]), r"y has the shape \(1,\), but there are 2 people"),
    (lambda: smoothed_decisions(MODEL, X, REACH, -1), "sigma=-1 is too small"),
    (lambda: report({}), "policy is empty"),
    (lambda: report({1: MODEL}), "policy has the name 1, which is a int: give words"),
    (lambda: report(budgets=[-0.1]), r"budgets=\[-0.1\] holds a number below zero"),
    (lambda: report(budgets=[]), r"budgets=\[\] is empty"),
    (lambda: report(groups=[1, 2]), "groups has 2 labels, but there are 60 people"),
    (lambda: report(y=Y[:5]), r"y has the shape \(5,\), but there are 60 people"),
    (lambda: robustness_report(MODEL, X, Y, reach="sd"), "reach is a str: give a Reach"),
    (lambda: report(panel=0), "panel=0 is out of range"),
    (lambda: report(alarms=FRAME), "alarms is a DataFrame: give a WatchedRun"),
    (lambda: report({"a": MODEL, "b": MODEL}, alarms=WatchedRun(FRAME, 0, 1)), "but there are several policies"),
    (lambda: report({"a": MODEL}, seconds={"c": 1}), "seconds of the policy='c' is not known"),
    (lambda: WatchedRun(X, 0, 1), "alarms is no frame with the columns step and lane"),
    (lambda: WatchedRun(FRAME.assign(lane=4), 0, 2), "alarms names a lane that was not watched"),
    (
        lambda: Recourse(fitted("tree"), SPEC, "sd-euclidean", 1.0, background=X),
        "is a Euclidean length, which serves robustness only",
    ),
]


@pytest.mark.parametrize(("call", "sentence"), CASES, ids=[sentence[:60] for _, sentence in CASES])
def test_bad_input_is_answered_in_one_sentence(call, sentence):
    with pytest.raises(InputError, match=sentence) as refusal:
        call()
    said = str(refusal.value)
    assert "\n" not in said
    assert len(said) < 400


def test_the_toolbox_is_asked_for_where_it_is_missing(monkeypatch):
    def missing(name, *rest):
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(InputError, match="package adversarial-robustness-toolbox is not installed"):
        moves(attacks="art")


def test_constant_features_are_taken():
    table = X.assign(years=1.0)
    found = cheapest_moves(LogisticRegression().fit(table, Y), table, Reach(SPEC, "sd", background=table))
    assert np.isfinite(found.radius).all()
