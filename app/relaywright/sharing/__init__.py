"""Profiles handed to a colleague: one sealed file, without secrets unless asked."""
