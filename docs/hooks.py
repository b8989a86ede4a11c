"""Pages that are not written twice: from the repository's own READMEs, the grammar, the docstrings."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from markdown import Extension, Markdown
from markdown.preprocessors import Preprocessor
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

from simulator.commandline.flags import FLAGS, TORCH_FLAGS, Flag

sys.path.append(str(Path(__file__).parent))  # mkdocs loads this file by its path
import fields
import gallery

ROOT = Path(__file__).resolve().parents[1]
PAGES = {
    "README.md": "index.md",
    "simulator/README.md": "physics.md",
    "simulator/DEVIATIONS.md": "deviations.md",
    "config/README.md": "configuration.md",
    "config/MUTANTS.md": "mutants.md",
    "results/README.md": "results.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
}
PICTURES = ("verdict.png", "viewer.png")
PACKAGES = {"simulator": ROOT / "simulator", "evidence": ROOT / "workflow" / "evidence"}
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s#]+)(#[^)\s]*)?\)")


class Examples(Preprocessor):
    """`>>>` down to the next empty line is code, as in any docstring, not a quotation."""

    def run(self, lines: list[str]) -> list[str]:
        text = "\n".join(lines) + "\n"
        text = re.sub(r"(?:^>>> .*\n)(?:.+\n)*", r"```pycon\n\g<0>```\n", text, flags=re.MULTILINE)
        return text.split("\n")


class ExamplesExtension(Extension):
    """Examples in the Markdown of every page and docstring."""

    def extendMarkdown(self, md: Markdown) -> None:
        """Before code fences are looked for."""
        md.preprocessors.register(Examples(md), "examples", 100)


def on_config(config: Any) -> Any:
    """The pages of the Python interface, in their place of the contents."""
    config.markdown_extensions.append(ExamplesExtension())
    entry = next(item for item in config.nav if "Python interface" in item)
    entry["Python interface"] = [
        {name: f"api/{name}.md"} for package in PACKAGES for name, _ in interface(package)
    ]
    return config


def on_files(files: Files, config: Any) -> Files:
    """Add what is generated."""
    texts = {page: repository_page(name) for name, page in PAGES.items()}
    texts["commands.md"] = "\n".join(commands())
    texts |= {f"api/{page}.md": text for package in PACKAGES for page, text in interface(package)}
    for name, text in texts.items():
        files.append(File.generated(config, name, content=text))
    for name, content in gallery.pages().items():
        files.append(File.generated(config, name, content=content))
    for name in PICTURES:
        path = ROOT / "workflow" / "report" / "screenshots" / name
        files.append(File.generated(config, name, content=path.read_bytes()))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """What the engine says of gradients, in the page about them."""
    return fields.filled(markdown) if page.file.src_uri == "gradients.md" else markdown


def repository_page(name: str) -> str:
    """A Markdown file of the repository, its links turned to those of the site.

    A link to a file without a page stays as its text. Raises PluginError if there is no such file.
    """
    folder = (ROOT / name).parent

    def turned(link: re.Match[str]) -> str:
        picture, text, target, anchor = link[1], link[2], link[3], link[4] or ""
        if "://" in target:
            return link[0]
        if not (folder / target).exists():
            raise PluginError(f"{name}: expected links to files of the repository, got {target}")
        path = (folder / target).resolve().relative_to(ROOT)
        page = PAGES.get(path.as_posix()) or PAGES.get((path / "README.md").as_posix())
        page = path.name if path.parent == Path("docs") and path.suffix == ".md" else page
        page = path.name if path.name in PICTURES else page
        return f"{picture}[{text}]({page}{anchor})" if page else text

    text = LINK.sub(turned, (ROOT / name).read_text(encoding="utf-8"))
    return re.sub("^```rooms .*", "```text", text, flags=re.MULTILINE)  # lists that a test reads


def commands() -> Iterator[str]:
    """The command reference: the grammar of the engines, and what the other commands say of themselves."""
    yield "# Commands\n\n## nanobragg-torch, nanobragg-c\n\nFlags of both engines, in nanoBragg's units.\n"
    yield from flag_table(FLAGS)
    yield "\nOf `nanobragg-torch` alone:\n"
    yield from flag_table(TORCH_FLAGS)
    for name in ("nb-hkl", "nb-geometry", "nb-compare", "nb-trace", "braggproof"):
        yield f"\n## {name}\n"
        said = help_of(name)
        yield f"```text\n{said}```\n"
        for verb in subcommands(said):
            yield f"### {name} {verb}\n\n```text\n{help_of(name, verb)}```\n"


def flag_table(flags: tuple[Flag, ...]) -> Iterator[str]:
    """One row a flag; in brackets what may be left out."""
    yield "| flag | values | meaning |\n|---|---|---|"
    for flag in flags:
        names = [value.partition(":")[0] for value in flag.values]
        kept = len(names) if flag.least < 0 else flag.least
        values = " ".join(names[:kept] + [f"[{name}]" for name in names[kept:]])
        spelled = "<br>".join(f"`{name}`" for name in flag.names)
        yield f"| {spelled} | {f'`{values}`' if values else ''} | {flag.help.replace('*', chr(92) + '*')} |"


def help_of(name: str, *words: str) -> str:
    """What a command prints for --help."""
    program = Path(sys.executable).with_name(name)
    done = subprocess.run([program, *words, "--help"], capture_output=True, text=True, check=True)
    return done.stdout


def subcommands(said: str) -> list[str]:
    """The commands that a help text lists under COMMAND, or in braces."""
    _, _, listed = said.partition("positional arguments:\n")
    block = listed.partition("\n\n")[0]
    return re.findall(r"^    ([a-z]+)(?:  |$)", block, re.MULTILINE)


def interface(package: str) -> Iterator[tuple[str, str]]:
    """One page for each folder of a package: every module, from its docstrings."""
    top = PACKAGES[package]
    for folder in [top, *sorted(path.parent for path in top.rglob("*/__init__.py"))]:
        name = ".".join([package, *folder.relative_to(top).parts])
        modules = sorted(path.stem for path in folder.glob("*.py") if path.stem[:2] != "__")
        entries = "\n\n".join(f"## {module}\n\n::: {name}.{module}" for module in modules)
        yield name, f"# {name}\n\n{entries}\n"
