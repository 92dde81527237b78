"""What the native dialogs of the lab share, whatever their toolkit: the page, what they say, and what they are told.

Argument: {"title", "fields": [{"name", "label", "role", "value", "options", "readOnly", "hidden", "maxLength"}]}.
They say, as JSON lines, {"ready": true}, {"values": {...}}, {"focused": name}, {"replaced": name}, {"stray": character}
and {"clicked": true}; they take {"focus": name} and {"replace": name}.
"""
import json
import sys

page = json.loads(sys.argv[1])
specs = {spec["name"]: spec for spec in page["fields"]}


def say(line):
    print(json.dumps(line), flush=True)


def chosen_at_first(spec):
    return spec["options"].index(spec["value"]) if spec.get("value") else 0


def obey(focus, replace):
    """Carries out the next order; false at the end of the input."""
    line = sys.stdin.readline()
    if not line:
        return False
    order = json.loads(line)
    if "replace" in order:
        replace(order["replace"])
        say({"replaced": order["replace"]})
    if "focus" in order:
        focus(order["focus"])
        say({"focused": order["focus"]})
    return True
