"""The generated parts of ``docs/edge.md`` and of the stack's README."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from netra_cloud.terraform.expressions import Scope, evaluate
from netra_cloud.terraform.hcl_source import SourceBlock, parse_file
from netra_cloud.terraform.linter import RULES
from netra_cloud.terraform.values import Unknown, Value
from netra_ops.documentation.marked import fill_marked
from netra_shared.http.edge_headers import CONTRACT_FILE

_KINDS = {
    "forwarded": "arrives as the client sent it",
    "added": "set by the edge, also when the client sent one",
    "platform": "written by Google's load balancer itself",
    "removed": "never arrives",
}


def fill_edge_page(page: str) -> str:
    """Return ``docs/edge.md`` with its tables."""
    return fill_marked(page, {"header-contract": _contract(), "rules": _rules()})


def fill_stack_page(page: str, stack: Path) -> str:
    """Return the stack's README with its variables and outputs."""
    blocks = [b for file in sorted(stack.glob("*.tf")) for b in parse_file(file).blocks]
    return fill_marked(
        page,
        {
            "variables": _variables(b for b in blocks if b.type == "variable"),
            "outputs": _outputs(b for b in blocks if b.type == "output"),
        },
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n".replace("| --- ", "|---") for cells in lines)


def _contract() -> str:
    contract = json.loads(CONTRACT_FILE.read_text(encoding="utf-8"))
    secret = set(contract["never_logged"])
    rows = [
        [f"`{entry['name']}`", what, "never" if entry["name"] in secret else "may be", reason]
        for kind, what in _KINDS.items()
        for entry in contract[kind]
        for reason in [entry["reason"]]
    ]
    return _table(["header", "what happens", "logged", "why"], rows)


def _rules() -> str:
    rows = [[f"`{rule.id}`", rule.severity, rule.title, rule.remedy] for rule in RULES]
    return _table(["rule", "severity", "finds", "remedy"], rows)


def _argument(block: SourceBlock, name: str) -> Value:
    argument = block.body.arguments.get(name)
    return None if argument is None else evaluate(argument.expression, Scope(block.file.parent))


def _variables(blocks: Iterable[SourceBlock]) -> str:
    rows = [
        [f"`{block.labels[0]}`", _default(block), str(_argument(block, "description"))]
        for block in blocks
    ]
    return _table(["variable", "default", "meaning"], rows)


def _default(block: SourceBlock) -> str:
    if "default" not in block.body.arguments:
        return "**required**"
    value = _argument(block, "default")
    if isinstance(value, dict):
        return "<br>".join(f"`{name} = {json.dumps(item)}`" for name, item in value.items())
    return "null" if isinstance(value, Unknown) else f"`{json.dumps(value)}`"


def _outputs(blocks: Iterable[SourceBlock]) -> str:
    rows = [[f"`{b.labels[0]}`", str(_argument(b, "description"))] for b in blocks]
    return _table(["output", "meaning"], rows)
