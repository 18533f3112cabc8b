"""Rendered frames of lending with reapplication: what became of everybody, the funnel of offers, and the money."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from fairgym.envs.dynamics import Dynamics
from fairgym.metrics.recourse import Funnel
from fairgym.outcome import GONE, REJECTED, SERVED, WORKING, transition_view
from fairgym.pictures.base import WorldPicture
from fairgym.plots import COLOURS, colour

SHADES = {
    "served": COLOURS[2],
    "about to apply": COLOURS[5],
    "working on an action": COLOURS[4],
    "waiting to try again": "#D8D8D8",
    "gone without a loan": "#7A7A7A",
}
"""What can have become of a person, and its colour, from the bottom of the picture to its top."""
STAGES = ("offered", "followed", "returned", "approved", "repaid")
"""The bars of the funnel, each as people of 100 rejections."""
TALLEST = 20
"""Least height of the axis of the funnel."""


class ReapplicationPicture(WorldPicture):
    """The frames of one lane: what became of all who ever applied, by group; the funnel and the money so far.

    A person whom the world lets apply anew after a loan counts anew.
    """

    money_title = "money earned, in loans"

    def __init__(self, dynamics: Dynamics[Any, Any, Any]) -> None:
        super().__init__(dynamics)
        self.figure.set_size_inches(11, max(4.8, 2.2 * len(dynamics.groups)))

    def start(self, observation: Mapping[str, Any], info: Mapping[str, Any]) -> None:
        """Begin the pictures of a new episode."""
        groups = len(self.dynamics.groups)
        self.money = [0.0]
        self.ended = np.zeros((2, groups))  # served and gone so far
        self.funnel = Funnel()
        self.funnel.reset(1, groups)
        self.people = [self._became(observation, None)]

    def record(self, observation: Mapping[str, Any], info: Mapping[str, Any]) -> None:
        """Take in one period; a rendered episode is remembered whole."""
        left = (info["applied"] == 1) & (info["status"] == GONE)
        self.ended += self._by_group(info["group"], info["decision"] == 1, left)
        self.funnel.update(*transition_view(info, None))
        self.money.append(self.money[-1] + float(np.sum(info["utility"])))
        self.people.append(self._became(observation, info))

    def _by_group(self, group: Any, *who: Any) -> Any:
        """Return how many of each group are meant by each of some masks, (masks, G)."""
        return np.array([np.bincount(group[mask], minlength=len(self.dynamics.groups)) for mask in who])

    def _became(self, observation: Mapping[str, Any], info: Mapping[str, Any] | None) -> Any:
        """Return how many of each group stand where, in the order of SHADES, (5, G).

        Before the first period only the applicants are seen.
        """
        applying = np.asarray(observation["applying"]) == 1
        (about,) = self._by_group(observation["group"], applying)
        status = np.full(len(applying), SERVED) if info is None else info["status"]
        group = observation["group"] if info is None else info["group"]
        working, waiting = self._by_group(group, status == WORKING, status == REJECTED)
        return np.stack([self.ended[0], about, working, waiting, self.ended[1]])

    def draw(self) -> None:
        """Draw one row of areas per group at the left, the funnel above the money at the right."""
        left, right = np.asarray(self.figure.subfigures(1, 2, width_ratios=(1.35, 1)))
        rows = left.subplots(len(self.dynamics.groups), 1, sharex=True, squeeze=False)[:, 0]
        for index, axes in enumerate(rows):
            self.draw_people(axes, index)
        rows[0].set_title("what became of all who applied so far")
        rows[-1].set_xlabel("period")
        funnel, money = right.subplots(2, 1)
        self.draw_funnel(funnel)
        self.draw_money(money)

    def draw_people(self, axes: Axes, group: int) -> None:
        """Draw which share of the group's people so far stands where, by period, the areas named in their order."""
        people = np.array(self.people)[:, :, group]
        shares = people / np.maximum(people.sum(axis=1, keepdims=True), 1)
        periods = np.arange(len(shares))
        if len(shares) == 1:  # an area needs a width
            shares, periods = np.repeat(shares, 2, axis=0), np.arange(2)
        axes.stackplot(periods, shares.T, colors=list(SHADES.values()), linewidth=0)
        axes.set(xlim=(0, periods[-1]), ylim=(0, 1))
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_ylabel(f"{self.dynamics.groups[group]}\n({people[-1].sum():,.0f} people)", color=colour(group))
        for place, (name, ink) in enumerate(SHADES.items()):
            beside: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points", "va": "center"}
            height = (place + 0.5) / len(SHADES)
            axes.annotate("\u25a0", (1, height), xytext=(6, 0), color=ink, fontsize=14, **beside)
            axes.annotate(f"{100 * shares[-1, place]:.0f} % {name}", (1, height), xytext=(20, 0), fontsize=10, **beside)

    def draw_money(self, axes: Axes) -> None:
        """Draw what the lender earned so far."""
        super().draw_money(axes)
        axes.set_xlim(0, max(1, len(self.money) - 1))
        axes.set_xlabel("period")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        if not any(self.money):
            axes.set_ylim(-1, 1)

    def draw_funnel(self, axes: Axes) -> None:
        """Draw how many of 100 rejections so far came with an offer, and how far people came with it."""
        events = self.funnel.compute()
        with np.errstate(invalid="ignore"):
            reached = 100 * np.array([events[stage][0] / events["rejected"][0] for stage in STAGES])
        width = 0.8 / len(self.dynamics.groups)
        places = np.arange(len(STAGES))
        for index, group in enumerate(self.dynamics.groups):
            bars = axes.bar(places + (index + 0.5) * width - 0.4, reached[:, index], width, color=colour(index))
            labels = [f"{people:.0f}" if np.isfinite(people) else "" for people in reached[:, index]]
            if len(self.dynamics.groups) <= 3:
                axes.bar_label(bars, labels, fontsize=9, color=colour(index))
            axes.annotate(
                group, (1, 1), xycoords="axes fraction", xytext=(0, -13 * index), textcoords="offset points",
                ha="right", va="top", color=colour(index),
            )  # fmt: skip
        axes.set_xticks(places, STAGES)
        axes.set(xlim=(-0.5, len(STAGES) - 0.5), ylim=(0, 1.25 * max(TALLEST, np.nanmax(reached, initial=0))))
        axes.set_title("of 100 rejections so far")
