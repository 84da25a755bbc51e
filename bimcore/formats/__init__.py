"""Readers and writers of exchange formats."""
