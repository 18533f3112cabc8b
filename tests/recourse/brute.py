"""Actions by trying everything, written from the definition and sharing nothing with the search but the cost."""

from itertools import product

import numpy as np

from fairgym.recourse.costs import SLACK


def numbers_around(threshold, precision):
    """Return the highest number of a precision at or under a threshold and the next one."""
    under = precision(threshold)
    while float(under) > threshold:
        under = np.nextafter(under, precision(-np.inf))
    return [float(under), float(np.nextafter(under, precision(np.inf)))]


def values_of(table, column, value, thresholds, precision):
    """Return the values that a person with this value may have: one or more on every side of every threshold."""
    spec = table.spec
    if column in spec.binary:
        candidates = [0.0, 1.0]
    elif column in spec.integer:
        candidates = [float(number) for number in range(-2, 8)]
    else:
        candidates = [number for one in thresholds for number in numbers_around(one, precision)]
    low, high = spec.bounds.get(column, (-np.inf, np.inf))
    direction = spec.features[column]
    falls = [one for one in candidates if one < value and direction in ("free", "down") and one >= low]
    rises = [one for one in candidates if one > value and direction in ("free", "up") and one <= high]
    return [value, *falls, *rises]


def states_of(table, group, values):
    """Return what the columns of a group may be for a person with these values."""
    direction = table.spec.features
    states = [tuple(values)]
    if sum(values) == 1:
        on = int(np.argmax(values))
        for other in range(len(group)):
            if other != on and direction[group[on]] in ("free", "down") and direction[group[other]] in ("free", "up"):
                states.append(tuple(float(place == other) for place in range(len(group))))
    return states


def every_action(table, person, asked, precision):
    """Return everything that a person (D,) can become, (m, D), and which units that changes, (m, units).

    ``asked`` has the thresholds of each column; where a model asks nothing, of single columns, nothing is tried.
    """
    choices = []
    for unit in table.units:
        if len(unit) > 1:
            choices.append(states_of(table, unit, person[unit]))
        elif asked[unit[0]]:
            values = values_of(table, unit[0], person[unit[0]], asked[unit[0]], precision)
            choices.append([(value,) for value in dict.fromkeys(values)])
        else:
            choices.append([(person[unit[0]],)])
    order = np.argsort(np.concatenate(table.units))
    become = np.array([np.concatenate(chosen) for chosen in product(*choices)])[:, order]
    moved = np.stack([(become[:, unit] != person[unit]).any(axis=1) for unit in table.units], axis=1)
    return become, moved


def cheapest_action(table, person, asked, precision, wins, cost, budget, max_changes=None):
    """Return the lowest cost of an action within the budget after which ``wins``; infinity where there is none."""
    become, moved = every_action(table, person, asked, precision)
    good = wins(become)
    if max_changes is not None:
        good &= moved.sum(axis=1) <= max_changes
    prices = cost.total(np.broadcast_to(person, become.shape), become)[good]
    return prices.min() if len(prices) and prices.min() <= budget + SLACK else np.inf
