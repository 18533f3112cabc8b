"""Recourse: what a rejected person can do about it, for any model made of trees."""

from fairgym.recourse.actions import ActionSpec
from fairgym.recourse.costs import Cost, LogPercentileShift, PercentileShift, WeightedShift

__all__ = ["ActionSpec", "Cost", "LogPercentileShift", "PercentileShift", "WeightedShift"]
