"""Running metrics: rates, counts, utility, populations, their combinations, and Simpson's decomposition."""

from fairgym.metrics.admissions import (
    GamedAdmissions,
    ManipulationRate,
    SocialBurden,
    SocialBurdenOfEligible,
    ThresholdTrajectory,
)
from fairgym.metrics.attention import (
    DiscoveredIncidents,
    DiscoveryRate,
    FarmingAlarm,
    IncidentRate,
    MissedIncidents,
    OccurredIncidents,
)
from fairgym.metrics.base import GroupRate, GroupSums, Tracker, check_trackers
from fairgym.metrics.combine import Difference, Discounted, Gap, Overall, Ratio, Window
from fairgym.metrics.counts import ConfusionCounts, CumulativeDecisions
from fairgym.metrics.epidemic import (
    EffectiveSupplyOverDemand,
    GroupSickDays,
    Infections,
    SickDays,
    SupplyOverDemand,
    TotalInfected,
)
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
    "DiscoveredIncidents",
    "DiscoveryRate",
    "EffectiveSupplyOverDemand",
    "FalseNegativeRate",
    "FalsePositiveRate",
    "FarmingAlarm",
    "GamedAdmissions",
    "Gap",
    "Gini",
    "GroupRate",
    "GroupSickDays",
    "GroupSums",
    "GroupUtility",
    "IncidentRate",
    "Infections",
    "ManipulationRate",
    "MeanReward",
    "MeanUtility",
    "MissedIncidents",
    "OccurredIncidents",
    "Overall",
    "PopulationScore",
    "Precision",
    "Ratio",
    "ScoreDistribution",
    "SickDays",
    "SimpsonDecomposition",
    "SocialBurden",
    "SocialBurdenOfEligible",
    "SupplyOverDemand",
    "ThresholdTrajectory",
    "TotalInfected",
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
