"""Pictures: the rendered frames of a world, one world per file; ``base.py`` draws any world."""
