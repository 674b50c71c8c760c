"""An answer with everything that Markdown can do."""

SHOWCASE = """### What happened

The gateway closed **412 sockets** with `4413` between 09:14 and 09:16. Each client *resumed* within
[two seconds](https://example.com/resume), and ~~nothing~~ no event was lost.

1. The queue of one instance was full.
2. Its clients were disconnected.
   - most came back to another instance
   - three waited for `retryAfterMs`

> A slow consumer is a bound that works, not a failure.

| instance | closed | resumed |
|---|---:|---:|
| `9c1d2e3f4a5b` | 411 | 411 |
| `0b7a4b3e6a3c` | 1 | 1 |

```python
async def room(self) -> None:
    \"\"\"Wait until the queue has room; the producer is slower than its slowest reader.\"\"\"
    async with self._changed:
        await self._changed.wait_for(lambda: len(self._frames) < self._limit)
```

- [x] raise the bound
- [ ] find out why they read so slowly

---

Ask me for the trace of one of them.
"""
