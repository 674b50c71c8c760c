"""The Logging query language."""

import pytest

from netra_cloud.logging.filters import FilterProblem, matcher

ENTRY = {
    "logName": "projects/p/logs/run.googleapis.com%2Fstdout",
    "severity": "ERROR",
    "timestamp": "2026-12-01T10:00:00.000000Z",
    "textPayload": "Connection refused by db",
    "resource": {"type": "cloud_run_revision", "labels": {"service_name": "web"}},
    "labels": {"run.googleapis.com/x": "y"},
    "httpRequest": {"status": 503},
}


@pytest.mark.parametrize(
    "query",
    [
        "",
        'resource.type="cloud_run_revision"',
        'resource.type = "cloud_run_revision" resource.labels.service_name = "web"',
        'resource.labels.service_name="web" AND severity>=WARNING',
        "severity=error OR severity=info",
        'textPayload:"refused"',
        'textPayload=~"ref.*db$"',
        'NOT textPayload:"closed"',
        '-textPayload:"closed"',
        "httpRequest.status>=500",
        'timestamp>="2026-12-01T09:00:00Z" timestamp<"2026-12-01T11:00:00Z"',
        '(severity=INFO OR severity=ERROR) AND "refused"',
        'resource.labels.service_name=("api" OR "web")',
        'labels.run.googleapis.com/x="y"',
        'logName:"stdout"',
        "absent.field!=5",
        '-- a comment\nseverity="ERROR"',
    ],
)
def test_queries_that_match(query: str) -> None:
    assert matcher(query)(ENTRY)


@pytest.mark.parametrize(
    "query",
    [
        'resource.type="gce_instance"',
        "severity>ERROR",
        "httpRequest.status<500",
        'absent.field="x"',
        "NOT refused",
        'textPayload="refused"',
        "httpRequest.status=many",
    ],
)
def test_queries_that_do_not_match(query: str) -> None:
    assert not matcher(query)(ENTRY)


@pytest.mark.parametrize("query", ["severity>=LOUD", "(severity=ERROR", "a=", ")", '"open'])
def test_texts_that_are_no_query(query: str) -> None:
    with pytest.raises(FilterProblem):
        matcher(query)
