"""What the HTTP layer itself refuses, beside what the rules and the engine refuse."""

from __future__ import annotations

from ledger.refusals import Refusal


class JsonMalformed(Refusal):
    """The body is not readable as JSON."""

    code = "json_malformed"


class PathUnknown(Refusal):
    """There is nothing at this address."""

    code = "path_unknown"


class MethodNotAllowed(Refusal):
    """The address is right, but not for this method."""

    code = "method_not_allowed"


class BodyTooLarge(Refusal):
    """The body is larger than the service takes."""

    code = "body_too_large"


class BodyTooSlow(Refusal):
    """The body did not arrive in time."""

    code = "body_too_slow"


class TooManyRequests(Refusal):
    """There were too many requests in a short time; wait as long as Retry-After says."""

    code = "too_many_requests"


class TimedOut(Refusal):
    """Working out the answer took too long; ask for less at a time, such as a shorter period."""

    code = "timed_out"


class IfMatchMissing(Refusal):
    """A change of a draft says which version it changes."""

    code = "if_match_missing"


class HttpMalformed(Refusal):
    """The request breaks a rule of HTTP."""

    code = "http_malformed"


class DatabaseUnavailable(Refusal):
    """The database cannot be reached, or the connection broke; ask again with the same key."""

    code = "database_unavailable"


class TooBusy(Refusal):
    """Too much is going on at once; ask again in a moment with the same key."""

    code = "too_busy"


class NotReady(Refusal):
    """The service is not ready to work."""

    code = "not_ready"


class Unexpected(Refusal):
    """Something went wrong that nobody foresaw; nothing was kept."""

    code = "unexpected"


class PaperTooLong(Refusal):
    """It would be more pages than a paper may have; ask for fewer days, or take XLSX or CSV."""

    code = "paper_too_long"


class PapersUnavailable(Refusal):
    """This service cannot make papers: libraries that draw text are missing on its machine."""

    code = "papers_unavailable"
