"""Between Knative's Service (Admin API v1, which gcloud uses) and the declaration of API v2.

Sources: docs.cloud.google.com/run/docs/reference/yaml/v1 and reference/rest/v1/
namespaces.services. What has no counterpart is kept as an annotation, so that a client reads what
it wrote.
"""

from typing import Any

from netra_cloud.run.core import traffic

Json = dict[str, Any]

_INGRESS = {
    "all": "INGRESS_TRAFFIC_ALL",
    "internal": "INGRESS_TRAFFIC_INTERNAL_ONLY",
    "internal-and-cloud-load-balancing": "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER",
}
_INGRESS_KEY = "run.googleapis.com/ingress"
_DEFAULT_URI_KEY = "run.googleapis.com/default-url-disabled"
_SCALING = {
    "autoscaling.knative.dev/minScale": "minInstanceCount",
    "autoscaling.knative.dev/maxScale": "maxInstanceCount",
}
_SERVICE_SCALING = {
    "run.googleapis.com/minScale": "minInstanceCount",
    "run.googleapis.com/maxScale": "maxInstanceCount",
}
_AFFINITY_KEY = "run.googleapis.com/sessionAffinity"
_THROTTLING_KEY = "run.googleapis.com/cpu-throttling"
_BOOST_KEY = "run.googleapis.com/startup-cpu-boost"
_ENVIRONMENT_KEY = "run.googleapis.com/execution-environment"
_PROBES = ("startupProbe", "livenessProbe", "readinessProbe")
# Set by the server; they are no part of a declaration.
_SERVER_KEYS = (
    "run.googleapis.com/ingress-status",
    "run.googleapis.com/operation-id",
    "run.googleapis.com/urls",
    "serving.knative.dev/creator",
    "serving.knative.dev/lastModifier",
)
_LOCATION_KEY = "cloud.googleapis.com/location"


def service_from(body: Json) -> Json:
    """Return the v2 declaration of a v1 Service."""
    metadata, spec = body.get("metadata", {}), body.get("spec", {})
    annotations = {
        key: value
        for key, value in metadata.get("annotations", {}).items()
        if key not in _SERVER_KEYS
    }
    service: Json = {"ingress": _INGRESS.get(annotations.pop(_INGRESS_KEY, "all"), "")}
    if annotations.pop(_DEFAULT_URI_KEY, "false") == "true":
        service["defaultUriDisabled"] = True
    scaling = _numbers(annotations, _SERVICE_SCALING)
    if scaling:
        service["scaling"] = scaling
    if annotations:
        service["annotations"] = annotations
    labels = {k: v for k, v in metadata.get("labels", {}).items() if k != _LOCATION_KEY}
    if labels:
        service["labels"] = labels
    service["template"] = template_from(spec.get("template", {}))
    if spec.get("traffic"):
        service["traffic"] = [_target_from(target) for target in spec["traffic"]]
    if metadata.get("resourceVersion"):
        service["etag"] = f'"{metadata["resourceVersion"]}"'
    return service


def template_from(body: Json) -> Json:
    """Return the v2 template of a v1 one."""
    metadata, spec = body.get("metadata", {}), body.get("spec", {})
    annotations = dict(metadata.get("annotations", {}))
    throttled = annotations.pop(_THROTTLING_KEY, "true") == "true"
    boost = annotations.pop(_BOOST_KEY, "false") == "true"
    template: Json = {}
    if metadata.get("name"):
        template["revision"] = metadata["name"]
    scaling = _numbers(annotations, _SCALING)
    if scaling:
        template["scaling"] = scaling
    if annotations.pop(_AFFINITY_KEY, "false") == "true":
        template["sessionAffinity"] = True
    environment = annotations.pop(_ENVIRONMENT_KEY, "")
    if environment:
        template["executionEnvironment"] = f"EXECUTION_ENVIRONMENT_{environment.upper()}"
    if annotations:
        template["annotations"] = annotations
    if metadata.get("labels"):
        template["labels"] = metadata["labels"]
    if spec.get("timeoutSeconds"):
        template["timeout"] = f"{spec['timeoutSeconds']}s"
    if spec.get("containerConcurrency"):
        template["maxInstanceRequestConcurrency"] = spec["containerConcurrency"]
    if spec.get("serviceAccountName"):
        template["serviceAccount"] = spec["serviceAccountName"]
    template["containers"] = [
        _container_from(one, throttled=throttled, boost=boost) for one in spec.get("containers", [])
    ]
    return template


def service_to(view: Json, *, project: str, location: str, statuses: list[Json]) -> Json:
    """Return a v1 Service.

    Args:
        view: a v2 ``Service``.
        project: namespace.
        location: region, shown as a label.
        statuses: the traffic in force with ``revision`` always named.
    """
    name = view["name"].rpartition("/")[2]
    annotations = dict(view.get("annotations", {}))
    ingress = next((k for k, v in _INGRESS.items() if v == view.get("ingress")), "all")
    annotations |= {_INGRESS_KEY: ingress, "run.googleapis.com/ingress-status": ingress}
    if view.get("defaultUriDisabled"):
        annotations[_DEFAULT_URI_KEY] = "true"
    annotations |= _texts(view.get("scaling", {}), _SERVICE_SCALING)
    annotations |= {
        "serving.knative.dev/creator": view["creator"],
        "serving.knative.dev/lastModifier": view["lastModifier"],
    }
    uri = view.get("uri", "")
    status: Json = {
        "observedGeneration": int(view["observedGeneration"]),
        "conditions": [
            condition_to(view["terminalCondition"]),
            *(condition_to(one) for one in view["conditions"]),
        ],
        "traffic": statuses,
    }
    for field, key in (
        ("latestReadyRevision", "latestReadyRevisionName"),
        ("latestCreatedRevision", "latestCreatedRevisionName"),
    ):
        if view.get(field):
            status[key] = view[field].rpartition("/")[2]
    if uri:
        status |= {"url": uri, "address": {"url": uri}}
    return {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {
            "name": name,
            "namespace": project,
            "selfLink": f"/apis/serving.knative.dev/v1/namespaces/{project}/services/{name}",
            "uid": view["uid"],
            "resourceVersion": view["etag"].strip('"'),
            "generation": int(view["generation"]),
            "creationTimestamp": view["createTime"],
            "labels": {**view.get("labels", {}), _LOCATION_KEY: location},
            "annotations": annotations,
        },
        "spec": {
            "template": template_to(view["template"]),
            "traffic": [_target_to(target) for target in view.get("traffic", [])],
        },
        "status": status,
    }


def template_to(template: Json) -> Json:
    """Return the v1 template of a v2 one."""
    annotations = dict(template.get("annotations", {}))
    annotations |= _texts(template.get("scaling", {}), _SCALING)
    if template.get("sessionAffinity"):
        annotations[_AFFINITY_KEY] = "true"
    environment = template.get("executionEnvironment", "")
    if environment:
        annotations[_ENVIRONMENT_KEY] = environment.rpartition("_")[2].lower()
    resources = [one.get("resources", {}) for one in template.get("containers", [])]
    if any(one.get("cpuIdle") is False for one in resources):
        annotations[_THROTTLING_KEY] = "false"
    if any(one.get("startupCpuBoost") for one in resources):
        annotations[_BOOST_KEY] = "true"
    metadata: Json = {"annotations": annotations}
    if template.get("revision"):
        metadata["name"] = template["revision"]
    if template.get("labels"):
        metadata["labels"] = template["labels"]
    spec: Json = {"containers": [_container_to(one) for one in template.get("containers", [])]}
    if "timeout" in template:
        spec["timeoutSeconds"] = int(float(template["timeout"].removesuffix("s")))
    if "maxInstanceRequestConcurrency" in template:
        spec["containerConcurrency"] = template["maxInstanceRequestConcurrency"]
    if template.get("serviceAccount"):
        spec["serviceAccountName"] = template["serviceAccount"]
    return {"metadata": metadata, "spec": spec}


def revision_to(view: Json, *, project: str, location: str) -> Json:
    """Return a v1 Revision of a v2 one."""
    name = view["name"].rpartition("/")[2]
    template = template_to(view)
    return {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Revision",
        "metadata": {
            **template["metadata"],
            "name": name,
            "namespace": project,
            "uid": view["uid"],
            "generation": 1,
            "creationTimestamp": view["createTime"],
            "labels": {
                **template["metadata"].get("labels", {}),
                "serving.knative.dev/service": view["service"],
                "serving.knative.dev/configuration": view["service"],
                _LOCATION_KEY: location,
            },
        },
        "spec": template["spec"],
        "status": {
            "observedGeneration": int(view["observedGeneration"]),
            "conditions": [condition_to(one) for one in view["conditions"]],
            "logUrl": view["logUri"],
        },
    }


def condition_to(condition: Json) -> Json:
    """Return a Knative condition."""
    status = {"CONDITION_SUCCEEDED": "True", "CONDITION_FAILED": "False"}
    result = {
        "type": condition["type"],
        "status": status.get(condition["state"], "Unknown"),
        "lastTransitionTime": condition["lastTransitionTime"],
    }
    reason = condition.get("revisionReason") or condition.get("reason") or ""
    if reason:
        result["reason"] = "".join(part.title() for part in reason.split("_"))
    if condition.get("message"):
        result["message"] = condition["message"]
    if condition.get("severity"):
        result["severity"] = condition["severity"].title()
    return result


def _target_from(target: Json) -> Json:
    result: Json = {"percent": target.get("percent", 0)}
    if target.get("latestRevision"):
        result["type"] = traffic.LATEST
    else:
        result |= {"type": traffic.REVISION, "revision": target.get("revisionName", "")}
    if target.get("tag"):
        result["tag"] = target["tag"]
    return result


def _target_to(target: Json) -> Json:
    result: Json = {"percent": target.get("percent", 0)}
    if traffic.is_latest(target):
        result["latestRevision"] = True
    else:
        result["revisionName"] = target["revision"]
    if target.get("tag"):
        result["tag"] = target["tag"]
    return result


def _container_from(container: Json, *, throttled: bool, boost: bool) -> Json:
    result = {
        key: value
        for key, value in container.items()
        if key in {"name", "image", "command", "args", "workingDir", "ports", *_PROBES}
    }
    resources: Json = {"cpuIdle": throttled}
    if boost:
        resources["startupCpuBoost"] = True
    if container.get("resources", {}).get("limits"):
        resources["limits"] = container["resources"]["limits"]
    result["resources"] = resources
    if container.get("env"):
        result["env"] = [_env_from(entry) for entry in container["env"]]
    return result


def _container_to(container: Json) -> Json:
    result = {
        key: value
        for key, value in container.items()
        if key in {"name", "image", "command", "args", "workingDir", "ports", *_PROBES}
    }
    if container.get("resources", {}).get("limits"):
        result["resources"] = {"limits": container["resources"]["limits"]}
    if container.get("env"):
        result["env"] = [_env_to(entry) for entry in container["env"]]
    return result


def _env_from(entry: Json) -> Json:
    reference = entry.get("valueFrom", {}).get("secretKeyRef")
    if reference is None:
        return {"name": entry["name"], "value": entry.get("value", "")}
    source = {"secret": reference["name"], "version": reference.get("key", "latest")}
    return {"name": entry["name"], "valueSource": {"secretKeyRef": source}}


def _env_to(entry: Json) -> Json:
    reference = entry.get("valueSource", {}).get("secretKeyRef")
    if reference is None:
        return {"name": entry["name"], "value": entry.get("value", "")}
    source = {"name": reference["secret"], "key": reference.get("version", "latest")}
    return {"name": entry["name"], "valueFrom": {"secretKeyRef": source}}


def _numbers(annotations: Json, names: dict[str, str]) -> Json:
    return {field: int(annotations.pop(key)) for key, field in names.items() if key in annotations}


def _texts(scaling: Json, names: dict[str, str]) -> Json:
    return {key: str(scaling[field]) for key, field in names.items() if field in scaling}
