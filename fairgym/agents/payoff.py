"""What an accepted person is worth to the bank."""

from __future__ import annotations

from fairgym.batch import Array


def worth(repayment: Array, gain: float, loss: float) -> Array:
    """Return the expected money from accepting a person who repays with this probability; any shape.

    ``gain`` is the money earned if the person repays, ``loss`` the money lost if not. A rejected person is worth
    nothing.
    """
    return repayment * gain - (1 - repayment) * loss
