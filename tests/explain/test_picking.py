"""Choosing a few rules for many people, rules that disagree, and pictures of rules."""

import matplotlib as mpl
import numpy as np
import pytest

from fairgym.explain import Anchor, AnchorExplainer, Predicate, disagreements, pick, plot_anchors
from tests.explain.small import explainer, numbers, step

mpl.use("Agg")
LINE = np.arange(10.0)[:, None]


def between(low, high, prediction=1, success=True):
    """Return a rule that covers the numbers above low up to high."""
    predicates = (Predicate("x0", ">", low), Predicate("x0", "<=", high))
    return Anchor(predicates, prediction, success=success, precision=1.0, coverage=0.1, threshold=0.95)


def test_rules_are_chosen_for_what_they_add():
    small, large, beside = between(-1, 2), between(-1, 5), between(5, 8)
    chosen = pick([small, beside, large], 2, LINE)
    assert list(chosen) == [large, beside]
    assert chosen.places == (2, 1)
    assert chosen.coverage == pytest.approx((0.6, 0.9))
    assert len(pick([small, beside, large], 3, LINE)) == 2  # the third adds nothing
    assert chosen[0] is large


def test_greedy_choice_reaches_its_share_of_the_best():
    import itertools

    rng = np.random.default_rng(0)
    ends = np.sort(rng.integers(-1, 10, (12, 2)), axis=1)
    rules = [between(low, high) for low, high in ends if low < high]
    best = max(np.any([rule.covers(LINE) for rule in some], axis=0).mean() for some in itertools.combinations(rules, 3))
    assert (1 - 1 / np.e) * best <= pick(rules, 3, LINE).coverage[-1] <= best


def test_rules_that_were_not_certified_are_left_out():
    sure, unsure = between(0, 2), between(-1, 9, success=False)
    assert list(pick([unsure, sure], 2, LINE)) == [sure]
    assert list(pick([unsure, sure], 1, LINE, valid_only=False)) == [unsure]
    assert str(pick([unsure], 1, LINE)) == "no rule to pick"


def test_groups_choose_for_themselves():
    low, high = between(-1, 3), between(3, 9)
    chosen = pick([low, high], 1, LINE, groups=np.where(LINE[:, 0] <= 3, "a", "b"))
    assert list(chosen) == [high]
    assert {group: list(own) for group, own in chosen.by_group.items()} == {"a": [low], "b": [high]}
    assert chosen.by_group["a"].coverage == (1.0,)
    assert "group a:" in str(chosen)


def test_rules_that_disagree_are_shown():
    yes, no, apart = between(-1, 5, 1), between(3, 8, 0), between(8, 9, 0)
    (found,) = disagreements([yes, no, apart], LINE)
    assert (found.first, found.second, found.rows, found.share) == (yes, no, 2, 0.2)
    assert pick([yes, no, apart], 3, LINE).disagreements == (found,)
    assert str(found) == "2 rows (20%) satisfy both [x0 > -1 AND x0 <= 5: 1] and [x0 > 3 AND x0 <= 8: 0]"


@pytest.fixture(scope="module")
def anchors():
    people = [[1.2, 0, 0, 0], [0.3, 1.4, 0, 0], [-1.0, 0, 0, 0]]
    found = AnchorExplainer(numbers(), answers={0: "reject", 1: "approve"})
    return found.explain_batch(people, step, random_state=0)


def test_a_picture_has_a_column_for_each_person_and_a_bar_for_each_condition(anchors):
    import matplotlib.pyplot as plt

    drawn = plot_anchors(anchors)
    assert len(drawn) == 3
    for axes, anchor in zip(drawn, anchors, strict=True):
        bars = axes.patches
        assert len(bars) == len(anchor.predicates) + 1
        assert [bar.get_width() for bar in bars] == [step.precision for step in anchor.partial]
        thick = [bar.get_height() for bar in bars]
        assert thick == sorted(thick, reverse=True)
        words = [text.get_text() for text in axes.texts]
        assert words[0] == "anything"
        assert f"if {anchor.predicates[0]}" in words
        assert anchor.answer in axes.get_title(loc="left")
    plt.close("all")


def test_a_picture_of_one_rule_goes_where_it_is_told(anchors):
    import matplotlib.pyplot as plt

    axes = plt.figure().add_subplot()
    assert anchors[0].plot(axes) is axes
    assert anchors[0].plot() is not axes
    failed = explainer(bins="decile").explain(
        [0.1, 0, 0, 0], lambda rows: np.floor(rows[:, 0] * 1e6) % 2, random_state=0
    )
    assert "no valid rule" in failed.plot().get_title(loc="left")
    plt.close("all")
