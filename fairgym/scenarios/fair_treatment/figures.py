"""The figures: risk on the chain, sick days by connection, and the burden of everybody in the karate club."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.figure import Figure

from fairgym.plots import COLOURS, label_line_ends
from fairgym.populations.networks import Network
from fairgym.result import Numbers, Result
from fairgym.scenarios.fair_treatment import chain
from fairgym.scenarios.fair_treatment.measures import by_connection
from fairgym.scenarios.fair_treatment.names import (
    BETWEENNESS,
    DEGREE,
    EIGENVECTOR,
    FIGURE,
    NOBODY,
    SCALE_FREE,
    experiment,
    network_of,
    sick_days_by_person,
)

TITLES = {
    NOBODY: "nobody is treated",
    EIGENVECTOR: "highest eigenvector centrality first",
    DEGREE: "most links first",
    BETWEENNESS: "highest betweenness first",
}
MARKERS = "os^Dv<>p"
"""One marker per community, in order."""


def figures(result: Result) -> dict[str, Figure]:
    """Return the risks on the chain (the paper's figure 3), sick days by connection (4), and the karate club (5, 6)."""
    return {
        "risk-on-a-chain": risk_on_a_chain(),
        "sick-days-by-links": sick_days_by_links(result),
        "burden-in-the-karate-club": burden_in_the_karate_club(result),
    }


def risk_on_a_chain() -> Figure:
    """Draw everybody's risk on the chain under five strategies."""
    figure = Figure(figsize=(9, 5.5), layout="constrained")
    axes = figure.subplots()
    middle, known = chain.preemptive()[chain.MIDDLE], "patient zero is known:"
    profiles = (
        (chain.natural(), COLOURS[6], "-", "no dose", (6, 0.52)),
        (chain.random_preemptive(), COLOURS[4], "--", "a dose for anybody", (6, 0.382)),
        (middle, COLOURS[0], "--", "a dose for the middle", (7.4, 0.03)),
        (chain.best_precision(), COLOURS[1], "-", f"{known}\nthe best dose", (3.2, 0.1)),
        (chain.equal_precision()[1], COLOURS[2], "-", f"{known}\nequal risks", (9.6, 0.155)),
    )
    people = np.arange(1, chain.PEOPLE + 1)
    for risks, ink, style, name, place in profiles:
        axes.plot(people, risks, style, color=ink, marker="o", markersize=4)
        axes.annotate(name, place, color=ink, ha="center")
    axes.set_ylim(0, 0.56)
    axes.set_xticks(people)
    axes.set_xlabel("place in a chain of eleven people")
    axes.set_ylabel("probability of being infected")
    axes.set_title("One dose on a chain: risks can be made equal only once patient zero is known")
    return figure


def sick_days_by_links(result: Result) -> Figure:
    """Draw each person's mean sick days against their links, with the means of three classes, in both cases."""
    figure = Figure(figsize=(9, 5))
    figure.subplots_adjust(left=0.09, right=0.76, bottom=0.12, top=0.91)
    axes = figure.subplots()
    ends = []
    for policy, ink in ((NOBODY, COLOURS[6]), (DEGREE, COLOURS[1])):
        days = sick_days_by_person(result, policy, SCALE_FREE).mean(axis=0)
        degree = network_of(result, experiment(policy, SCALE_FREE)).degree
        axes.plot(degree * spread(len(degree)), days, "o", color=ink, alpha=0.4, markersize=5, markeredgewidth=0)
        classes = [one for one in by_connection(degree) if one.any()]
        centres = [float(np.exp(np.log(np.maximum(degree[one], 1)).mean())) for one in classes]
        means = [float(days[one].mean()) for one in classes]
        axes.plot(centres, means, "-D", color=ink, markersize=8)
        ends.append((centres[-1], means[-1], TITLES[policy], ink))
    axes.set_xscale("log")
    ticks = [tick for tick in (1, 2, 3, 5, 10, 20, 50, 100) if degree.min() <= tick <= 1.2 * degree.max()]
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.minorticks_off()
    axes.set_ylim(bottom=0)
    axes.set_xlabel("links of the person (diamonds: the fewest links, those between, the ten hubs)")
    axes.set_ylabel("mean sick days of the person")
    axes.set_title("The natural burden grows with links; treating hubs first leaves it to those between")
    label_line_ends(axes, ends)
    return figure


def spread(people: int) -> Numbers:
    """Return factors near 1 that keep the dots of people with equally many links apart."""
    return np.asarray(np.exp(0.1 * ((np.arange(people) * 0.618034) % 1 - 0.5)))


def burden_in_the_karate_club(result: Result) -> Figure:
    """Draw the network with everybody coloured by mean sick days, under each policy."""
    figure = Figure(figsize=(11, 9), layout="constrained")
    panels = figure.subplots(2, 2).ravel()
    days = {policy: sick_days_by_person(result, policy, FIGURE).mean(axis=0) for policy in TITLES}
    most = max(float(one.max()) for one in days.values())
    network = network_of(result, experiment(NOBODY, FIGURE))
    places = np.array(list(nx.kamada_kawai_layout(nx.from_scipy_sparse_array(network.adjacency)).values()))
    for axes, policy in zip(panels, TITLES, strict=True):
        dots = draw_people(axes, network, places, days[policy], most)
        communities = [days[policy][network.group == one].mean() for one in range(len(network.groups))]
        shown = ", ".join(f"{one:.1f}" for one in communities)
        axes.set_title(f"{TITLES[policy]}: {shown} days")
    bar = figure.colorbar(dots, ax=panels.tolist(), shrink=0.6)
    bar.set_label("mean sick days of the person, of 20")
    title = "One dose a step spares most those with many links: who is sick in the karate club, and for how long"
    figure.suptitle(f"{title}\n(one marker and one mean per community)", x=0.02, ha="left")
    return figure


def draw_people(axes: Axes, network: Network, places: Numbers, days: Numbers, most: float) -> PathCollection:
    """Draw one network, one marker per community; return its last dots, for the colour bar."""
    links = network.adjacency.tocoo()
    once = links.row < links.col
    lines = np.stack([places[links.row[once]], places[links.col[once]]], axis=1)
    axes.add_collection(LineCollection(list(lines), colors="#BBBBBB", linewidths=0.8, zorder=1))
    size = 60 + 12 * network.degree
    style: Any = {"vmin": 0.0, "vmax": most, "cmap": "viridis_r", "edgecolors": "black", "linewidths": 0.8, "zorder": 2}
    for community in range(len(network.groups)):
        member = network.group == community
        marker = MARKERS[community % len(MARKERS)]
        x, y = places[member].T
        dots = axes.scatter(x, y, c=days[member], s=size[member], marker=marker, **style)
    axes.set_axis_off()
    return dots
