"""Settings for devices and applications, rendered from resources/targets."""
