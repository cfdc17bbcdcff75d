"""The exporter renders only what is declared and quoted, and tells what does not work."""

import datetime
from pathlib import Path

import pytest

from relaywright.domain.errors import DamagedFile, InputError
from relaywright.domain.profile import Auth, Method, RelayProfile
from relaywright.domain.secret import Secret
from relaywright.exporting.exporter import PASSWORD_PLACEHOLDER, Exporter

TARGET = """
name = "Acme"
kind = "device"
summary = "A scanner"
methods = ["client-submission", "connector"]
sign_in = ["password", "none"]
sources = ["the manual"]
[[file]]
template = "a.j2"
name = "{name}"
contains_secret = {secret}
encoding = "{encoding}"
newline = "{newline}"
[[limit]]
field = "secret"
max_bytes = 20
reason = "20 at most."
[[ask]]
key = "room"
text = "Room?"
"""
PROFILE = RelayProfile("Süd: Scanner", host="smtp.office365.com", username="u", sender="u@contoso.com")
DAY = datetime.date(2026, 11, 23)


def exporter(
    tmp_path: Path,
    template: str,
    *,
    name: str = "{{ slug }}.txt",
    secret: bool = False,
    encoding: str = "utf-8",
    newline: str = "lf",
) -> Exporter:
    folder = tmp_path / "targets" / "acme"
    folder.mkdir(parents=True, exist_ok=True)
    text = TARGET.format(name=name, secret=str(secret).lower(), encoding=encoding, newline=newline)
    (folder / "target.toml").write_text(text, encoding="utf-8")
    (folder / "a.j2").write_text(template, encoding="utf-8", newline="")
    return Exporter([tmp_path / "targets"])


def test_the_documented_names_are_there(tmp_path: Path) -> None:
    template = (
        "{{ profile.sender | comment }} {{ profile.port }} {{ host | comment }} {{ domain | comment }} "
        "{{ slug | comment }} {{ today | comment }} {{ answers.room | comment }}"
        "{% for notice in notices %} {{ notice | comment }}{% endfor %}"
    )
    (file,) = exporter(tmp_path, template).preview("acme", PROFILE, today=DAY, notices=["Soon."], answers={"room": "7"})
    assert file.name == "sud-scanner.txt"
    assert file.text == "u@contoso.com 587 smtp.office365.com contoso.com sud-scanner 2026-11-23 7 Soon."


@pytest.mark.parametrize(
    "template",
    [
        "{{ profile.sender }}",
        "{{ 'x' ~ profile.sender }}",
        "{{ profile.shoe | comment }}",
        "{{ nothing | comment }}",
        "{% if",
        "{% include '../../secret.txt' %}",
        "{% include '/etc/hostname' %}",
        "{{ ''.__class__.__mro__ | comment }}",
        "{{ profile.update({'name': 'x'}) | comment }}",
        "{{ (1 // 0) }}",
        "{{ secret | comment }}",
        "{% for i in range(1000000) %}{% endfor %}",
    ],
)
def test_a_template_cannot_leave_what_it_is_given(tmp_path: Path, template: str) -> None:
    (tmp_path / "secret.txt").write_text("outside")
    with pytest.raises(DamagedFile, match="acme"):
        exporter(tmp_path, template).preview("acme", PROFILE, Secret("canary-value"))


def test_a_broken_template_never_repeats_the_secret(tmp_path: Path) -> None:
    with pytest.raises(DamagedFile) as caught:
        exporter(tmp_path, "{{ {}[secret] + (secret | format(1)) }}", secret=True).preview(
            "acme", PROFILE, Secret("canary-value")
        )
    assert "canary-value" not in f"{caught.value.message}{caught.value.hint}"


def test_the_secret_comes_only_when_it_is_given(tmp_path: Path) -> None:
    export = exporter(tmp_path, "password {{ secret | comment }}", secret=True)
    (without,) = export.preview("acme", PROFILE)
    assert without.text == f"password {PASSWORD_PLACEHOLDER}"
    assert not without.contains_secret
    assert without.mode == 0o600
    (given,) = export.preview("acme", PROFILE, Secret("canary-value"))
    assert given.text == "password canary-value"
    assert given.contains_secret
    assert "canary" not in repr(given)


def test_a_file_that_has_a_place_but_did_not_use_it_holds_no_secret(tmp_path: Path) -> None:
    template = "{% if profile.auth == 'oauth' %}{{ secret | comment }}{% endif %}x"
    (file,) = exporter(tmp_path, template, secret=True).preview("acme", PROFILE, Secret("canary-value"))
    assert (file.text, file.contains_secret) == ("x", False)


def test_a_secret_too_long_for_the_device_stops_the_export(tmp_path: Path) -> None:
    export = exporter(tmp_path, "{{ secret | comment }}", secret=True)
    assert [finding.id for finding in export.findings("acme", PROFILE, Secret("x" * 21))] == ["target-limit-secret"]
    with pytest.raises(InputError, match="20 at most"):
        export.preview("acme", PROFILE, Secret("x" * 21))


def test_a_profile_that_does_not_fit_is_refused_with_the_reason(tmp_path: Path) -> None:
    export = exporter(tmp_path, "x")
    with pytest.raises(InputError) as caught:
        export.preview("acme", RelayProfile("p", auth=Auth.OAUTH))
    assert caught.value.id == "target-does-not-fit"
    assert "oauth" in caught.value.message


def test_an_unknown_mx_endpoint_is_a_placeholder_and_a_known_one_is_used(tmp_path: Path) -> None:
    export = exporter(tmp_path, "{{ host | comment }}")
    profile = RelayProfile("p", method=Method.CONNECTOR, auth=Auth.NONE, sender="a@contoso.com")
    assert export.preview("acme", profile)[0].text == "PUT-THE-MX-ENDPOINT-OF-contoso.com-HERE"
    found = "contoso-com.mail.protection.outlook.com"
    assert export.preview("acme", profile, host=found)[0].text == found


def test_encoding_and_line_ends_are_the_targets(tmp_path: Path) -> None:
    export = exporter(tmp_path, "é\n{{ profile.name | comment }}\n", encoding="utf-8-sig", newline="crlf")
    assert export.preview("acme", PROFILE)[0].content == b"\xef\xbb\xbf" + "é\r\nSüd: Scanner\r\n".encode()


def test_letters_the_target_cannot_take_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        exporter(tmp_path, "{{ profile.name | comment }}", encoding="ascii").preview("acme", PROFILE)
    assert caught.value.id == "value-not-exportable"


@pytest.mark.parametrize("name", ["../x", "{{ '../x' }}", "a/b", ""])
def test_a_file_name_cannot_leave_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises((InputError, DamagedFile)):
        exporter(tmp_path, "x", name=name).preview("acme", PROFILE)


def test_an_unknown_target_is_told_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        exporter(tmp_path, "x").target("fax")
    assert caught.value.id == "unknown-target"
    assert "acme" in caught.value.hint


def test_a_broken_folder_is_left_out_and_told(tmp_path: Path) -> None:
    export = exporter(tmp_path, "x")
    broken = tmp_path / "targets" / "broken"
    broken.mkdir()
    (broken / "target.toml").write_text("name = 3")
    assert [target.id for target in export.targets()] == ["acme"]
    assert len(export.problems()) == 1
    assert "broken" in export.problems()[0]


def test_a_later_folder_replaces_a_target_of_the_same_id(tmp_path: Path) -> None:
    exporter(tmp_path / "own", "mine")
    exporter(tmp_path / "shipped", "shipped")
    both = Exporter([tmp_path / "shipped" / "targets", tmp_path / "own" / "targets", tmp_path / "missing"])
    assert both.preview("acme", PROFILE)[0].text == "mine"


def test_previewed_files_are_written(tmp_path: Path) -> None:
    export = exporter(tmp_path, "x\n")
    (written,) = export.write(export.preview("acme", PROFILE), tmp_path / "out")
    assert written.path == tmp_path / "out" / "sud-scanner.txt"
    assert written.path.read_bytes() == b"x\n"
    assert written.size == 2
