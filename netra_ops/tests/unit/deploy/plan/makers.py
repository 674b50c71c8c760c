"""A plan for the tests of this folder."""

from netra_ops.deploy.plan.plan import Plan, ServicePlan

SERVICE = ServicePlan("backend", "netra-backend", {"b-1": 100}, "i1", "i2", "b-1")
PLAN = Plan("r2", "netra-staging", "us-central1", (10, 50, 100), (SERVICE,))
