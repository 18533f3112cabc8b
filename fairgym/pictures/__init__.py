"""Pictures: the rendered frames of a world, one world per file, and pictures that several scenarios share.

The latter: what a classifier decides (``regions.py``), the funnel of recourse (``funnel.py``), and recourse over time
(``recourse_over_time.py``).
"""
