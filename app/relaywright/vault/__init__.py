"""Secrets in the operating system's keyring, and files sealed under a key it keeps."""
