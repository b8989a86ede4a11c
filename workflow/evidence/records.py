"""JSON objects: what a file holds, before a dataclass reads it or after it is written for people."""

from typing import Any

Record = dict[str, Any]  # a JSON object
Tree = Any  # any JSON value: what json.loads gives
