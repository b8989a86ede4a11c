"""The fault tests model the disk themselves; waiting for the real one would only make them slow."""

import os

import pytest


@pytest.fixture(autouse=True)
def _no_real_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
