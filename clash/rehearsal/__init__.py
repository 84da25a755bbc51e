"""The construction schedule rehearsed against the geometry: one rule a module."""
