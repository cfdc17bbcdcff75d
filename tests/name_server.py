"""A name server on loopback for MX records, from a table."""

import socket
import threading
from collections.abc import Mapping, Sequence

import dns.flags
import dns.message
import dns.rcode
import dns.rrset


class NameServer:
    """Answers from ``zone``; ``silent.test`` gets nothing, ``broken.test`` a server failure, others do not exist."""

    def __init__(self, zone: Mapping[str, Sequence[str]]) -> None:
        """Start answering. ``zone`` maps a name with its final dot to the texts of its MX records."""
        self._zone = zone
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self.asked = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._socket.sendto(b"", self._socket.getsockname())
        self._thread.join(10)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            data, sender = self._socket.recvfrom(4096)
            if not data:
                return
            self.asked.set()
            query = dns.message.from_wire(data)
            name = query.question[0].name.to_text()
            if name != "silent.test.":
                self._socket.sendto(self._answer(query, name).to_wire(), sender)

    def _answer(self, query: dns.message.Message, name: str) -> dns.message.Message:
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        if name == "broken.test.":
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif name not in self._zone:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif self._zone[name]:
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", "MX", *self._zone[name]))
        return answer
