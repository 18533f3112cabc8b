"""Pictures: the rendered frames of a world, one world per file, and in ``regions.py`` what a classifier decides."""
