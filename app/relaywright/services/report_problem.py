"""Whether this installation is whole: versions, resources and the keyring, as a document without secrets."""

import platform
import sys
from pathlib import Path
from typing import Any

from relaywright import __version__, paths
from relaywright.catalog.catalog import Catalog
from relaywright.domain.errors import RelaywrightError
from relaywright.exporting.exporter import Exporter
from relaywright.vault.vault import KeyringStateKind, Vault

_LIBRARIES = (
    "cryptography",
    "dns.resolver",
    "jinja2",
    "keyring",
    "msal",
    "pyrage",
    "reportlab",
    "truststore",
    "trustme",
)


def self_test() -> dict[str, Any]:
    """Try every part that a package can lack. ``ok`` is false when something is missing.

    An absent keyring is told and is no fault of the installation.
    """
    import importlib

    missing = {}
    for name in (*_LIBRARIES, "PySide6.QtWidgets", "PySide6.QtSvg"):
        try:
            importlib.import_module(name)
        except ImportError as error:
            missing[name] = str(error)
    resources = paths.resources()
    problems = []
    try:
        catalog = Catalog.load(resources)
        counts = {"clouds": len(catalog.clouds), "replies": len(catalog.replies)}
    except RelaywrightError as error:
        counts = {}
        problems.append(error.message)
    exporter = Exporter([resources / "targets"])
    problems += exporter.problems()
    counts["targets"] = len(exporter.targets())
    keyring = Vault("self-test", Path()).state()
    return {
        "ok": not missing and not problems and all(counts.values()),
        "version": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "frozen": bool(getattr(sys, "frozen", False)),
        "resources": counts,
        "missing": missing,
        "problems": problems,
        "keyring": {
            "state": keyring.kind.value,
            "backend": keyring.backend,
            "usable": keyring.kind is not KeyringStateKind.ABSENT,
        },
    }
