"""Running metrics: rates, counts, utility, populations, their combinations, and Simpson's decomposition."""

from fairgym.metrics.base import GroupRate, GroupSums, Tracker, check_trackers
from fairgym.metrics.combine import Difference, Discounted, Gap, Ratio, Window
from fairgym.metrics.counts import ConfusionCounts, CumulativeDecisions
from fairgym.metrics.population import PopulationScore, ScoreDistribution, TotalVariation, Wasserstein
from fairgym.metrics.rates import (
    AcceptanceRate,
    Accuracy,
    FalseNegativeRate,
    FalsePositiveRate,
    Precision,
    TruePositiveRate,
)
from fairgym.metrics.simpson import SimpsonDecomposition, simpson_decomposition
from fairgym.metrics.track import Track, TrackEnv, TrackerSet, TrackVectorEnv
from fairgym.metrics.utility import Gini, GroupUtility, MeanReward, MeanUtility, Utility

__all__ = [
    "AcceptanceRate",
    "Accuracy",
    "ConfusionCounts",
    "CumulativeDecisions",
    "Difference",
    "Discounted",
    "FalseNegativeRate",
    "FalsePositiveRate",
    "Gap",
    "Gini",
    "GroupRate",
    "GroupSums",
    "GroupUtility",
    "MeanReward",
    "MeanUtility",
    "PopulationScore",
    "Precision",
    "Ratio",
    "ScoreDistribution",
    "SimpsonDecomposition",
    "TotalVariation",
    "Track",
    "TrackEnv",
    "TrackVectorEnv",
    "Tracker",
    "TrackerSet",
    "TruePositiveRate",
    "Utility",
    "Wasserstein",
    "Window",
    "check_trackers",
    "simpson_decomposition",
]
