#!/usr/bin/python3
"""A native sign-in dialog of the lab; says as JSON lines what its fields hold.

Arguments: kind (plain, dual, combo), title. Lines: {"ready": true}, {"values": {...}}, {"clicked": true}.
"""
import json
import sys

import gi

gi.require_version("Gtk", "3.0")
from gi.repository import Gtk  # noqa: E402

PEOPLE = ["anna.nurse", "bernd.tech", "carla.qa"]
kind, title = sys.argv[1], sys.argv[2]
fields = {}


def say(line):
    print(json.dumps(line), flush=True)


def value(field):
    return field.get_text() if isinstance(field, Gtk.Entry) else field.get_active_text()


def changed(*_):
    say({"values": {name: value(field) for name, field in fields.items()}})


def row(box, label, name, secret=False, people=None):
    if people is None:
        field = Gtk.Entry()
        field.set_visibility(not secret)
        if secret:
            field.set_input_purpose(Gtk.InputPurpose.PASSWORD)
    else:
        field = Gtk.ComboBoxText()
        for person in people:
            field.append_text(person)
    caption = Gtk.Label(label=label, xalign=0)
    caption.set_size_request(140, -1)
    caption.set_mnemonic_widget(field)
    line = Gtk.Box(spacing=6)
    line.pack_start(caption, False, False, 0)
    line.pack_start(field, True, True, 0)
    box.pack_start(line, False, False, 0)
    field.connect("changed", changed)
    fields[name] = field
    return field


window = Gtk.Window(title=title)
window.set_default_size(420, 200)
window.connect("destroy", Gtk.main_quit)
box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6, margin=12)
window.add(box)
first = row(box, "User name", "user", people=PEOPLE if kind == "combo" else None)
row(box, "Password", "password", secret=True)
if kind == "dual":
    row(box, "Second user name", "user2")
    row(box, "Second password", "password2", secret=True)
button = Gtk.Button(label="Sign in")
button.connect("clicked", lambda *_: say({"clicked": True}))
box.pack_start(button, False, False, 0)
window.connect("map-event", lambda *_: say({"ready": True}))
window.show_all()
first.grab_focus()
Gtk.main()
