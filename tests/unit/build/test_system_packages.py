"""What a machine lacks is found by looking, and told with the line to type."""

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

import system_packages
from steps import MakeError
from system_packages import Need

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux needs system packages")

LIBC = Need("libc.so.6", ("libc6",), "everything")
SHELL = Need("no-such-shell|sh", ("dash",), "everything")
PASSWORDS = Need("/etc/pass*d", ("base-passwd",), "everything")
NO_LIBRARY = Need("libnosuch.so.9", ("libnosuch9-new", "libnosuch9"), "the window")
NO_PROGRAM = Need("nosuch-program", ("nosuch-program",), "the tests")
NO_FILE = Need("/usr/lib/*/nosuch.so", ("nosuch",), "the tests")


def test_libraries_programs_files_and_modules_are_found_or_missed() -> None:
    there = [LIBC, SHELL, PASSWORDS, Need("python:json", ("python3",), "everything")]
    not_there = [NO_LIBRARY, NO_PROGRAM, NO_FILE, Need("python:nosuch", ("python3-nosuch",), "the tests")]
    assert system_packages.missing([*there, *not_there]) == not_there


def test_a_library_outside_the_system_list_is_found_by_loading_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_packages, "_known_libraries", lambda: "")
    assert system_packages.missing([LIBC]) == []


def test_nothing_is_missing_on_other_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert system_packages.missing([NO_LIBRARY]) == []


class TestWithoutRights:
    @pytest.fixture(autouse=True)
    def no_rights(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(system_packages, "administrator_prefix", lambda: None)
        monkeypatch.setattr(system_packages, "_packages_for", lambda lacking: [need.packages[-1] for need in lacking])
        monkeypatch.setattr("shutil.which", lambda name, **_: f"/usr/bin/{name}" if name == "apt-get" else None)

    def test_what_is_required_ends_with_the_exact_line(self) -> None:
        with pytest.raises(MakeError, match="sudo apt-get update && sudo apt-get install -y libnosuch9\n"):
            system_packages.provide([LIBC, NO_LIBRARY], required=[NO_LIBRARY])

    def test_everything_that_is_missing_is_in_the_one_line(self) -> None:
        with pytest.raises(MakeError, match=r"install -y libnosuch9 nosuch-program\n"):
            system_packages.provide([NO_LIBRARY, NO_PROGRAM], required=[NO_PROGRAM])

    def test_what_only_some_tests_need_is_told_and_returned(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert system_packages.provide([NO_PROGRAM]) == [NO_PROGRAM]
        assert "for the tests: nosuch-program" in capsys.readouterr().out


def test_what_apt_does_not_have_is_not_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "example.org_Packages").touch()
    monkeypatch.setattr(system_packages, "APT_LISTS", tmp_path)
    monkeypatch.setattr("shutil.which", lambda name, **_: f"/usr/bin/{name}")
    monkeypatch.setattr(system_packages, "_apt_can_install", lambda _package: False)
    assert system_packages.advice([NO_PROGRAM]).endswith("nosuch-program. apt has no package for it here.")


def test_the_first_name_that_apt_knows_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name, **_: None if name == "sendmail" else f"/usr/bin/{name}")
    monkeypatch.setattr(system_packages, "_apt_can_install", lambda package: package == "libnosuch9")
    assert system_packages._packages_for([NO_LIBRARY, NO_PROGRAM]) == ["libnosuch9"]


def test_another_mail_server_is_never_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name, **_: f"/usr/sbin/{name}")
    monkeypatch.setattr(system_packages, "_apt_can_install", lambda _package: True)
    assert system_packages._packages_for([Need("postfix", ("postfix",), "the tests")]) == []


def test_postfix_is_told_to_stay_without_a_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[Sequence[str], object]] = []
    monkeypatch.setattr("subprocess.run", lambda command, **options: calls.append((command, options.get("input"))))
    monkeypatch.setattr(system_packages, "run_quietly", lambda command, **_: calls.append((command, None)))
    system_packages._apt_install([], ["msmtp", "postfix"])
    assert calls[0] == (["debconf-set-selections"], "postfix postfix/main_mailer_type select No configuration\n")
    assert calls[1][0][-2:] == ["msmtp", "postfix"]
