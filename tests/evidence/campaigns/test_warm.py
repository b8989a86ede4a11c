"""The warm worker: what it renders, and that its death costs one case and says so."""

import os
import sys
from pathlib import Path

import pytest

from evidence.campaigns.contenders import Contender
from evidence.campaigns.expand import Case
from evidence.campaigns.runners import Runners
from evidence.campaigns.warm import Warm
from evidence.engines.talking import EndedError

FAKE = """
import json, os, signal, sys, time
for line in sys.stdin:
    asked = json.loads(line)
    word = asked.get("argv", ["devices"])[0]
    if word == "devices": print(json.dumps({"devices": ["cpu"], "pid": os.getpid()}), flush=True); continue
    if word == "die": os.kill(os.getpid(), signal.SIGKILL)
    if word == "leave": sys.exit(3)
    if word == "hang": time.sleep(60)
    print(json.dumps({"said": word}), flush=True)
"""
TORCH = Contender(
    "torch-float64", "torch", None, ("--dtype", "float64", "--compile", "off", "--threads", "1")
)
SMALL = "-cell 50 60 70 90 90 90 -default_F 10 -N 3 -detpixels 8 -nonoise -nopgm"


def fake() -> Warm:
    return Warm((sys.executable, "-c", FAKE))


@pytest.mark.parametrize(
    ("word", "told"), [("die", "signal SIGKILL"), ("leave", "exit status 3"), ("hang", "ended after 0.5 s")]
)
def test_a_worker_that_ends_costs_one_case(word: str, told: str) -> None:
    with fake() as warm:
        assert warm.ask({"argv": ["one"]}, 5.0) == {"said": "one"}
        first = warm.about["pid"]
        with pytest.raises(EndedError, match=told):
            warm.ask({"argv": [word]}, 0.5)
        assert warm.ask({"argv": ["two"]}, 5.0) == {"said": "two"}
        assert warm.about["pid"] != first
        assert warm.starts == 2


def test_a_worker_killed_between_cases_is_replaced() -> None:
    with fake() as warm:
        warm.ask({"argv": ["one"]}, 5.0)
        os.kill(warm.about["pid"], 9)
        while warm.child is not None and warm.child.poll() is None:
            pass
        assert warm.ask({"argv": ["two"]}, 5.0) == {"said": "two"}


def test_the_engine_stays_warm_and_refuses_as_the_command_line_does(tmp_path: Path) -> None:
    with Runners(tmp_path, 60.0) as runners:
        for _ in range(2):
            found = runners.run(TORCH, Case("a", tuple(SMALL.split())))
            assert (found.status, found.exit_code) == ("ok", 0)
            assert found.picture is not None
            assert found.picture.shape == (8, 8)
            assert found.picture.max() > 0
            assert found.quirks == []
            assert found.peak_rss_bytes > 10_000_000
        refused = runners.run(TORCH, Case("a", (*SMALL.split(), "-bogus"), "refusal"))
        assert refused.said == "error: command line: expected a flag, got '-bogus'\n"
        assert (refused.exit_code, refused.written) == (2, ())
        assert runners.warm.starts == 1
        cuda = Contender("torch-cuda", "torch", None, (), "no-such-device", optional=True)
        assert runners.run(cuda, Case("a", ())).status == "absent"
