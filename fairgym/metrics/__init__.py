"""Running metrics: rates, counts, utility, populations, their combinations, and Simpson's decomposition."""

from fairgym.metrics.acting import (
    EffortPerPerson,
    Gaming,
    GamingShare,
    ImpossibleOffers,
    MeanOfferCost,
    TrueImprovement,
)
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
from fairgym.metrics.bar import BarDrift
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
from fairgym.metrics.recourse import (
    ApprovalAfterRecourse,
    DefaultRate,
    DefaultRateAfterRecourse,
    FollowRate,
    Funnel,
    NeverServed,
    OfferRate,
    PromiseKeptRate,
    RepaymentAfterRecourse,
    ReturnRate,
)
from fairgym.metrics.simpson import SimpsonDecomposition, simpson_decomposition
from fairgym.metrics.to_recourse import EffortToRecourse, TimeToRecourse
from fairgym.metrics.track import Track, TrackEnv, TrackerSet, TrackVectorEnv
from fairgym.metrics.utility import Gini, GroupUtility, MeanReward, MeanUtility, Utility

__all__ = [
    "AcceptanceRate",
    "Accuracy",
    "ApprovalAfterRecourse",
    "BarDrift",
    "ConfusionCounts",
    "CumulativeDecisions",
    "DefaultRate",
    "DefaultRateAfterRecourse",
    "Difference",
    "Discounted",
    "DiscoveredIncidents",
    "DiscoveryRate",
    "EffectiveSupplyOverDemand",
    "EffortPerPerson",
    "EffortToRecourse",
    "FalseNegativeRate",
    "FalsePositiveRate",
    "FarmingAlarm",
    "FollowRate",
    "Funnel",
    "GamedAdmissions",
    "Gaming",
    "GamingShare",
    "Gap",
    "Gini",
    "GroupRate",
    "GroupSickDays",
    "GroupSums",
    "GroupUtility",
    "ImpossibleOffers",
    "IncidentRate",
    "Infections",
    "ManipulationRate",
    "MeanOfferCost",
    "MeanReward",
    "MeanUtility",
    "MissedIncidents",
    "NeverServed",
    "OccurredIncidents",
    "OfferRate",
    "Overall",
    "PopulationScore",
    "Precision",
    "PromiseKeptRate",
    "Ratio",
    "RepaymentAfterRecourse",
    "ReturnRate",
    "ScoreDistribution",
    "SickDays",
    "SimpsonDecomposition",
    "SocialBurden",
    "SocialBurdenOfEligible",
    "SupplyOverDemand",
    "ThresholdTrajectory",
    "TimeToRecourse",
    "TotalInfected",
    "TotalVariation",
    "Track",
    "TrackEnv",
    "TrackVectorEnv",
    "Tracker",
    "TrackerSet",
    "TrueImprovement",
    "TruePositiveRate",
    "Utility",
    "Wasserstein",
    "Window",
    "check_trackers",
    "simpson_decomposition",
]
