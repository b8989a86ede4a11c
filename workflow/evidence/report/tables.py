"""The `tables` of a phase as rows and columns, whatever the phase put there."""

from collections.abc import Iterator
from dataclasses import dataclass

from evidence.records import Record
from evidence.report import wording
from evidence.report.facts import COMPARISON_KEYS, TRACE_KEYS
from evidence.report.sourced import Whole, count


@dataclass(frozen=True)
class Row:
    """`pointer` is its place in the file; a cell is a sourced number, text, bool, list or None."""

    pointer: str
    cells: list[object]


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

    @property
    def digits(self) -> list[int]:
        return [wording.digits(key) for key in self.keys]

    @property
    def caption(self) -> str:
        return wording.caption(self.title)


def tables_of(value: object, title: str, src: str) -> Iterator[Table]:
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
                item,
                f"{title}, {wording.heading(key).lower()}" if title else wording.heading(key),
                f"{src}/{key}",
            )
    elif isinstance(value, list) and value:
        yield from _records(value, title, src)


def _records(value: list[object], title: str, src: str) -> Iterator[Table]:
    rows = [dict(_leaves(row)) if isinstance(row, dict) else {"value": row} for row in value]
    kept = [n for n, row in enumerate(rows) if not COMPARISON_KEYS <= row.keys()]
    if not kept:
        return
    keys = sorted({key for n in kept for key in rows[n]}, key=wording.rank)
    cells = [Row(f"{src}/{n}", [rows[n].get(key) for key in keys]) for n in kept]
    yield Table(title, keys, [wording.heading(key) for key in keys], cells, count(cells, src))


def _holds_tables(value: object) -> bool:
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


def _leaves(value: Record, path: str = "") -> Iterator[tuple[str, object]]:
    """("git/commit", ...) for every entry that is no dictionary."""
    for key, item in value.items():
        if isinstance(item, dict) and item:
            yield from _leaves(item, f"{path}{key}/")
        elif isinstance(item, list) and any(isinstance(part, dict | list) for part in item):
            yield f"{path}{key}", f"{len(item)} entries"
        else:
            yield f"{path}{key}", "none" if item == {} else item
