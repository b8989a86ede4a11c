"""The documentation is whole, needs no network, and names nothing of the machine that built it."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest

from simulator.commandline.flags import FLAGS, TORCH_FLAGS
from tests.helpers.places import ROOT


class Page(HTMLParser):
    """What a page loads, where it leads, and what can be led to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.leads: list[str] = []
        self.ids: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.ids |= {found[name] for name in ("id", "name") if name in found}
        if tag == "a" and "href" in found:
            self.leads.append(found["href"])
        elif tag == "link" and found.get("rel") not in ("canonical", "prev", "next"):
            self.loads.append(found.get("href", ""))
        elif "src" in found:
            self.loads.append(found["src"])


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make docs` builds it: a warning is an error."""
    folder = tmp_path_factory.mktemp("site")
    words = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    env = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="session")
def pages(site: Path) -> dict[Path, Page]:
    """Every page by its path."""
    return {path: Page(path) for path in sorted(site.rglob("*.html"))}


def test_every_source_has_its_page(site: Path) -> None:
    names = "index physics configuration results commands first-steps reading-a-report contributing changelog"
    assert [name for name in names.split() if not (site / f"{name}.html").is_file()] == []
    assert len(list((site / "api").glob("*.html"))) > 1


def test_links_lead_somewhere(pages: dict[Path, Page]) -> None:
    """Files and anchors; mkdocs looks at those in Markdown only, not at what a hook or a docstring makes."""
    dead, seen = [], 0
    for path, page in pages.items():
        for link in page.leads:
            target, anchor = urldefrag(link)
            if path.name == "404.html" or re.match(r"[a-z]+:", target):
                continue
            seen += 1
            there = (path.parent / unquote(target)).resolve() if target else path
            found = pages.get(there)
            if not there.exists() or (anchor and found and unquote(anchor) not in found.ids):
                dead.append(f"{path.name}: {link}")
    assert seen > 500
    assert dead == []


def test_nothing_is_loaded_from_elsewhere(pages: dict[Path, Page]) -> None:
    loads = [link for page in pages.values() for link in page.loads]
    assert len(loads) > 20
    assert [link for link in loads if re.match(r"([a-z]+:)?//", link)] == []


def test_no_path_of_this_machine(site: Path) -> None:
    """Nor of the home folder."""
    secrets = [str(ROOT).encode(), str(Path.home()).encode() + b"/", str(site).encode()]
    files = [path for path in site.rglob("*") if path.is_file()]
    assert [path for path in files if any(secret in path.read_bytes() for secret in secrets)] == []


def test_every_flag_is_listed(site: Path) -> None:
    text = (site / "commands.html").read_text(encoding="utf-8")
    names = [name for flag in FLAGS + TORCH_FLAGS for name in flag.names]
    assert [name for name in names if f"<code>{name}</code>" not in text] == []
    for command in ("nb-compare", "nb-trace run", "nb-trace compare", "braggproof verify", "braggproof diff"):
        assert f'id="{command.replace(" ", "-")}"' in text
