"""Custom header names and values, in URL maps and in backend services."""

from collections import Counter
from collections.abc import Iterator

from netra_cloud.terraform.configuration import Configuration, Resource
from netra_cloud.terraform.findings import Options, Rule, Severity, Violation
from netra_cloud.terraform.header_rules import unknown_variables, why_forbidden
from netra_cloud.terraform.rules.graph import (
    BACKEND_SERVICES,
    URL_MAPS,
    is_serverless,
)
from netra_cloud.terraform.values import BlockValue

_DOCUMENTATION = "https://cloud.google.com/load-balancing/docs/https/custom-headers-global"
_MAX_HEADERS = 16  # request headers and, apart from them, response headers of a backend service
_CREDENTIAL_WORDS = frozenset({"auth", "authorization", "cookie", "jwt", "token"})
_LISTS = ("custom_request_headers", "custom_response_headers")


def _written(resource: Resource) -> Iterator[tuple[BlockValue, str, str, str]]:
    """Yield block, argument, header name and header value of every custom header."""
    for block in resource.body.walk():
        if "header_name" in block.attributes and "header_value" in block.attributes:
            yield (
                block,
                "header_name",
                block.text("header_name") or "",
                block.text("header_value") or "",
            )
    for argument in _LISTS:
        listed = resource.body.get(argument)
        for header in listed if isinstance(listed, list) else []:
            if isinstance(header, str):
                name, _, value = header.partition(":")
                yield resource.body, argument, name.strip(), value.strip()


def _variables(resource: Resource, _: Configuration, __: Options) -> Iterator[Violation]:
    for block, argument, name, value in _written(resource):
        for variable in unknown_variables(value):
            where = "header_value" if argument == "header_name" else argument
            yield Violation(block, where, f"{name}: {{{variable}}} is no variable of Google's")


def _names(resource: Resource, configuration: Configuration, _: Options) -> Iterator[Violation]:
    # Towards an internet endpoint group the documentation sets Host; Cloud Run routes by it.
    may_set_host = resource.type in BACKEND_SERVICES and not is_serverless(resource, configuration)
    for block, argument, name, _value in _written(resource):
        if may_set_host and name.lower() == "host":
            continue
        # An unknown header_name reads as empty; an entry of a list is known as a whole.
        reason = why_forbidden(name) if name or argument in _LISTS else None
        if reason is not None:
            yield Violation(block, argument, f'header "{name}" {reason}')


def _removed(resource: Resource, _: Configuration, __: Options) -> Iterator[Violation]:
    for block in resource.body.walk():
        for argument in ("request_headers_to_remove", "response_headers_to_remove"):
            listed = block.get(argument)
            for name in listed if isinstance(listed, list) else []:
                reason = why_forbidden(name) if isinstance(name, str) else None
                if reason is not None:
                    yield Violation(block, argument, f'header "{name}" {reason}')


def _repeated(resource: Resource, _: Configuration, __: Options) -> Iterator[Violation]:
    for argument in _LISTS:
        listed = resource.body.get(argument)
        names = [
            header.partition(":")[0].strip().lower()
            for header in (listed if isinstance(listed, list) else [])
            if isinstance(header, str)
        ]
        for name, count in Counter(names).items():
            if count > 1:
                yield Violation(resource.body, argument, f'header "{name}" occurs {count} times')
        if len(names) > _MAX_HEADERS:
            yield Violation(resource.body, argument, f"{len(names)} headers; Google takes 16")


def _copies_credentials(resource: Resource, _: Configuration, __: Options) -> Iterator[Violation]:
    for block, argument, name, _value in _written(resource):
        if _is_credential_copy(name.lower()):
            yield Violation(block, argument, f'"{name}" is meant as a copy of a credential')


def _is_credential_copy(name: str) -> bool:
    """Return whether a header is named after a credential, as a reverse proxy names copies."""
    if not name.startswith(("x-original-", "x-forwarded-")):
        return False
    return "websocket-protocol" in name or not _CREDENTIAL_WORDS.isdisjoint(name.split("-"))


_TYPES = (*URL_MAPS, *BACKEND_SERVICES)

RULES = (
    Rule(
        id="unknown-header-variable",
        severity=Severity.ERROR,
        title="a header variable that Google does not have",
        types=_TYPES,
        why="Google replaces a fixed list of variables. There is none for an arbitrary request "
        "header; `{http_…}` is nginx's notation.",
        remedy="remove the header: Google forwards the client's own headers unchanged",
        reference=_DOCUMENTATION,
        check=_variables,
    ),
    Rule(
        id="forbidden-header-name",
        severity=Severity.ERROR,
        title="a custom header that Google refuses",
        types=_TYPES,
        why="Hop-by-hop headers and Google's own names cannot be set. The load balancer adds "
        "Connection and Upgrade to a WebSocket handshake by itself.",
        remedy="remove the header",
        reference=_DOCUMENTATION,
        check=lambda *given: [*_names(*given), *_removed(*given)],
        needs_configuration=True,
    ),
    Rule(
        id="repeated-header",
        severity=Severity.ERROR,
        title="a custom header twice, or more than sixteen",
        types=BACKEND_SERVICES,
        why="A name may stand once in the list, and a backend service takes 16 headers.",
        remedy="keep one value per name",
        reference=_DOCUMENTATION,
        check=_repeated,
    ),
    Rule(
        id="credential-copied",
        severity=Severity.WARNING,
        title="a credential copied under another name",
        types=_TYPES,
        why="Nothing strips Authorization or Sec-WebSocket-Protocol on the way, so the copy is not "
        "needed; under its new name no log redacts it, and a client can send it too.",
        remedy="remove the header and read the original",
        reference="https://github.com/gravitational/teleport/issues/31202",
        check=_copies_credentials,
    ),
)
