"""The eight places where nanoBragg departs from its own intent. Twin: reference/quirks.c."""

from dataclasses import dataclass, fields, replace

from simulator.grammar import CommandError, quoted

MODES = {"c-parity": True, "spec": False}


@dataclass(frozen=True)
class Quirks:
    """One switch a quirk, all on in c-parity, all off in spec: section 8 of the behaviour page."""

    phi_carryover: bool = True
    running_sum: bool = True
    last_layer: bool = True
    interp_latch: bool = True
    flat_weights: bool = True
    pix0_derived: bool = True
    water_twice: bool = True
    misset_90rad: bool = True

    @classmethod
    def of(cls, mode: str, adjustments: str | None = None) -> "Quirks":
        """The switches of a mode, adjusted by a list such as `+phi-carryover,-running-sum`.

        Raises CommandError (a ValueError) naming the mode or the adjustment that is unknown.
        """
        if mode not in MODES:
            raise CommandError(f"--mode: expected c-parity or spec, got {quoted(mode)}")
        quirks = cls(**{name.replace("-", "_"): MODES[mode] for name in NAMES})
        for item in (adjustments or "").split(",") if adjustments else []:
            if item[:1] not in ("+", "-") or item[1:] not in NAMES:
                names = " ".join(NAMES)
                raise CommandError(f"--quirks: expected +name or -name with a name of {names}, got {quoted(item)}")
            quirks = replace(quirks, **{item[1:].replace("-", "_"): item[0] == "+"})
        return quirks


NAMES = tuple(field.name.replace("_", "-") for field in fields(Quirks))
