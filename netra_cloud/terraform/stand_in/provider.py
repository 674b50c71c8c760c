"""The stand-in's answers to terraform's calls, apart from the transport."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from netra_cloud.compute.objects import COLLECTIONS
from netra_cloud.errors import CloudError
from netra_cloud.terraform.compute_mapping import COLLECTION_OF, compute_body
from netra_cloud.terraform.configuration import Configuration, Resource
from netra_cloud.terraform.findings import Finding, Options
from netra_cloud.terraform.linter import RULES, lint, lint_resource
from netra_cloud.terraform.reader import load, variables_of
from netra_cloud.terraform.run_mapping import RUN_V2, run_body
from netra_cloud.terraform.schema import Block, resource_schema
from netra_cloud.terraform.stand_in.cloud import CloudFile
from netra_cloud.terraform.stand_in.computed import filled
from netra_cloud.terraform.stand_in.planning import planned_state, replaced_by
from netra_cloud.terraform.stand_in.state_values import State, UnknownValue, as_block
from netra_cloud.terraform.values import Unknown

_NAME_ARGUMENTS = ("name", "account_id", "instance_id", "secret_id", "repository_id", "service")


class StandIn:
    """One provider process.

    Args:
        directory: the root module, read once for rules that follow references.
        cloud_file: where an apply leaves its objects.
        options: of the rules.
    """

    def __init__(self, directory: Path, cloud_file: Path, options: Options) -> None:
        self._directory = directory
        self._cloud_file = cloud_file
        self._options = options
        self._lock = threading.Lock()
        self._findings: list[Finding] | None = None
        self._read = Configuration()
        self.project = "stand-in"
        self._cloud: CloudFile | None = None

    def configure(self, project: str | None) -> None:
        """Take the provider block's project."""
        self.project = project or self.project

    @property
    def cloud(self) -> CloudFile:
        """The objects of the project."""
        if self._cloud is None:
            self._cloud = CloudFile(self._cloud_file, self.project)
        return self._cloud

    def validate(self, resource_type: str, config: State) -> Sequence[Finding]:
        """Return what the rules say about a resource.

        Terraform shows one resource at a time and not its address. Rules that need others come
        from the files of the directory and are matched by type and name.
        """
        schema = _schema(resource_type)
        body = as_block(config, schema)
        alone = Resource(resource_type, "", None, body, self._directory)
        own_rules = [rule for rule in RULES if not rule.needs_configuration]
        found = {
            (f.rule, f.path): f
            for f in lint_resource(alone, Configuration([alone]), self._options, own_rules)
            if f.rule in {rule.id for rule in own_rules}
        }
        with self._lock:
            if self._findings is None:
                self._read = load(self._directory, variables_of(self._directory))
                self._findings = lint(self._read, self._options)
            by_reference = {rule.id for rule in RULES if rule.needs_configuration}
            for finding in self._findings:
                if finding.rule in by_reference and self._is_same(finding, resource_type, body):
                    found.setdefault((finding.rule, finding.path), finding)
        return list(found.values())

    def _is_same(self, finding: Finding, resource_type: str, body: Any) -> bool:
        written = next((r for r in self._read.resources if r.address == finding.address), None)
        if written is None or written.type != resource_type:
            return False
        ours, theirs = body.get("name"), written.body.get("name")
        unknown = isinstance(ours, Unknown) or isinstance(theirs, Unknown)
        return unknown or ours == theirs

    def plan(
        self, resource_type: str, prior: State | None, proposed: State | None
    ) -> tuple[State | None, list[str]]:
        """Return the planned state and the arguments that force a replacement."""
        planned = planned_state(prior, proposed, _schema(resource_type))
        return planned, replaced_by(prior, planned)

    def apply(self, resource_type: str, prior: State | None, planned: State | None) -> State | None:
        """Carry out a change.

        Raises:
            CloudError: the compute API's refusal, in Google's words.
        """
        with self._lock:
            if planned is None:
                if prior is not None:
                    self._remove(resource_type, prior)
                return None
            link = self._link(resource_type, planned)
            project = planned.get("project")
            chosen = project if isinstance(project, str) else self.project
            state = filled(resource_type, planned, _schema(resource_type), chosen, link)
            self._put(resource_type, planned, exists=prior is not None)
            return state

    def read(self, resource_type: str, state: State) -> State | None:
        """Return the state, or None when the object is gone."""
        with self._lock:
            if resource_type in COLLECTION_OF:
                self.cloud.reload()
                if self.cloud.compute.objects.get(state["id"]) is None:
                    return None
        return state

    def _put(self, resource_type: str, state: State, *, exists: bool) -> None:
        """Send what is known; a value that is not is Google's to choose."""
        body = as_block(state, _schema(resource_type))
        if resource_type == RUN_V2:
            with self.cloud.changing():
                self.cloud.run_services[state["name"]] = run_body(body, lambda unknown: unknown)
        elif resource_type in COLLECTION_OF:
            region = state.get("region")
            sent = compute_body(resource_type, body, lambda unknown: unknown)
            without = {name: value for name, value in sent.items() if name != "region"}
            with self.cloud.changing():
                api = self.cloud.compute
                write = api.replace if exists else api.insert
                write(COLLECTION_OF[resource_type], without, region or None)

    def _remove(self, resource_type: str, state: State) -> None:
        if resource_type == RUN_V2:
            with self.cloud.changing():
                self.cloud.run_services.pop(state["name"], None)
        elif resource_type in COLLECTION_OF:
            with self.cloud.changing():
                self.cloud.compute.delete(state["id"])

    def _link(self, resource_type: str, state: State) -> str:
        name = next(
            (
                state[argument]
                for argument in _NAME_ARGUMENTS
                if isinstance(state.get(argument), str) and state[argument]
            ),
            "unnamed",
        )
        collection = COLLECTION_OF.get(resource_type, resource_type.removeprefix("google_"))
        region = state.get("region")
        regional = (
            isinstance(region, str) and not isinstance(region, UnknownValue) and bool(region)
        ) and (collection not in COLLECTIONS or collection == "networkEndpointGroups")
        scope = f"regions/{region}" if regional else "global"
        return f"projects/{self.project}/{scope}/{collection}/{name}"


def _schema(resource_type: str) -> Block:
    schema = resource_schema(resource_type)
    if schema is None:
        raise UnknownType(resource_type)
    return schema


class UnknownType(CloudError):
    """The stand-in has no schema for this type."""

    code = "unknown_type"
    title = "Type not in the vendored schema"
