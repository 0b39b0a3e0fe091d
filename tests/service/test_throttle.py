"""How long nothing is heard after failures in a row."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.throttle import Count, Kind, address, delay


@pytest.mark.parametrize(
    ("kind", "failures", "seconds"),
    [
        (Kind.PASSWORD, 1, 0),
        (Kind.PASSWORD, 2, 0),
        (Kind.PASSWORD, 3, 1),
        (Kind.PASSWORD, 4, 2),
        (Kind.PASSWORD, 5, 4),
        (Kind.PASSWORD, 12, 512),
        (Kind.PASSWORD, 13, 900),
        (Kind.PASSWORD, 10_000_000, 900),
        (Kind.PIN, 3, 1),
        (Kind.RECOVERY, 3, 1),
        (Kind.STRANGER, 3, 1),
        (Kind.ADDRESS, 19, 0),
        (Kind.ADDRESS, 20, 1),
        (Kind.ADDRESS, 21, 2),
        (Kind.ADDRESS, 40, 900),
    ],
)
def test_the_delay_doubles_up_to_a_quarter_of_an_hour(
    kind: Kind, failures: int, seconds: int
) -> None:
    """After three failures of an account, twenty of an address."""
    assert delay(kind, failures) == timedelta(seconds=seconds)


def test_a_name_that_nobody_has_is_not_kept() -> None:
    """It may be a password in the wrong field."""
    assert str(Count(Kind.PASSWORD, "zainab")) == "password zainab"
    assert "hunter2" not in str(Count(Kind.STRANGER, "hunter2"))


@pytest.mark.parametrize(
    ("source", "counted"),
    [
        ("192.0.2.7", "address 192.0.2.7"),
        ("2001:db8:1:2:3::4", "address 2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "address 2001:db8:1:2::/64"),
        ("", "address "),
    ],
)
def test_of_ipv6_the_network_is_counted(source: str, counted: str) -> None:
    """Who has one address there has eighteen trillion more."""
    assert str(address(source)) == counted
