"""What keeps a demo from being made; each is a sentence that says what to do."""

from __future__ import annotations


class BooksNotEmpty(Exception):
    """There are books that are no part of a demo under way."""


class DemoDiffers(Exception):
    """Another demo is under way than the one asked for."""


class DemoDoesNotFit(Exception):
    """The disk is too small, or its free space is not known."""
