"""Simple colours for configuration files in a preview: comments, names, values, placeholders.

One small grammar for INI, shell, Postfix and PowerShell alike: it only has to help the eye, never to parse.
"""

import re

from PySide6.QtGui import QColor, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from relaywright.gui.theme import Colours

_COMMENT = re.compile(r"^\s*[#;].*$")
_NAME = re.compile(r"^\s*(?:export\s+|set\s+|\$)?([A-Za-z_][\w.-]*)(\s*[=:]\s*|\s+)(?=\S)")
_SECTION = re.compile(r"^\s*\[[^\]]+\]\s*$")
_LONG_COMMENT = 1
_PLACEHOLDER = re.compile(r"PUT-THE-[A-Z0-9.-]+-HERE", re.IGNORECASE)


class ConfigHighlighter(QSyntaxHighlighter):
    """Colours one document; ``show_colours`` repaints it for light or dark."""

    def __init__(self, document: QTextDocument, colours: Colours) -> None:
        super().__init__(document)
        self._colours = colours

    def show_colours(self, colours: Colours) -> None:
        """Use another appearance's colours."""
        if colours != self._colours:
            self._colours = colours
            self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        """Colour one line; called by Qt."""
        if self._in_long_comment(text) or _COMMENT.match(text):
            self.setFormat(0, len(text), _format(self._colours.text_faint))
            return
        if _SECTION.match(text):
            self.setFormat(0, len(text), _format(self._colours.text, bold=True))
            return
        name = _NAME.match(text)
        if name is not None:
            self.setFormat(name.start(1), name.end(1) - name.start(1), _format(self._colours.link))
            self.setFormat(name.end(), len(text) - name.end(), _format(self._colours.text))
        for gap in _PLACEHOLDER.finditer(text):
            format_ = _format(self._colours.warn_text, bold=True)
            format_.setBackground(QColor(self._colours.warn_soft))
            self.setFormat(gap.start(), gap.end() - gap.start(), format_)

    def _in_long_comment(self, text: str) -> bool:
        """Tell whether the line belongs to PowerShell's ``<# … #>``, and pass on whether the next one does."""
        inside = self.previousBlockState() == _LONG_COMMENT or text.lstrip().startswith("<#")
        self.setCurrentBlockState(_LONG_COMMENT if inside and "#>" not in text else 0)
        return inside


def _format(colour: str, *, bold: bool = False) -> QTextCharFormat:
    result = QTextCharFormat()
    result.setForeground(QColor(colour))
    if bold:
        result.setFontWeight(600)
    return result
