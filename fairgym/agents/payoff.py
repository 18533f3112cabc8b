"""What an accepted person is worth to the bank."""

from __future__ import annotations

from typing import NamedTuple

from fairgym.batch import Array
from fairgym.checks import InputError, number


class Payoff(NamedTuple):
    """The bank's money: what it earns from an accepted person who is qualified, and loses by one who is not."""

    gain: float
    loss: float


def given_amount(name: str, value: object) -> float | None:
    """Return an amount of money of at least 0, or None where it is left to the world."""
    return None if value is None else number(name, value, at_least=0)


def resolved(user: str, gain: float | None, loss: float | None, told: tuple[float, float] | None) -> Payoff:
    """Return the payoff by which ``user`` decides: what was given, and for the rest what the world tells."""
    if gain is not None and loss is not None:
        return Payoff(gain, loss)
    if told is None:
        raise InputError(
            f"{user} needs to know what an accepted person earns and costs, which this environment does not tell: "
            f"give gain and loss."
        )
    return Payoff(told[0] if gain is None else gain, told[1] if loss is None else loss)


def worth(repayment: Array, gain: float, loss: float) -> Array:
    """Return the expected money from accepting a person who repays with this probability; any shape.

    ``gain`` is the money earned if the person repays, ``loss`` the money lost if not. A rejected person is worth
    nothing.
    """
    return repayment * gain - (1 - repayment) * loss
