"""The figure: reward against bias, counted in doses given and in useful doses, beside published policies."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fairgym.plots import COLOURS
from fairgym.result import Result
from fairgym.scenarios.vaccine_gap.claims import PUBLISHED, rewards
from fairgym.scenarios.vaccine_gap.names import (
    DOSES,
    EFFECTIVE,
    FAIR_RANDOM,
    RANDOM,
    SPENT,
    WEIGHTS,
    bias,
    degree_gap,
)

GIVEN_INK, USEFUL_INK, RANDOM_INK, PUBLISHED_INK = COLOURS[0], COLOURS[1], COLOURS[2], COLOURS[6]


def figures(result: Result) -> dict[str, Figure]:
    """Return reward against bias."""
    return {"reward-against-bias": reward_against_bias(result)}


def reward_against_bias(result: Result) -> Figure:
    """Draw mean reward against mean bias of an evaluation, for the harder version."""
    figure = Figure(figsize=(10, 6), layout="constrained")
    axes = figure.subplots()
    for supply, ink in ((DOSES, GIVEN_INK), (EFFECTIVE, USEFUL_INK)):
        draw_weights(axes, result, supply, ink)
    for name in (RANDOM, FAIR_RANDOM):
        point = float(bias(result, DOSES, name).mean()), float(rewards(result, name).mean())
        axes.plot(*point, "o", color=RANDOM_INK)
        axes.annotate(name, point, xytext=(8, -4), textcoords="offset points", color=RANDOM_INK)
    for name, (reward, gap) in PUBLISHED.items():
        axes.plot(gap, reward, "*", color=PUBLISHED_INK, markersize=13)
        axes.annotate(name, (gap, reward), xytext=(-9, -14), textcoords="offset points", color=PUBLISHED_INK)
    axes.set_xlim(-0.02, 1.35)
    axes.set_xlabel("bias: gap between the communities' doses per infection, 200 episodes")
    axes.set_ylabel("reward: share of people not infected")
    axes.set_title("A simple rule looks as fair as the learned policy, until wasted doses are left out")
    for place, ink, words in (
        (0.38, PUBLISHED_INK, "stars: learned policies, as published (doses given)"),
        (0.32, GIVEN_INK, "degree + weight x gap, doses given"),
        (0.26, USEFUL_INK, "the same runs, useful doses only"),
        (0.20, RANDOM_INK, "random rules, which waste nothing"),
    ):
        axes.annotate(words, (0.5, place), xycoords="axes fraction", color=ink)
    return figure


def draw_weights(axes: Axes, result: Result, supply: str, ink: str) -> None:
    """Draw the degree rule that spends its spare doses, from weight to weight."""
    names = [degree_gap(weight, SPENT) for weight in WEIGHTS]
    gaps = [float(bias(result, supply, name).mean()) for name in names]
    earned = [float(rewards(result, name).mean()) for name in names]
    axes.plot(gaps, earned, "-o", color=ink)
    for weight, gap, reward in zip(WEIGHTS, gaps, earned, strict=True):
        place = (6, 5) if supply == DOSES else (-20, 3)
        axes.annotate(str(weight), (gap, reward), xytext=place, textcoords="offset points", color=ink)
