"""Settings for devices and applications, written from a profile by templates that are data (resources/targets)."""
