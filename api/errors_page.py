"""The reference page of errors, from the table and the refusals' own docstrings."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Final

from api.errors import STATUS, code_of, title_of

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD: Final = """\
# Errors

Every answer that is not a success is a problem detail (RFC 9457, `application/problem+json`):

| member | what it holds |
|---|---|
| `type` | where the code is explained: `/docs/errors#code` |
| `title` | what the code means |
| `status` | the HTTP status |
| `code` | stable; programs decide by it |
| `detail` | a sentence: what is wrong and what to do |
| `errors` | each field that is wrong: `where`, a JSON `pointer`, `detail` |

409 is for what stands in the way already; 422 for what the rules refuse; 503 says `Retry-After`,
and whoever asks again with the same `Idempotency-Key` posts nothing twice.

This page is made from `api/errors.py` by `python -m api.openapi`.
"""


def page() -> str:
    """The whole page."""
    return HEAD + "".join(_sections())


def _sections() -> Iterator[str]:
    kinds = sorted(STATUS, key=lambda kind: (STATUS[kind], code_of(kind)))
    before = None
    for kind in kinds:
        status = STATUS[kind]
        if status is not before:
            yield f"\n## {status.value}\n"
            before = status
        yield f"\n### {code_of(kind)}\n\n{_text(kind)}\n"


def _text(kind: type[Exception]) -> str:
    return inspect.cleandoc(kind.__doc__ or title_of(kind))
