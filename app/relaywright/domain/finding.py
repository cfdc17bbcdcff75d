"""The one shape of advice in the program: something was seen, it matters this much, do this."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How much a finding matters, from good news to a stop."""

    OK = "ok"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Finding:
    """One observation. ``id`` is stable; ``field`` names the profile field it is about, if one."""

    id: str
    level: Level
    title: str
    detail: str = ""
    steps: tuple[str, ...] = ()
    field: str = ""
