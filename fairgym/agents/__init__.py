"""Decision rules, one per file; ``base.py`` says what a rule is.

To add one, derive from ``AcceptRejectAgent`` and return the probability of accepting each lane's person, or from
``BeliefAgent`` and turn beliefs about the applicants into a policy by group and score.
"""

from fairgym.agents.accept_all import AcceptAll
from fairgym.agents.admissions import AdmissionsAgent, FixedThreshold
from fairgym.agents.admissions_learning import ContinuousThreshold, RobustThreshold, StaticThreshold
from fairgym.agents.aggregate_equalizer import AggregateEqualizer
from fairgym.agents.attention import AttentionAgent, RateAttention
from fairgym.agents.attention_farming import FarmingAttention
from fairgym.agents.attention_greedy import GreedyAttention
from fairgym.agents.attention_naive import NaiveMatching
from fairgym.agents.attention_proportional import ProportionalAttention
from fairgym.agents.attention_uniform import UniformAttention
from fairgym.agents.base import AcceptRejectAgent, Agent, Transition
from fairgym.agents.belief_agent import BeliefAgent
from fairgym.agents.beliefs import Beliefs
from fairgym.agents.classifier import ClassifierAgent
from fairgym.agents.common_rate import common_rate
from fairgym.agents.demographic_parity import DemographicParity
from fairgym.agents.epidemic import TreatmentAgent
from fairgym.agents.epidemic_fair import DegreeGap, FairRandom
from fairgym.agents.epidemic_rules import HighestCentrality, NoTreatment, RandomPerson, RandomSusceptible
from fairgym.agents.equal_opportunity import EqualOpportunity
from fairgym.agents.lender import LenderAgent, ScoreThreshold
from fairgym.agents.policy import Policy
from fairgym.agents.random_agent import RandomAgent
from fairgym.agents.recourse_lender import RecourseLender
from fairgym.agents.reward_maximizer import RewardMaximizer
from fairgym.agents.threshold import ThresholdAgent

__all__ = [
    "AcceptAll",
    "AcceptRejectAgent",
    "AdmissionsAgent",
    "Agent",
    "AggregateEqualizer",
    "AttentionAgent",
    "BeliefAgent",
    "Beliefs",
    "ClassifierAgent",
    "ContinuousThreshold",
    "DegreeGap",
    "DemographicParity",
    "EqualOpportunity",
    "FairRandom",
    "FarmingAttention",
    "FixedThreshold",
    "GreedyAttention",
    "HighestCentrality",
    "LenderAgent",
    "NaiveMatching",
    "NoTreatment",
    "Policy",
    "ProportionalAttention",
    "RandomAgent",
    "RandomPerson",
    "RandomSusceptible",
    "RateAttention",
    "RecourseLender",
    "RewardMaximizer",
    "RobustThreshold",
    "ScoreThreshold",
    "StaticThreshold",
    "ThresholdAgent",
    "Transition",
    "TreatmentAgent",
    "UniformAttention",
    "common_rate",
]
