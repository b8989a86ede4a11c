"""The section about what of the physics the case exercised, from phase_m/exercised.json."""

from evidence.records import Record
from evidence.report.facts import Facts
from evidence.report.sourced import count, load

NAME = "phase_m/exercised.json"


def section(found: Facts) -> Record:
    """parts/exercised.html.j2: the terms by group, exercised or not; `physics` None where none are known."""
    if not (found.bundle / NAME).is_file():
        return {"physics": None}
    terms = load(found.bundle, NAME)["terms"]
    rows = [
        {
            "group": group,
            "yes": [term for term in terms if term["group"] == group and term["exercised"]],
            "no": [term for term in terms if term["group"] == group and not term["exercised"]],
        }
        for group in dict.fromkeys(term["group"] for term in terms)
    ]
    yes = [term for term in terms if term["exercised"]]
    where = f"{NAME}#/terms"
    return {
        "physics": rows,
        "exercised": count(yes, where, "count of exercised"),
        "terms": count(terms, where),
    }
