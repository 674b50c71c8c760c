"""Mutated configurations, for the tests that no input ends in an unexpected exception."""

import random
from collections.abc import Iterable, Iterator
from pathlib import Path

from netra_cloud.edge.listener import LocalListener
from netra_cloud.edge.render import EdgeInput, render
from netra_cloud.edge.run_target import target_of
from netra_cloud.errors import CloudError
from netra_cloud.terraform.compute_mapping import compute_objects
from netra_cloud.terraform.findings import Options
from netra_cloud.terraform.linter import RULES, lint
from netra_cloud.terraform.reader import load
from netra_cloud.terraform.report import as_json, as_sarif, as_text
from netra_cloud.terraform.run_mapping import run_services

SPLICES = (
    *("{", "}", "[", "]", '"', "${", "%{ if true }", "<<EOT\n", "null", "[]", "{}", '""', "-1"),
    *(
        "var.none",
        "google_x_y.z.id",
        "each.value",
        "try(null.x, {})",
        "\ufeff",
        "\x00",
        "é",
        "1e99",
    ),
    *("count = 2\n", "for_each = toset([null])\n", 'dynamic "backend" {\n content {}\n}\n', "= ="),
)


def mutations(
    roots: Iterable[Path], count: int, seed: int
) -> Iterator[tuple[int, dict[str, bytes]]]:
    """Yield numbered inputs: files by name, of a directory below ``roots``, with faults in one."""
    chooser = random.Random(seed)  # noqa: S311 -- examples, no secrets
    sources = sorted({file.parent for root in roots for file in root.rglob("*.tf")})
    for number in range(count):
        directory = chooser.choice(sources)
        files = {file.name: file.read_bytes() for file in directory.glob("*.tf")}
        name = chooser.choice(sorted(files))
        for _ in range(chooser.randint(1, 3)):
            files[name] = _mutated(files[name], chooser)
        if chooser.random() < 0.05:
            files["terraform.tfvars"] = _mutated(b"a = 1\nb = [1, {}]\n", chooser)
        yield number, files


def _mutated(text: bytes, chooser: random.Random) -> bytes:
    position = chooser.randrange(len(text) + 1)
    kind = chooser.randrange(5)
    if kind == 0:
        return text[:position] + text[position + chooser.randint(1, 20) :]
    if kind == 1:
        return text[:position] + chooser.choice(SPLICES).encode() + text[position:]
    lines = text.splitlines(keepends=True) or [b""]
    line = chooser.randrange(len(lines))
    if kind == 2:
        del lines[line]
    elif kind == 3:
        lines.insert(line, chooser.choice(lines))
    else:
        name, separator, _ = lines[line].partition(b"=")
        value = chooser.choice(SPLICES).encode()
        lines[line] = name + separator + b" " + value + b"\n" if separator else lines[line]
    return b"".join(lines)


def exercise(directory: Path) -> None:
    """Lint, report and render a directory; a named refusal is an answer."""
    try:
        configuration = load(directory)
        findings = lint(configuration, Options())
        as_text(findings, directory, configuration)
        as_json(findings, directory, configuration)
        as_sarif(findings, RULES, directory, configuration)
        services = run_services(configuration, "p")
        targets = {name: target_of(body, "127.0.0.1", 9) for name, body in services.items()}
        objects = compute_objects(configuration, "p")
        render(EdgeInput(objects, targets, {443: LocalListener(1)}, Path("/run/edge")))
    except CloudError:
        return  # a problem with a name, which the commands show


def assert_nothing_unexpected(
    inputs: Iterable[tuple[int, dict[str, bytes]]], directory: Path
) -> int:
    """Lint, report and render each input in ``directory``; return how many there were."""
    exercised = 0
    for number, files in inputs:
        for name, content in files.items():
            (directory / name).write_bytes(content)
        try:
            exercise(directory)
        except Exception as error:
            error.add_note(f"input {number}: {files}")
            raise
        for file in directory.iterdir():
            file.unlink()
        exercised += 1
    return exercised
