"""Decision models that fairgym trains itself, as scikit-learn estimators."""

from fairgym.models.drawing import export_text, plot_tree
from fairgym.models.forest import RecourseForestClassifier
from fairgym.models.tree import RecourseTreeClassifier

__all__ = ["RecourseForestClassifier", "RecourseTreeClassifier", "export_text", "plot_tree"]
