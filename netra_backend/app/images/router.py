"""``/api/images``: an image of an answer, fetched by the backend.

The body has the address, because edges log the addresses of requests, and an image's address can
contain words of a thread. The bearer token binds the request to its session.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from netra_backend.app.images.addresses import ImageAddressRefused
from netra_backend.app.images.fetcher import ImageFetcher, ImageUnavailable
from netra_backend.app.images.kinds import ACCEPT, ImageUnsuitable
from netra_shared.auth.bearer import CurrentClaims
from netra_shared.errors import RateLimited, Unauthenticated
from netra_shared.http.body_limit import RequestTooLarge, RequestTooSlow
from netra_shared.http.problem import problem_responses

MAX_URL = 2048  # more than any browser's address bar needs
# The answer is data for one page. Opened as a document it runs nothing; no other site may embed it.
_HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Disposition": "inline",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}

router = APIRouter(prefix="/api/images", tags=["images"])


class ImageIn(BaseModel):
    """An image that a person wants to see."""

    url: str = Field(min_length=1, max_length=MAX_URL, description="Its http or https address.")


async def image_fetcher(request: Request) -> ImageFetcher:
    """Return the fetcher of this instance."""
    found: ImageFetcher = request.app.state.images
    return found


_responses = problem_responses(
    Unauthenticated,
    ImageAddressRefused,
    ImageUnsuitable,
    ImageUnavailable,
    RateLimited,
    RequestTooLarge,
    RequestTooSlow,
)
_image = {"content": {kind: {} for kind in ACCEPT.split(", ")}, "description": "The image."}


@router.post("", response_class=Response, responses={**_responses, 200: _image})
async def fetch_image(
    claims: CurrentClaims,
    fetcher: Annotated[ImageFetcher, Depends(image_fetcher)],
    wanted: ImageIn,
) -> Response:
    """Return the image at an address on the public Internet."""
    image = await fetcher.fetch(wanted.url, user_id=claims.sub)
    return Response(image.content, media_type=image.kind, headers=_HEADERS)
