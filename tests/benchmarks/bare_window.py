"""The measure for all others: PySide6's own main window with nothing in it."""

import sys

from PySide6.QtWidgets import QApplication, QMainWindow

application = QApplication(sys.argv)
window = QMainWindow()
window.resize(1280, 860)  # as large as ours: a window's picture is in its memory
window.show()
sys.exit(application.exec())
