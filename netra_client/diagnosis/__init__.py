"""Why a WebSocket does not connect: one question after the other, from DNS to the close code."""
