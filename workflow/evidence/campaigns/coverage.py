"""Which flags, spellings, values and quirks the cases exercise, in which engines, and which none does."""

import math
import shlex
from collections.abc import Iterable

from evidence.campaigns.outcome import PICTURED
from evidence.engines.arguments import grouped
from evidence.records import FrozenRecord, Record
from simulator.commandline.flags import FLAGS, TORCH_FLAGS, Flag

KINDS = ("num", "nonneg", "pos")
Counts = dict[str, int]  # engine -> cases; and lit, refused


def flag_rows(rows: Iterable[FrozenRecord]) -> list[Record]:
    """One row for each flag, spelling and kind of value, used or not."""
    counted: dict[tuple[str, str], Counts] = {
        key: {} for flag in (*FLAGS, *TORCH_FLAGS) for key in _keys(flag)
    }
    for row in rows:
        for engine, cell in row["cells"].items():
            if cell["verdict"] in ("blocked", "absent"):
                continue
            words = [*shlex.split(cell["added"]), *shlex.split(row["arguments"])]
            for key in {key for group in grouped(words) for key in _used(group)}:
                counts = counted.setdefault(key, {})
                name = "refused" if row["expect"] == "refusal" or cell.get("exit_code") == 2 else engine
                counts[name] = counts.get(name, 0) + 1
                if row["expect"] in PICTURED and not cell["black"]:
                    counts["lit"] = counts.get("lit", 0) + 1
    first = {name: flag.names[0] for flag in (*FLAGS, *TORCH_FLAGS) for name in flag.names}
    asked = {key for flag in (*FLAGS, *TORCH_FLAGS) for key in _keys(flag)}
    return [
        {
            "flag": first[spelling],
            "spelling": spelling,
            "value": value,
            "counts": counts,
            "asked": (spelling, value) in asked,
        }
        for (spelling, value), counts in counted.items()
        if spelling in first
    ]


def _keys(flag: Flag) -> list[tuple[str, str]]:
    """What there is to cover: each spelling, and each word that a value may be."""
    words = [(name, word) for name in flag.names[:1] for value in flag.values for word in choices(value)]
    return [*((name, "") for name in flag.names), *words]


def choices(value: str) -> list[str]:
    """The words that a value `name:kind` may be."""
    return [word for word in value.partition(":")[2].split("|") if "|" in value and word not in KINDS]


def _used(group: tuple[str, ...]) -> list[tuple[str, str]]:
    """The flag as such, and what kind of value each of its values is."""
    return [(group[0], ""), *((group[0], kind) for kind in dict.fromkeys(_class(word) for word in group[1:]))]


def _class(word: str) -> str:
    try:
        value = float(word)
    except ValueError:
        return word if word in WORDS else "a name"
    if not math.isfinite(value):
        return word
    return "0" if value == 0 else "> 0" if value > 0 else "< 0"


WORDS = frozenset(word for flag in (*FLAGS, *TORCH_FLAGS) for value in flag.values for word in choices(value))


def quirk_rows(rows: Iterable[FrozenRecord]) -> list[Record]:
    """For each quirk the images it shaped, and the cases that switch it."""
    from simulator.rendering.quirks import NAMES  # noqa: PLC0415  torch takes seconds to load

    listed = list(rows)
    return [
        {
            "quirk": name,
            "shaped": sum(name in (row["quirks"] or ()) for row in listed),
            "switched": sum(f"{sign}{name}" in row["arguments"] for row in listed for sign in "+-"),
        }
        for name in NAMES
    ]


def summary(flags: Iterable[FrozenRecord], quirks: Iterable[FrozenRecord]) -> Record:
    """How many of the flags and spellings a case that is not a refusal uses; which none does."""
    used: dict[str, bool] = {}
    spelled: dict[str, bool] = {}
    words: dict[str, bool] = {}
    for row in flags:
        hit = any(count for name, count in row["counts"].items() if name not in ("refused", "lit"))
        if row["value"] == "":
            used[row["flag"]] = used.get(row["flag"], False) or hit
            spelled[row["spelling"]] = hit
        elif row["asked"]:
            words[f"{row['spelling']} {row['value']}"] = hit
    shaped = {row["quirk"]: row["shaped"] > 0 for row in quirks}
    parts = {"flags": used, "spellings": spelled, "values": words, "quirks": shaped}
    return {
        name: {
            "all": len(found),
            "used": sum(found.values()),
            "share": sum(found.values()) / len(found) if found else 0.0,
            "none": [key for key, hit in found.items() if not hit],
        }
        for name, found in parts.items()
    }
