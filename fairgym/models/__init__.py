"""Decision models that fairgym trains itself, as scikit-learn estimators."""
