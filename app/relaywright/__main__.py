"""Opens the window, or runs a command in the terminal; nothing else."""

import sys
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program with the command line's arguments and return its exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    data_dir: Path | None = None
    practice = False
    bundle: Path | None = None
    if arguments and arguments[0] == "age-worker":
        # Not a command for people: see sharing/age_process.py.
        from relaywright.sharing import age_worker

        return age_worker.main()
    if arguments and arguments[0] == "keyring-state":
        # Not a command for people either: see vault/state_process.py.
        from relaywright.vault import state_process

        return state_process.main()
    if len(arguments) == 1 and arguments[0].lower().endswith(".relaywright"):
        # The file manager hands a colleague's bundle over by its name alone.
        bundle = Path(arguments[0])
    elif arguments:
        from relaywright.cli.main import main as run_command

        outcome = run_command(arguments)
        if isinstance(outcome, int):
            return outcome
        data_dir = getattr(outcome, "data_dir", None)
        practice = outcome.practice
    from relaywright.gui.application import run_window

    return run_window(data_dir=data_dir, practice=practice, bundle=bundle)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:  # while the program was still starting; later the command itself answers
        sys.exit(130)
