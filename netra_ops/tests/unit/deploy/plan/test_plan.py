import json
from dataclasses import replace

from netra_ops.deploy.plan.findings import Finding
from netra_ops.deploy.plan.migrations import Migration
from netra_ops.tests.unit.deploy.plan.makers import PLAN, SERVICE


def test_the_same_image_with_the_same_settings_is_nothing_to_deploy() -> None:
    assert replace(PLAN, services=(replace(SERVICE, image_next="i1"),)).is_empty
    assert not replace(PLAN, services=(replace(SERVICE, image_next="i2"),)).is_empty
    assert not replace(PLAN, services=(replace(SERVICE, image_next=""),)).is_empty


def test_a_migration_that_breaks_the_former_code_refuses_the_deploy() -> None:
    plan = replace(PLAN, migrations=(Migration("netra", "0009", ("drops a column",)),))

    assert "0009 drops a column" in plan.refusals[0].message


def test_findings_are_warnings_or_refusals() -> None:
    plan = replace(PLAN, findings=(Finding("s", "a"), Finding("s", "b", refuses=True)))

    assert [f.message for f in plan.warnings] == ["a"]
    assert [f.message for f in plan.refusals] == ["b"]


def test_it_is_json() -> None:
    assert json.loads(json.dumps(PLAN.to_json()))["release"] == "r2"
