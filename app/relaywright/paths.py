"""Where resources, data and logs lie: in the source tree, in a wheel, in a frozen program, on each platform.

The only module that knows platforms' folders; nobody else asks ``sys.platform`` for one.
"""

import os
import sys
from pathlib import Path

from relaywright.domain.errors import InputError

DATA_DIR_VARIABLE = "RELAYWRIGHT_DATA_DIR"


def resources() -> Path:
    """Return the folder of facts, targets, icons and pages."""
    frozen_root = getattr(sys, "_MEIPASS", None)
    if frozen_root:
        return Path(frozen_root) / "relaywright" / "resources"
    package = Path(__file__).resolve().parent
    installed = package / "resources"
    return installed if installed.is_dir() else package.parents[1] / "resources"


def data_dir(chosen: Path | None = None) -> Path:
    """Return the folder for profiles and settings: the chosen one, the variable's, or the platform's own place.

    Roaming on Windows is not wanted: a profile's secrets stay with the machine, so its data does too.
    Raises InputError where a ``~`` or the user's own place leads nowhere (a service without a home folder).
    """
    from_environment = os.environ.get(DATA_DIR_VARIABLE)
    if chosen is None and not from_environment:
        import platformdirs

        try:
            folder = platformdirs.user_data_dir("Relaywright", appauthor=False, roaming=False)
        except RuntimeError:  # no HOME, and nobody whom the system knows
            folder = "~"
    else:
        folder = str(chosen) if chosen is not None else str(from_environment)
    folder = os.path.expanduser(folder)  # noqa: PTH111 - Path's own raises what is no error of ours
    if folder.startswith("~"):
        raise InputError(
            f"There is no home folder to find {folder} in.",
            hint=f"Name a data folder with --data-dir, or with {DATA_DIR_VARIABLE}.",
            id="no-home-folder",
        )
    return Path(folder).absolute()


def make_private(folder: Path) -> Path:
    """Create the folder, readable by its owner alone, and return it. Raises OSError.

    On Windows the user's own folders are private already and the mode is ignored.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def own_command() -> list[str]:
    """Return how this program starts itself again: the frozen executable, or this Python with the package.

    Without ``-P`` Python would look for modules in the current folder first: a download folder, for example, where a
    file with the name of a library may lie.
    """
    if getattr(sys, "frozen", False):
        return [sys.executable]
    return [sys.executable, "-P", "-m", "relaywright"]
