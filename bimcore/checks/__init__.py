"""Checks of an uploaded model that need no second model."""
