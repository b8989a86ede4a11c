"""A JSON object: what a file holds before a dataclass reads it, or after one wrote it."""

from typing import Any

Record = dict[str, Any]  # json.loads and json.dumps know no more of it either
