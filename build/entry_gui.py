"""Where the frozen program begins; on Windows the one without a console. relaywright.__main__ decides what to do."""

import sys

from relaywright.__main__ import main

sys.exit(main())
