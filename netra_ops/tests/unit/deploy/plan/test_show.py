from dataclasses import replace

from netra_ops.deploy.plan.findings import Finding
from netra_ops.deploy.plan.migrations import Migration
from netra_ops.deploy.plan.secrets import Pin
from netra_ops.deploy.plan.settings import Change
from netra_ops.deploy.plan.show import plan_lines
from netra_ops.tests.unit.deploy.plan.makers import PLAN, SERVICE


def test_every_change_is_a_line() -> None:
    service = replace(
        SERVICE,
        changes=(Change("template.timeout", "300s", "3600s"),),
        drift=(Change("template.scaling.minInstanceCount", "3", "1"),),
        pins=(Pin("KEY", "model-key", 7),),
    )
    plan = replace(
        PLAN,
        services=(service,),
        findings=(Finding("s", "careful"),),
        migrations=(Migration("netra", "0009", ()),),
    )

    lines = list(plan_lines(plan))

    assert "traffic 10 % -> 50 % -> 100 %" in lines
    assert "  serves now   b-1 100 %" in lines
    assert "  ~ template.timeout: 300s -> 3600s" in lines
    assert "  ~ secret model-key in KEY: latest -> version 7" in lines
    assert "  drift template.scaling.minInstanceCount: live 3, declared 1; stays as it is" in lines
    assert "warning: s: careful" in lines
    assert "migration netra 0009: suits the release that serves now" in lines
    assert not any(line.startswith("!") for line in lines)


def test_a_new_service_and_an_empty_plan_say_so() -> None:
    new = replace(SERVICE, serving={}, image_now="", fallback="")
    same = replace(SERVICE, image_next="i1")

    assert "nothing: the service does not exist" in "\n".join(
        plan_lines(replace(PLAN, services=(new,)))
    )
    assert "nothing to deploy" in list(plan_lines(replace(PLAN, services=(same,))))[-1]
