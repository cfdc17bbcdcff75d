"""One widget for each page."""
