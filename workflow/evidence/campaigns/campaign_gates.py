"""gates.json of a campaign: what follows from what it found."""

from evidence.campaigns.baseline import BAD, PREFIX
from evidence.gates import Gate, gate_row, judge, verdict
from evidence.limits import NOTHING
from evidence.provenance import mapped_tests
from evidence.records import FrozenRecord, Record


def gates(found: FrozenRecord, stamp: str, warn_only: bool, tests: FrozenRecord | None = None) -> Record:
    """gates.json: one gate an engine, which fails on flips that are not for the better; one of the tests.

    An engine that is known but did not run has one too: its verdicts are gone.
    """
    there = [each["name"] for each in found["engines"] if _takes_part(found, each)]
    gone = [flip["engine"] for flip in found["flips"] if flip["kind"] in BAD]
    rows = [_gate(found, name, warn_only) for name in dict.fromkeys([*there, *gone])]
    if tests is not None:
        rows.append(mapped_tests.gate(dict(tests), found["suite"]))
    return verdict(f"{PREFIX}{found['suite']}", stamp, rows)


def _takes_part(found: FrozenRecord, engine: FrozenRecord) -> bool:
    """Not the engine that is not here, nor the one from elsewhere in a suite without an image for it."""
    return bool(engine["absent"] < found["cases"] and (_judged(engine) or found["pictures"]))


def _judged(engine: FrozenRecord) -> int:
    return int(engine["pass"]) + int(engine["fail"])


def _gate(found: FrozenRecord, name: str, warn_only: bool) -> Record:
    """Blocked for an engine that nothing could be said of; the reference also answers for every case."""
    gate = Gate(f"CG-{name}", "campaign", f"{name} on every case of {found['suite']}")
    bad = [flip for flip in found["flips"] if flip["engine"] == name and flip["kind"] in BAD]
    first = f"{bad[0]['case']}: {bad[0]['before']} -> {bad[0]['after']}, {bad[0]['reason']}" if bad else None
    engine = next((each for each in found["engines"] if each["name"] == name), None)
    count = 0.0 if warn_only else float(len(bad))
    mute = engine is not None and not bad and not _judged(engine)
    why = f"it was compared on no case: {engine['reason']}" if engine and mute else first
    checks = [judge(gate.id, "flips for the worse", None if mute else count, NOTHING, why, "campaign.json")]
    if name == found["reference"]:
        alone, what = found["uncompared"], "cases without engines to compare"
        named = f"{alone[0]}: no two engines ran it" if alone else None
        checks.append(judge(gate.id, what, float(len(alone)), NOTHING, named, "campaign.json"))
    return gate_row(gate, [each.to_dict() for each in checks], f"snakemake campaign_{found['suite']}")
