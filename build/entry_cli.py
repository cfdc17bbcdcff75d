"""Where the frozen console program of Windows begins: the same program, but without arguments it helps, not opens."""

import sys

from relaywright.__main__ import main

sys.exit(main(sys.argv[1:] or ["--help"]))
