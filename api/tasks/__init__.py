"""Compute edge: what a worker runs."""
