"""Pictures of an epidemic: the social network with everybody's state, and the sick over time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from fairgym.batch import Numbers
from fairgym.envs.epidemic import EpidemicDynamics
from fairgym.pictures.base import WorldPicture
from fairgym.plots import COLOURS, colour, label_line_ends
from fairgym.populations.networks import Network

STATE_COLOURS = {"susceptible": "#FFFFFF", "exposed": "#F0E442", "infectious": "#000000", "recovered": "#C8C8C8"}
"""How each state fills a person's mark."""
MARKERS = "osD^v<>Ph*"
"""How each community is drawn, beside its outline."""
DRAWN = 500
"""People up to which the network is drawn; of a larger one only the curves are."""


class EpidemicPicture(WorldPicture):
    """The frames of an epidemic: the network at the left, the sick of each community at the right."""

    def __init__(self, dynamics: EpidemicDynamics) -> None:
        super().__init__(dynamics)
        self.network, self.states = dynamics.network, dynamics.states
        self.figure.set_size_inches(10, 4.5)
        self.places = _places(self.network) if self.network.people <= DRAWN else None

    def start(self, observation: Mapping[str, Any], info: Mapping[str, Any]) -> None:
        """Begin the pictures of a new episode."""
        self.health = np.asarray(observation["health"]).argmax(axis=1)
        self.dosed = np.zeros(len(self.health), dtype=bool)
        self.sick = [self._sick_by_group()]

    def record(self, observation: Mapping[str, Any], info: Mapping[str, Any]) -> None:
        """Take in one step."""
        self.health = np.asarray(observation["health"]).argmax(axis=1)
        self.dosed = np.asarray(info["decision"]) == 1
        self.sick.append(self._sick_by_group())

    def _sick_by_group(self) -> Any:
        infectious = self.health == self.states.index("infectious")
        return np.bincount(self.network.group[infectious], minlength=len(self.network.groups))

    def draw(self) -> None:
        """Draw the network, where it is small, and the curves."""
        if self.places is None:
            self.draw_sick(self.figure.subplots())
            return
        left, right = self.figure.subplots(1, 2, width_ratios=(1.3, 1))
        self.draw_network(left, self.places)
        self.draw_sick(right)

    def draw_network(self, axes: Axes, places: Numbers) -> None:
        """Draw everybody: filled by state, marked and outlined by community, a ring around who just got a dose."""
        first, second = self.network.adjacency.nonzero()
        once = first < second
        lines = np.stack([places[first[once]], places[second[once]]], axis=1)
        axes.plot(*lines.transpose(2, 1, 0), color="#BBBBBB", linewidth=0.6, zorder=1)
        size = float(np.clip(6000 / len(places), 12, 120))
        fills = np.array([STATE_COLOURS[state] for state in self.states])
        for index in range(len(self.network.groups)):
            here = self.network.group == index
            axes.scatter(
                places[here, 0], places[here, 1], s=size, c=fills[self.health[here]], edgecolors=colour(index),
                marker=MARKERS[index % len(MARKERS)], linewidths=1.8, zorder=2,
            )  # fmt: skip
        axes.scatter(
            places[self.dosed, 0], places[self.dosed, 1], s=3 * size,
            facecolors="none", edgecolors="black", linewidths=1.5, zorder=3,
        )  # fmt: skip
        axes.set_axis_off()
        axes.set_title("states as the tests show them")
        shown = [Line2D([], [], marker="o", ls="", mfc=STATE_COLOURS[s], mec="#444444", label=s) for s in self.states]
        shown.append(Line2D([], [], marker="o", ls="", ms=11, mfc="none", mec="black", label="got a dose"))
        axes.legend(handles=shown, loc="upper center", bbox_to_anchor=(0.5, 0), ncols=len(shown), frameon=False,
                    fontsize=9, handletextpad=0.1, columnspacing=1.0)  # fmt: skip

    def draw_sick(self, axes: Axes) -> None:
        """Draw the share of each community that the tests show as infectious, over the steps so far."""
        people = np.bincount(self.network.group, minlength=len(self.network.groups))
        shares = np.array(self.sick) / people
        for index, share in enumerate(shares.T):
            axes.plot(share, color=colour(index))
        axes.set_ylim(-0.02, 1.02)
        axes.set_xlim(0, max(1, len(shares) - 1))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_title("share infectious")
        axes.set_xlabel("step")
        if len(people) <= len(COLOURS):
            ends = zip(self.network.groups, shares[-1], strict=True)
            label_line_ends(
                axes, [(len(shares) - 1.0, share, name, colour(index)) for index, (name, share) in enumerate(ends)]
            )


def _places(network: Network) -> Numbers:
    """Return where everybody is drawn, (V, 2): the same in every frame."""
    from networkx import from_scipy_sparse_array, spring_layout

    layout = spring_layout(from_scipy_sparse_array(network.adjacency), seed=1)
    return np.array([layout[person] for person in range(network.people)])
