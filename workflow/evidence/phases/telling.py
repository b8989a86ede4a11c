"""What a reason says of a number that is wrong: where it is, and both values."""

from evidence.records import Record


def lookup(row: Record) -> str:
    """`reflection -7 -1 -14: 190.28 against 190.27 in the file (pixel slow 685, fast 1039, C)`"""
    index, (slow, fast) = " ".join(map(str, row["index"])), row["pixel"]
    side, name = ("c", "C") if row["c"] != row["file"] else ("py", "PyTorch")
    values = f"{row[side]:.9g} against {row['file']:.9g} in the file"
    return f"reflection {index}: {values} (pixel slow {slow}, fast {fast}, {name})"


def parting(first: Record, slow: int, fast: int) -> str:
    """`F_latt: 0.98 against 0.97 (pixel slow 685, fast 1039)`, PyTorch against C."""
    values = [first[side] for side in ("py", "c")]
    against = " against ".join(f"{value:.17g}" for value in values) if None not in values else first["reason"]
    return f"{first['tap']}: {against} (pixel slow {slow}, fast {fast})"
