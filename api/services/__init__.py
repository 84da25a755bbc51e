"""Use cases: SQL and enqueueing; no HTTP, no geometry."""
