"""Decision rules, one per file; ``base.py`` says what a rule is.

To add one, derive from ``AcceptRejectAgent`` and return the probability of accepting each lane's person, or from
``BeliefAgent`` and turn beliefs about the applicants into a policy by group and score.
"""

from fairgym.agents.accept_all import AcceptAll
from fairgym.agents.aggregate_equalizer import AggregateEqualizer
from fairgym.agents.base import AcceptRejectAgent, Agent, Transition
from fairgym.agents.belief_agent import BeliefAgent
from fairgym.agents.beliefs import Beliefs
from fairgym.agents.classifier import ClassifierAgent
from fairgym.agents.common_rate import common_rate
from fairgym.agents.demographic_parity import DemographicParity
from fairgym.agents.equal_opportunity import EqualOpportunity
from fairgym.agents.policy import Policy
from fairgym.agents.random_agent import RandomAgent
from fairgym.agents.reward_maximizer import RewardMaximizer
from fairgym.agents.threshold import ThresholdAgent

__all__ = [
    "AcceptAll",
    "AcceptRejectAgent",
    "Agent",
    "AggregateEqualizer",
    "BeliefAgent",
    "Beliefs",
    "ClassifierAgent",
    "DemographicParity",
    "EqualOpportunity",
    "Policy",
    "RandomAgent",
    "RewardMaximizer",
    "ThresholdAgent",
    "Transition",
    "common_rate",
]
