"""Leaderboard: every agent that fits a world, on the same seeds, by reward and by a number of fairness."""

from fairgym.leaderboard.board import Leaderboard, run_leaderboard
from fairgym.leaderboard.entrants import candidates
from fairgym.leaderboard.measures import MEASURES, Measure, measure_of
from fairgym.leaderboard.picture import tradeoff
from fairgym.leaderboard.ranking import standings

__all__ = [
    "MEASURES",
    "Leaderboard",
    "Measure",
    "candidates",
    "measure_of",
    "run_leaderboard",
    "standings",
    "tradeoff",
]
