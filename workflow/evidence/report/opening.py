"""How every page of a judged bundle begins and ends: the verdict in a sentence, what was met, the machine."""

from collections.abc import Mapping
from pathlib import Path

from evidence.records import Record
from evidence.report.sourced import count, load
from evidence.report.tables import tables_of


def opening(bundle: Path, sentences: Mapping[str, str]) -> Record:
    """What a template is given of gates.json and env.json; `sentences` by verdict, with {id} and {title}."""
    gates, machine = load(bundle, "gates.json"), load(bundle, "env.json")
    checks = [check for gate in gates["gates"] for check in gate["checks"]]
    first = next((gate for gate in gates["gates"] if gate["status"] == gates["verdict"] != "pass"), None)
    return {
        "gates": gates,
        "checks": checks,
        "sentence": sentences[gates["verdict"]].format(**(first or {})),
        "met": count([c for c in checks if c["status"] == "pass"], "gates.json#/gates", "count of pass"),
        "asked": count(checks, "gates.json#/gates", "count"),
        "machine": machine,
        "environment": list(tables_of(machine, "Machine and software", "env.json#")),
    }
