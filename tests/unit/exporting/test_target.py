"""target.toml is read strictly, and a target knows whom it fits."""

from pathlib import Path

import pytest

from relaywright.domain.errors import DamagedFile, InputError
from relaywright.domain.profile import Auth, Method, RelayProfile
from relaywright.domain.secret import Secret
from relaywright.exporting.target import FitLevel, Target, load_target

GOOD = """
name = "Acme"
kind = "device"
summary = "A scanner"
methods = ["client-submission"]
sign_in = ["password"]
bridge = "Use a bridge."
sources = ["the manual"]
[[file]]
template = "a.j2"
name = "a.txt"
contains_secret = true
[[note]]
text = "Always."
[[note]]
text = "Connector only."
methods = ["connector"]
[[limit]]
field = "secret"
max_bytes = 8
reason = "The field holds 8 characters."
[[limit]]
field = "username"
without = ":"
reason = "A colon ends the name."
[[ask]]
key = "room"
text = "Which room?"
default = "1"
"""


def target(tmp_path: Path, text: str = GOOD) -> Target:
    folder = tmp_path / "acme"
    folder.mkdir(exist_ok=True)
    (folder / "target.toml").write_text(text, encoding="utf-8")
    return load_target(folder)


def test_a_target_is_named_by_its_folder(tmp_path: Path) -> None:
    loaded = target(tmp_path)
    assert (loaded.id, loaded.name, loaded.proven) == ("acme", "Acme", None)
    assert loaded.files[0].newline == "\n"


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('kind = "device"', 'kind = "toaster"', "toaster"),
        ('name = "Acme"\n', "", "name"),
        ('sign_in = ["password"]', 'sign_in = ["ntlm"]', "ntlm"),
        ("contains_secret = true", "", "contains_secret"),
        ("contains_secret = true", 'contains_secret = "yes"', "contains_secret"),
        ("contains_secret = true", "contains_secret = true\ncolour = 1", "colour"),
        ("contains_secret = true", 'contains_secret = true\nnewline = "cr"', "cr"),
        ("contains_secret = true", 'contains_secret = true\nencoding = "utf-7"', "utf-7"),
        ("contains_secret = true", "contains_secret = true\nexecutable = true", "executable"),
        ('field = "username"', 'field = "shoe"', "shoe"),
        ('key = "room"', 'key = "the room"', "the room"),
        ("max_bytes = 8", "max_bytes = true", "max_bytes"),
        ('name = "Acme"', "name = ", ""),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, old: str, new: str, named: str) -> None:
    assert old in GOOD
    with pytest.raises(DamagedFile) as caught:
        target(tmp_path, GOOD.replace(old, new))
    assert "target.toml" in caught.value.message
    assert named in caught.value.message


def test_a_target_without_files_or_readable_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DamagedFile, match="file"):
        target(tmp_path, GOOD[: GOOD.index("[[file]]")])
    (tmp_path / "acme" / "target.toml").write_bytes(b"\xff\xfe\0")
    with pytest.raises(DamagedFile):
        load_target(tmp_path / "acme")
    with pytest.raises(DamagedFile):
        load_target(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("method", "auth", "level"),
    [
        (Method.CLIENT_SUBMISSION, Auth.PASSWORD, FitLevel.FITS),
        (Method.CLIENT_SUBMISSION, Auth.OAUTH, FitLevel.WITH_BRIDGE),
        (Method.CLIENT_SUBMISSION, Auth.NONE, FitLevel.DOES_NOT_FIT),
        (Method.CONNECTOR, Auth.NONE, FitLevel.DOES_NOT_FIT),
    ],
)
def test_the_fit_follows_method_and_sign_in(tmp_path: Path, method: Method, auth: Auth, level: FitLevel) -> None:
    fit = target(tmp_path).fit(RelayProfile("p", method=method, auth=auth))
    assert fit.level is level
    assert bool(fit.reason) == (level is not FitLevel.FITS)


def test_without_a_bridge_oauth_does_not_fit(tmp_path: Path) -> None:
    loaded = target(tmp_path, GOOD.replace('bridge = "Use a bridge."\n', ""))
    assert loaded.fit(RelayProfile("p", auth=Auth.OAUTH)).level is FitLevel.DOES_NOT_FIT


def test_values_that_do_not_fit_the_field_are_found_without_showing_the_secret(tmp_path: Path) -> None:
    findings = target(tmp_path).limit_findings(RelayProfile("p", username="a:b"), Secret("nine-char"))
    assert [finding.id for finding in findings] == ["target-limit-secret", "target-limit-username"]
    assert "nine-char" not in repr(findings)
    assert target(tmp_path).limit_findings(RelayProfile("p", username="a"), Secret("eight-ch")) == []


def test_notes_are_for_the_profiles_they_concern(tmp_path: Path) -> None:
    assert target(tmp_path).notes_for(RelayProfile("p")) == ("Always.",)


def test_an_answer_nobody_asked_for_is_refused(tmp_path: Path) -> None:
    assert target(tmp_path).answers({"room": ""}) == {"room": "1"}
    assert target(tmp_path).answers({"room": "7"}) == {"room": "7"}
    with pytest.raises(InputError, match="floor"):
        target(tmp_path).answers({"floor": "2"})
