"""The `tables` of a phase as rows and columns, whatever the phase put there."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from evidence.facts import COMPARISON_KEYS, TRACE_KEYS
from evidence.sourced import Whole, count

# JSON keeps its keys sorted; people read a row from what it is about to how good it is.
FIRST = [
    "mode",
    "engine",
    "label",
    "pixel",
    "phi_tic",
    "phi_deg",
    "name",
    "tensor",
    "factor",
    "parameter",
    "tap",
]
FIRST += ["quantity", "axis", "component", "index", "line", "unit", "h", "k", "l", "N", "file", "c", "py"]
FIRST += ["py_float64", "py_float32", "value", "exact", "ratio", "ratio_float32", "dh", "dk", "dl"]
LAST = ["abs", "rel", "ulp", "digits", "digits_float32", "threshold", "ok", "status", "reason", "note"]


@dataclass(frozen=True)
class Row:
    """`pointer` is its place in the file; a cell is a sourced number, text, bool, list or None."""

    pointer: str
    cells: list[Any]


@dataclass(frozen=True)
class Table:
    """`keys` lead from a row's pointer to its cells, `columns` are the same for people."""

    title: str
    keys: list[str]
    columns: list[str]
    rows: list[Row]
    size: Whole

    @property
    def pairs(self) -> bool:
        """Names and their values rather than records."""
        return self.keys == ["name", "value"]


def tables_of(value: Any, title: str, src: str) -> Iterator[Table]:
    """Every table below `value`; comparisons and traces have sections of their own and are passed over."""
    if isinstance(value, dict):
        if COMPARISON_KEYS <= value.keys() or TRACE_KEYS <= value.keys():
            return
        nested = {key: item for key, item in value.items() if _holds_tables(item)}
        leaves = list(_leaves({key: item for key, item in value.items() if key not in nested}))
        if leaves:
            rows = [Row(f"{src}/{path}", [path.replace("/", " "), item]) for path, item in leaves]
            yield Table(title or "Values", ["name", "value"], ["Name", "Value"], rows, count(rows, src))
        for key, item in nested.items():
            yield from tables_of(
                item, f"{title}, {_words(key).lower()}" if title else _words(key), f"{src}/{key}"
            )
    elif isinstance(value, list) and value:
        yield from _records(value, title, src)


def _records(value: list[Any], title: str, src: str) -> Iterator[Table]:
    rows = [dict(_leaves(row)) if isinstance(row, dict) else {"value": row} for row in value]
    kept = [n for n, row in enumerate(rows) if not COMPARISON_KEYS <= row.keys()]
    if not kept:
        return
    keys = sorted({key for n in kept for key in rows[n]}, key=_rank)
    cells = [Row(f"{src}/{n}", [rows[n].get(key) for key in keys]) for n in kept]
    yield Table(title, keys, [_words(key) for key in keys], cells, count(cells, src))


def _holds_tables(value: Any) -> bool:
    """A list of records, or a dictionary with one somewhere below."""
    if isinstance(value, list):
        return bool(value) and isinstance(value[0], dict)
    if isinstance(value, dict):
        return (
            COMPARISON_KEYS <= value.keys()
            or TRACE_KEYS <= value.keys()
            or any(map(_holds_tables, value.values()))
        )
    return False


def _leaves(value: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """("git/commit", ...) for every entry that is no dictionary."""
    for key, item in value.items():
        if isinstance(item, dict) and item:
            yield from _leaves(item, f"{path}{key}/")
        elif isinstance(item, list) and any(isinstance(part, dict | list) for part in item):
            yield f"{path}{key}", f"{len(item)} entries"
        else:
            yield f"{path}{key}", "none" if item == {} else item


def _rank(name: str) -> tuple[int, int, str]:
    if name in FIRST:
        return (0, FIRST.index(name), name)
    return (2, LAST.index(name), name) if name in LAST else (1, 0, name)


def _words(name: str) -> str:
    """`phi_steps` as `Phi steps`; short symbols such as dh or py_float64 as they are."""
    text = str(name).replace("_", " ").replace("/", " ")
    return text[0].upper() + text[1:] if len(text) > 3 and not text.startswith("py ") else text
