"""Relaywright: gets a device or an application to send mail through Microsoft 365.

The layers and what each may touch are drawn in ARCHITECTURE.md.
"""

__version__ = "0.1.0"
