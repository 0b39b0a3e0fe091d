"""Damage that nobody thought of: any bytes, anywhere."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.imports.problems import BundleRefused
from service.imports.reading import read_bundle
from tests.service.imports.damage import ONE_CO, copied

if TYPE_CHECKING:
    from pathlib import Path

FILES = sorted(path.name for path in ONE_CO.glob("*.csv"))


@st.composite
def _damage(draw: st.DrawFn) -> tuple[str, bytes]:
    """A file of one-co, cut, with bytes flipped or bytes put in."""
    file = draw(st.sampled_from(FILES))
    data = bytearray((ONE_CO / file).read_bytes())
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        match draw(st.sampled_from(["cut", "flip", "insert", "drop"])):
            case "cut":
                del data[at:]
            case "flip" if data:
                data[at] ^= draw(st.integers(1, 255))
            case "insert":
                data[at:at] = draw(st.binary(min_size=1, max_size=6) | st.sampled_from(PIECES))
            case _:
                del data[at : at + draw(st.integers(1, 40))]
    return file, bytes(data)


PIECES = [b'"', b",", b"\n", b"\r\n", b"\0", b'""', b"9999-12-31", b"-", b"\xef\xbb\xbf", b" "]


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(damage=_damage())
def test_no_damage_ends_in_anything_but_a_refusal(
    tmp_path: Path, damage: tuple[str, bytes]
) -> None:
    """Whatever happens to a file, reading it gives a bundle or says what is wrong."""
    file, data = damage
    copied(ONE_CO, tmp_path)
    (tmp_path / file).write_bytes(data)
    with suppress(BundleRefused):
        read_bundle(tmp_path)
