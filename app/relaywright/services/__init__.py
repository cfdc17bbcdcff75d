"""What a user can do; each module is one verb, used by window and command line alike."""
