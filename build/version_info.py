"""Writes the version resource that Windows shows in a file's properties, from the package's own version.

Used by relaywright.spec on Windows alone; everywhere else nothing reads it.
"""

from pathlib import Path

TEMPLATE = """VSVersionInfo(
  ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3F, flags=0, OS=0x40004, fileType=1, subtype=0),
  kids=[
    StringFileInfo([StringTable("040904B0", [
      StringStruct("CompanyName", "The Relaywright developers"),
      StringStruct("FileDescription", "Relaywright"),
      StringStruct("FileVersion", "{version}"),
      StringStruct("InternalName", "{name}"),
      StringStruct("LegalCopyright", "MIT licence"),
      StringStruct("OriginalFilename", "{name}.exe"),
      StringStruct("ProductName", "Relaywright"),
      StringStruct("ProductVersion", "{version}"),
    ])]),
    VarFileInfo([VarStruct("Translation", [0x0409, 1200])]),
  ],
)
"""


def write(folder: Path, name: str, version: str) -> str:
    """Write the resource for the program `name` into `folder` and return its path. `version` is like 1.2.3."""
    parts = [int(part) for part in version.partition("+")[0].split(".") if part.isdigit()]
    numbers = tuple([*parts, 0, 0, 0, 0][:4])
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.version.txt"
    path.write_text(TEMPLATE.format(numbers=numbers, version=version, name=name), encoding="utf-8")
    return str(path)
