"""Tables are found wherever a phase puts them; their cells can be followed; comparisons are left out."""

from typing import Any

from evidence.report.facts import COMPARISON_KEYS
from evidence.report.sourced import sourced
from evidence.report.tables import Table, tables_of


def tables(value: dict[str, Any]) -> list[Table]:
    return list(tables_of(sourced(value, "f.json#"), "", "f.json#"))


def test_records_become_rows_in_the_order_people_read() -> None:
    (table,) = tables(
        {"chain": [{"ratio": 1.0, "c": 2.0, "factor": "polar"}, {"factor": "steps", "ok": True}]}
    )
    assert table.title == "Chain"
    assert table.keys == ["factor", "c", "ratio", "ok"]
    assert table.columns == ["Factor", "C", "Ratio", "OK"]
    assert table.rows[0].pointer == "f.json#/chain/0"
    assert table.rows[0].cells == ["polar", 2.0, 1.0, None]
    assert table.rows[0].cells[1].src == "f.json#/chain/0/c"
    assert table.size == 2


def test_nested_values_become_names() -> None:
    (table,) = tables({"git": {"commit": "abc", "dirty": True}, "cores": 2, "none": {}})
    assert table.pairs
    assert [row.cells for row in table.rows] == [
        ["git commit", "abc"],
        ["git dirty", True],
        ["cores", 2],
        ["none", "none"],
    ]
    assert table.rows[2].cells[1].src == "f.json#/cores"


def test_nested_records_keep_a_path_to_each_cell() -> None:
    (table,) = tables({"rows": [{"axis": "a", "error": {"rel": 1e-15}}]})
    assert table.keys == ["axis", "error/rel"]
    assert table.rows[0].cells[1].src == "f.json#/rows/0/error/rel"


def test_comparisons_and_empty_tables_are_passed_over() -> None:
    comparison = dict.fromkeys(COMPARISON_KEYS, 1.0)
    assert tables({"roi": comparison, "list": [comparison], "empty": []})[1:] == []
    assert all(table.pairs for table in tables({"roi": comparison, "list": [comparison], "empty": []}))


def test_tables_below_tables_are_found() -> None:
    (table,) = tables({"outer": {"inner": [{"value": 1}]}})
    assert table.title == "Outer, inner"
