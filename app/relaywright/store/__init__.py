"""What is remembered, without secrets: profiles, history, preferences. The only package that knows SQLite."""
