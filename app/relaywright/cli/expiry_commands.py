"""``expiries``: when sign-ins, client secrets and certificates end, for people, for scripts and for a calendar."""

import argparse
import datetime
from pathlib import Path
from typing import Any

from relaywright.bootstrap import Services
from relaywright.catalog.facts import LifetimeKind
from relaywright.cli.exit_codes import Exit
from relaywright.cli.plain_text import one_line
from relaywright.cli.render import table, wrapped
from relaywright.cli.terminal import Terminal
from relaywright.services.expiries import Expiry, ExpiryState

LONGEST_WITHIN_DAYS = 36_500
_KINDS = {
    LifetimeKind.SIGN_IN: "sign-in of ",
    LifetimeKind.CLIENT_SECRET: "client secret of ",
    LifetimeKind.CERTIFICATE: "certificate ",
}


def add_to(commands: "argparse._SubParsersAction[Any]", shared: argparse.ArgumentParser) -> None:
    """Add this module's commands to the command line."""
    parser = commands.add_parser(
        "expiries",
        parents=[shared],
        help="when sign-ins, secrets and certificates end",
        description="Shows when sign-ins, client secrets and certificates end. The exit code is 0 while nothing has "
        "ended or ends soon, else 1, so that a monitoring script can use it. Nothing is asked of keyring or network.",
    )
    parser.add_argument("--profile", metavar="NAME", help="only this profile's")
    parser.add_argument(
        "--within",
        type=_days,
        metavar="DAYS",
        help="only what has ended or ends within so many days; this is then what counts as soon",
    )
    parser.add_argument("--ics", type=Path, metavar="FILE", help="write what is shown as a calendar file")
    parser.add_argument("--overwrite", action="store_true", help="replace the calendar file if it is there already")
    parser.set_defaults(run=_expiries)


def expiry_document(expiry: Expiry, now: datetime.datetime) -> dict[str, Any]:
    """Return one end as JSON. What is not known is null."""
    return {
        "profile": expiry.profile,
        "profile_id": expiry.profile_id,
        "kind": expiry.kind.value,
        "what": expiry.what,
        "state": expiry.state.value,
        "ends_at": expiry.ends_at.isoformat() if expiry.ends_at else None,
        "ends_on": expiry.ends_on.isoformat() if expiry.ends_on else None,
        "days_left": expiry.days_left(now),
        "since": expiry.since.isoformat() if expiry.since else None,
        "why": expiry.why,
        "who": expiry.who,
        "steps": list(expiry.steps),
        "sources": list(expiry.fact.sources),
        "checked": expiry.fact.checked.isoformat(),
        "sureness": expiry.fact.sureness.value,
    }


def _days(text: str) -> int:
    days = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(LONGEST_WITHIN_DAYS)) else -1
    if not 0 <= days <= LONGEST_WITHIN_DAYS:
        raise argparse.ArgumentTypeError(f"a number of days from 0 to {LONGEST_WITHIN_DAYS} is needed")
    return days


def _expiries(call: argparse.Namespace, services: Services, terminal: Terminal) -> int:
    now = datetime.datetime.now(datetime.UTC)
    profiles = [services.profiles.by_name(call.profile)] if call.profile is not None else None
    found = services.expiries.all(now, profiles)
    if call.within is not None:
        until = now + datetime.timedelta(days=call.within)
        found = [item for item in found if item.ends_at is not None and item.ends_at <= until]
        urgent = bool(found)
    else:
        urgent = any(item.needs_attention for item in found)
    if call.ics is not None:
        written = services.expiries.write_calendar(found, now, call.ics, overwrite=call.overwrite)
        terminal.progress(f"Wrote {written.path} ({written.size} bytes).")
    terminal.result([expiry_document(item, now) for item in found], _text(found, now, filtered=call.within is not None))
    return Exit.NO if urgent else Exit.OK


def _text(found: list[Expiry], now: datetime.datetime, *, filtered: bool) -> str:
    if not found:
        return "Nothing ends in that time." if filtered else "No profile signs in with anything that ends by itself."
    rows = [
        (
            item.state.value,
            item.ends_on.isoformat() if item.ends_on else "not known",
            _left(item, now),
            item.profile,
            one_line(_KINDS[item.kind] + item.what) if item.what else item.kind.value,
        )
        for item in found
    ]
    return "\n".join((table([("STATE", "ENDS", "LEFT", "PROFILE", "WHAT"), *rows]), *_advice(found)))


def _advice(found: list[Expiry]) -> list[str]:
    """Return what to do, once for all profiles that share it."""
    concerned: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for item in found:
        if item.steps and item.needs_attention:
            concerned.setdefault((item.why, item.who, item.steps), []).append(item.profile)
    lines = []
    for (why, who, steps), names in concerned.items():
        lines += ["", *wrapped(", ".join(names) + ":"), *wrapped(one_line(why), first="  ", rest="  ")]
        lines.append(f"  Whose move: {who}.")
        for step in steps:
            lines += wrapped(step, first="  - ", rest="    ")
    return lines


def _left(item: Expiry, now: datetime.datetime) -> str:
    days = item.days_left(now)
    if days is None:
        return "–"
    if item.state is ExpiryState.ENDED:
        return "since today" if days >= 0 else f"since {-days} day{'' if days == -1 else 's'}"
    return "today" if days == 0 else f"{days} day{'' if days == 1 else 's'}"
