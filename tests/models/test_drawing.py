import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from sklearn.exceptions import NotFittedError
from sklearn.tree import DecisionTreeClassifier

from fairgym.checks import InputError
from fairgym.models import RecourseTreeClassifier, export_text, plot_tree
from fairgym.plots import COLOURS
from tests.models.hand import hand_tree, hand_worked

TEXT = """\
|-- paid <= 0
|   |-- course <= 0
|   |   |-- class 0; 10 people; 0% of class 1
|   |-- course > 0
|   |   |-- class 1; 3 people; 33% of class 1; flipped for recourse; way up for 100% of the rejected
|-- paid > 0
|   |-- class 1; 8 people; 100% of class 1
"""


def test_text():
    X, y = hand_worked()
    tree = hand_tree(0.2).fit(X, y)
    assert export_text(tree, X) == TEXT
    assert export_text(tree) == re.sub("; way up.*", "", TEXT)
    assert "way up for" not in export_text(tree, X[:8])  # of these nobody is rejected


def test_text_of_a_single_leaf():
    X, y = hand_worked()
    tree = hand_tree(0.2, ccp_alpha=0.9).fit(X, y)
    assert export_text(tree) == "|-- class 1; 21 people; 43% of class 1; flipped for recourse\n"


def test_thresholds_are_rounded():
    X = np.array([[0.125], [1.0], [2.0], [3.5]])
    tree = RecourseTreeClassifier(max_depth=1, recourse_weight=0.0).fit(X, [0, 1, 1, 1])
    assert "x0 <= 0.56\n" in export_text(tree)
    assert "x0 <= 0.6\n" in export_text(tree, decimals=1)


def test_picture():
    X, y = hand_worked()
    axes = plot_tree(hand_tree(0.2).fit(X, y), X)
    texts = {text.get_text(): text for text in axes.texts}
    assert {"paid", "course", "≤ 0", "> 0"} <= set(texts)
    flipped = next(text for words, text in texts.items() if "flipped for recourse" in words)
    rejecting = next(text for words, text in texts.items() if words.startswith("class 0"))
    assert "way up for 100%\nof the rejected" in flipped.get_text()
    assert flipped.get_bbox_patch().get_linestyle() == "--"
    assert rejecting.get_bbox_patch().get_linestyle() == "-"
    assert to_hex(flipped.get_bbox_patch().get_edgecolor()) == COLOURS[0].lower()
    assert to_hex(rejecting.get_bbox_patch().get_edgecolor()) == COLOURS[1].lower()
    plt.close(axes.figure)


def test_nothing_in_the_picture_overlaps():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 3))
    tree = RecourseTreeClassifier(max_depth=4).fit(X, (X.sum(axis=1) + rng.normal(size=400) > 0).astype(int))
    axes = plot_tree(tree, X)
    figure = axes.figure
    figure.canvas.draw()
    boxes = [text.get_bbox_patch().get_window_extent() for text in axes.texts]
    assert len(boxes) > 20
    for place, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[place + 1 :])
        assert box.x0 >= 0
        assert box.x1 <= figure.bbox.x1
    plt.close(figure)


def test_given_axes():
    figure, axes = plt.subplots()
    assert plot_tree(hand_tree(0.0).fit(*hand_worked()), ax=axes) is axes
    assert "Dashed" not in axes.get_title(loc="left")
    plt.close(figure)


@pytest.mark.parametrize("draw", [export_text, plot_tree])
def test_only_fitted_trees_of_ours(draw):
    with pytest.raises(InputError, match="tree is a DecisionTreeClassifier: give a RecourseTreeClassifier"):
        draw(DecisionTreeClassifier())
    with pytest.raises(NotFittedError):
        draw(RecourseTreeClassifier())
