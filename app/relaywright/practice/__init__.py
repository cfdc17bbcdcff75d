"""An Exchange Online look-alike and a sign-in for it, on loopback, to learn with and to test against."""
