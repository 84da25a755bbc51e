"""Durable jobs behind a small port."""
