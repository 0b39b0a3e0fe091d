"""The README tells the truth."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_example_prints_the_journal_beside_it() -> None:
    """The ten lines of the README make the journal that the README shows."""
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    (journal,) = re.findall(r"```text\n(.*?)```", README, re.DOTALL)
    done = subprocess.run(  # noqa: S603 - our own README
        [sys.executable, "-c", example], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert done.stdout == journal


def test_every_link_leads_somewhere() -> None:
    """Each relative link of the README and of CONTRIBUTING names something that exists."""
    for name in ("README.md", "CONTRIBUTING.md", "docs/decisions/README.md"):
        page = ROOT / name
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{name} links to {link}"


def test_every_command_of_the_makefile_that_is_named_exists() -> None:
    """`make …` in a page is a target of the Makefile."""
    targets = set(
        re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )
    for name in ("README.md", "CONTRIBUTING.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert set(re.findall(r"make ([a-z0-9-]+)", text)) <= targets
