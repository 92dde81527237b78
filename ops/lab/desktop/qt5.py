#!/usr/bin/python3
"""A Qt 5 dialog of the lab, made of a page as dialog.py describes it."""
import sys

from PyQt5.QtCore import QEvent, QObject, QSocketNotifier
from PyQt5.QtWidgets import QApplication, QComboBox, QFormLayout, QLineEdit, QPushButton, QWidget

from dialog import chosen_at_first, obey, page, say, specs, tell

fields = {}


def value(field):
    return field.text() if isinstance(field, QLineEdit) else field.currentText()


def changed(*_):
    tell({name: value(field) for name, field in fields.items()}, button.setFocus)


def entry(spec):
    field = QLineEdit(spec.get("value") or "")
    field.setReadOnly(bool(spec.get("readOnly")))
    if spec.get("maxLength"):
        field.setMaxLength(spec["maxLength"])
    if spec["role"] == "password":
        field.setEchoMode(QLineEdit.Password)
    field.textChanged.connect(changed)
    return field


def choice(spec):
    field = QComboBox()
    field.addItems(spec["options"])
    field.setCurrentIndex(chosen_at_first(spec))
    field.currentIndexChanged.connect(changed)
    return field


def make(spec):
    field = choice(spec) if spec["role"] == "select" else entry(spec)
    fields[spec["name"]] = field
    return field


def replace(name):
    old = fields[name]
    field = make({**specs[name], "value": ""})
    layout.labelForField(old).setBuddy(field)
    layout.replaceWidget(old, field)
    old.deleteLater()
    changed()


def focus(name):
    fields[name].setFocus()


class Watch(QObject):
    def eventFilter(self, target, event):
        at = QApplication.focusWidget() or window
        typed = event.type() == QEvent.KeyPress and event.text() != "" and event.text().isprintable()
        # What a button does not take goes on to its window, and comes by here again.
        if typed and target is at and not isinstance(at, (QLineEdit, QComboBox)):
            say({"stray": event.text()})
        return False


app = QApplication(sys.argv[:1])
window = QWidget()
window.setWindowTitle(page["title"])
layout = QFormLayout(window)
for each in page["fields"]:
    layout.addRow(each["label"], make(each))
    if each.get("hidden"):
        layout.labelForField(fields[each["name"]]).hide()
        fields[each["name"]].hide()
button = QPushButton("Sign in")
button.clicked.connect(lambda: say({"clicked": True}))
layout.addRow(button)
watch = Watch()
window.installEventFilter(watch)
button.installEventFilter(watch)
window.resize(460, 200)
window.show()
focus(page["fields"][0]["name"])
changed()
orders = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Read)
orders.activated.connect(lambda *_: obey(focus, replace) or orders.setEnabled(False))
say({"ready": True})
app.exec_()
