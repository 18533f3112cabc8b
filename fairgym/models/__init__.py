"""Decision models that fairgym trains itself, as scikit-learn estimators."""

from fairgym.models.drawing import export_text, plot_tree
from fairgym.models.forest import RecourseForestClassifier
from fairgym.models.prelu import PReLUNetworkClassifier
from fairgym.models.strategic import StrategicLogisticRegression
from fairgym.models.tree import RecourseTreeClassifier

__all__ = [
    "PReLUNetworkClassifier",
    "RecourseForestClassifier",
    "RecourseTreeClassifier",
    "StrategicLogisticRegression",
    "export_text",
    "plot_tree",
]
