"""Templates that are data, filled in a sandbox: only what went through a quoting filter reaches a file.

What a template may use is whoever's that renders it; quoting is filters.py's.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relaywright.domain.errors import DamagedFile
from relaywright.exporting.filters import FILTERS, Quoted

if TYPE_CHECKING:
    from jinja2 import Template


class Templates:
    """The templates of one owner, from ``folders`` in their order. ``owner`` names it in errors: Target “postfix”."""

    def __init__(self, owner: str, folders: Sequence[Path]) -> None:
        from jinja2 import FileSystemLoader, StrictUndefined
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        self._owner = owner
        # No HTML is made here; every filter quotes for its own format, and finalize refuses what went through none.
        self._jinja = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader(folders),
            undefined=StrictUndefined,
            autoescape=False,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            finalize=_only_quoted,
        )
        self._jinja.filters.update(FILTERS)

    def file(self, name: str, names: Mapping[str, Any]) -> str:
        """Return a template file, filled in. Raises DamagedFile when it does not work, InputError from a filter."""
        return self._run(name, lambda: self._jinja.get_template(name), names)

    def text(self, what: str, source: str, names: Mapping[str, Any]) -> str:
        """Return a short template that is given as text, filled in; ``what`` it is stands in the error."""
        return self._run(what, lambda: self._jinja.from_string(source), names)

    def _run(self, what: str, load: Callable[[], "Template"], names: Mapping[str, Any]) -> str:
        from jinja2 import TemplateError

        try:
            return load().render(names)
        except (TemplateError, _NotQuoted) as error:  # these name variables and lines, never values
            fault = f"{type(error).__name__.lstrip('_')}: {error}"
        except (OSError, ArithmeticError, TypeError, ValueError, LookupError) as error:
            fault = type(error).__name__  # its words could repeat a value, and one of them is secret
        raise DamagedFile(f"{self._owner}: {what} does not work ({fault}).")


class _NotQuoted(Exception):
    """An expression reached the file without a filter that quotes it."""


def _only_quoted(value: object) -> object:
    if isinstance(value, Quoted) or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise _NotQuoted("an expression is not quoted for its format")
