"""Where resources, data and logs lie: in the source tree, in a wheel, in a frozen program, on each platform.

The only module that knows platforms' folders; nobody else asks ``sys.platform`` for one.
"""

import os
import sys
from pathlib import Path

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
    """
    if chosen is not None:
        return chosen.expanduser().absolute()
    from_environment = os.environ.get(DATA_DIR_VARIABLE)
    if from_environment:
        return Path(from_environment).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir("Relaywright", appauthor=False, roaming=False))


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
