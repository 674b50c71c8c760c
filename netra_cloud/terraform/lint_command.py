"""``netra-edge-lint``: the lint alone, with the standard library alone.

``netra edge lint`` is the same check inside the platform's command line.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from netra_cloud.errors import CloudError
from netra_cloud.terraform.configuration import Configuration
from netra_cloud.terraform.findings import Options, Rule, Severity
from netra_cloud.terraform.linter import RULES, lint
from netra_cloud.terraform.module_files import terraform_files
from netra_cloud.terraform.not_judged import not_judged
from netra_cloud.terraform.reader import load
from netra_cloud.terraform.report import COLOURS, Paint, as_json, as_sarif, as_text
from netra_cloud.terraform.variable_files import given_values

PASSED, FAILED, USAGE, ABSENT, INTERRUPTED = 0, 1, 2, 3, 130
_MAX_AGE = 3600.0  # Cloud Run's longest request
_DESCRIPTION = (
    "Find what Google or Terraform would refuse or ignore in the Terraform of a load balancer in "
    "front of Cloud Run. Needs neither a cloud account nor terraform."
)
_EPILOG = """examples:
  netra-edge-lint                              the current directory
  netra-edge-lint infra/prod infra/staging     several root modules
  netra-edge-lint infra/prod --var-file infra/prod.tfvars --strict
  netra-edge-lint --socket-path /live --socket-age 3000
  netra-edge-lint --sarif > edge.sarif         for a code host
  netra-edge-lint --rules                      every rule, with its source

A file stands for its directory. Modules that `terraform init` has fetched are read. Exit status:
0 no errors, 1 errors (with --strict also warnings and what was not judged), 2 wrong usage,
3 no Terraform, 130 interrupted."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Lint the named directories and return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        return _rules(as_json=options.json) if options.rules else _run(options)
    except CloudError as problem:
        sys.stderr.write(f"netra-edge-lint: {problem.detail}\n")
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def _run(options: argparse.Namespace) -> int:
    directories = root_modules(options.path)
    missing = [directory for directory in directories if not any(terraform_files(directory))]
    if missing:
        sys.stderr.write(
            f"netra-edge-lint: {missing[0]} holds no *.tf file\n"
            "  -> give the directory of a Terraform root module\n"
        )
        return ABSENT
    declared = tuple(options.socket_path)
    known = Options()
    rules = Options(options.socket_age, declared or known.socket_paths, bool(declared))
    configuration = Configuration()
    findings = []
    for directory in directories:
        read = load(directory, given_values(directory, options.var_file, options.var))
        findings += lint(read, rules)
        configuration = _joined(configuration, read)
    root = Path.cwd()
    if options.json:
        text = as_json(findings, root, configuration)
    elif options.sarif:
        text = as_sarif(findings, RULES, root, configuration)
    else:
        text = as_text(findings, root, configuration, _paint())
    sys.stdout.write(f"{text}\n")
    fails = {Severity.ERROR, Severity.WARNING} if options.strict else {Severity.ERROR}
    failed = any(finding.severity in fails for finding in findings)
    return FAILED if failed or (options.strict and not_judged(configuration)) else PASSED


def root_modules(paths: Iterable[Path]) -> list[Path]:
    """Return each directory once; a file stands for the directory that holds it."""
    resolved = (path.resolve() for path in paths)
    return list(dict.fromkeys(path.parent if path.is_file() else path for path in resolved))


def _joined(first: Configuration, second: Configuration) -> Configuration:
    """Return what a report needs of two configurations."""
    return Configuration(
        resources=[*first.resources, *second.resources],
        problems=[*first.problems, *second.problems],
        files=first.files + second.files,
        not_read=[*first.not_read, *second.not_read],
        exported=first.exported | second.exported,
        dormant=first.dormant | second.dormant,
        undeclared=[*first.undeclared, *second.undeclared],
        misdeclared=[*first.misdeclared, *second.misdeclared],
    )


def _rules(*, as_json: bool) -> int:
    if as_json:
        listed = [rule_record(rule) for rule in RULES]
        sys.stdout.write(json.dumps(listed, indent=2) + "\n")
        return PASSED
    for rule in RULES:
        sys.stdout.write(f"{rule.severity:<8} {rule.id:<30} {rule.title}\n")
        sys.stdout.write(f"{'':<40}{rule.reference}\n")
    return PASSED


def rule_record(rule: Rule) -> dict[str, object]:
    """Return what is published of a rule."""
    named = ("id", "severity", "title", "why", "remedy", "reference", "api_error", "types")
    return {name: getattr(rule, name) for name in named}


def _paint() -> Paint:
    """Return colours for a terminal that has some, unless NO_COLOR is set (https://no-color.org)."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return COLOURS if sys.stdout.isatty() and not plain else Paint()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="netra-edge-lint",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("path", nargs="*", type=Path, default=[Path()], help="root modules")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="write JSON")
    form.add_argument("--sarif", action="store_true", help="write SARIF 2.1.0")
    parser.add_argument(
        "--strict", action="store_true", help="fail on warnings and on what was not judged"
    )
    parser.add_argument(
        "--socket-path", action="append", default=[], help="a path that carries WebSockets"
    )
    parser.add_argument(
        "--socket-age",
        type=_age,
        default=Options().socket_age_seconds,
        help="seconds that a socket is promised to live (default: %(default)g)",
    )
    parser.add_argument(
        "--var-file", action="append", default=[], type=_file, help="values of variables"
    )
    parser.add_argument("--var", action="append", default=[], help="NAME=VALUE of a variable")
    parser.add_argument("--rules", action="store_true", help="list the rules and do nothing else")
    return parser


def _age(text: str) -> float:
    try:
        age = float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds") from error
    if not 1 <= age <= _MAX_AGE:
        raise argparse.ArgumentTypeError(f"{text} is not between 1 and {_MAX_AGE:g} seconds")
    return age


def _file(text: str) -> Path:
    file = Path(text)
    if not file.is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text}")
    return file


if __name__ == "__main__":
    sys.exit(main())
