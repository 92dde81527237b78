"""What the native dialogs of the lab share, whatever their toolkit: the page, what they say, and what they are told.

Argument: {"title", "fields": [{"name", "label", "role", "value", "options", "readOnly", "hidden", "maxLength"}]}.
They say, as JSON lines, {"ready": true}, {"values": {...}}, {"focused": name}, {"replaced": name}, {"awaited": number},
{"stray": character} and {"clicked": true}. They take {"focus": name}, {"replace": name}, and {"elsewhereAfter": number}:
after so many changes the focus goes to the button.
"""
import json
import sys

page = json.loads(sys.argv[1])
specs = {spec["name"]: spec for spec in page["fields"]}
left = 0


def say(line):
    print(json.dumps(line), flush=True)


def tell(values, go_elsewhere):
    """Says what the fields hold after a change."""
    global left
    say({"values": values})
    left -= 1
    if left == 0:
        go_elsewhere()


def chosen_at_first(spec):
    return spec["options"].index(spec["value"]) if spec.get("value") else 0


def obey(focus, replace):
    """Carries out the next order; false at the end of the input."""
    global left
    line = sys.stdin.readline()
    if not line:
        return False
    order = json.loads(line)
    if "elsewhereAfter" in order:
        left = order["elsewhereAfter"]
        say({"awaited": left})
    if "replace" in order:
        replace(order["replace"])
        say({"replaced": order["replace"]})
    if "focus" in order:
        focus(order["focus"])
        say({"focused": order["focus"]})
    return True
