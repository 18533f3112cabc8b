"""Robustness: how little it takes to change decisions, who can do it, and how it is noticed."""

from fairgym.robustness.adversarial_observation import AdversarialObservation, AdversarialVectorObservation
from fairgym.robustness.alarms import Alarm, DriftWarning
from fairgym.robustness.anomaly import AnomalyGuard, AnomalyVectorGuard
from fairgym.robustness.drift import DriftMonitor, DriftVectorMonitor
from fairgym.robustness.drift_tests import Adwin, Detector, PageHinkley, WindowTests
from fairgym.robustness.metrics import (
    attack_gap,
    empirical_radius,
    gaming_rate,
    radius_gap,
    robust_accuracy,
    social_burden,
    strategic_accuracy,
)
from fairgym.robustness.moves import Moves, best_response, cheapest_moves
from fairgym.robustness.reach import Reach
from fairgym.robustness.report import RobustnessReport, robustness_report
from fairgym.robustness.responses import reach_of
from fairgym.robustness.smoothing import Certificate, certify, smoothed_decisions
from fairgym.robustness.strategic_response import StrategicResponse, StrategicVectorResponse
from fairgym.robustness.trackers import FlaggedRate, MeanMoveCost, MovedRate
from fairgym.robustness.watched import WatchedRun

__all__ = [
    "AdversarialObservation",
    "AdversarialVectorObservation",
    "Adwin",
    "Alarm",
    "AnomalyGuard",
    "AnomalyVectorGuard",
    "Certificate",
    "Detector",
    "DriftMonitor",
    "DriftVectorMonitor",
    "DriftWarning",
    "FlaggedRate",
    "MeanMoveCost",
    "MovedRate",
    "Moves",
    "PageHinkley",
    "Reach",
    "RobustnessReport",
    "StrategicResponse",
    "StrategicVectorResponse",
    "WatchedRun",
    "WindowTests",
    "attack_gap",
    "best_response",
    "certify",
    "cheapest_moves",
    "empirical_radius",
    "gaming_rate",
    "radius_gap",
    "reach_of",
    "robust_accuracy",
    "robustness_report",
    "smoothed_decisions",
    "social_burden",
    "strategic_accuracy",
]
