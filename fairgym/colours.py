"""Colours of all figures: those of Okabe and Ito, told apart by colour-blind people."""

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442")
"""One colour per group or policy, in order."""
