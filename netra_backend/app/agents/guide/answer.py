"""The guide's answer, written in Markdown from what its tools returned."""

from collections.abc import Mapping, Sequence
from typing import Any

MAX_LINES = 60  # of one tool's data; an instance's snapshot has about 20
MAX_DEPTH = 4

NO_MODEL = (
    "*No language model is configured, so I am Netra's operations guide: fixed rules over real "
    "tools. Set `NETRA_MODEL` to talk to a model.*"
)

INTRODUCTION = """\
I can look things up for you:

- the platform's **readiness** and the **connections** of this instance (operators only)
- what a **close code**, error number or error code means: *"what is 4401?"*
- whether an **access token** is in order: paste it, it is taken out before anything is stored
- **stop runs** that take too long, once you approve it (operators only)
- the **runbook**: *"how do I roll back?"*, *"what happens when Valkey is down?"*
"""

NOTHING_FOUND = (
    "I cannot answer this: without a language model I only look things up. The runbook has nothing "
    "on this. Try a close code, an error code, or words such as *readiness*, *deploy*, "
    "*rollback*, *drain*."
)


def introduction() -> str:
    """Return the answer to a greeting."""
    return f"{INTRODUCTION}\n{NO_MODEL}\n"


def for_operators_only() -> str:
    """Return the answer to a wish that only operators may have."""
    return (
        "Only people with the role `operator` may stop the runs of others; your own you can stop "
        "yourself. An administrator can grant it: `netra users grant EMAIL operator`.\n\n"
        f"{NO_MODEL}\n"
    )


def compose(results: Sequence[tuple[str, Any]]) -> str:
    """Return the answer for ``results``: pairs of tool name and what the tool returned."""
    paragraphs = [_paragraph(tool, content) for tool, content in results]
    return "\n\n".join([*paragraphs, NO_MODEL]) + "\n"


def _paragraph(tool: str, content: Any) -> str:
    if tool == "stop_long_runs" and isinstance(content, str):  # declined, in the person's words
        return f"I stopped no run: it was not approved. ({content})"
    if not isinstance(content, Mapping):  # a deadline, or arguments that the tool refused
        return f"`{tool}` gave no answer in time."
    if content.get("refused") or content.get("failed") or content.get("unknown"):
        return str(content["reason"])
    writer = _WRITERS.get(tool)
    return writer(content) if writer else "\n".join(_bullets(content))


def _readiness(content: Mapping[str, Any]) -> str:
    snapshot = content["readiness"]
    status = snapshot.get("status", "unknown")
    rest = {key: value for key, value in snapshot.items() if key != "status"}
    return "\n".join([f"**Readiness: {status}**", "", *_bullets(rest)])


def _connections(content: Mapping[str, Any]) -> str:
    return "\n".join(["**Connections of this instance**", "", *_bullets(content["connections"])])


def _code(content: Mapping[str, Any]) -> str:
    code = content["code"]
    if not content["found"]:
        return f"`{code}` is not a code of this platform."
    name = content.get("name") or content.get("title") or ""
    heading = f"**{code}**" + (f" — {name}" if name and str(name) != str(code) else "")
    shown = {"code", "found", "name"} | ({"title"} if heading.endswith(str(name)) else set())
    rest = {key: value for key, value in content.items() if key not in shown}
    return "\n".join([heading, "", *_bullets(rest)])


def _tokens(content: Mapping[str, Any]) -> str:
    reports = content["tokens"]
    if not reports:
        return "There is no access token in your message; paste the whole compact JWT."
    return "\n\n".join(_token(report) for report in reports)


def _token(report: Mapping[str, Any]) -> str:
    lines = [f"**The token:** {report['verdict']}"]
    lines += [f"- {problem}" for problem in report["problems"]]
    if claims := report.get("claims"):
        lines += ["", "Its claims:", "", *_bullets(claims)]
    lines += ["", "I decoded it without checking its signature, and it was not stored."]
    return "\n".join(lines)


def _stopped(content: Mapping[str, Any]) -> str:
    count = content["stopped"]
    return (
        f"I asked **{count}** run{'' if count == 1 else 's'} older than {content['minutes']} "
        "minutes to end; each ends within a second, and what it had said is kept."
    )


def _runbook(content: Mapping[str, Any]) -> str:
    hits = content["hits"]
    if not hits:
        return NOTHING_FOUND
    sections = [
        f"**{hit['page']} — {hit['heading']}** (`{hit['path']}`)\n\n{hit['excerpt']}"
        for hit in hits
    ]
    return "From the runbook:\n\n" + "\n\n".join(sections)


_WRITERS = {
    "read_readiness": _readiness,
    "list_connections": _connections,
    "explain_code": _code,
    "check_access_token": _tokens,
    "search_runbook": _runbook,
    "stop_long_runs": _stopped,
}


def _bullets(value: Mapping[str, Any]) -> list[str]:
    """Return nested Markdown bullets for JSON data, at most ``MAX_LINES``."""
    lines = list(_lines(value, 0))
    if len(lines) > MAX_LINES:
        lines = [*lines[:MAX_LINES], f"- … and {len(lines) - MAX_LINES} lines more"]
    return lines


def _lines(value: Any, depth: int) -> Any:
    indent = "  " * depth
    pairs = value.items() if isinstance(value, Mapping) else enumerate(value, start=1)
    for key, item in pairs:
        if item is None:
            continue
        if isinstance(item, Mapping | list | tuple):
            if not item or depth == MAX_DEPTH:
                continue
            if isinstance(item, list | tuple) and not any(
                isinstance(part, Mapping | list) for part in item
            ):
                yield f"{indent}- {key}: {', '.join(map(str, item))}"
            else:
                yield f"{indent}- {key}:"
                yield from _lines(item, depth + 1)
        else:
            yield f"{indent}- {key}: {_plain(item)}"


def _plain(item: Any) -> str:
    if isinstance(item, bool):
        return "yes" if item else "no"
    return str(item)
