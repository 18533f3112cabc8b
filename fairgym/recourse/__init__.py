"""Recourse: what a rejected person can do about it, for any model made of trees."""

from fairgym.recourse.actions import ActionSpec
from fairgym.recourse.costs import Cost, LogPercentileShift, PercentileShift, WeightedShift
from fairgym.recourse.obstacles import obstacles
from fairgym.recourse.recourse import Recourse
from fairgym.recourse.report import recourse_rate, recourse_report, recourse_scorer
from fairgym.recourse.result import RecourseResult

__all__ = [
    "ActionSpec",
    "Cost",
    "LogPercentileShift",
    "PercentileShift",
    "Recourse",
    "RecourseResult",
    "WeightedShift",
    "obstacles",
    "recourse_rate",
    "recourse_report",
    "recourse_scorer",
]
