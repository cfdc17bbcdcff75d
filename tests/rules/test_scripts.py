"""Every folder in resources/scripts is whole: parsed, guarded, documented cmdlets only, its examples byte for byte."""

import itertools
import re
import tomllib
from pathlib import Path

import pytest

from powershell_tree import Node, ancestors, commands, faults, parse, text_of
from relaywright.catalog.catalog import Catalog
from relaywright.domain.errors import InputError
from relaywright.domain.profile import Auth, Method, RelayProfile, with_fields
from relaywright.exporting.scripts import PARTS, TEMPLATE, Scripts
from relaywright.services.administrator_scripts import AdministratorScripts

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "resources" / "scripts"
CATALOG = Catalog.load(ROOT / "resources")
SCRIPTS = AdministratorScripts(Scripts(FOLDER), CATALOG)
KINDS = sorted(path.parent.name for path in FOLDER.glob("*/script.toml"))
EXAMPLES = sorted(FOLDER.glob("*/example/*.toml"))
CHANGES = re.compile(
    r"(New|Set|Add|Update|Remove|Enable|Disable|Start|Stop|Grant|Revoke|Invoke|Clear|Reset)-", re.IGNORECASE
)
# Each read in Microsoft's reference: MicrosoftDocs/office-docs-powershell (2026-08-21), MicrosoftDocs/
# microsoftgraph-docs-powershell (Update-MgApplication of 2026-01-30 and its neighbours), entra-docs
# grant-admin-consent.md; the rest are PowerShell's own.
DOCUMENTED = {
    "Connect-MgGraph", "Disconnect-MgGraph", "Get-MgContext", "Get-MgApplication", "New-MgApplication",
    "Update-MgApplication", "Remove-MgApplication", "Get-MgServicePrincipal", "New-MgServicePrincipal",
    "Get-MgServicePrincipalAppRoleAssignment", "New-MgServicePrincipalAppRoleAssignment",
    "Get-MgOauth2PermissionGrant", "New-MgOauth2PermissionGrant", "Update-MgOauth2PermissionGrant",
    "Add-MgApplicationPassword", "Connect-ExchangeOnline", "Disconnect-ExchangeOnline", "Get-ConnectionInformation",
    "Get-Mailbox", "Get-MailUser", "Get-Recipient", "Get-CASMailbox", "Set-CASMailbox", "Get-TransportConfig",
    "Get-ServicePrincipal", "New-ServicePrincipal", "Remove-ServicePrincipal", "Get-MailboxPermission",
    "Add-MailboxPermission", "Remove-MailboxPermission", "Get-RecipientPermission", "Add-RecipientPermission",
    "Remove-RecipientPermission", "Get-ManagementScope", "New-ManagementScope", "Remove-ManagementScope",
    "Get-ManagementRoleAssignment", "New-ManagementRoleAssignment", "Remove-ManagementRoleAssignment",
    "Add-HVEAppAccess", "Remove-HVEAppAccess",
    "Write-Host", "Write-Warning", "Where-Object", "ForEach-Object", "Select-Object", "Out-Null", "Resolve-Path",
}  # fmt: skip


def profile_of(example: Path) -> RelayProfile:
    data = tomllib.loads(example.read_text(encoding="utf-8"))
    return with_fields(RelayProfile(name="example"), data["profile"])


def every_profile() -> list[RelayProfile]:
    return [
        RelayProfile(
            name="Scanner",
            method=method,
            auth=auth,
            cloud=cloud,
            username="scan@contoso.com",
            sender=sender,
            client_id=client_id,
        )
        for method, auth, cloud, sender, client_id in itertools.product(
            Method,
            Auth,
            CATALOG.clouds,
            ("", "scan@contoso.com", "news@contoso.com"),
            ("", "00000000-0000-0000-0000-000000000001"),
        )
    ]


def rendered(kind: str) -> dict[str, bytes]:
    """Return every different script of a kind with the profile it is for, over all methods, ways to sign in, clouds."""
    found = {}
    for profile in every_profile():
        try:
            text = SCRIPTS.script(profile, kind).text
        except InputError:
            continue
        found[f"{profile.method} {profile.auth} {profile.cloud} {profile.sender} {profile.client_id}"] = text.encode()
    return found


RENDERED = {kind: rendered(kind) for kind in KINDS}
every_kind = pytest.mark.parametrize("kind", KINDS)


def is_guarded(command: Node) -> bool:
    """Tell whether a command stands in a block of an ``if`` or ``elseif`` whose condition asks ShouldProcess."""
    for inner, outer in itertools.pairwise((command, *ancestors(command))):
        if outer.type in {"if_statement", "elseif_clause"} and inner.type == "statement_block":
            condition = text_of(outer.children[2])  # if ( condition )
            if "$PSCmdlet.ShouldProcess(" in condition and not re.search(r"-or\b|-not \(?\$PSCmdlet", condition):
                return True
    return False


def test_every_folder_here_is_a_kind_or_the_shared_parts() -> None:
    assert sorted(path.name for path in FOLDER.iterdir() if path.is_dir()) == sorted([*KINDS, PARTS])
    shared = {path.name for path in (FOLDER / PARTS).iterdir()}
    templates = [path.read_text(encoding="utf-8") for path in FOLDER.glob("*/*.j2")]
    assert shared == {name for text in templates for name in re.findall(r'{% include "([^"]+)" %}', text)}
    assert all((FOLDER / kind / TEMPLATE).is_file() for kind in KINDS)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: f"{path.parents[1].name}-{path.stem}")
def test_an_example_is_written_byte_for_byte(example: Path) -> None:
    content = SCRIPTS.script(profile_of(example), example.parents[1].name).content
    assert content == example.with_suffix(".ps1").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf<#\r\n")
    assert content.count(b"\n") == content.count(b"\r\n")


@every_kind
def test_a_kind_has_examples_in_pairs(kind: str) -> None:
    names = sorted(path.name for path in (FOLDER / kind / "example").iterdir())
    cases = {name.partition(".")[0] for name in names}
    assert names == sorted(f"{case}.{suffix}" for case in cases for suffix in ("ps1", "toml"))


@every_kind
def test_a_kind_is_written_for_every_method_sign_in_and_cloud_that_it_names(kind: str) -> None:
    data = tomllib.loads((FOLDER / kind / "script.toml").read_text(encoding="utf-8"))
    allowed = CATALOG.methods
    for method, auth, cloud in itertools.product(Method, Auth, CATALOG.clouds):
        wanted = method in data["methods"] and auth in data["auths"] and auth in allowed[method].auths
        found = any(name.startswith(f"{method} {auth} {cloud} ") for name in RENDERED[kind])
        assert found or not wanted, (method, auth, cloud)


@every_kind
def test_a_script_is_powershell(kind: str) -> None:
    for name, script in RENDERED[kind].items():
        assert faults(parse(script)) == [], name
        assert b"{{" not in script, name
        assert b"{%" not in script, name


@every_kind
def test_nothing_is_changed_without_asking_should_process(kind: str) -> None:
    for name, script in RENDERED[kind].items():
        tree = parse(script)
        assert b"[CmdletBinding(SupportsShouldProcess)]" in script
        changing = [command for word, command in commands(tree) if CHANGES.match(word)]
        assert changing, name
        assert [text_of(command) for command in changing if not is_guarded(command)] == [], name


def test_the_check_sees_a_change_that_is_not_guarded() -> None:
    outside = b"if ($PSCmdlet.ShouldProcess('x')) { Write-Host 'y' } else { Set-CASMailbox -Identity 'z' }"
    inside = b"if ($a) { } elseif ($b -and $PSCmdlet.ShouldProcess('x')) { foreach ($c in $d) { Set-CASMailbox } }"
    in_condition = b"if ((Set-CASMailbox) -and $PSCmdlet.ShouldProcess('x')) { }"
    other_branch = b"if ($PSCmdlet.ShouldProcess('x')) { } elseif ($b) { Set-CASMailbox }"
    turned = b"if (-not $PSCmdlet.ShouldProcess('x')) { Set-CASMailbox }"
    guarded = [
        [is_guarded(command) for word, command in commands(parse(script)) if word == "Set-CASMailbox"]
        for script in (outside, inside, in_condition, other_branch, turned)
    ]
    assert guarded == [[False], [True], [False], [False], [False]]


@every_kind
def test_only_documented_cmdlets_are_used_also_in_the_undo(kind: str) -> None:
    for script in RENDERED[kind].values():
        called = {word for word, _ in commands(parse(script))}
        assert called <= DOCUMENTED
        undo = script.decode().partition("\n# Undo\n")[2]
        assert "Remove-" in undo
        assert all(line.startswith("#") for line in undo.splitlines())
        assert set(re.findall(r"\b[A-Z][a-z]+-[A-Z]\w+", undo)) <= DOCUMENTED


@every_kind
def test_the_head_says_what_who_and_by_whose_word(kind: str) -> None:
    for script in RENDERED[kind].values():
        head = script.decode().partition("#>")[0]
        for part in (
            "What it changes:\n    - ",
            "Who may run it:\n    - ",
            "What it needs:\n    - ",
            "never run against",
        ):
            assert part in head
        assert re.search(r"checked 20\d\d-\d\d-\d\d:\n    - \S", head)


@every_kind
def test_a_source_has_a_day_or_says_that_it_has_none(kind: str) -> None:
    data = tomllib.loads((FOLDER / kind / "script.toml").read_text(encoding="utf-8"))
    for source in data["source"]:
        assert re.search(r"20\d\d-\d\d-\d\d|undated|issue \d+|MSAL Python 1\.\d+|Microsoft365DSC", source["text"])
        assert source["sureness"] in {"documented", "mirrored", "reported"}


@every_kind
def test_a_note_tells_of_what_is_only_reported(kind: str) -> None:
    for profile in every_profile():
        try:
            script = SCRIPTS.script(profile, kind)
        except InputError:
            continue
        if any("shared mailbox" in note for note in script.notes):
            assert any("users' reports" in note for note in script.notes)
