"""One of several processes that want the same: `contender.py append|start|seal RESULTS COUNT GO`.

Waits for the file GO, so that all begin together; prints what it got.
"""

import os
import sys
import time
from pathlib import Path

from scenarios import CASE, STAMP, SUMMARY

from evidence.errors import StoreError
from evidence.ledger import attempts
from evidence.ledger.seal import seal


def main(what: str, folder: str, count: str, go: str) -> int:
    """Contend; exit 5 when another process holds the bundle."""
    results = Path(folder)
    print("ready", flush=True)
    while not Path(go).exists():
        time.sleep(0.002)
    for number in range(int(count)):
        try:
            if what == "append":
                attempts.append_start(results, f"{os.getpid()}-{number}", STAMP, word="w" * 50 * number)
            elif what == "start":
                print(attempts.append_start(results, CASE, STAMP)["n"], flush=True)
            else:
                print(seal(results / CASE / STAMP, results / attempts.LEDGER, dict(SUMMARY))["n"], flush=True)
        except StoreError as error:
            print(f"error: {error}", flush=True)
            return 5
    sys.stdin.read()  # stay alive until the test has looked
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
