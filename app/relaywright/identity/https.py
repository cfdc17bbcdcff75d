"""The web client that MSAL speaks through: verification that nothing in the environment can turn off.

requests silently prefers ``REQUESTS_CA_BUNDLE`` to what a program asks for (tried, also through MSAL's ``verify``), so
nothing of the environment is used but its proxies, which corporate networks need.
"""

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from relaywright.domain.errors import InputError, NoAnswer

if TYPE_CHECKING:
    import requests

CONNECT_LIMIT_S = 10.0
READ_LIMIT_S = 30.0
MAX_ANSWER_BYTES = 1024 * 1024
"""Unpacked. Microsoft's longest answers, its keys and tokens, have some tens of kilobytes."""
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def open_session(ca_file: Path | None) -> "requests.Session":
    """Return a session that trusts the system's store and, when given, the authorities in ``ca_file``.

    Raises InputError (``ca-file``) when that file cannot be read. Redirects are not followed: no endpoint of a sign-in
    redirects its client, and a captive portal that does must not get the code.
    """
    import ssl

    import truststore

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=str(ca_file))
        except (OSError, ssl.SSLError) as fault:
            reason = getattr(fault, "strerror", "") or "it holds no certificate"
            raise InputError(
                f"The cloud’s CA file {ca_file} could not be read: {reason}.",
                hint="Give a PEM file with the authority’s certificate, or leave ca_file out.",
                id="ca-file",
            ) from None
    session: requests.Session = _session_class()(context)
    return session


@functools.cache
def _session_class() -> Any:
    """Build the classes when requests is really needed: importing it takes 130 ms."""
    import requests
    import requests.adapters
    import requests.utils

    class PinnedAdapter(requests.adapters.HTTPAdapter):
        """Uses one TLS context for every connection, also through a proxy."""

        def __init__(self, context: Any) -> None:
            self._context = context
            super().__init__(max_retries=1)

        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            super().init_poolmanager(*args, **kwargs, ssl_context=self._context)

        def proxy_manager_for(self, proxy: Any, **kwargs: Any) -> Any:
            return super().proxy_manager_for(proxy, **kwargs, ssl_context=self._context)

        def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:  # noqa: ARG002 - requests' signature
            # The base would add certifi's list to the context's authorities.
            conn.cert_reqs, conn.ca_certs, conn.ca_cert_dir = "CERT_REQUIRED", None, None

    class PinnedSession(requests.Session):
        """Has limits of time and size on everything and takes only the proxies from the environment."""

        def __init__(self, context: Any) -> None:
            super().__init__()
            self.trust_env = False
            # Not even a service that names an http address for its tokens gets the code or a token in the clear.
            self.adapters.clear()
            self.mount("https://", PinnedAdapter(context))

        def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
            address = url if isinstance(url, str) else url.decode()
            kwargs.update(timeout=(CONNECT_LIMIT_S, READ_LIMIT_S), allow_redirects=False, verify=True, stream=True)
            if urlsplit(address).hostname not in _LOOPBACK:
                kwargs["proxies"] = requests.utils.get_environ_proxies(address, no_proxy=None)
            response = super().request(method, url, *args, **kwargs)
            with response:
                content = bytearray()
                for piece in response.iter_content(64 * 1024):
                    content += piece
                    if len(content) > MAX_ANSWER_BYTES:
                        raise _too_long(address)
            response._content = bytes(content)  # noqa: SLF001 - requests has no other way to read with a bound
            return response

    return PinnedSession


def _too_long(address: str) -> NoAnswer:
    return NoAnswer(
        f"What answered for {urlsplit(address).hostname} sent too much to be a sign-in service.",
        hint="A captive portal or a proxy may stand between: open a web page first, then try again.",
        id="sign-in-no-answer",
    )
