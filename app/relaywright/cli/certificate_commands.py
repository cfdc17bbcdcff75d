"""``certificate``: what an application signs in with instead of a client secret."""

import argparse
from pathlib import Path
from typing import Any

from relaywright.bootstrap import Services
from relaywright.cli.exit_codes import Exit
from relaywright.cli.terminal import Terminal
from relaywright.domain.errors import InputError
from relaywright.exporting.writing import FileToWrite, write_all
from relaywright.services.app_credentials import (
    DEFAULT_LIFE_DAYS,
    CertificateFiles,
    StoredCertificate,
    require_application,
)
from relaywright.store.records import CredentialRecord

PUBLIC_MODE = 0o644


def add_to(commands: "argparse._SubParsersAction[Any]", shared: argparse.ArgumentParser) -> None:
    """Add this module's commands to the command line."""
    certificate = commands.add_parser(
        "certificate", parents=[shared], help="an application's certificate, its private key under the keyring"
    )
    verbs = certificate.add_subparsers(dest="verb", metavar="VERB", required=True, parser_class=type(certificate))

    take = verbs.add_parser("set", parents=[shared], help="store one from a PFX or PEM file with its private key")
    take.add_argument("name", metavar="NAME")
    take.add_argument("file", type=Path, metavar="FILE", help="PFX, or PEM with the private key")
    take.add_argument("--public", type=Path, metavar="FILE", help="the PEM file with the certificate, when it is apart")
    take.add_argument("--passphrase-stdin", action="store_true", help="read the file's passphrase from standard input")
    take.set_defaults(run=_set)

    make = verbs.add_parser("new", parents=[shared], help="make one; only its public part leaves the program")
    make.add_argument("name", metavar="NAME")
    make.add_argument("--days", type=int, default=DEFAULT_LIFE_DAYS, metavar="N", help="how long it lives (365)")
    _add_out(make)
    make.set_defaults(run=_new)

    show = verbs.add_parser("show", parents=[shared], help="its public part, for the app registration")
    show.add_argument("name", metavar="NAME")
    _add_out(show)
    show.set_defaults(run=_show)


def _add_out(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the public part there (PEM)")
    parser.add_argument("--overwrite", action="store_true", help="replace the file if it is there already")


def certificate_document(record: CredentialRecord) -> dict[str, Any]:
    """Return what is known of a credential, for JSON."""
    return {
        "kind": record.kind.value,
        "ends": record.ends_at.isoformat() if record.ends_at else None,
        "subject": record.subject or None,
        "thumbprint": record.thumbprint or None,
    }


def credential_text(record: CredentialRecord | None) -> str:
    """Return what is known of a credential, for people; empty when nothing is."""
    if record is None:
        return ""
    what = f"Certificate {record.subject}, thumbprint {record.thumbprint}" if record.thumbprint else "Client secret"
    ends = f"ends on {record.ends_at:%Y-%m-%d}" if record.ends_at else "its end is not known here"
    return f"{what}; {ends}."


def _set(call: argparse.Namespace, services: Services, terminal: Terminal) -> int:
    profile = services.profiles.by_name(call.name)
    require_application(profile)
    passphrase = None
    if call.passphrase_stdin:
        passphrase = terminal.ask_secret("The passphrase", from_stdin=True, option="--passphrase-stdin")
    try:
        stored = services.app_credentials.set_certificate(profile, CertificateFiles(call.file, call.public, passphrase))
    except InputError as fault:
        if fault.id != "certificate-passphrase-needed" or call.passphrase_stdin or not terminal.has_person:
            raise
        passphrase = terminal.ask_secret("The passphrase", from_stdin=False)
        stored = services.app_credentials.set_certificate(profile, CertificateFiles(call.file, call.public, passphrase))
    return _told(stored, profile.name, None, terminal)


def _new(call: argparse.Namespace, services: Services, terminal: Terminal) -> int:
    profile = services.profiles.by_name(call.name)
    if call.out is not None and call.out.exists() and not call.overwrite:  # before the old certificate is gone
        raise InputError(
            f"{call.out} is there already.", hint="Choose another name, or use --overwrite.", id="file-exists"
        )
    stored = services.app_credentials.make_certificate(profile, call.days)
    file = _write(call, stored.public_pem)
    return _told(stored, profile.name, file, terminal)


def _show(call: argparse.Namespace, services: Services, terminal: Terminal) -> int:
    profile = services.profiles.by_name(call.name)
    require_application(profile)
    pem = services.app_credentials.public_certificate(profile)
    record = services.app_credentials.record(profile)
    file = _write(call, pem)
    known = certificate_document(record) if record is not None else {}
    document = {"profile": profile.name, **known, "certificate": pem, "file": file}
    terminal.result(document, f"Wrote {file}." if file else pem.rstrip("\n"))
    return Exit.OK


def _write(call: argparse.Namespace, pem: str) -> str | None:
    if call.out is None:
        return None
    (written,) = write_all(
        [FileToWrite(call.out.name, pem.encode(), PUBLIC_MODE)], call.out.parent, overwrite=call.overwrite
    )
    return str(written.path)


def _told(stored: StoredCertificate, name: str, file: str | None, terminal: Terminal) -> int:
    text = f"Stored. {credential_text(stored.record)}"
    if file:
        text += f"\nWrote its public part to {file}: upload it to the app registration."
    terminal.result(
        {"profile": name, **certificate_document(stored.record), "certificate": stored.public_pem, "file": file}, text
    )
    return Exit.OK
