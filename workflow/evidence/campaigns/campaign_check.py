"""What would stop a campaign is found before it begins: its suite, engines, files, cases and baseline."""

from evidence.campaigns import baseline, campaign_inputs
from evidence.campaigns.contenders import contenders
from evidence.campaigns.suite import Suite, select
from evidence.engines.adapters import PROBE_S
from evidence.engines.found import refuse_unstartable
from evidence.errors import InputError


def check(suite: Suite, selection: str | None) -> None:
    """Raise an InputError on the first mistake."""
    contenders(suite)
    select(suite.all_cases(), selection)
    for path, digest in campaign_inputs.fingerprint(suite).items():
        if digest is None:
            raise InputError(suite.path, "readable files", f"'{path}'")
    baseline.read(baseline.path_of(suite.name))
    refuse_unstartable(timeout_s=min(suite.timeout_s, PROBE_S))
