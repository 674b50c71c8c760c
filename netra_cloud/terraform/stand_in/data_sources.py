"""What the stand-in returns for a data source: what can be computed here, else a placeholder.

No data source is read from where it lives: nothing is sent, no program is run. A placeholder keeps
the references of a configuration alive, and the output of `netra terraform` names each of them.
"""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netra_cloud.terraform.schema import Block
from netra_cloud.terraform.stand_in.state_values import State

PROJECT_NUMBER = "123456789012"
DEFAULT_REGION = "us-central1"
_PLACEHOLDER = "stand-in"
_ADDRESS = "203.0.113.10"  # reserved for documentation, RFC 5737
_ZONES = "abc"
_SCALARS: dict[str, Any] = {"number": 0, "bool": False}


@dataclass(frozen=True)
class Asked:
    """One data source to answer.

    Attributes:
        type: such as ``google_project``.
        config: its arguments as terraform sends them.
        project: of the provider block.
        link: relative resource name of an object with the name in ``config``.
    """

    type: str
    config: State
    project: str
    link: str

    @property
    def in_project(self) -> str:
        """The project of the arguments, else of the provider."""
        written = self.config.get("project") or self.config.get("project_id")
        return str(written or self.project)

    @property
    def region(self) -> str:
        """The region of the arguments, else Google's first."""
        return str(self.config.get("region") or DEFAULT_REGION)


def read_data(asked: Asked, schema: Block) -> State:
    """Return the state of a data source: its arguments, and a value for everything computed.

    Raises:
        OSError: a ``local_file`` cannot be read.
    """
    state: State = dict(asked.config)
    compute = _OWN.get(asked.type)
    own = {} if compute is None else compute(asked)
    for name, attribute in schema.attributes.items():
        if state.get(name) is None and name in own:
            state[name] = own[name]
        elif state.get(name) is None and attribute.computed:
            state[name] = _computed(name, attribute.type, asked)
    return state


def _computed(name: str, described: Any, asked: Asked) -> Any:
    """Return a placeholder of an attribute's type."""
    match described:
        case "string":
            return _text(name, asked)
        case str():
            return _SCALARS.get(described)
        case ["list", ["object", fields]]:
            return [{field: _computed(field, inner, asked) for field, inner in fields.items()}]
        case ["object", fields]:
            return {field: _computed(field, inner, asked) for field, inner in fields.items()}
        case _:
            return {} if described[0] == "map" else []


def _text(name: str, asked: Asked) -> str:
    email = f"{_PLACEHOLDER}@{asked.in_project}.iam.gserviceaccount.com"
    known = {
        "id": asked.link,
        "self_link": asked.link,
        "project": asked.in_project,
        "project_id": asked.in_project,
        "number": PROJECT_NUMBER,
        "project_number": PROJECT_NUMBER,
        "region": asked.region,
        "location": asked.region,
        "zone": f"{asked.region}-a",
        "email": email,
        "email_address": email,
        "member": f"serviceAccount:{email}",
        "address": _ADDRESS,
        "ip_address": _ADDRESS,
        "uri": "https://stand-in.invalid",
        "url": "https://stand-in.invalid",
    }
    return known.get(name, _PLACEHOLDER)


def _iam_policy(asked: Asked) -> State:
    """Return the policy document, which the provider computes without a call as well."""
    bindings = [
        {
            **({"condition": binding["condition"][0]} if binding.get("condition") else {}),
            "members": sorted(binding["members"]),
            "role": binding["role"],
        }
        for binding in asked.config.get("binding") or []
    ]
    bindings.sort(key=lambda binding: str(binding["role"]))
    return {"policy_data": json.dumps({"bindings": bindings} if bindings else {})}


def _local_file(asked: Asked) -> State:
    """Return a file's content; it is read where terraform runs, and never written."""
    return digests(Path(asked.config["filename"]).read_bytes())


def digests(content: bytes) -> State:
    """Return the values of a ``local_file`` for its content."""
    sha1, sha256 = hashlib.sha1(content, usedforsecurity=False), hashlib.sha256(content)
    sha512 = hashlib.sha512(content)
    return {
        "id": sha1.hexdigest(),
        "content": content.decode("utf-8", "replace"),
        "content_base64": base64.b64encode(content).decode(),
        "content_md5": hashlib.md5(content, usedforsecurity=False).hexdigest(),
        "content_sha1": sha1.hexdigest(),
        "content_sha256": sha256.hexdigest(),
        "content_sha512": sha512.hexdigest(),
        "content_base64sha256": base64.b64encode(sha256.digest()).decode(),
        "content_base64sha512": base64.b64encode(sha512.digest()).decode(),
    }


_OWN: dict[str, Callable[[Asked], State]] = {
    "google_client_config": lambda asked: {"access_token": _PLACEHOLDER, "project": asked.project},
    "google_cloud_run_locations": lambda asked: {"locations": [asked.region]},
    "google_compute_regions": lambda asked: {"names": [asked.region]},
    "google_compute_zones": lambda asked: {"names": [f"{asked.region}-{z}" for z in _ZONES]},
    "google_iam_policy": _iam_policy,
    "google_project": lambda asked: {"name": asked.in_project, "project_id": asked.in_project},
    "http": lambda _: {"status_code": 200, "body": "", "response_body": ""},
    "local_file": _local_file,
    "local_sensitive_file": _local_file,
    "null_data_source": lambda asked: {"outputs": asked.config.get("inputs") or {}},
}
