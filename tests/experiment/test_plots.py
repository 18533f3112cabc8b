"""Pictures of a sweep: paired differences and where they pass through zero, against numbers worked by hand."""

from __future__ import annotations

from itertools import combinations

import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from fairgym.checks import InputError
from fairgym.plots import Sweep, crossings, differences, draw_against, label_line_ends
from fairgym.result import Result
from tests.experiment.small import result

NAN = float("nan")


@pytest.mark.parametrize("heights", [[0.99, 1.0, 1.0], [0.5, 0.5, 0.51], [0.0, 0.5, 1.0], [0.0, 0.0, 0.0]])
def test_names_of_lines_stay_apart_and_beside_the_axes(heights):
    figure = Figure()
    axes = figure.subplots()
    label_line_ends(axes, [(1.0, height, f"line {index}", "black") for index, height in enumerate(heights)])
    renderer = FigureCanvasAgg(figure).get_renderer()
    boxes = [text.get_window_extent(renderer) for text in axes.texts]
    inside, line = axes.get_window_extent(), boxes[0].height
    assert len(boxes) == 3
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
    assert all(inside.y0 - line < box.y0 and box.y1 < inside.y1 + line for box in boxes)


@pytest.mark.parametrize(
    ("heights", "places"),
    [
        ([-1, 1, 3], [0.5]),
        ([3, -1, -2], [0.75]),
        ([-1, 0, 1], [1.0]),
        ([1, 0, 1], []),
        ([-1, NAN, 1], [1.0]),
        ([-1, 1, -3], [0.5, 1.25]),
        ([0, 0, 1], []),
        ([1, 2, 3], []),
    ],
)
def test_crossings_by_hand(heights, places):
    assert crossings([0, 1, 2], heights) == pytest.approx(places)


def sweep_result():
    """Return two lanes at two values; the differences are (-3, -1), and (1, 5): means -2 and 3."""
    money = {"aware0": [7, 4], "plain0": [10, 5], "aware1": [11, 10], "plain1": [10, 5]}
    return Result.concat([result(step=9, experiment=name, money=each) for name, each in money.items()])


SWEEP = Sweep("aware", {0.0: ("aware0", "plain0"), 1.0: ("aware1", "plain1")})


def test_differences_are_paired():
    found = differences(sweep_result(), "money", SWEEP)
    expected = pd.DataFrame({"mean": [-2.0, 3.0], "low": [-3.0, 1.0], "high": [-1.0, 5.0]}, index=[0.0, 1.0])
    pd.testing.assert_frame_equal(found[["mean", "low", "high"]], expected)
    assert found["lanes"].tolist() == [2, 2]


def test_a_sweep_by_hand():
    """From -2 to 3 the line passes zero at .4, the ends of the interval at 3 / 4 and 1 / 6."""
    axes = Figure().subplots()
    draw_against(axes, sweep_result(), "money", [SWEEP], "it pays", "causal share")
    _, line, points, mark = axes.lines
    assert line.get_ydata().tolist() == points.get_ydata().tolist() == [-2, 3]
    assert mark.get_xdata() == pytest.approx([0.4])
    assert [text.get_text() for text in axes.texts] == ["aware\nzero at 0.4 [0.167, 0.75]"]
    with pytest.raises(InputError, match="the sweep 'nothing' has no pairs"):
        draw_against(axes, sweep_result(), "money", [Sweep("nothing", {})], "", "")
