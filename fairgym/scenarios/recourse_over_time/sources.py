"""The papers that the scenarios go by, and what is said of claims that are ours."""

from __future__ import annotations

KANAMORI = "Kanamori et al., Learning decision trees and forests with algorithmic recourse, ICML 2024"
BELL = (
    "Bell, Fonseca, Abrate, Bonchi and Stoyanovich, Fairness in algorithmic recourse through the lens of substantive "
    "equality of opportunity, 2024"
)
MILLER = "Miller, Milli and Hardt, Strategic classification is causal modeling in disguise, ICML 2020"
FONSECA = "Fonseca et al., Setting the right expectations: algorithmic recourse over time, 2023"
ALTMEYER = "Altmeyer et al., Endogenous macrodynamics in algorithmic recourse, 2023"
LIU = "Liu et al., Understanding endogenous data drift in adaptive models with recourse-seeking users, 2025"
OURS = "our measurement"
AFTERWARDS = "Chosen after the first runs were seen."
HELD = f"{AFTERWARDS} On 50 other seeds (1000 to 1049) it holds as well:"
MISSED = "On 50 other seeds (1000 to 1049) it is not decided:"
