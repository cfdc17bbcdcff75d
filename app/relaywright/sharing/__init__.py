"""Profiles for a colleague, in an age file."""
