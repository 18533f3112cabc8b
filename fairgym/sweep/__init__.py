"""Sweeps: many experiments at once, on one machine or on a cluster, taken up again where they were interrupted."""

from fairgym.sweep.cutting import chunks, split
from fairgym.sweep.pieces import Pieces
from fairgym.sweep.running import run_all, sweep

__all__ = ["Pieces", "chunks", "run_all", "split", "sweep"]
