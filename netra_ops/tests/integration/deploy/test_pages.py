"""The pages of a release, deployed with npm as the guide types it, on the local Cloud Run."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from netra_ops.deploy.build.local import LocalBuilder
from netra_ops.tests.integration.deploy.small_cloud import DEADLINE, SmallCloud, small_cloud
from netra_ops.tests.integration.deploy.small_pages import SmallPages, small_pages

SERVICE = "netra-frontend-staging"
CLEAN_BUILD = ("run", "build", "--", "--no-cache")
DEPLOY = ("run", "deploy:staging", "--", "--invalidate-cache")
QUICK = ("--events", "10", "--watch", "60", "--bake", "0")
CHUNK = re.compile(r"/_next/static/chunks/\w+\.js")


@pytest.fixture
def pages(tmp_path: Path) -> SmallPages:
    (tmp_path / "checkout").mkdir()
    return small_pages(tmp_path / "checkout")


@pytest.fixture
def staging(tmp_path: Path) -> Iterator[SmallCloud]:
    with small_cloud(tmp_path, "staging") as cloud:
        yield cloud


def create_pages(cloud: SmallCloud, pages: SmallPages) -> str:
    """Create the service with the present pages; return its public address."""
    builder = LocalBuilder(pages.root, cloud.process.api)
    image = builder.build("frontend", force=False, report=lambda _: None)
    body = {"template": {"containers": [{"name": "frontend", "image": image}]}}
    cloud.target.cloud.create(SERVICE, body)
    return f"http://127.0.0.1:{cloud.local('GET', f'negs/{SERVICE}')['port']}"


def get(url: str) -> httpx.Response:
    return httpx.get(url, timeout=DEADLINE)


def chunk_of(url: str) -> str:
    found = CHUNK.search(get(url).text)
    assert found is not None
    return found[0]


def test_open_tabs_find_the_chunks_of_the_release_before(
    staging: SmallCloud, pages: SmallPages
) -> None:
    (pages.frontend / ".next").mkdir()
    built = pages.npm(*CLEAN_BUILD)
    assert built.returncode == 0, built.stderr
    assert not (pages.frontend / ".next").exists()
    url = create_pages(staging, pages)
    variables = {
        "NETRA_STAGING_PROJECT": staging.target.cloud.project,
        "NETRA_STAGING_BASE_URL": staging.url,
        "NETRA_STAGING_AUTH_URL": staging.url,
        "NETRA_STAGING_FRONTEND_URL": url,
        "NETRA_EMAIL": "operator@example.com",
        "NETRA_PASSWORD": "secret",
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN": staging.process.api,
    }
    chunks, shown = [chunk_of(url)], ""
    for text, steps in (("two", "100"), ("three", "50")):
        pages.show(text)
        deployed = pages.npm(*DEPLOY, *QUICK, "--steps", steps, variables=variables)
        assert deployed.returncode == 0, deployed.stdout + deployed.stderr
        shown = deployed.stderr
        chunks.append(chunk_of(url))
    assert f"{SERVICE}: moves whole, with the last step" in shown
    again = pages.npm("run", "deploy:staging", "--", *QUICK, variables=variables)

    assert "nothing to deploy" in again.stdout, again.stdout + again.stderr
    assert len(set(chunks)) == len(chunks)
    for chunk, text in zip(chunks, ("one", "two", "three"), strict=True):
        served = get(url + chunk)
        assert (served.status_code, text in served.text) == (200, True)
        assert served.headers["content-type"].startswith("text/javascript")
        assert "immutable" in served.headers["cache-control"]
    entry = get(url)
    assert CHUNK.findall(entry.text) == [chunks[-1]]
    assert entry.headers["cache-control"] == "no-cache"
    listed = {one["path"]: one for one in get(f"{url}/chunks.json").json()["files"]}
    assert ["lastReleased" in listed[chunk[1:]] for chunk in chunks] == [True, True, False]
    on_disk = json.loads((pages.frontend / "out" / "chunks.json").read_text())
    assert len(on_disk["files"]) == 1  # a build holds nothing of other releases
