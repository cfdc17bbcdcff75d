"""The measure for all others: PySide6's own main window with nothing in it."""

import sys

from PySide6.QtWidgets import QApplication, QMainWindow

application = QApplication(sys.argv)
window = QMainWindow()
window.resize(1200, 800)
window.show()
sys.exit(application.exec())
