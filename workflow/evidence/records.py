"""A JSON object: what a file holds before a dataclass reads it, or after one wrote it."""

from collections.abc import Mapping
from typing import Any

Record = dict[str, Any]  # json.loads and json.dumps know no more of it either
FrozenRecord = Mapping[str, Any]  # the same, for those who only read it
