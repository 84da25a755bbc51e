"""Compiled geometry on plain arrays."""
