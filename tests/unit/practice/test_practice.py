"""Start and stop, files and ports, and the document that says where everything is."""

import datetime
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from raw_smtp import RawSmtp
from relaywright import paths
from relaywright.catalog.catalog import Catalog
from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import InputError
from relaywright.practice import authority
from relaywright.practice.command import run_practice
from relaywright.practice.practice import Practice, PracticeAddresses
from terminal_calls import Relaywright


def test_the_practice_cloud_is_one_the_catalogue_reads(tmp_path: Path) -> None:
    catalog = Catalog.load(paths.resources(), [tmp_path / "clouds.toml"])
    with Practice(tmp_path, catalog) as practice:
        addresses = practice.start()
        cloud = catalog.cloud("practice")
        assert (cloud.smtp_host, cloud.smtp_port) == ("localhost", addresses.smtp_port)
        assert cloud.authority == addresses.authority
        assert cloud.ca_file == addresses.ca_file.resolve()
        assert catalog.damaged_files == ()


def test_a_ca_file_is_still_right_after_a_restart(tmp_path: Path, catalog: Catalog) -> None:
    with Practice(tmp_path, catalog) as practice:
        ca_file = practice.start().ca_file
        before = ca_file.read_bytes()
    with Practice(tmp_path, catalog) as practice:
        assert ca_file.read_bytes() == before
        with RawSmtp(practice.start().smtps_port, tls=ca_file) as client:
            assert client.greeting.startswith("220")


@pytest.mark.parametrize("damage", [b"", b"no key", None])
def test_a_damaged_authority_is_replaced(tmp_path: Path, catalog: Catalog, damage: bytes | None) -> None:
    with Practice(tmp_path, catalog) as practice:
        practice.start()
    for name in ("practice-ca-key.pem", "practice-signing-key.pem"):
        if damage is None:
            (tmp_path / name).unlink()
        else:
            (tmp_path / name).write_bytes(damage)
    with Practice(tmp_path, catalog) as practice:
        addresses = practice.start()
        with RawSmtp(addresses.smtps_port, tls=addresses.ca_file) as client:
            assert client.greeting.startswith("220")


def test_an_authority_near_its_end_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = authority.open_authority(tmp_path).ca_file.read_bytes()
    monkeypatch.setattr(authority, "_RENEW_BEFORE", datetime.timedelta(days=400_000))
    assert authority.open_authority(tmp_path).ca_file.read_bytes() != first


@pytest.mark.skipif(os.name == "nt", reason="Windows has no file modes; the user's folders are private there")
def test_keys_are_readable_by_their_owner_alone(tmp_path: Path, catalog: Catalog) -> None:
    folder = tmp_path / "practice"
    with Practice(folder, catalog) as practice:
        practice.start()
        assert {path.stat().st_mode & 0o077 for path in folder.iterdir()} == {0}
        assert folder.stat().st_mode & 0o077 == 0


def test_the_certificate_has_the_names_people_dial(tmp_path: Path, addresses: PracticeAddresses) -> None:
    pem = ssl.get_server_certificate(("127.0.0.1", addresses.smtps_port))
    certificate = x509.load_pem_x509_certificate(pem.encode())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert set(names.get_values_for_type(x509.DNSName)) == {"localhost", "smtp.practice.example"}
    assert {str(address) for address in names.get_values_for_type(x509.IPAddress)} == {"127.0.0.1", "::1"}
    life = certificate.not_valid_after_utc - datetime.datetime.now(datetime.UTC)
    assert datetime.timedelta(days=390) < life < datetime.timedelta(days=398)


def test_the_document_has_all_that_is_needed_to_start(addresses: PracticeAddresses) -> None:
    document = json.loads(json.dumps(addresses.as_json()))
    assert document["host"] == "localhost"
    assert len({document[name] for name in ("smtp_port", "smtps_port", "mx_port")} - {0}) == 3
    assert document["users"][0]["password"] == "Practice-Scanner-1"
    assert Path(document["ca_file"]).is_file()
    assert Path(document["clouds_file"]).is_file()
    assert document["authorize_address"].startswith("http://localhost:")


def test_a_taken_port_is_replaced_by_a_free_one(tmp_path: Path, catalog: Catalog) -> None:
    with Practice(tmp_path / "a", catalog, fixed_ports=True) as one, Practice(tmp_path / "b", catalog, True) as two:
        first, second = one.start(), two.start()
        assert first.smtp_port != second.smtp_port
        for addresses in (first, second):
            with RawSmtp(addresses.smtp_port) as client:
                assert client.greeting.startswith("220")


def test_start_twice_is_start_once_and_stop_frees_the_ports(tmp_path: Path, catalog: Catalog) -> None:
    practice = Practice(tmp_path, catalog)
    addresses = practice.start()
    assert practice.start() is addresses
    practice.stop()
    practice.stop()
    assert practice.addresses is None
    for port in (addresses.smtp_port, addresses.smtps_port, addresses.mx_port):
        with pytest.raises(ConnectionError):
            socket.create_connection(("127.0.0.1", port), timeout=5)


def test_stop_ends_sessions_and_leaves_no_thread(tmp_path: Path, catalog: Catalog) -> None:
    before = set(threading.enumerate())
    practice = Practice(tmp_path, catalog)
    addresses = practice.start()
    clients = [RawSmtp(addresses.smtp_port) for _ in range(5)]
    started = set(threading.enumerate()) - before
    assert len(started) >= 5
    practice.stop()
    for client in clients:
        assert client.at_end()
        client.close()
    for thread in started:
        thread.join(5)
        assert not thread.is_alive()


def test_it_listens_on_this_machine_only(tmp_path: Path, addresses: PracticeAddresses) -> None:
    listening = {"127.0.0.1", "::1"}
    import psutil

    ports = {addresses.smtp_port, addresses.smtps_port, addresses.mx_port}
    found = {
        connection.laddr.ip
        for connection in psutil.Process().net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port in ports
    }
    assert found
    assert found <= listening


def test_more_connections_than_the_bound_are_turned_away(addresses: PracticeAddresses) -> None:
    clients: list[RawSmtp] = []
    try:
        turned_away = False
        for _ in range(80):
            try:
                client = RawSmtp(addresses.mx_port)
            except ConnectionError:
                turned_away = True
                break
            clients.append(client)
            if not client.greeting:
                turned_away = True
                break
        assert turned_away
        assert len(clients) <= 65
    finally:
        for client in clients:
            client.close()


def test_a_folder_that_cannot_be_made_is_one_clear_error(tmp_path: Path, catalog: Catalog) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="could not start") as caught:
        Practice(tmp_path / "file" / "practice", catalog).start()
    assert str(tmp_path / "file") in caught.value.hint


def test_a_big_message_is_refused_and_the_session_goes_on(practice: Practice, addresses: PracticeAddresses) -> None:
    with RawSmtp(addresses.mx_port, timeout_s=60) as client:
        client.ehlo()
        client.ask("MAIL FROM:<printer@practice.example>")
        client.ask("RCPT TO:<alex@practice.example>")
        client.ask("DATA")
        block = (b"x" * 998 + b"\r\n") * 1_000
        for _ in range(27):
            client.send(block)
        assert client.ask(".").startswith("552 5.3.4 Message size exceeds fixed maximum message size")
        assert client.ask("NOOP").startswith("250")
    assert practice.received == []


def test_waiting_for_a_message(practice: Practice, addresses: PracticeAddresses) -> None:
    def deliver() -> None:
        with RawSmtp(addresses.mx_port) as client:
            client.ehlo()
            for command in ("MAIL FROM:<>", "RCPT TO:<alex@practice.example>", "DATA", "x\r\n."):
                client.ask(command)

    sender = threading.Thread(target=deliver)
    sender.start()
    (message,) = practice.relay.wait_for_messages(1, timeout_s=10)
    sender.join()
    assert message.content == b"x\r\n"
    assert message.id.endswith("@practice.example>")


def test_the_command_announces_waits_and_cleans_up(tmp_path: Path, catalog: Catalog) -> None:
    ready, cancel, said = tmp_path / "ready.json", CancelToken(), []

    def announce(document: dict[str, Any]) -> None:
        said.append(document)
        assert json.loads(ready.read_text()) == document
        threading.Timer(0.05, cancel.cancel).start()

    run_practice(Practice(tmp_path / "practice", catalog), ready, announce, cancel)
    assert said[0]["cloud"] == "practice"
    assert not ready.exists()


def test_the_help_names_every_person_and_password(addresses: PracticeAddresses, relaywright: Relaywright) -> None:
    text = relaywright("practice", "--help").out
    for user in addresses.users:
        assert f"`{user.address}` | `{user.password}`" in text


def test_importing_the_practice_loads_nothing_heavy() -> None:
    heavy = ["cryptography.x509", "trustme", "jwt", "requests", "msal"]
    code = f"import sys, relaywright.practice.practice; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.strip() == "[]"
