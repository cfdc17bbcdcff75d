"""Every folder in resources/targets is whole: it renders its example byte for byte and leaks no secret."""

import datetime
import re
import tomllib
from pathlib import Path

import pytest

from relaywright.domain.profile import Auth, Method, RelayProfile, with_fields
from relaywright.domain.secret import Secret
from relaywright.exporting.exporter import PASSWORD_PLACEHOLDER, Exporter, RenderedFile
from relaywright.exporting.target import FileFormat, FitLevel, load_target

ROOT = Path(__file__).parents[2]
TARGETS = ROOT / "resources" / "targets"
FONTS = ROOT / "resources" / "fonts"
FOLDERS = sorted(path.parent for path in TARGETS.glob("*/target.toml"))
CANARY = "Canary-7Q!secret"

every_target = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


def exporter() -> Exporter:
    return Exporter([TARGETS], fonts=FONTS)


def example(folder: Path, secret: Secret | None = None) -> list[RenderedFile]:
    data = tomllib.loads((folder / "example" / "profile.toml").read_text(encoding="utf-8"))
    profile = with_fields(RelayProfile(name="example"), data["profile"])
    assert isinstance(data["today"], datetime.date)
    return exporter().preview(
        folder.name,
        profile,
        secret,
        today=data["today"],
        host=data.get("host", ""),
        notices=data.get("notices", ()),
        answers=data.get("answers", {}),
    )


def fitting_profiles(folder: Path) -> list[RelayProfile]:
    profiles = [
        RelayProfile(
            name="Drucker “Süd”",
            method=method,
            auth=auth,
            host="smtp.office365.com" if auth is not Auth.NONE else "",
            username="scan@contoso.com",
            sender="scan@contoso.com",
            tenant="contoso.com",
            client_id="00000000-0000-0000-0000-000000000001",
        )
        for method in Method
        for auth in Auth
    ]
    target = load_target(folder)
    return [profile for profile in profiles if target.fit(profile).level is FitLevel.FITS]


def test_every_folder_here_is_a_target() -> None:
    assert sorted(path for path in TARGETS.iterdir() if path.is_dir()) == FOLDERS
    assert exporter().problems() == []


@every_target
def test_the_example_is_rendered_byte_for_byte(folder: Path) -> None:
    rendered = {
        f"{file.name}.md" if file.name.endswith(".pdf") else file.name: (
            file.text.encode() if file.name.endswith(".pdf") else file.content
        )
        for file in example(folder)
    }
    kept = {path.name: path.read_bytes() for path in (folder / "example").iterdir() if path.name != "profile.toml"}
    assert rendered == kept


@every_target
def test_every_profile_that_fits_is_rendered_with_its_host_and_nothing_left_open(folder: Path) -> None:
    profiles = fitting_profiles(folder)
    assert {profile.auth for profile in profiles} == set(load_target(folder).sign_in)
    for profile in profiles:
        texts = "\n".join(file.text for file in exporter().preview(folder.name, profile))
        assert (profile.host or "PUT-THE-MX-ENDPOINT-OF-contoso.com-HERE") in texts
        assert "{{" not in texts
        assert "{%" not in texts


@every_target
def test_the_secret_stands_only_in_files_that_say_so(folder: Path) -> None:
    target = load_target(folder)
    declared = [file.contains_secret for file in target.files if file.when.holds(_example_profile(folder))]
    files = example(folder, Secret(CANARY))
    assert [file.contains_secret for file in files] == declared
    for file in files:
        assert (CANARY in file.text.replace("\\", "")) == file.contains_secret
        assert file.contains_secret == (file.mode == 0o600)


@every_target
def test_without_asking_the_placeholder_stands_where_the_secret_would(folder: Path) -> None:
    with_secret = {file.name for file in example(folder, Secret(CANARY)) if file.contains_secret}
    for file in example(folder):
        assert not file.contains_secret
        assert (PASSWORD_PLACEHOLDER in file.text) == (file.name in with_secret)


@every_target
def test_a_target_called_proven_names_the_program_that_a_real_test_runs(folder: Path) -> None:
    target = load_target(folder)
    if target.proven is None:
        return
    tests = (ROOT / "tests" / "real" / f"test_{folder.name.replace('-', '_')}.py").read_text(encoding="utf-8")
    assert f'"{folder.name}"' in tests
    assert re.fullmatch(r"\d+(\.\d+)+", target.proven.version)


@every_target
def test_every_template_belongs_to_a_file(folder: Path) -> None:
    target = load_target(folder)
    assert {path.name for path in folder.glob("*.j2")} == {file.template for file in target.files}
    assert all(file.format is FileFormat.PDF or not file.name.endswith(".pdf") for file in target.files)
    assert target.sources


def _example_profile(folder: Path) -> RelayProfile:
    data = tomllib.loads((folder / "example" / "profile.toml").read_text(encoding="utf-8"))
    return with_fields(RelayProfile(name="example"), data["profile"])
