"""Closed schemas: read a YAML file and say in one line what is wrong with it, and what would be right."""

import difflib
import math
from collections.abc import Hashable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from evidence.errors import InputError
from evidence.paths import SCHEMAS
from evidence.records import Record

NAMES = {"object": "keys", "array": "a list", "string": "text", "integer": "an integer", "null": "null"}
LIMITS = {"minimum": ">=", "maximum": "<=", "exclusiveMinimum": ">", "exclusiveMaximum": "<"}
LENGTHS = {"minItems": "at least", "maxItems": "at most", "minLength": "at least", "maxLength": "at most"}


class NoDuplicates(yaml.SafeLoader):  # type: ignore[misc]
    """YAML in which a key given twice is an error."""


def _mapping(loader: NoDuplicates, node: yaml.MappingNode) -> dict[object, object]:
    seen: set[object] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node)
        if not isinstance(key, Hashable):
            raise yaml.MarkedYAMLError(
                problem="a key that is a list or mapping", problem_mark=key_node.start_mark
            )
        if key in seen:
            raise yaml.MarkedYAMLError(problem=f"key {key} a second time", problem_mark=key_node.start_mark)
        seen.add(key)
    return dict(loader.construct_mapping(node, deep=True))


NoDuplicates.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read_yaml(path: Path) -> Any:
    """The document in `path`."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), NoDuplicates)
    except OSError as problem:
        raise InputError(path, "a readable file", f"'{problem.strerror}'") from None
    except UnicodeDecodeError:
        raise InputError(path, "UTF-8 text", "other bytes") from None
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        where = f"{path} line {mark.line + 1}" if mark else str(path)
        raise InputError(where, "YAML", f"'{getattr(problem, 'problem', problem)}'") from None
    except ValueError as problem:  # of a date that is none, say
        raise InputError(path, "YAML", f"'{problem}'") from None


def load_schema(name: str) -> Record:
    """The schema workflow/schemas/NAME.schema.yaml."""
    schema: Record = read_yaml(SCHEMAS / f"{name}.schema.yaml")
    return schema


def check(document: object, schema: Mapping[str, object], where: object) -> None:
    """Raise a InputError on the most telling mistake of `document`; `where` names the file."""
    found = mistake(document, schema, where)
    if found is not None:
        raise InputError(*found)


def mistake(
    document: object, schema: Mapping[str, object], where: object
) -> tuple[str, object, object] | None:
    """Where the most telling mistake is, what was expected and what came; None without a mistake."""
    fault = best_match(Draft202012Validator(schema).iter_errors(document))
    found = next(_nonfinite(document, ""), None) or (None if fault is None else _explain(fault))
    if found is None:
        return None
    key, expected, got = found
    return f"{where} key {key}" if key else str(where), expected, got


def _nonfinite(value: Any, path: str) -> Iterator[tuple[str, str, float]]:
    """NaN is neither above nor below any limit, so that no schema can refuse it."""
    if isinstance(value, float) and not math.isfinite(value):
        yield path, "a finite number", value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from _nonfinite(item, f"{path}.{key}".lstrip("."))


def _explain(fault: ValidationError) -> tuple[str, str, str]:
    """(dotted key, what was expected, what came)."""
    path = ".".join(str(step) for step in fault.absolute_path)
    rule, limit, value = str(fault.validator), fault.validator_value, fault.instance
    if rule == "additionalProperties":
        return _unknown_key(path, fault)
    if rule == "required":
        missing = next(key for key in limit if key not in value)
        return f"{path}.{missing}".lstrip("."), "a value", "nothing"
    if rule == "pattern" and "propertyNames" in fault.absolute_schema_path:
        return path, f"keys like {limit}", repr(value)
    if rule == "oneOf":
        return path, str(fault.schema["description"]), _shown(value)
    hint = " (write 1.0e-9, not 1e-9)" if rule == "type" and _looks_numeric(value) else ""
    return path, _expected(rule, limit), _shown(value) + hint


def _unknown_key(path: str, fault: ValidationError) -> tuple[str, str, str]:
    allowed = sorted(fault.schema.get("properties", {}))
    key = next(key for key in fault.instance if key not in allowed)
    close = difflib.get_close_matches(str(key), allowed, 1)
    hint = f" (is it {close[0]}?)" if close else ""
    return f"{path}.{key}".lstrip("."), f"one of {' '.join(allowed)}", f"'{key}'{hint}"


def _expected(rule: str, limit: Any) -> str:
    if rule == "type":
        return " or ".join(
            NAMES.get(name, f"a {name}") for name in ([limit] if isinstance(limit, str) else limit)
        )
    if rule == "enum":
        return "one of " + " ".join(str(value) for value in limit)
    if rule in LIMITS:
        return f"a number {LIMITS[rule]} {limit:g}"
    if rule in LENGTHS:
        return f"{LENGTHS[rule]} {limit} {'items' if 'Items' in rule else 'characters'}"
    return f"{rule} {limit}"


def _looks_numeric(value: object) -> bool:
    """YAML 1.1 takes 1e-9 for text."""
    try:
        return isinstance(value, str) and bool(float(value) or True)
    except ValueError:
        return False


def _shown(value: object) -> str:
    text = str(value) if isinstance(value, bool | int | float) or value is None else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
