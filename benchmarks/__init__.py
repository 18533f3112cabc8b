"""Benchmarks: one question per script; each prints ratios against a peer or a limit, timed in one run."""
