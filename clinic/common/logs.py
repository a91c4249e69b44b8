"""The request id: one short text that ties a log line, an audit event and an error page together."""

import logging
import re
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="-")


class RequestIdFilter(logging.Filter):
    """Gives every log record the id of the request it was written for."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class SecretFilter(logging.Filter):
    """Cuts the secret out of an address that is its own key: Django logs the address of every error answer."""

    _SECRET = re.compile(r"(/calendar/)[\w-]+")

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if self._SECRET.search(text):
            record.msg, record.args = self._SECRET.sub(r"\1…", text), ()
        return True
