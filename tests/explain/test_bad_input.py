"""Whatever the explainer cannot work with is answered with one sentence that says what, where and what would do."""

import itertools

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier

from fairgym.checks import InputError
from fairgym.explain import AnchorExplainer, Predicate, Rule, disagreements, from_simulator, pick, plot_anchors
from tests.explain.small import PAIRS, explainer, lend, numbers, people, step

ME = [1.2, 0.0, 0.0, 0.0]
CALLS = itertools.count()


def ask(x=ME, predict=step, background=None, **settings):
    return explainer(background).explain(x, predict, random_state=0, **settings)


def own(rows=None, **settings):
    return AnchorExplainer(PAIRS if rows is None else rows, **settings)


def dates():
    return pd.DataFrame({"born": pd.to_datetime(["2020-01-01", "2021-01-01"])})


BACKGROUND = [
    (lambda: own([1, 2, 3]), "background is a list that holds no rows of equal length: give a DataFrame or an array"),
    (lambda: own([[1, 2], [3]]), "background is a list that holds no rows of equal length"),
    (lambda: own(np.empty((0, 2))), "background has no rows"),
    (lambda: own(np.empty((3, 0))), "background has no columns"),
    (lambda: own(np.array([[np.inf, 1.0], [2, 3], [4, 5]])), "the column 'x0' holds infinity: repair it"),
    (lambda: own(dates()), "the column 'born' holds dates or complex numbers: give numbers, such as days"),
    (lambda: own(np.array([[2**60], [1], [2]])), r"the column 'x0' holds a whole number beyond 2\*\*53: scale it"),
    (lambda: own(pd.DataFrame({"a": [[1], [2], [3]]})), "the column 'a' holds something that is no category"),
    (lambda: own(names=["a"]), "names has 1 entries, but the background has 2 columns: give one name for each"),
    (lambda: own(names=["a", "a"]), "the name a stands for two columns"),
    (lambda: own(people(), names=["a"]), "names differ from the columns of the background: leave names out"),
    (lambda: own(categorical="x0"), "categorical='x0' is one word: give a list of columns"),
    (lambda: own(categorical=["x7"]), "categorical holds 'x7', which is no column: did you mean 'x"),
    (lambda: own(categorical=[2]), "categorical holds 2, but there are 2 columns, from 0"),
    (lambda: own(categorical=3), "categorical=3 is no list: give a list of columns"),
    (lambda: own(names=3), "names=3 is no list: give one name for each column"),
    (lambda: own(numbers(9, 2), bins=[3, None]), r"bins\['x0'\]=3 is not a list of numbers: give one"),
    (lambda: own(groups=[[1], [2, 3]]), r"groups has the shape \(\) for 1000 rows: give the group of every row"),
    (lambda: own(bins="quartiles"), "bins='quartiles' is not known: did you mean 'quartile'?"),
    (lambda: own(bins=3), "bins=3 is not a list of cuts for each of 2 columns: give that, a dict, or 'auto'"),
    (lambda: own(numbers(9), bins={"y": [1]}), "bins has cuts for 'y', which is no column"),
    (lambda: own(bins={"x0": [1]}), "bins has cuts for 'x0', which holds categories: leave it out"),
    (lambda: own(numbers(9), bins={"x0": ["low"]}), r"bins\['x0'\]=\['low'\] is not numbers"),
    (lambda: own(perturb="row"), "perturb='row' is not known: did you mean 'rows'?"),
    (lambda: own(perturb=3), "perturb is a int: give 'independent', 'rows' or a function of"),
    (lambda: own(groups="sex"), "groups='sex' is no column: give one, or the group of every row"),
    (lambda: own(groups=[1, 2]), r"groups has the shape \(2,\) for 1000 rows: give the group of every row"),
    (lambda: own(groups=np.full(1000, np.nan)), "groups holds a missing value: give every row a group"),
    (lambda: own(answers="yes"), "answers='yes' is no dict"),
]
PERSON = [
    (lambda: ask([1, 2]), "x has 2 values, but the background has 4 columns: give one for each"),
    (lambda: ask(numbers(2)), r"x has the shape \(2, 4\): give one row, or call explain_batch for several"),
    (lambda: ask(["a", 0, 0, 0]), "the column 'x0' holds something that is no number"),
    (lambda: ask([np.inf, 0, 0, 0]), "the column 'x0' holds infinity"),
    (lambda: own(people()).explain(people()[["income"]].iloc[[0]], lend), "x lacks the column job, owner, kind, kids"),
    (lambda: own(people()).explain(people()["income"], lend), "x lacks the column income, job"),
    (lambda: explainer().explain_batch([1, 2], step), "X is a list that holds no rows of equal length"),
]
SETTING = [
    (lambda: ask(precision=1), "precision=1 cannot be certified from draws: ask for less, such as 0.99"),
    (lambda: ask(precision=95), "precision=95 is out of range: it must be between 0 and 1"),
    (lambda: ask(delta=1.0), "delta=1.0 is too large: it must be below 1"),
    (lambda: ask(confidence=1.0), "confidence=1.0 is too large: it must be below 1"),
    (lambda: ask(dead_band=0.95), "dead_band=0.95 leaves nothing of precision=0.95"),
    (lambda: ask(beam=0), "beam=0 is out of range: it must be at least 1"),
    (lambda: ask(draws=0), "draws=0 is out of range"),
    (lambda: ask(max_rows=99), "max_rows=99 is out of range: it must be at least 100"),
    (lambda: ask(max_seconds=0), "max_seconds=0 is too small: it must be above 0"),
    (lambda: ask(max_size=0), "max_size=0 is out of range"),
    (lambda: ask(widen=-1), "widen=-1 is out of range: it must be at least 0"),
    (lambda: explainer().explain(ME, step, random_state="now"), "random_state='now' is no seed: give a whole number"),
    (lambda: explainer().explain(ME, step, random_state=-1), "random_state=-1 is no seed"),
    (lambda: ask(start=[Predicate("y", ">", 1)]), "the rule is about 'y', which is no column"),
    (lambda: ask(start="x0 > 1"), "predicates is a str of something else: give a list of Predicate"),
    (lambda: ask(start=[Predicate("x0", "=", 1.0)]), "the rule says x0 = 1, but 'x0' holds numbers: use '<=' and '>'"),
    (
        lambda: own().explain([1, 1], lambda rows: rows[:, 0], start=[Predicate("x0", ">", 0)]),
        "the rule says x0 > 0, but 'x0' holds categories: use '='",
    ),
    (lambda: explainer().explain_batch([ME], step, start=[None, None]), "start has 2 rules for 1 rows"),
    (lambda: ask(exact=True), "exact=True needs .* rows, but the budget is 50,000"),
    (
        lambda: own(perturb=lambda rule, n, rng: PAIRS[:n]).explain([1, 1], lambda rows: rows[:, 0], exact=True),
        "exact=True needs rows that can be counted, but perturb is a function",
    ),
]
MODEL = [
    (
        lambda: ask(predict=RandomForestClassifier()),
        "predict is a RandomForestClassifier that is not fitted: call its fit",
    ),
    (lambda: ask(predict=RandomForestClassifier), "predict is the class .*, which gives no answers: give a fitted"),
    (lambda: ask(predict="forest"), "predict is a str, which gives no answers"),
    (lambda: ask(predict=lambda rows: step(rows)[:-1]), r"predict returned an array of shape \(1400,\) for 1401 rows"),
    (
        lambda: ask(predict=lambda rows: np.c_[step(rows), step(rows)]),
        r"shape \(1401, 2\) for 1401 rows: it must return",
    ),
    (lambda: ask(predict=lambda rows: [[1], [1, 2]]), r"predict returned an array of shape \(\) for 1401 rows"),
    (lambda: ask(predict=lambda rows: None), r"predict returned an array of shape \(\) for 1401 rows"),
    (lambda: ask(predict=lambda rows: rows[:, 0]), "different fractions for 1401 rows, which are no labels: explain"),
    (
        lambda: ask(predict=lambda rows: np.where(rows[:, 0] > 0, 1, np.nan)),
        "predict returned a missing value as a label",
    ),
    (
        lambda: explainer().explain_batch(
            [ME], lambda rows: (rows[:, 1] == 0) & (next(CALLS) % 2 > 0) | (rows[:, 2] > 0), random_state=0
        ),
        "predict changed its answer to 1 of 32 rows between two calls",
    ),
    (
        lambda: ask(predict=lambda rows: (rows[:, 0] > next(CALLS) % 2).astype(int)),
        "predict changed its answer to .* of 32 rows between two calls: give it a fixed seed",
    ),
]
PERTURB = [
    (
        lambda: own(numbers(), perturb=lambda rule, n, rng: numbers(n)).explain(ME, step),
        "perturb returned .* rows that break the rule: give rows that satisfy it",
    ),
    (
        lambda: own(numbers(), perturb=lambda rule, n, rng: numbers(n + 1)).explain(ME, step),
        "perturb returned 1401 rows where 1400 were asked for: return at most those",
    ),
    (
        lambda: own(numbers(), perturb=lambda rule, n, rng: numbers(n, 3)).explain(ME, step),
        "perturb's answer has 3 columns, but the background has 4",
    ),
    (
        lambda: own(people(), perturb=lambda rule, n, rng: people(n).assign(job="pilot")).explain(
            people().iloc[0], lend
        ),
        "perturb's answer has the category pilot in 'job', which the background lacks",
    ),
    (lambda: from_simulator(numbers, tries=0), "tries=0 is out of range"),
]
RULE = [
    (lambda: Predicate("a", "<", 1), "relation='<' is not known: did you mean '<='?"),
    (lambda: Predicate(0, "<=", 1), "feature=0 is not the name of a column"),
    (lambda: Predicate("a", "<=", "one"), "the value of 'a'='one' is not a number"),
    (lambda: Predicate("a", "=", None), r"a = None has no value: write Predicate\('a', 'is missing'\)"),
    (lambda: Predicate("a", "is missing", 3), "a is missing takes no value, but 3 was given"),
    (lambda: Rule(Predicate("a", "<=", 1)), "predicates is a Predicate of something else: give a list of Predicate"),
    (
        lambda: Rule([Predicate("a", "<=", 1)]).covers(PAIRS),
        "'a' is not one of the columns x0, x1: give the rule the names",
    ),
    (lambda: Rule([Predicate("a", "<=", 1)]).covers(people(5)), "X lacks the column 'a'"),
    (lambda: Rule([Predicate("a", "<=", 1)], names=["a"]).covers(PAIRS), "X has 2 columns, but the rule knows 1"),
    (lambda: Rule([Predicate("job", "<=", 1)]).covers(people(5)), "the column 'job' holds something that is no number"),
    (lambda: Rule().evaluate(step, numbers()), "the rule has no prediction: give evaluate the answer"),
    (lambda: explainer().evaluate(Rule(), step), "the rule has no prediction"),
    (lambda: explainer().evaluate("x0 > 1", step, 1), "rule is a str: give a Rule or an Anchor"),
    (
        lambda: explainer().evaluate(Rule([Predicate("x0", ">", 99)]), step, 1),
        "no background row satisfies x0 > 99: give x, the person whose value is taken",
    ),
    (lambda: explainer().draw(Rule(), 0), "n=0 is out of range"),
    (lambda: pick([Rule()], 1, PAIRS), "anchors is a list of something else: give the list that explain_batch returns"),
    (lambda: pick(None, 1, PAIRS), "anchors is a NoneType of something else"),
    (lambda: disagreements(3, PAIRS), "anchors is a int of something else"),
    (lambda: pick([], 0, PAIRS), "k=0 is out of range"),
    (lambda: pick([], 1, PAIRS, groups=[1]), r"groups has the shape \(1,\) for 1000 rows"),
    (lambda: disagreements([Rule()], PAIRS), "anchors is a list of something else"),
    (lambda: plot_anchors([]), "anchors is a list without anchors"),
]


@pytest.mark.parametrize(
    ("act", "words"),
    [*BACKGROUND, *PERSON, *SETTING, *MODEL, *PERTURB, *RULE],
    ids=lambda one: one[:60] if isinstance(one, str) else "",
)
def test_one_sentence_says_what_and_what_would_do(act, words):
    with pytest.raises(InputError, match=words) as refusal:
        act()
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 300
