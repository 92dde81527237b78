#!/usr/bin/python3
"""A GTK 3 dialog of the lab, made of a page as dialog.py describes it."""
import sys

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, GLib, Gtk  # noqa: E402

from dialog import chosen_at_first, obey, page, say, specs, tell  # noqa: E402

fields = {}


def value(field):
    return field.get_text() if isinstance(field, Gtk.Entry) else field.get_active_text()


def changed(*_):
    tell({name: value(field) or "" for name, field in fields.items()}, button.grab_focus)


def entry(spec):
    field = Gtk.Entry(text=spec.get("value") or "", max_length=spec.get("maxLength") or 0)
    field.set_editable(not spec.get("readOnly"))
    if spec["role"] == "password":
        field.set_visibility(False)
        field.set_input_purpose(Gtk.InputPurpose.PASSWORD)
    return field


def choice(spec):
    field = Gtk.ComboBoxText()
    for option in spec["options"]:
        field.append_text(option)
    field.set_active(chosen_at_first(spec))
    return field


def make(spec):
    field = choice(spec) if spec["role"] == "select" else entry(spec)
    field.connect("changed", changed)
    fields[spec["name"]] = field
    return field


def row(spec):
    field = make(spec)
    caption = Gtk.Label(label=spec["label"], xalign=0)
    caption.set_size_request(180, -1)
    caption.set_mnemonic_widget(field)
    line = Gtk.Box(spacing=6, no_show_all=bool(spec.get("hidden")))
    line.pack_start(caption, False, False, 0)
    line.pack_start(field, True, True, 0)
    return line


def replace(name):
    line = fields[name].get_parent()
    fields[name].destroy()
    field = make({**specs[name], "value": ""})
    line.pack_start(field, True, True, 0)
    line.show_all()
    line.get_children()[0].set_mnemonic_widget(field)
    changed()


def focus(name):
    fields[name].grab_focus()


def pressed(_window, event):
    character = Gdk.keyval_to_unicode(event.keyval)
    if character >= 32 and not event.state & Gdk.ModifierType.CONTROL_MASK and not isinstance(window.get_focus(), Gtk.Entry):
        say({"stray": chr(character)})
    return False


window = Gtk.Window(title=page["title"])
window.set_default_size(460, 200)
window.connect("destroy", Gtk.main_quit)
window.connect("key-press-event", pressed)
window.connect("map-event", lambda *_: say({"ready": True}))
box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6, margin=12)
window.add(box)
for each in page["fields"]:
    box.pack_start(row(each), False, False, 0)
button = Gtk.Button(label="Sign in")
button.connect("clicked", lambda *_: say({"clicked": True}))
box.pack_start(button, False, False, 0)
window.show_all()
fields[page["fields"][0]["name"]].grab_focus()
changed()
GLib.io_add_watch(sys.stdin, GLib.PRIORITY_DEFAULT, GLib.IO_IN | GLib.IO_HUP, lambda *_: obey(focus, replace))
Gtk.main()
