#!/usr/bin/env python3
"""Checks what Grafana is given, without a Grafana: every panel says what it shows and in which unit, nothing overlaps, every
expression is one of Prometheus', and a counter is never shown bare. Each check is broken once, too."""

import copy
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

register_default_plugins()
# What Grafana knows and its models do not: the words of an annotation, and a variable's query once more.
UNMODELLED = re.compile(r"/annotations/list/\d+/(titleFormat|textFormat)|/templating/list/\d+/definition")

TOP = Path(__file__).resolve().parents[2]
FOLDER = TOP / "deploy/grafana/dashboards"


def panels(board):
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def expressions(board):
    for panel in panels(board):
        for target in panel["targets"]:
            yield panel["title"], target["expr"].replace("$__rate_interval", "5m")


def variables(board):
    return {variable["name"] for variable in board["templating"]["list"]}


def lost(ours, theirs, path=""):
    """Where something of ours is missing or different in what Grafana's models make of it; they add what is usual."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key, value in ours.items():
            yield from lost(value, theirs.get(key), f"{path}/{key}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, pair in enumerate(zip(ours, theirs)):
            yield from lost(*pair, f"{path}/{index}")
    elif ours != theirs and not UNMODELLED.fullmatch(path):
        yield path


def complaints(board):
    for path in lost(board, json.loads(JSONEncoder().encode(Dashboard.from_json(copy.deepcopy(board))))):
        yield f"is not as Grafana's models have it at {path}"
    if not board.get("uid") or not board.get("description") or board.get("editable") is not False:
        yield "has no uid or description, or may be edited"
    ids = [panel["id"] for panel in board["panels"]]
    if len(set(ids)) != len(ids):
        yield "two panels have one id"
    taken = {}
    for panel in board["panels"]:
        place = panel["gridPos"]
        if place["x"] + place["w"] > 24:
            yield f"{panel['title']} is wider than the page"
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                if taken.setdefault((x, y), panel["id"]) != panel["id"]:
                    yield f"{panel['title']} overlaps another panel"
                    break
    for panel in panels(board):
        if not panel.get("title") or not panel.get("description") or not panel["fieldConfig"]["defaults"].get("unit"):
            yield f"panel {panel['id']} lacks a title, a description or a unit"
        if panel["datasource"]["uid"] != "prometheus" or any(target["datasource"]["uid"] != "prometheus" for target in panel["targets"]):
            yield f"{panel['title']} asks another source than Prometheus"
    for title, expression in expressions(board):
        for name in set(re.findall(r"\$(\w+)", expression)) - variables(board):
            yield f"{title} uses ${name}, which nobody can choose"
        for name in re.findall(r"[a-z_]+_(?:total|bucket|count|sum)\b", expression):
            # What must stay 0 is shown as it is.
            if name != "orderrelay_ratelimit_overadmission_total" and not re.search(
                    rf"(rate|increase)\({name}(\{{[^}}]*\}})?\[", expression):
                yield f"{title} shows the counter {name} bare"
    rules = [{"record": f"panel:{number}", "expr": expression} for number, (_, expression) in enumerate(expressions(board))]
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        # JSON is YAML.
        json.dump({"groups": [{"name": "panels", "rules": rules}]}, file)
        file.flush()
        said = subprocess.run(["promtool", "check", "rules", file.name], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if said.returncode:
            yield f"Prometheus does not understand an expression: {said.stderr.strip()}"


def change(path, value):
    def apply(board):
        *way, last = path
        place = board
        for step in way:
            place = place[step]
        place[last] = value
    return apply


BROKEN = [
    change(["editable"], True), change(["panels", 1, "id"], 1), change(["panels", 1, "gridPos", "x"], 3),
    change(["panels", 1, "gridPos", "w"], 30), change(["panels", 1, "description"], ""),
    change(["panels", 1, "fieldConfig", "defaults", "unit"], ""), change(["panels", 1, "datasource", "uid"], "other"),
    change(["panels", 1, "targets", 0, "expr"], "sum(rate(orderrelay_requests_total[5m])"),
    change(["panels", 1, "targets", 0, "expr"], "sum(orderrelay_requests_total)"),
    change(["panels", 1, "targets", 0, "expr"], 'orderrelay_ready{job="$shop"}'),
    change(["panels", 1, "fieldConfig", "defaults", "units"], "s"), change(["refreshed"], "10s"),
]


def main():
    boards = {file.name: json.loads(file.read_text()) for file in sorted(FOLDER.glob("*.json"))}
    found = [f"{name} {complaint}" for name, board in boards.items() for complaint in complaints(board)]
    if not boards:
        found.append("there is no dashboard")
    if len({board["uid"] for board in boards.values()}) != len(boards):
        found.append("two dashboards have one uid")
    for number, harm in enumerate(BROKEN if not found else []):
        broken = copy.deepcopy(next(iter(boards.values())))
        harm(broken)
        if not list(complaints(broken)):
            found.append(f"nothing is said to breach {number}")
    for complaint in found:
        print(f"✘ {complaint}", file=sys.stderr)
    if not found:
        print(f"dashboards: {sum(len(panels(board)) for board in boards.values())} panels are sound, and {len(BROKEN)} breaches are noticed")
    return 1 if found else 0


sys.exit(main())
