#!/usr/bin/python3
"""A GTK 4 dialog of the lab, made of a page as dialog.py describes it."""
import sys

import gi

gi.require_version("Gdk", "4.0")
gi.require_version("Gtk", "4.0")
from gi.repository import Gdk, GLib, Gtk  # noqa: E402

from dialog import chosen_at_first, obey, page, say, specs, tell  # noqa: E402

fields = {}
window = None
button = Gtk.Button(label="Sign in")


def value(field):
    return field.get_selected_item().get_string() if isinstance(field, Gtk.DropDown) else field.get_text()


def changed(*_):
    tell({name: value(field) for name, field in fields.items()}, button.grab_focus)


def entry(spec):
    kind = Gtk.PasswordEntry if spec["role"] == "password" else Gtk.Entry
    field = kind(text=spec.get("value") or "", editable=not spec.get("readOnly"))
    field.get_delegate().set_max_length(spec.get("maxLength") or 0)
    return field


def make(spec):
    if spec["role"] == "select":
        field = Gtk.DropDown.new_from_strings(spec["options"])
        field.set_selected(chosen_at_first(spec))
        field.connect("notify::selected", changed)
    else:
        field = entry(spec)
        field.connect("changed", changed)
    field.set_hexpand(True)
    fields[spec["name"]] = field
    return field


def row(spec):
    field = make(spec)
    caption = Gtk.Label(label=spec["label"], xalign=0)
    caption.set_size_request(180, -1)
    caption.set_mnemonic_widget(field)
    line = Gtk.Box(spacing=6, visible=not spec.get("hidden"))
    line.append(caption)
    line.append(field)
    return line


def replace(name):
    line = fields[name].get_parent()
    line.remove(fields[name])
    field = make({**specs[name], "value": ""})
    line.append(field)
    line.get_first_child().set_mnemonic_widget(field)
    changed()


def focus(name):
    fields[name].grab_focus()


def pressed(_keys, keyval, _keycode, state):
    character = Gdk.keyval_to_unicode(keyval)
    if character >= 32 and not state & Gdk.ModifierType.CONTROL_MASK and not isinstance(window.get_focus(), Gtk.Text):
        say({"stray": chr(character)})
    return False


def show(app):
    global window
    window = Gtk.Window(application=app, title=page["title"], default_width=460, default_height=200)
    keys = Gtk.EventControllerKey(propagation_phase=Gtk.PropagationPhase.CAPTURE)
    keys.connect("key-pressed", pressed)
    window.add_controller(keys)
    box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6, margin_top=12, margin_bottom=12, margin_start=12, margin_end=12)
    window.set_child(box)
    for each in page["fields"]:
        box.append(row(each))
    button.connect("clicked", lambda *_: say({"clicked": True}))
    box.append(button)
    window.present()
    focus(page["fields"][0]["name"])
    changed()
    say({"ready": True})


# A GTK 4 program is told to the accessibility bus half a second after its window.
application = Gtk.Application()
application.connect("activate", show)
GLib.io_add_watch(sys.stdin, GLib.PRIORITY_DEFAULT, GLib.IO_IN | GLib.IO_HUP, lambda *_: obey(focus, replace))
application.run()
