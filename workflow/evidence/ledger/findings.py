"""What verification can find, with the exit code of each kind, and what it cannot show."""

from dataclasses import asdict, dataclass

from evidence.records import Record

# kind: (exit code, what it means); code 0 is a note, not damage
KINDS: dict[str, tuple[int, str]] = {
    "unsealed": (0, "bundle not sealed (running, killed or incomplete): not verified"),
    "tear": (0, "ledger line torn by a crash; a later record says so"),
    "clock": (0, "the clock stood before an earlier record's time"),
    "nothing": (3, "no sealed bundle to verify"),
    "flipped": (10, "file with other bytes, same size"),
    "truncated": (11, "file shorter than sealed"),
    "extended": (12, "file longer than sealed"),
    "missing": (13, "sealed file that is gone"),
    "added": (14, "file that was not sealed"),
    "swapped": (15, "two files that hold each other's bytes"),
    "renamed": (16, "file, or bundle, under another name"),
    "link": (17, "link or special file in a bundle"),
    "unreadable": (18, "file or folder that cannot be read"),
    "sums": (20, "SHA256SUMS edited, malformed or gone"),
    "seal": (21, "SEALED edited, malformed or gone"),
    "half-sealed": (22, "killed between SHA256SUMS and SEALED: seal again"),
    "unlisted": (23, "sealed bundle without an end record in the ledger: seal again"),
    "resealed": (24, "SHA256SUMS and SEALED agree with each other, not with the ledger"),
    "lost": (25, "bundle that the ledger knows as sealed, and that is gone"),
    "ledger": (26, "ledger line altered, removed, added or moved"),
    "torn": (27, "unreadable end of the ledger, as a crash leaves it; the next append records it"),
    "pins": (28, "pins.json and the ledger disagree"),
    "anchor": (29, "the given hash is not that of any ledger line"),
}
SEVERAL = 30  # findings of more than one kind with a code

LIMITS = """\
What these hashes cannot show: they hold no secret, so whoever can write to the results can also compute new
ones. Rewriting a bundle together with its SHA256SUMS, SEALED and every ledger line from its own on leaves
no trace here, nor does removing the newest ledger lines together with their bundles. Only a ledger hash
kept elsewhere (`braggproof verify --anchor HASH`) shows that. File times, modes and empty folders are not
sealed."""


@dataclass(frozen=True)
class Finding:
    """One thing found: kind (a key of KINDS), where, and what."""

    kind: str
    path: str  # relative to the results
    message: str

    @property
    def code(self) -> int:
        """Exit code of this kind; 0 for a note."""
        return KINDS[self.kind][0]

    def to_dict(self) -> Record:
        """For JSON."""
        return {**asdict(self), "code": self.code}

    def __str__(self) -> str:
        return f"{self.kind}: {self.path}: {self.message}"


def exit_code(findings: list[Finding]) -> int:
    """0: nothing but notes; the code of the kind; SEVERAL when there is more than one kind."""
    codes = {finding.code for finding in findings} - {0}
    return codes.pop() if len(codes) == 1 else SEVERAL if codes else 0
