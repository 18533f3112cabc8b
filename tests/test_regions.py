"""draw_regions: the regions are the model's predictions, arrows land in them, crosses are those without an action."""

import re

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.collections import PathCollection, QuadMesh
from matplotlib.quiver import Quiver
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from fairgym.checks import InputError
from fairgym.pictures.regions import CELLS, draw_regions
from fairgym.populations.applicants import as_table
from fairgym.recourse import Recourse
from scripts import make_way_up_picture as picture


@pytest.fixture(autouse=True)
def closed():
    mpl.use("Agg")
    yield
    plt.close("all")


def only(ax, kind):
    (found,) = [artist for artist in ax.collections if type(artist) is kind]
    return found


def dots(ax, label):
    (found,) = [one for one in ax.collections if type(one) is PathCollection and one.get_label() == label]
    return np.asarray(found.get_offsets())


def cells(ax):
    """Return the centres of the drawn cells, (n, 2), and whether each is drawn as accepted, (n,)."""
    mesh = only(ax, QuadMesh)
    corners = mesh.get_coordinates()
    centres = (corners[:-1, :-1] + corners[1:, 1:]) / 2
    return centres.reshape(-1, 2), np.asarray(mesh.get_array()).reshape(-1) == 1


def ends(ax):
    arrows = only(ax, Quiver)
    start = np.asarray(arrows.get_offsets())
    return start, start + np.column_stack([arrows.U, arrows.V])


@pytest.fixture(scope="module")
def drawn():
    X, y = picture.people(600, seed=0)
    return X, y, picture.trees(X, y)


@pytest.mark.parametrize("name", ["Trained for accuracy", "Trained for accuracy and a way up"])
def test_what_is_drawn_is_what_the_model_does(drawn, name):
    X, y, trees = drawn
    model = trees[name]
    ax = draw_regions(model, X, y, arrows=10_000)
    centres, accepted = cells(ax)
    assert len(centres) == CELLS**2
    assert 0 < accepted.sum() < len(accepted)
    np.testing.assert_array_equal(accepted, model.predict(pd.DataFrame(centres, columns=X.columns)) == 1)

    known = model.recourse(X)
    start, end = ends(ax)
    able = (known.feasible & ~known.frame["accepted"].to_numpy()).to_numpy()
    assert able.sum() > 50
    assert sorted(map(tuple, start)) == sorted(map(tuple, X[able].to_numpy(float)))
    assert (model.predict(pd.DataFrame(end, columns=X.columns)) == 1).all()
    assert (end >= start).all(), "nobody grows younger or poorer"

    assert len(dots(ax, "accepted")) == (model.predict(X) == 1).sum()
    stuck = X[(known.proof == "impossible").to_numpy()].to_numpy(float)
    assert sorted(map(tuple, dots(ax, "rejected, no way in"))) == sorted(map(tuple, stuck))
    right = 100 * (model.predict(X) == y).mean()
    rejected = (model.predict(X) == 0).sum()
    words = f"{len(stuck)} of {rejected} rejected have no way in; {right:.0f} % of decisions are right"
    assert ax.get_title(loc="left") == words


def test_the_picture_of_the_page_shows_the_point(drawn):
    """Under the accurate tree a rejected person of some income would be accepted if she were younger; under the other
    tree everybody has a way up, and the price is paid in right decisions."""
    X, y, trees = drawn
    accurate, fair = trees.values()
    stuck = X[(accurate.recourse(X).proof == "impossible").to_numpy()]
    assert len(stuck) > 50
    assert (accurate.predict(stuck.assign(age=20)) == 1).mean() == 1
    assert fair.recourse_rate(X) == 1
    assert accurate.score(X, y) > fair.score(X, y)


def test_the_person_is_told_what_stands_in_her_way(drawn):
    X, _, trees = drawn
    her = picture.somebody(X, age=57, income=1_100)
    said = ["\n".join(text.get_text() for text in draw_regions(tree, X, person=her).texts) for tree in trees.values()]
    assert re.search(
        r"no way in\nage at most \d\d: cannot be changed so\nincome more than \d+: costs too much", said[0]
    )
    assert re.search(rf"raise income from {X['income'][her]:.0f} to \d+", said[1])


def test_the_script_draws_two_panels():
    figure = picture.draw()
    assert len(figure.axes) == 2
    assert all(only(ax, Quiver) for ax in figure.axes)


def test_a_cut_through_more_features_is_hers_alone():
    table = as_table(800, seed=3)
    forest = RandomForestClassifier(20, max_depth=5, random_state=0).fit(table.X, table.y)
    recourse = Recourse(forest, table.actions, "percentile", 0.5, background=table.X, target=0)
    pair = ["income", "debt"]
    rejected = table.X.index[forest.predict(table.X) == 1]
    for her in rejected[:30]:
        ax = draw_regions(forest, table.X, features=pair, person=her, recourse=recourse)
        if any(type(artist) is Quiver and len(artist.U) for artist in ax.collections):
            break
    else:
        pytest.fail("nobody has an action over income and debt")
    centres, accepted = cells(ax)
    people = pd.DataFrame([table.X.loc[her]] * len(centres), columns=table.X.columns)
    people[pair] = centres
    np.testing.assert_array_equal(accepted, forest.predict(people) == 0)
    start, end = ends(ax)
    assert start.tolist() == [table.X.loc[her, pair].tolist()]
    landed = table.X.loc[[her]].astype(float)
    landed[pair] = end
    assert forest.predict(landed).tolist() == [0]


def test_any_classifier_without_a_search():
    X, y = picture.people(200, seed=1)
    model = LogisticRegression().fit(X / [1, 1000], y)
    ax = draw_regions(model, X / [1, 1000], y)
    centres, accepted = cells(ax)
    np.testing.assert_array_equal(accepted, model.predict(pd.DataFrame(centres, columns=X.columns)) == 1)
    assert not any(type(artist) is Quiver for artist in ax.collections)


def test_bad_questions(drawn):
    X, _, trees = drawn
    tree, other = trees.values()
    with pytest.raises(InputError, match="X is not a DataFrame"):
        draw_regions(tree, X.to_numpy())
    with pytest.raises(InputError, match="features has 1 names"):
        draw_regions(tree, X, features=["age"])
    with pytest.raises(InputError, match="features names 'incom'"):
        draw_regions(tree, X, features=["age", "incom"])
    with pytest.raises(InputError, match="person=-1 is not the label"):
        draw_regions(tree, X, person=-1)
    with pytest.raises(InputError, match="recourse is that of another model"):
        draw_regions(tree, X, recourse=Recourse(other))
    with pytest.raises(InputError, match="target=0, but recourse is about 1"):
        draw_regions(tree, X, target=0)
    with pytest.raises(InputError, match="X has 3 features: say whose"):
        draw_regions(tree, X.assign(more=0))
    with pytest.raises(InputError, match="arrows=-1"):
        draw_regions(tree, X, arrows=-1)
