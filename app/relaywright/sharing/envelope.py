"""Seal a bundle with a passphrase and open it again: an age file, readable by every age program.

Format: age-encryption.org/v1 (https://age-encryption.org/v1), its scrypt recipient, ASCII-armoured so that it survives
mail and chat. The passphrase is stretched on purpose: sealing takes one to two seconds, opening too, in a process of
its own (age_process.py). Nothing is written to a disk here.
"""

import base64
import binascii
import re
import unicodedata

from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import DamagedFile, InputError
from relaywright.domain.secret import Secret
from relaywright.sharing import age_process
from relaywright.sharing.bundle import Bundle, read_bundle, write_bundle

SUFFIX = ".relaywright"
MIN_PASSPHRASE_LENGTH = 12
MAX_PASSPHRASE_LENGTH = 1_024
MAX_SEALED_BYTES = 7_000_000
"""Armour makes three bytes into four and a bit; the text inside has a limit of its own."""

MAX_WORK_FACTOR = 21
"""The exponent of scrypt's N that is still opened. pyrage aims at one second, so a faster machine writes a higher one;
21 means 2 GB of memory, and ten seconds where 18 is the machine's own."""

_MAGIC = b"age-encryption.org/v1\n"
_ARMOUR_BEGIN = b"-----BEGIN AGE ENCRYPTED FILE-----"
_ARMOUR_END = b"-----END AGE ENCRYPTED FILE-----"
_SCRYPT = re.compile(rb"-> scrypt [A-Za-z0-9+/]{22} ([1-9][0-9]?)\n")
_HEADER_BYTES = 600


def check_passphrase(passphrase: Secret) -> None:
    """Raise InputError ``weak-passphrase`` for one that is too short, too long or nearly a single letter."""
    text = _normal(passphrase)
    if len(text) < MIN_PASSPHRASE_LENGTH:
        raise InputError(
            f"The passphrase has {len(text)} characters; it needs at least {MIN_PASSPHRASE_LENGTH}.",
            hint="Four or five words that have nothing to do with each other are good and easy to say on the phone.",
            id="weak-passphrase",
        )
    if len(text) > MAX_PASSPHRASE_LENGTH:
        raise InputError(f"The passphrase is longer than {MAX_PASSPHRASE_LENGTH} characters.", id="weak-passphrase")
    if len(set(text)) < 4:
        raise InputError(
            "The passphrase has the same few characters over and over.",
            hint="Take several different words.",
            id="weak-passphrase",
        )


def looks_sealed(data: bytes) -> bool:
    """Tell whether the data begin like an age file, sealed in whatever way."""
    return data.lstrip().startswith((_MAGIC, _ARMOUR_BEGIN))


def seal(bundle: Bundle, passphrase: Secret, cancel: CancelToken | None = None) -> bytes:
    """Return the bundle sealed, as ASCII text. Takes one to two seconds.

    Raises InputError for a weak passphrase or a bundle that is empty or too big, Cancelled.
    """
    check_passphrase(passphrase)
    return age_process.encrypt(write_bundle(bundle), _normal(passphrase), cancel or CancelToken())


def open_sealed(data: bytes, passphrase: Secret, cancel: CancelToken | None = None) -> Bundle:
    """Return the bundle in a sealed file, armoured or not. Takes one to two seconds.

    Raises InputError ``wrong-passphrase``, DamagedFile for anything else that is not right: no age file, cut off,
    changed on the way, sealed for a key, or asking for unreasonable work.
    """
    if len(data) > MAX_SEALED_BYTES:
        raise DamagedFile(f"The file is bigger than {MAX_SEALED_BYTES // 1_000_000} MB, and no bundle is.")
    data = data.strip(b" \t\r\n") if data.lstrip().startswith(_ARMOUR_BEGIN) else data
    _check_header(_header(data))
    try:
        text = age_process.decrypt(data, _normal(passphrase), cancel or CancelToken())
    except age_process.WrongPassphrase:
        raise InputError(
            "The passphrase does not open this file.",
            hint="Check capitals and spaces, or ask for it once more.",
            id="wrong-passphrase",
        ) from None
    except age_process.DamagedText:
        raise _damaged("it was cut off or changed on the way") from None
    return read_bundle(text)


def _header(data: bytes) -> bytes:
    """Return the file's first bytes, taken out of the armour. Raises DamagedFile."""
    if data.startswith(_MAGIC):
        return data[:_HEADER_BYTES]
    if not data.startswith(_ARMOUR_BEGIN):
        raise _damaged("it is something else")
    if not data.endswith(_ARMOUR_END):
        raise _damaged("its end is missing")
    try:
        return base64.b64decode(b"".join(data.splitlines()[1:11]), validate=True)[:_HEADER_BYTES]
    except binascii.Error:
        if len(data.splitlines()) < 11:  # the end's line is among these: a very short text
            return _short_header(data)
        raise _damaged("it was cut off or changed on the way") from None


def _short_header(data: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(data.splitlines()[1:-1]), validate=True)
    except binascii.Error:
        raise _damaged("it was cut off or changed on the way") from None


def _check_header(header: bytes) -> None:
    if not header.startswith(_MAGIC):
        raise _damaged("it is something else")
    stanza = _SCRYPT.match(header, len(_MAGIC))
    if stanza is None:
        raise DamagedFile(
            "This file is sealed for somebody’s key, not with a passphrase.",
            hint="Ask for one that is sealed with a passphrase.",
            id="sealed-for-key",
        )
    if int(stanza.group(1)) > MAX_WORK_FACTOR:
        raise _damaged("opening it would take unreasonably long")


def _normal(passphrase: Secret) -> str:
    # The same letters typed on another system may come decomposed.
    return unicodedata.normalize("NFC", passphrase.reveal())


def _damaged(why: str) -> DamagedFile:
    return DamagedFile(f"This file cannot be opened: {why}.", hint="Ask for the file once more.")
