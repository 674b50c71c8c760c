"""The stand-in's answers to terraform's calls, apart from the transport."""

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from netra_cloud.errors import CloudError
from netra_cloud.terraform.compute_mapping import COLLECTION_OF, GLOBAL_TYPES, compute_body
from netra_cloud.terraform.configuration import Configuration, Resource
from netra_cloud.terraform.findings import Finding, Options
from netra_cloud.terraform.linter import RULES, lint, lint_resource
from netra_cloud.terraform.reader import load
from netra_cloud.terraform.run_mapping import RUN_V2, run_body
from netra_cloud.terraform.schema import Block, data_schema, resource_schema
from netra_cloud.terraform.stand_in.cloud import CloudFile
from netra_cloud.terraform.stand_in.computed import filled
from netra_cloud.terraform.stand_in.coverage import not_checked
from netra_cloud.terraform.stand_in.data_sources import Asked, read_data
from netra_cloud.terraform.stand_in.planning import planned_state, replaced_by
from netra_cloud.terraform.stand_in.state_values import State, as_block
from netra_cloud.terraform.stand_in.survey import survey
from netra_cloud.terraform.values import Unknown, Value

_NAME_ARGUMENTS = ("name", "account_id", "instance_id", "secret_id", "repository_id", "service")


class StandIn:
    """One provider process.

    Args:
        directory: the root module, read once for rules that follow references.
        cloud_file: where an apply leaves its objects.
        options: of the rules.
        provider: whose place it takes, such as ``google-beta`` or ``random``.
        variables: returns the values that terraform was given for the root module.
    """

    def __init__(
        self,
        directory: Path,
        cloud_file: Path,
        options: Options,
        provider: str = "google",
        variables: Callable[[], Mapping[str, Value]] = dict,
    ) -> None:
        self._directory = directory
        self._cloud_file = cloud_file
        self._options = options
        self._variables = variables
        self._lock = threading.Lock()
        self.provider = provider
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

    @cached_property
    def _read(self) -> Configuration:
        return load(self._directory, self._variables())

    @cached_property
    def _findings(self) -> list[Finding]:
        return lint(self._read, self._options)

    def not_checked(self) -> list[str]:
        """Return one line for each kind of thing in the directory that no rule has seen."""
        with self._lock:
            return not_checked(survey(self._directory), self._read)

    def validate(self, resource_type: str, config: State) -> Sequence[Finding]:
        """Return what the rules say about a resource.

        Terraform shows one resource at a time and not its address. Rules that need others come
        from the files of the directory and are matched by type and name.
        """
        body = as_block(config, self._schema(resource_type))
        alone = Resource(resource_type, "", None, body, self._directory)
        own_rules = [rule for rule in RULES if not rule.needs_configuration]
        found = {
            (f.rule, f.path): f
            for f in lint_resource(alone, Configuration([alone]), self._options, own_rules)
            if f.rule in {rule.id for rule in own_rules}
        }
        with self._lock:
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
        planned = planned_state(prior, proposed, self._schema(resource_type))
        return planned, replaced_by(prior, planned)

    def apply(
        self, resource_type: str, prior: State | None, planned: State | None
    ) -> tuple[State | None, list[str]]:
        """Carry out a change; return the new state, and what could not be checked in it.

        Raises:
            CloudError: the compute API's refusal, in Google's words.
        """
        with self._lock:
            if planned is None:
                if prior is not None:
                    self._remove(resource_type, prior)
                return None, []
            link = self._link(resource_type, planned)
            project = planned.get("project")
            chosen = project if isinstance(project, str) else self.project
            state = filled(resource_type, planned, self._schema(resource_type), chosen, link)
            return state, self._put(resource_type, planned, exists=prior is not None)

    def read_data(self, data_type: str, config: State) -> State:
        """Return the state of a data source; see ``data_sources``."""
        schema = data_schema(data_type, self.provider)
        if schema is None:
            raise UnknownType(data_type)
        link = self._link(data_type, config)
        return read_data(Asked(data_type, config, self.project, link), schema)

    def imported(self, resource_type: str, identifier: str) -> State:
        """Return the state of an object that an ``import`` names: only its id is known."""
        schema = self._schema(resource_type)
        state: State = dict.fromkeys(schema.attributes)
        nested: State = {
            name: [] for name, b in schema.block_types.items() if b.nesting_mode != "single"
        }
        return {**state, **dict.fromkeys(schema.block_types), **nested, "id": identifier}

    def read(self, resource_type: str, state: State) -> State | None:
        """Return the state, or None when the object is gone."""
        with self._lock:
            if resource_type in COLLECTION_OF:
                self.cloud.reload()
                found = self.cloud.compute.objects.get(state["id"])
                if found is None and not self._is_imported(state):
                    return None
        return state

    @staticmethod
    def _is_imported(state: State) -> bool:
        return state.get("name") is None  # it exists at Google, and nothing of it is known here

    def _put(self, resource_type: str, state: State, *, exists: bool) -> list[str]:
        """Send what is known; a value that is not is Google's to choose."""
        body = as_block(state, self._schema(resource_type))
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
                return api.unproven(COLLECTION_OF[resource_type], without)
        return []

    def _remove(self, resource_type: str, state: State) -> None:
        if resource_type == RUN_V2:
            with self.cloud.changing():
                self.cloud.run_services.pop(state["name"], None)
        elif resource_type in COLLECTION_OF:
            with self.cloud.changing():
                if self.cloud.compute.objects.get(state["id"]) is not None:
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
        regional = isinstance(region, str) and region and resource_type not in GLOBAL_TYPES
        scope = f"regions/{region}" if regional else "global"
        project = state.get("project")
        owner = project if isinstance(project, str) and project else self.project
        return f"projects/{owner}/{scope}/{collection}/{name}"

    def _schema(self, resource_type: str) -> Block:
        schema = resource_schema(resource_type, self.provider)
        if schema is None:
            raise UnknownType(resource_type)
        return schema


class UnknownType(CloudError):
    """The stand-in has no schema for this type."""

    code = "unknown_type"
    title = "Type not in the vendored schema"
