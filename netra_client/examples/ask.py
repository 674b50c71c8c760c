"""Ask one question and print the answer as it arrives.

NETRA_EMAIL=ada@example.org NETRA_PASSWORD=... \
        python -m netra_client.examples.ask http://localhost:8080 "What is a close code?"
"""

import asyncio
import os
import sys

from netra_client import IdentityClient, NetraClient, RefreshingTokens, StreamReset


async def ask(base_url: str, email: str, password: str, question: str) -> None:
    """Sign in, open a new thread, send the question, print the answer."""
    async with IdentityClient(base_url) as identity:
        tokens = RefreshingTokens(identity, await identity.login(email, password))
        async with NetraClient(base_url, tokens) as client:
            thread = await client.threads.create()
            async for item in client.run(thread.id, question):
                if isinstance(item, StreamReset):
                    # The server lost its place: show what is stored and continue from there.
                    sys.stdout.write("\n" + "\n".join(m.text for m in item.messages) + "\n")
                elif item.type == "TEXT_MESSAGE_CONTENT":
                    sys.stdout.write(item.event["delta"])
                    sys.stdout.flush()
    sys.stdout.write("\n")


if __name__ == "__main__":
    asyncio.run(
        ask(sys.argv[1], os.environ["NETRA_EMAIL"], os.environ["NETRA_PASSWORD"], sys.argv[2])
    )
