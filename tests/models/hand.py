"""A table small enough to be worked by hand: who has ``paid`` before cannot change it, ``course`` anybody can take."""

import numpy as np
import pandas as pd

from fairgym.models import RecourseTreeClassifier
from fairgym.recourse import ActionSpec, WeightedShift

SPEC = ActionSpec({"paid": "fixed", "course": "free"}, binary=["paid", "course"])


def hand_worked():
    """8 people have paid before, all of class 1; of 13 others 3 took the course, of whom one is of class 1."""
    paid, course = np.repeat([1, 0], [8, 13]), np.repeat([0, 1], [18, 3])
    y = np.concatenate([np.ones(8), np.zeros(12), [1]]).astype(int)
    return pd.DataFrame({"paid": paid, "course": course}), y


def hand_tree(recourse_weight, **options):
    """A tree without limits on size, errors counted, everything within the budget."""
    settings = {"criterion": "zero_one", "cost": WeightedShift((1.0, 1.0)), "budget": 1.0, "min_gain": 0.0}
    return RecourseTreeClassifier(SPEC, recourse_weight=recourse_weight, **settings | options)
