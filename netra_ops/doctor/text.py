"""A diagnosis as text for a terminal. Pure."""

from netra_client.diagnosis.findings import Answer, Diagnosis, Finding
from netra_ops.terminal import BOLD, RED, RESET

GREEN = "\x1b[32m"
YELLOW = "\x1b[33m"
MARKS = {Answer.YES: ("✓", GREEN), Answer.NO: ("✗", RED), Answer.UNKNOWN: ("?", YELLOW)}


def render(diagnosis: Diagnosis, *, colour: bool, quiet: bool = False) -> str:
    """Return the questions with their answers, then the cause; ``quiet``: the cause only."""
    lines = [] if quiet else [diagnosis.url, ""]
    if not quiet:
        for finding in diagnosis.findings:
            lines += _lines(finding, colour=colour)
        lines.append("")
    lines += _verdict(diagnosis, colour=colour)
    return "\n".join(lines) + "\n"


def _lines(finding: Finding, *, colour: bool) -> list[str]:
    mark, paint = MARKS[finding.answer]
    shown = f"{paint}{mark}{RESET}" if colour else mark
    first = f"  {shown} {finding.question}  {finding.answer}  ({finding.milliseconds:.0f} ms)"
    return [first, f"      {finding.evidence}"]


def _verdict(diagnosis: Diagnosis, *, colour: bool) -> list[str]:
    bold, reset = (BOLD, RESET) if colour else ("", "")
    cause = diagnosis.cause
    if cause is None:
        unknown = sum(one.answer is Answer.UNKNOWN for one in diagnosis.findings)
        rest = f"; {unknown} unknown" if unknown else ""
        return (
            [f"{bold}No cause found: the socket opens and answers{reset}{rest}"]
            if _opens(diagnosis)
            else [f"{bold}The cause is unknown{reset}{rest}"]
        )
    lines = [f"{bold}Cause: {cause.question} {cause.answer}{reset}: {cause.evidence}"]
    if cause.remedy:
        lines.append(f"  -> {cause.remedy}")
    return lines


def _opens(diagnosis: Diagnosis) -> bool:
    return any(one.check == "answers" and one.answer is Answer.YES for one in diagnosis.findings)
