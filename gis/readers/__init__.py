"""Readers of layer formats; each runs in the child process and imports one library."""
