"""Whether a profile's fields fit together: pure rules over the profile, each fault with its field and way out.

What only the server can tell (does this password work?) is the test's to find; nothing here contacts anything.
"""

from relaywright.domain.address import AddressFault, domain_of, parse_mailbox
from relaywright.domain.finding import Finding, Level
from relaywright.domain.profile import Auth, Method, RelayProfile, Security

_NO_HOST_NEEDED = {Method.CONNECTOR, Method.DIRECT_SEND}


def faults(profile: RelayProfile) -> list[Finding]:
    """Return what is wrong (ERROR: a test cannot run) or doubtful (WARNING, INFO), in the order of the fields."""
    findings: list[Finding] = []
    findings += _host_and_port(profile)
    findings += _security(profile)
    findings += _sign_in(profile)
    findings += _addresses(profile)
    return findings


def _host_and_port(profile: RelayProfile) -> list[Finding]:
    if profile.host:
        return []
    if profile.method not in _NO_HOST_NEEDED:
        return [_error("host-missing", "host", "The host is missing", "Enter the name of the server to send through.")]
    if not profile.sender:
        return [
            _error(
                "endpoint-unknown",
                "from",
                "The From address is missing, and the MX endpoint is found by its domain",
                "Enter the From address, or the host.",
            )
        ]
    return []


def _security(profile: RelayProfile) -> list[Finding]:
    if profile.security is Security.NONE and profile.auth is not Auth.NONE:
        return [
            _error(
                "credentials-in-clear",
                "security",
                "Without encryption the credentials would be readable on the way, so they are not sent",
                "Choose STARTTLS, or a method without sign-in.",
            )
        ]
    if profile.security is Security.TLS and profile.port == 587:
        return [
            _warning(
                "tls-on-587",
                "security",
                "Port 587 begins in the clear and turns to TLS with STARTTLS",
                "Choose STARTTLS for port 587. TLS from the first byte belongs to port 465.",
            )
        ]
    if profile.security is Security.STARTTLS and profile.port == 465:
        return [
            _warning(
                "starttls-on-465",
                "security",
                "Port 465 speaks TLS from the first byte",
                "Choose TLS for port 465, or port 587 with STARTTLS. Microsoft documents no port 465.",
            )
        ]
    return []


def _shared_mailbox(profile: RelayProfile) -> list[Finding]:
    """Another account opens the mailbox (Microsoft, "Authenticate an IMAP, POP or SMTP connection using OAuth")."""
    if not profile.is_shared_mailbox:
        return []
    account, mailbox = profile.signs_in_as, profile.username
    return [
        Finding(
            "shared-mailbox",
            Level.INFO,
            f"{account} signs in and opens {mailbox}",
            f"The account needs Full Access to {mailbox}, and Send As to send with its address.",
            ("The script “send-as” looks whether it has them, and grants what is missing.",),
            "account",
        )
    ]


def _sign_in(profile: RelayProfile) -> list[Finding]:
    findings = _shared_mailbox(profile)
    if profile.auth is not Auth.NONE and not profile.username:
        findings.append(
            _error("username-missing", "username", "The user name is missing", "Enter the mailbox that signs in.")
        )
    if profile.auth in {Auth.OAUTH, Auth.OAUTH_APP}:
        if not profile.client_id:
            findings.append(
                _error(
                    "client-id-missing",
                    "client_id",
                    "The application (client) id is missing",
                    "Enter the id of the app registration in your tenant.",
                )
            )
        if not profile.tenant:
            findings.append(
                _error(
                    "tenant-missing",
                    "tenant",
                    "The tenant is missing",
                    "Enter the tenant's id or one of its domains.",
                )
            )
    if profile.auth is not Auth.NONE and profile.method in _NO_HOST_NEEDED:
        findings.append(
            _warning(
                "sign-in-not-used",
                "auth",
                "This method has no sign-in: the service knows the sender by address or certificate",
                "Set the sign-in to none.",
            )
        )
    if profile.auth is Auth.NONE and profile.method is Method.CLIENT_SUBMISSION:
        findings.append(
            _error(
                "sign-in-needed",
                "auth",
                "Client submission always signs in",
                "Choose OAuth or a password, or another method.",
            )
        )
    return findings


def _addresses(profile: RelayProfile) -> list[Finding]:
    findings = []
    if not profile.sender:
        findings.append(_error("from-missing", "from", "The From address is missing", "Enter who the mail comes from."))
    if (
        profile.method is Method.CLIENT_SUBMISSION
        and profile.sender
        and _is_mailbox(profile.username)
        and profile.sender.lower() != profile.username.lower()
    ):
        findings.append(
            Finding(
                "from-is-not-account",
                Level.INFO,
                "From is not the account that signs in",
                f"{profile.username} needs the Send As permission on {profile.sender}, else the service refuses.",
                ("Send a test: the reply proves it.",),
                "from",
            )
        )
    if (
        profile.method is Method.DIRECT_SEND
        and profile.recipient
        and domain_of(profile.recipient) != domain_of(profile.sender)
    ):
        findings.append(
            _warning(
                "direct-send-outside",
                "recipient",
                "Direct Send reaches only recipients of the own organisation",
                "Choose a recipient inside, or another method.",
            )
        )
    return findings


def _is_mailbox(text: str) -> bool:
    try:
        parse_mailbox(text)
    except AddressFault:
        return False
    return True


def _error(finding_id: str, field: str, title: str, step: str) -> Finding:
    return Finding(finding_id, Level.ERROR, title, steps=(step,), field=field)


def _warning(finding_id: str, field: str, title: str, step: str) -> Finding:
    return Finding(finding_id, Level.WARNING, title, steps=(step,), field=field)
