"""TLS before a PostgreSQL that was built without it; run as a process of its own.

It answers the client's request for TLS as the server would, and hands the rest on to the socket.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import struct
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine

SSL_REQUEST = struct.pack("!ii", 8, 80877103)


async def serve(port: int, upstream: str, certificate: str, key: str) -> None:
    """Listen on the loopback address until the process ends."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, EOFError, asyncio.IncompleteReadError):
            if await reader.readexactly(8) == SSL_REQUEST:
                writer.write(b"S")
                await writer.start_tls(context)
                ahead, back = await asyncio.open_unix_connection(upstream)
                try:
                    await first_end(_copy(reader, back), _copy(ahead, writer))
                finally:
                    back.close()
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


async def first_end(*copies: Coroutine[Any, Any, None]) -> None:
    """Wait until either side is done; then both are."""
    tasks = [asyncio.ensure_future(copy) for copy in copies]
    _, left = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in left:
        task.cancel()


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(65_536):
            target.write(data)
            await target.drain()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), *sys.argv[2:]))
