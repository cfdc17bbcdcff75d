"""The notices name every library that the frozen program holds."""

from pathlib import Path

import licences


def test_each_library_that_is_installed_is_named_with_its_version_and_licence(tmp_path: Path) -> None:
    target = tmp_path / "notices.txt"
    assert licences.main(target) == 0
    text = target.read_text(encoding="utf-8")
    for expected in ("msal 1.", "keyring 2", "cryptography ", "Licence: Apache-2.0 OR BSD-3-Clause", "SIL OPEN FONT"):
        assert expected in text
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in text, "Qt's licence asks that its text comes along"


def test_each_name_of_a_lock_is_read_once(tmp_path: Path) -> None:
    lock = tmp_path / "some.lock"
    hashes = "    --hash=sha256:00\n"
    lock.write_text(
        f"a-b==1 \\\n{hashes}c==2 ; python_version < '3.12' \\\n{hashes}c==3 \\\n{hashes}", encoding="utf-8"
    )
    assert licences.locked_names(lock) == ["a-b", "c"]
