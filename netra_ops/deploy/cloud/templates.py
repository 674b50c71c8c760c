"""Revision templates: what a release changes in one, and one that repeats an old revision."""

import copy
from collections.abc import Mapping
from typing import Any

from google.cloud import run_v2

from netra_ops.deploy.plan.settings import RELEASE_VARIABLE, container_of

_DESCRIPTOR = run_v2.RevisionTemplate.pb(run_v2.RevisionTemplate()).DESCRIPTOR
_FIELDS = frozenset(str(name) for name in _DESCRIPTOR.fields_by_camelcase_name)
# Of the revision itself, or set by the API.
_NOT_REPEATED = frozenset({"revision", "labels", "annotations", "client", "clientVersion"})
# Cloud Run's bound on the name of a revision (RFC 1035 label).
MAX_NAME = 63


def released(
    template: Mapping[str, Any], *, role: str, image: str, revision: str, release: str
) -> dict[str, Any]:
    """Return a template with another image, under a name, with the release in its environment."""
    changed = copy.deepcopy(dict(template)) | {"revision": revision}
    name = container_of(changed, role).get("name")
    for container in changed["containers"]:
        if container.get("name") == name:
            container["image"] = image
            others = [v for v in container.get("env", ()) if v.get("name") != RELEASE_VARIABLE]
            container["env"] = [*others, {"name": RELEASE_VARIABLE, "value": release}]
    return changed


def repeated(revision: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return a template that makes a revision like an old one, under a new name."""
    kept = {
        field: value
        for field, value in revision.items()
        if field in _FIELDS and field not in _NOT_REPEATED
    }
    return copy.deepcopy(kept) | {"revision": name}


def image_of(template: Mapping[str, Any], role: str) -> str:
    """Return the image of the container that runs ``role``; empty for an empty template."""
    if not template.get("containers"):
        return ""
    return str(container_of(template, role).get("image", ""))


def revision_name(service: str, release: str) -> str:
    """Return the name of a release's revision, within Cloud Run's bound."""
    return f"{service[: MAX_NAME - len(release) - 1].rstrip('-')}-{release}"
