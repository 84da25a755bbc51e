"""Spatial conflicts between the elements of a scene."""
