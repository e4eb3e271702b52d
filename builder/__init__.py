"""Carabin compiles Markdown courses into packages that any LMS plays and that never lose a learner's progress."""

__version__ = "0.1.0"

CONTRACT = 1
"""Version of the contract between lesson documents and the player (progress, "The shell")."""
