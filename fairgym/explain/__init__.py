"""Explain: rules that say when a model, or an agent in a world, decides as it did for one person."""

from fairgym.explain.anchor import Anchor, Partial
from fairgym.explain.decisions import decision_rule, explain_decision
from fairgym.explain.drawing import plot_anchors
from fairgym.explain.drift import Moment, RuleDrift, rule_drift
from fairgym.explain.explainer import AnchorExplainer
from fairgym.explain.perturbing import from_simulator
from fairgym.explain.picking import Disagreement, Pick, disagreements, pick
from fairgym.explain.predicates import Predicate
from fairgym.explain.rule import Evaluation, Rule

__all__ = [
    "Anchor",
    "AnchorExplainer",
    "Disagreement",
    "Evaluation",
    "Moment",
    "Partial",
    "Pick",
    "Predicate",
    "Rule",
    "RuleDrift",
    "decision_rule",
    "disagreements",
    "explain_decision",
    "from_simulator",
    "pick",
    "plot_anchors",
    "rule_drift",
]
