"""The command line: one parser, one wording for mistakes. Twin: reference/commandline/grammar.c.

The table is in flags.py, the kinds of values in tokens.py. nanoBragg matches flags by substring; both engines
match whole words (a documented deviation), so `-misset_seed 7` is no `-misset`.
"""

from simulator.commandline.flags import FLAGS, TORCH_FLAGS, Flag
from simulator.errors import InputError, quoted
from simulator.files.tokens import NUMBER, Value, convert, expected


def is_flag(token: str) -> bool:
    """A token that starts with a dash and is no number."""
    return token.startswith("-") and NUMBER.fullmatch(token) is None


def parse_flags(
    argv: list[str], extra: tuple[Flag, ...] = TORCH_FLAGS
) -> list[tuple[str, tuple[Value, ...]]]:
    """Every flag given, in order, under its first spelling, with its values converted.

    Raises InputError naming the flag and the value.
    """
    rows = {name: flag for flag in FLAGS + extra for name in flag.names}
    given: list[tuple[str, tuple[Value, ...]]] = []
    position = 0
    while position < len(argv):
        token = argv[position]
        flag = rows.get(token)
        if flag is None:
            raise InputError("command line", "a flag", quoted(token))
        values = _values(flag, token, argv[position + 1 :])
        given.append((flag.names[0], values))
        position += 1 + len(values)
    return given


def _values(flag: Flag, typed: str, rest: list[str]) -> tuple[Value, ...]:
    values: list[Value] = []
    least = len(flag.values) if flag.least < 0 else flag.least
    for index, (name, kind) in enumerate(value.split(":") for value in flag.values):
        where = typed if len(flag.values) == 1 else f"{typed} {name}"
        absent = index >= len(rest) or (is_flag(rest[index]) and kind != "quirks")
        if absent and index >= least:
            break
        if index >= len(rest):
            raise InputError(where, expected(kind), "nothing")
        value = convert(kind, rest[index])
        if value is None:
            raise InputError(where, expected(kind, rest[index]), quoted(rest[index]))
        values.append(value)
        if value == "random":
            break
    return tuple(values)


def help_text(extra: tuple[Flag, ...] = TORCH_FLAGS) -> str:
    """One line a flag: spellings, value names, meaning."""
    lines = []
    for flag in FLAGS + extra:
        values = " ".join(value.partition(":")[0] for value in flag.values)
        left = f"{' '.join(flag.names)} {values}".rstrip()
        lines.append(f"  {left:<46} {flag.help}")
    return "\n".join(lines)
