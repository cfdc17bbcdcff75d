"""Exports of a profile: the right target, the secret only when asked for, and files whole or not at all."""

from pathlib import Path

import pytest

from relaywright.bootstrap import Services
from relaywright.domain.errors import CredentialNeeded, InputError
from relaywright.domain.profile import RelayProfile
from relaywright.domain.secret import Secret

CANARY = "Canary-51c0"


@pytest.fixture
def scanner(services: Services) -> RelayProfile:
    profile = services.profiles.draft("Scanner", {"username": "scan@contoso.com"})
    services.profiles.add(profile)
    services.credentials.set_secret(profile, Secret(CANARY))
    return profile


def test_every_word_of_a_search_must_be_there(services: Services) -> None:
    assert [target.id for target in services.exports.targets("POSTFIX application")] == ["postfix"]
    assert services.exports.targets("postfix printer") == []
    assert len(services.exports.targets()) >= 3


@pytest.mark.parametrize("target", ["postfix", "msmtp", "device-sheet"])
def test_the_secret_stays_out_unless_it_is_asked_for(services: Services, scanner: RelayProfile, target: str) -> None:
    preview = services.exports.preview(scanner, target)
    assert not preview.secret_included
    assert CANARY not in "".join(file.text for file in preview.files)
    assert all(CANARY.encode() not in file.content for file in preview.files)


def test_a_secret_that_is_asked_for_is_in_a_private_file(
    services: Services, scanner: RelayProfile, tmp_path: Path
) -> None:
    preview = services.exports.preview(scanner, "msmtp", include_secret=True)
    assert preview.secret_included
    (written,) = services.exports.write(preview, tmp_path / "new" / "folder")
    assert CANARY in written.path.read_text(encoding="utf-8")
    assert written.size == written.path.stat().st_size
    assert written.path.stat().st_mode & 0o077 == 0 or written.path.drive


def test_a_secret_that_is_not_there_or_not_needed_is_said(services: Services, scanner: RelayProfile) -> None:
    services.credentials.forget_secret(scanner)
    with pytest.raises(CredentialNeeded):
        services.exports.preview(scanner, "msmtp", include_secret=True)
    oauth = services.profiles.change(scanner, {"auth": "oauth"})
    with pytest.raises(InputError) as refused:
        services.exports.preview(oauth, "msmtp", include_secret=True)
    assert refused.value.id == "no-secret-to-include"


def test_an_existing_file_is_only_replaced_when_told(services: Services, scanner: RelayProfile, tmp_path: Path) -> None:
    preview = services.exports.preview(scanner, "postfix")
    names = {file.name for file in preview.files}
    out = tmp_path / "out"
    out.mkdir()
    in_the_way = out / max(names)
    in_the_way.write_text("mine")
    with pytest.raises(InputError) as refused:
        services.exports.write(preview, out)
    assert refused.value.id == "file-exists"
    assert [path.name for path in out.iterdir()] == [in_the_way.name]
    assert in_the_way.read_text() == "mine"
    services.exports.write(preview, out, overwrite=True)
    assert {path.name for path in out.iterdir()} == names


def test_an_endpoint_that_is_not_found_is_a_note_and_a_placeholder(services: Services) -> None:
    profile = services.profiles.draft("Direct", {"method": "direct-send", "from": "a@no-such-domain.invalid"})
    preview = services.exports.preview(profile, "postfix")
    assert any("The MX endpoint is not filled in" in note for note in preview.notes)
    assert "PUT-THE-MX-ENDPOINT-OF-no-such-domain.invalid-HERE" in preview.files[0].text


def test_an_unknown_target_is_told_with_those_there_are(services: Services) -> None:
    with pytest.raises(InputError) as refused:
        services.exports.preview(services.profiles.draft("x", {}), "no-such-target")
    assert refused.value.id == "unknown-target"
    assert "postfix" in refused.value.hint
