"""The facts in resources/ as typed objects: clouds, methods, replies. Knows no profile's secrets and no network."""
