"""The window: the only package that knows Qt."""

import sys
from typing import Any

import PySide6  # noqa: F401 - loads the module that is put right below

# PySide6 reads and keeps the source text of every module that is imported after it, to see whether it uses PySide's
# optional snake_case feature (shibokensupport/feature.py, _mod_uses_pyside). None of ours does; sparing that saves
# 4 MB and a tenth of the time to a filled window (tests/benchmarks). Should the function go, nothing happens here.
_feature: Any = sys.modules.get("shibokensupport.feature")
if hasattr(_feature, "_mod_uses_pyside"):
    _feature._mod_uses_pyside = lambda _module: False  # noqa: SLF001 - there is no public switch
