"""The pictures of recourse, against numbers worked by hand: what is drawn is what the frame says."""

from __future__ import annotations

from itertools import combinations

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from fairgym.checks import InputError
from fairgym.pictures.funnel import LOST, STAGES, funnel, stage_shares
from fairgym.pictures.recourse_over_time import promises_over_time, survival, survival_curve
from fairgym.plots import STYLE
from fairgym.result import Result, tidy

NAN = float("nan")
GROUPS = ("a", "b")
LANES = {"rejected": (10, 20), "offered": (8, 20), "followed": (4, 10), "returned": (4, 5), "approved": (2, 5),
         "repaid": (1, 5)}  # fmt: skip
"""The funnel of group a in two lanes; of group b nobody is rejected."""
SHARES = (1.0, 0.9, 0.45, 0.325, 0.225, 0.175)
"""Means of the two lanes, such as (4 / 10 + 10 / 20) / 2 = 0.45 followed."""


def made(records, name="tree", groups=GROUPS):
    return Result(tidy(name, 0, records, groups), {"experiments": [], "versions": {}})


def funnel_result(**changes):
    counts = {**LANES, **changes}
    return made([(5, f"funnel.{stage}", np.array([[count, 0.0] for count in counts[stage]])) for stage in STAGES])


def words(axes):
    return [text.get_text() for text in axes.texts]


def test_the_funnel_by_hand():
    upper, lower = funnel(funnel_result(), {"tree": "a tree"}).axes
    bars = upper.containers[0].patches
    assert [bar.get_height() for bar in bars] == pytest.approx(SHARES)
    assert [bar.get_y() + bar.get_height() for bar in bars] == pytest.approx([1.0] * 6)
    assert {"a tree", "100 %", "90 %", "45 %", "100 % = 15 rejections per run", *STAGES} <= set(words(upper))
    assert [text.split("\n")[1] for text in words(upper) if "\n" in text and " to\n" not in text] == list(LOST.values())
    assert "10 %\nno offer" in words(upper)
    assert "45 %\nnot followed" in words(upper)
    assert "no rejections" in words(lower)
    assert not lower.containers


def test_what_is_kept_and_lost_is_drawn_as_high_as_it_is():
    upper, _ = funnel(funnel_result()).axes
    bands = [collection.get_paths()[0].vertices for collection in upper.collections]
    lost, kept = bands[::2], bands[1::2]
    at_start = [np.ptp(band[np.isclose(band[:, 0], stage), 1]) for stage, band in enumerate(lost)]
    assert at_start == pytest.approx(-np.diff(SHARES))
    assert [np.ptp(band[:, 1]) for band in kept] == pytest.approx(SHARES[1:])


def test_the_interval_of_the_funnel_is_that_of_the_lanes():
    last = stage_shares(funnel_result(), "tree", "a")["repaid"]
    assert (last.mean, last.lanes) == (pytest.approx(0.175), 2)
    assert f"{100 * last.low:.1f} to\n{100 * last.high:.1f} %" in words(funnel(funnel_result()).axes[0])
    assert stage_shares(funnel_result(), "tree", "b")["rejected"].lanes == 0


def test_the_funnel_of_offers_by_hand():
    """(1 / 8 + 5 / 20) / 2 = .1875 of the offers are repaid, (2 / 8 + 5 / 20) / 2 = 1 / 4 approved."""
    figure = funnel(funnel_result(), groups=["a"], of="offered")
    heights = [bar.get_height() for bar in figure.axes[0].containers[0].patches]
    assert heights == pytest.approx([1, 0.5, (4 / 8 + 5 / 20) / 2, 0.25, 0.1875])
    assert figure.get_suptitle() == "Of 100 offers, 25 lead to a loan"
    assert {"100 % = 14 offers per run", "offered"} <= set(words(figure.axes[0]))
    assert "rejected" not in words(figure.axes[0])
    with pytest.raises(InputError, match="of='approved' is not known"):
        funnel(funnel_result(), of="approved")


@pytest.mark.parametrize(
    "shares",
    [SHARES, (1, 1, 1, 1, 1, 1), (1, 1, 1, 1, 1, 0.02), (1, 0.01, 0.01, 0, 0, 0), (1, 0.99, 0.98, 0.97, 0.96, 0.95)],
)
def test_no_words_of_the_funnel_overlap(shares):
    counts = {stage: (1000 * share, 900 * share) for stage, share in zip(STAGES, shares, strict=True)}
    with mpl.rc_context(STYLE):
        figure = funnel(funnel_result(**counts), {"tree": "a tree"}, groups=["a"])
        renderer = FigureCanvasAgg(figure).get_renderer()
        figure.draw(renderer)
    boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in figure.axes[0].texts]
    assert len(boxes) >= 14
    assert [(one, other) for (one, a), (other, b) in combinations(boxes, 2) if a.overlaps(b)] == []
    assert all(box.x0 >= 0 and box.x1 <= figure.bbox.x1 and box.y0 >= 0 for _, box in boxes)


def test_a_funnel_that_cannot_be_drawn():
    with pytest.raises(InputError, match=r"funnel\.offered of experiment 'tree' exceeds the stage before it"):
        funnel(funnel_result(offered=(11, 20)))
    with pytest.raises(InputError, match=r"metric='flow\.rejected' was not recorded"):
        funnel(funnel_result(), tracker="flow")
    with pytest.raises(InputError, match="experiment='oak' was not recorded"):
        funnel(funnel_result(), {"oak": "an oak"})


def curve_result(name="tree"):
    """Return two lanes whose means for group a are 1, .7 and .4; group b's second lane was not observed to the end."""
    values = [[[1.0, 1.0], [1.0, 1.0]], [[0.8, 0.9], [0.6, 0.9]], [[0.5, 0.9], [0.3, NAN]]]
    return made([(9, f"time.unserved_{place:02d}", np.array(each)) for place, each in enumerate(values)], name)


def test_survival_by_hand():
    left, right = survival(curve_result(), {"tree": "a tree"}, width=0.5).axes
    (line,), (short,) = left.lines, right.lines
    assert line.get_xdata().tolist() == [0, 0.5, 1, 1.5], "the last value holds for one width"
    assert line.get_ydata() == pytest.approx([1, 0.7, 0.4, 0.4])
    assert short.get_ydata() == pytest.approx([1, 0.9, 0.9]), "it ends where a lane does"
    assert (words(left), words(right)) == (["40 % a tree"], ["90 % a tree"])
    assert [axes.get_title(loc="left") or axes.get_title() for axes in (left, right)] == ["a", "b"]


def test_the_band_of_survival_is_that_of_the_lanes():
    (band,) = survival(curve_result(), groups=["a"]).axes[0].collections
    curve = survival_curve(curve_result(), "tree", "a")
    corners = band.get_paths()[0].vertices
    assert set(np.round(corners[:, 1], 12)) == set(np.round([*curve["low"], *curve["high"]], 12))
    assert curve.loc[1, "low"] == pytest.approx(0.6), "a resampled mean of two lanes is .6, .7 or .8"
    assert curve.loc[1, "high"] == pytest.approx(0.8)


def test_panels_of_survival():
    both = Result.concat([curve_result("tree"), curve_result("forest")])
    by_group, by_policy = survival(both), survival(both, {"tree": "a tree", "forest": "many"}, panels="policy")
    assert [len(axes.lines) for axes in by_group.axes + by_policy.axes] == [2, 2, 2, 2]
    assert words(by_policy.axes[1]) == ["40 % a", "90 % b until 2"]
    assert by_group.axes[0].get_ylim() == (0, 1)
    assert survival(both, groups=["b"]).axes[0].get_ylim() == (0.8, 1), "all of it is at .9 or above"
    with pytest.raises(InputError, match="panels='policies' is not known"):
        survival(both, panels="policies")
    with pytest.raises(InputError, match=r"effort\.unserved_00, .* were not recorded: add a tracker 'effort'"):
        survival(both, tracker="effort")


def test_a_curve_that_is_cut_off_has_its_value_there():
    """Group a stands at .7 from 1 to 2 and at .4 from 2 on; so at 1.5 it is .7, and at 2 it is .4."""
    for until, share, shown in ((1.5, 70, [1, 0.7, 0.7]), (2, 40, [1, 0.7, 0.4, 0.4]), (9, 40, [1, 0.7, 0.4, 0.4])):
        axes = survival(curve_result(), groups=["a"], until=until).axes[0]
        assert words(axes) == [f"{share} % tree"]
        assert axes.get_xlim() == (0, until)
        assert axes.lines[0].get_ydata() == pytest.approx(shown)
        assert axes.lines[0].get_xdata()[-1] == min(until, 3)
    effort = survival(curve_result(), groups=["a"], width=0.1, until=0.2).axes[0]
    assert words(effort) == ["40 % tree"], "the place .2 counts, whatever rounding does to it"


def test_many_panels_stand_in_two_rows():
    rules = Result.concat([curve_result(name) for name in "wxyz"])
    places = [axes.get_position() for axes in survival(rules, panels="policy").axes]
    assert len({round(place.x0, 6) for place in places}) == len({round(place.y0, 6) for place in places}) == 2
    three = survival(rules, dict.fromkeys("xyz", "tree") | {"x": "oak", "y": "elm"}, panels="policy").axes
    assert len({round(axes.get_position().y0, 6) for axes in three if axes.get_visible()}) == 1


def promises(name, by_group=False):
    kept = [[0.9, 0.7], [0.5, 0.3], [NAN, NAN]]
    records = []
    for period, values in enumerate(kept):
        here = np.array(values)
        records.append((period, "promise_kept", np.stack([here, here / 2], axis=1) if by_group else here))
        records.append((period, "agent.accepts", here / 10))
    return made(records, name)


def test_promises_by_hand():
    both = Result.concat([promises("tree"), promises("forest")])
    kept, bar = promises_over_time(both, {"tree": "a tree", "forest": "many"}).axes
    assert [line.get_ydata()[:2] for line in kept.lines] == [pytest.approx([0.8, 0.4])] * 2
    assert [line.get_ydata()[:2] for line in bar.lines] == [pytest.approx([0.08, 0.04])] * 2
    assert words(kept) == words(bar) == ["a tree", "many"], "named although nothing is known of the last period"


def test_promises_by_group():
    kept, bar = promises_over_time(promises("tree", by_group=True)).axes
    assert [line.get_ydata()[0] for line in kept.lines] == pytest.approx([0.8, 0.4])
    assert sorted(words(kept)) == ["tree, a", "tree, b"]
    assert len({line.get_linestyle() for line in kept.lines}) == 2
    assert len(bar.lines) == 1
    with pytest.raises(InputError, match="metric='promise_kep' was not recorded"):
        promises_over_time(promises("tree"), metrics={"promise_kep": "kept"})
