"""The peers of the benchmarks: each world as one compiled loop, written by hand with Numba, one file per world.

A peer does what the vector environment does in a step, with everything it returns, but writes in place and draws its
noise inside the loop, which a pure function of arrays may not. It shows what the machine could do with the model on one
core. The peers live here only: the package has one law.
"""
