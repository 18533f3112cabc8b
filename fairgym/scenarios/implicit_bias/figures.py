"""The figures: radius over clusters, the line in a plane, where neurons point step by step, and what it takes."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from fairgym.colours import COLOURS
from fairgym.models.prelu_law import Floats
from fairgym.result import Estimate, Result, estimate
from fairgym.scenarios.implicit_bias.fitting import sample_of, trained
from fairgym.scenarios.implicit_bias.names import (
    ABLATED,
    BEST,
    CUBE,
    LARGE_START,
    LOGISTIC,
    MIDDLE_START,
    ORDERS,
    PLAIN,
    RELU,
    SMALL_START_NAME,
    SQUARE,
    SQUARED,
    SUBGROUPS,
    UNDIVIDED,
    Arm,
    Options,
    by_clusters,
    clusters_of,
    path_name,
    values,
)
from fairgym.scenarios.implicit_bias.people import centres_of

INK = dict(zip(ORDERS, (COLOURS[1], COLOURS[4], COLOURS[0], COLOURS[5]), strict=True))
NAMES = {RELU: "ReLU (p = 1)", **{order: f"p = {order:g}" for order in ORDERS[1:]}}
THEORY, PALE = "#777777", "#DDDDDD"
CLASS_ONE, CLASS_ZERO = "#C6DDEE", "#F6D5C0"
PLATE = {"boxstyle": "square,pad=0.05", "facecolor": "white", "edgecolor": "none"}
CELLS = 320
WIDTH, HEIGHT = (-0.8, 0.8), (-0.95, 1.6)
"""What of the plane is drawn, from the centre that the move begins at."""
ROWS = (
    (Arm(ABLATED, CUBE), "p = 3, start 0.0001, divided, exponential loss"),
    (Arm(ABLATED, CUBE, SMALL_START_NAME), "start 0.01"),
    (Arm(ABLATED, CUBE, MIDDLE_START), "start 0.1"),
    (Arm(ABLATED, CUBE, LARGE_START), "start 0.5"),
    (Arm(ABLATED, CUBE, UNDIVIDED), "not divided by the weights' length"),
    (Arm(ABLATED, CUBE, LOGISTIC), "logistic loss"),
    (Arm(ABLATED, CUBE, SQUARED), "squared loss"),
    (Arm(ABLATED, RELU), "ReLU"),
    (Arm(ABLATED, RELU, SUBGROUPS), "ReLU, told the subgroups"),
)


def figures(result: Result) -> dict[str, Figure]:
    """Return the four figures."""
    return {
        "radius": radius(result),
        "regions": regions(result),
        "neurons": neurons(result),
        "needs": needs(result),
    }


def radius(result: Result) -> Figure:
    """Draw the radius over the number of clusters for every order, with what the theory says."""
    counts = clusters_of(result)
    figure = Figure(figsize=(8, 5.2), layout="constrained")
    axes = figure.subplots()
    line = np.geomspace(counts[0] / 1.15, counts[-1] * 1.15, 100)
    axes.plot(line, 1 / np.sqrt(line), "--", color=THEORY, linewidth=1, zorder=1)
    axes.axhline(BEST, linestyle="--", color=THEORY, linewidth=1, zorder=1)
    axes.annotate("the most that any rule can have: 0.707", (counts[-1] * 1.13, BEST + 0.012), ha="right", color=THEORY)
    axes.annotate("theory for ReLU: 1/√K", (counts[-2], 0.94 / np.sqrt(counts[-2])), ha="right", va="top", color=THEORY)
    for place, order in enumerate(ORDERS):
        shift = 1.02 ** (place - 1.5)
        found = [estimate(each) for each in by_clusters(result, order, "radius")]
        _dots(axes, [count * shift for count in counts], found, INK[order], NAMES[order])
    plain = [estimate(each) for each in by_clusters(result, CUBE, PLAIN)]
    axes.plot(counts, [one.mean for one in plain], "x:", color=INK[CUBE], alpha=0.7, markersize=7)
    axes.annotate(
        "what a plain gradient attack\nreports for p = 3: too much", (counts[-1] * 1.13, plain[1].mean + 0.02),
        ha="right", va="bottom", color=INK[CUBE],
    )  # fmt: skip
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_locator(FixedLocator(counts))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks(counts, [str(count) for count in counts])
    axes.set(xlabel="number of subgroups K", ylabel="length of the smallest move that changes the decision")
    axes.set_ylim(0, 1.1)
    axes.legend(loc="lower left", frameon=False, title="network")
    axes.set_title("The more subgroups, the easier a ReLU network is to fool; order 3 and 4 withstand", loc="left")
    return figure


def _dots(axes: Axes, places: list[float], found: list[Estimate], ink: str, label: str) -> None:
    """Draw means with their intervals, joined by a line."""
    ends = np.array([(one.mean, one.low, one.high) for one in found])
    bars = np.abs(ends[:, 1:].T - ends[:, 0])
    bars = np.where(np.isfinite(bars), bars, 0.0)  # one seed has no interval
    axes.errorbar(places, ends[:, 0], bars, fmt="o-", color=ink, label=label, markersize=5, capsize=2, linewidth=1.6)


def regions(result: Result) -> Figure:
    """Draw what networks decide in a plane through a centre, the direction of the classes and an opposite centre."""
    options, seed = Options(**result.config["options"]), int(result.frame["lane"].min())
    figure = Figure(figsize=(9.6, 5.8), layout="constrained")
    panels = figure.subplots(1, 3, sharey=True)
    for axes, order in zip(panels, (RELU, SQUARE, CUBE), strict=True):
        arm = Arm(ABLATED, order)
        model = trained(arm, sample_of(arm, options, seed), seed)
        start, trick, aim = plane_of(arm.clusters, options.columns)
        across, up = np.linspace(*WIDTH, CELLS), np.linspace(*HEIGHT, CELLS)
        cells = start + across[None, :, None] * trick + up[:, None, None] * aim
        decided = model.predict(cells.reshape(-1, options.columns)).reshape(CELLS, CELLS)
        axes.pcolormesh(
            across, up, decided, cmap=ListedColormap([CLASS_ZERO, CLASS_ONE]), vmin=0, vmax=1, rasterized=True
        )
        axes.contour(across, up, decided, [0.5], colors=["#555555"], linewidths=1)
        _marks(axes, float(np.hypot(*np.meshgrid(across, up))[decided == 0].min()))
        axes.set_title(NAMES[order], color=INK[order] if order != SQUARE else "black")
        axes.set_aspect("equal")
        axes.set_xlabel("away from one's own class mean,\ntowards the other", fontsize=10)
    panels[0].set_ylabel("towards one centre of the other class")
    figure.suptitle(
        f"Around a centre of class 1 (K = {ABLATED}), the line of ReLU comes near; that of p = 3 keeps away"
    )
    return figure


def plane_of(clusters: int, columns: int) -> tuple[Floats, Floats, Floats]:
    """Return a centre of class 1 and two orthonormal directions: of the trick, and across it to an opposite centre."""
    centres, classes = centres_of(clusters, columns)
    start, other = centres[0], centres[-1]
    trick = (classes[1] - classes[0]) / np.linalg.norm(classes[1] - classes[0])
    aim = other - start
    aim = aim - (aim @ trick) * trick
    return start, trick, aim / np.linalg.norm(aim)


def _marks(axes: Axes, nearest: float) -> None:
    """Draw the two centres, and the circle up to the nearest other decision in the plane."""
    # The opposite centre is 1.414 away; its part along the trick is 2 / sqrt(K).
    along = 2 / np.sqrt(ABLATED)
    axes.plot(0, 0, "o", color=COLOURS[0], markersize=7, zorder=3)
    axes.plot(along, np.sqrt(2 - along**2), "s", color=COLOURS[1], markersize=7, zorder=3)
    angle = np.linspace(0, 2 * np.pi, 200)
    axes.plot(nearest * np.cos(angle), nearest * np.sin(angle), "-", color="black", linewidth=1.2)
    axes.annotate(f"{nearest:.2f}", (0, -nearest), (0, -3), textcoords="offset points", ha="center", va="top")
    for words, at in (("a centre of\nclass 1", (0.0, 0.0)), ("a centre of\nclass 0", (along, np.sqrt(2 - along**2)))):
        axes.annotate(words, at, (0, -6), textcoords="offset points", ha="center", va="top", fontsize=8)
    axes.set(xlim=WIDTH, ylim=HEIGHT)


def neurons(result: Result) -> Figure:
    """Draw where neurons point, by contribution, step by step."""
    figure = Figure(figsize=(9, 4.4), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    words = {"class_cosine": "the centre of a class", "cluster_cosine": "the centre of one subgroup"}
    inks = dict(zip(words, (COLOURS[1], COLOURS[0]), strict=True))
    for axes, order in zip(panels, (RELU, CUBE), strict=True):
        for metric, label in words.items():
            table = result.table(metric, experiment=path_name(order))
            axes.plot(table.columns, table.to_numpy().T, color=inks[metric], linewidth=0.6, alpha=0.3)
            axes.plot(table.columns, table.mean(axis=0), color=inks[metric], linewidth=2.2, label=label)
        axes.set_title(NAMES[order])
        axes.set_xlabel("steps of training")
        axes.grid(axis="y", color=PALE, linewidth=0.8)
    panels[0].set_ylabel("mean cosine between a neuron\nand the nearest such centre")
    panels[0].set_ylim(0, 1.03)
    panels[1].legend(loc="center right", frameon=False, title="neurons point at")
    figure.suptitle(
        f"ReLU neurons turn to the mean of their class, those of order 3 to single subgroups (K = {ABLATED})"
    )
    return figure


def needs(result: Result) -> Figure:
    """Draw the radius of networks that were trained otherwise."""
    figure = Figure(figsize=(8.4, 4.4), layout="constrained")
    axes = figure.subplots()
    for place, (arm, _) in enumerate(reversed(ROWS)):
        found = estimate(values(result, arm.name, "radius"))
        bars = np.abs(np.array([[found.low], [found.high]]) - found.mean)
        bars = np.where(np.isfinite(bars), bars, 0.0)
        axes.errorbar(found.mean, place, xerr=bars, fmt="o", color=INK[arm.order], capsize=2, markersize=6)
        axes.annotate(
            f"{found.mean:.2f}", (found.mean, place), (0, 6), textcoords="offset points", ha="center", bbox=PLATE
        )
        axes.axhline(place, color=PALE, linewidth=0.8, zorder=0)
    for at, words in ((1 / np.sqrt(ABLATED), "1/√K"), (BEST, "best possible")):
        axes.axvline(at, linestyle="--", color=THEORY, linewidth=1, zorder=0)
        axes.annotate(words, (at, len(ROWS) - 0.35), ha="center", va="bottom", color=THEORY, annotation_clip=False)
    axes.set_yticks(range(len(ROWS)), [words for _, words in reversed(ROWS)])
    axes.set_ylim(-0.6, len(ROWS) - 0.4)
    axes.set_xlim(0, 0.8)
    axes.set_xlabel(f"length of the smallest move that changes the decision, K = {ABLATED}")
    figure.suptitle("A small start and the division make order 3 robust; or ReLU is told the subgroups")
    return figure
