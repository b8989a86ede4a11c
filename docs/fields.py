"""Tables of the page on gradients, from the engine's own words."""

from simulator.rendering import differentiable
from simulator.rendering.differentiable import RULES, differentiable_fields


def filled(markdown: str) -> str:
    """The page with its marks replaced."""
    return markdown.replace("<!-- corners -->", corners()).replace("<!-- fields -->", table())


def corners() -> str:
    """The list in the docstring of `differentiable`."""
    return "- " + str(differentiable.__doc__).partition(":\n\n- ")[2].strip()


def table() -> str:
    """One row a field: where it has no gradient."""
    rows = ["| field | without a gradient of its own where |", "|---|---|"]
    for field in differentiable_fields():
        part, name = field.split(".", 1)
        reasons = [rule.reason for rule in RULES if rule.part == part and name in rule.fields.split()]
        rows.append(f"| `{field}` | {'; '.join(dict.fromkeys(reasons))} |")
    return "\n".join(rows)
