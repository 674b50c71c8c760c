"""``scripts/rollback_infrastructure.py``: plan an earlier commit, show it, apply it."""

import argparse
import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from netra_cloud.terraform.stand_in.workspace import prepare
from netra_ops.environments.loader import EnvironmentName
from netra_ops.errors import OperatorError, SomethingAbsent
from netra_ops.exit_status import exit_status_of
from netra_ops.stack_directory import STACK
from netra_ops.terraform.commands import COMMIT_VARIABLE, root_module, scratch_of
from netra_ops.terraform.process import Terraform, find_terraform
from netra_ops.terraform.rollback import history
from netra_ops.terraform.rollback.changes import Change, Effect, changes_of, forbidden
from netra_ops.terraform.rollback.checkout import checked_out, git, repository_of

PLAN = "rollback.tfplan"
EPILOG = """examples:
  rollback_infrastructure.py --environment staging --var-file staging.tfvars --plan-only
  rollback_infrastructure.py --environment staging --var-file staging.tfvars --to 4f2a91c
  rollback_infrastructure.py --environment local --var-file staging.tfvars.example

Without --to the commit comes from the output `applied_commit` of the earlier states.
`terraform apply -target=… -var-file=previous_state.tfvars` is no rollback: see
docs/runbook/infrastructure-rollback.md.
Exit status: 0 rolled back or planned, 1 refused or failed, 2 usage, 3 something absent."""
_MARKS = {Effect.CREATE: "+", Effect.UPDATE: "~", Effect.REPLACE: "-/+", Effect.DESTROY: "-"}
_SETTING = re.compile(r'^\s*(\w+)\s*=\s*"([^"]*)"', re.MULTILINE)


class Refused(OperatorError):
    """The rollback is not carried out; nothing was changed."""

    code = "rollback_refused"
    title = "Rollback refused"


def main(arguments: Sequence[str] | None = None) -> int:
    """Roll back; 0 applied or nothing to do, 1 refused or failed, 3 something is absent."""
    options = _parser().parse_args(arguments)
    return exit_status_of(lambda: _roll_back(options))


def _roll_back(options: argparse.Namespace) -> int:
    find_terraform()
    directory = root_module(options.directory)
    repository = repository_of(directory)
    states = list(_states(options, directory)) if options.to is None else []
    current = history.commit_in(states[0]) if states else None
    wanted = options.to or history.previous(current, states)
    if wanted is None:
        raise SomethingAbsent(
            "no earlier commit is on record",
            remedy="name one with --to; `git log -- terraform-gcp-staging` lists them",
        )
    commit = git(
        repository, "rev-parse", "--verify", "--quiet", f"{wanted}^{{commit}}", check=False
    )
    with checked_out(repository, commit or wanted) as tree:
        target = tree / directory.relative_to(repository)
        terraform = _terraform(options, directory, target, commit)
        current = current or _applied_now(terraform)
        _show_commits(repository, current, commit, directory)
        variables = [f"-var-file={_file(repository, tree, file)}" for file in options.var_file]
        given = [*variables, *(f"-var={value}" for value in options.var)]
        if terraform.run("plan", "-input=false", f"-out={PLAN}", *given) != 0:
            raise Refused("the plan failed; nothing was changed")
        changes = changes_of(json.loads(terraform.read("show", "-json", PLAN)))
        return _decide(options, terraform, changes)


def _decide(options: argparse.Namespace, terraform: Terraform, changes: Sequence[Change]) -> int:
    _show_changes(changes)
    lost = forbidden(changes, options.allow_data_loss)
    if lost:
        flags = " ".join(f"--allow-data-loss '{change.address}'" for change in lost)
        raise Refused(
            f"{len(lost)} resource(s) that hold data would be destroyed; nothing was changed",
            remedy=f"keep them out of the rollback, or insist: {flags}",
        )
    if options.plan_only:
        sys.stdout.write("planned only; nothing was changed\n")
        return 0
    if not options.yes and not _confirmed():
        raise Refused("not confirmed; nothing was changed", remedy="answer yes, or give --yes")
    status = terraform.run("apply", "-input=false", PLAN)
    if status != 0:
        raise OperatorError(
            "the apply failed half-way; terraform's words are above",
            remedy="run the same command again: it plans from what is there now",
        )
    sys.stdout.write("rolled back; traffic and images are the deploy tool's, see docs/runbook\n")
    return 0


def _confirmed() -> bool:
    if not sys.stdin.isatty():
        return False
    return input("Apply exactly this plan? Only `yes` applies it: ").strip() == "yes"


def _states(options: argparse.Namespace, directory: Path) -> Iterator[str]:
    """Yield the states of the environment, newest first, the present one included."""
    if options.environment == EnvironmentName.LOCAL:
        yield from history.local_states(prepare(directory, scratch_of(directory)).directory)
        return
    settings = dict(_SETTING.findall(_backend_file(options, directory).read_text()))
    if "bucket" not in settings:
        raise SomethingAbsent(
            f"{_backend_file(options, directory)} names no bucket",
            remedy='write bucket = "…" and prefix = "…"',
        )
    yield from history.bucket_states(settings["bucket"], settings.get("prefix", ""))


def _backend_file(options: argparse.Namespace, directory: Path) -> Path:
    file: Path = options.backend_config or directory / f"{options.environment}.gcs.tfbackend"
    if not file.exists():
        raise SomethingAbsent(
            f"there is no {file}",
            remedy=f"copy {file.name}.example, or give --backend-config; where the state is, "
            "no commit says",
        )
    return file.resolve()


def _terraform(
    options: argparse.Namespace, directory: Path, target: Path, commit: str
) -> Terraform:
    """Return terraform on the earlier commit's files and the environment's state, initialised."""
    if not any(target.glob("*.tf")):
        raise SomethingAbsent(
            f"commit {commit} has no Terraform in {directory.name}",
            remedy="choose a later commit with --to",
        )
    named = {COMMIT_VARIABLE: commit}
    if options.environment == EnvironmentName.LOCAL:
        workspace = prepare(target, scratch_of(directory))
        terraform = Terraform(workspace.directory, {**workspace.environment, **named})
        terraform.read("init", "-input=false")
        return terraform
    terraform = Terraform(target, named)
    file = _backend_file(options, directory)
    if terraform.run("init", "-input=false", f"-backend-config={file}") != 0:
        raise Refused("terraform init failed; nothing was changed")
    return terraform


def _file(repository: Path, tree: Path, file: Path) -> Path:
    """Return the earlier commit's version of a file that git has, else the file itself."""
    full = file.resolve()
    if full.is_relative_to(repository):
        name = full.relative_to(repository)
        if git(repository, "ls-files", "--", str(name)):
            return tree / name
    return full


def _applied_now(terraform: Terraform) -> str | None:
    outputs = json.loads(terraform.read("output", "-json") or "{}")
    return history.commit_in(json.dumps({"outputs": outputs}))


def _show_commits(repository: Path, current: str | None, wanted: str, directory: Path) -> None:
    def line(commit: str | None) -> str:
        if commit is None:
            return "not on record"
        return git(repository, "log", "-1", "--format=%h %cs %s", commit, check=False) or commit

    sys.stdout.write(f"applied now:  {line(current)}\nroll back to: {line(wanted)}\n")
    if current is not None:
        paths = [str(directory.relative_to(repository)), "netra_shared"]
        stat = git(repository, "diff", "--stat", current, wanted, "--", *paths, check=False)
        sys.stdout.write(f"files:\n{stat or ' no file differs'}\n")
    sys.stdout.flush()


def _show_changes(changes: Sequence[Change]) -> None:
    sys.stdout.write(f"\n{len(changes)} resource(s) change:\n")
    for change in changes:
        arguments = f"  ({', '.join(change.arguments)})" if change.arguments else ""
        loss = "  DATA LOSS" if change.loses_data else ""
        sys.stdout.write(f"  {_MARKS[change.effect]:>3} {change.address}{arguments}{loss}\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rollback_infrastructure.py",
        description="Plan the commit that was applied before the present one, show the "
        "difference, and apply exactly that plan after a yes.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--environment", required=True, choices=[str(name) for name in EnvironmentName]
    )
    parser.add_argument("--to", metavar="COMMIT", help="roll back to this commit instead")
    parser.add_argument(
        "--directory", type=Path, default=STACK, help="Terraform root module in a git clone"
    )
    parser.add_argument(
        "--var-file", type=Path, action="append", default=[], help="as of terraform; repeatable"
    )
    parser.add_argument(
        "--var", action="append", default=[], metavar="NAME=VALUE", help="as of terraform"
    )
    parser.add_argument(
        "--backend-config", type=Path, help="default: ENVIRONMENT.gcs.tfbackend in the directory"
    )
    parser.add_argument("--plan-only", action="store_true", help="show, and change nothing")
    parser.add_argument("--yes", action="store_true", help="apply without asking")
    parser.add_argument(
        "--allow-data-loss",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="let the rollback destroy this resource; repeatable",
    )
    return parser
