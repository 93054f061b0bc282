"""A relay on loopback that lets every chunk wait each way: a mail server at a distance, without the distance.

`python relay.py LISTEN TARGET SECONDS`: ports, and how long a chunk is under way.
"""

from __future__ import annotations

import asyncio
import sys


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
    """Hand on what comes, each chunk so many seconds later and in its order; the end of the stream, too."""
    loop = asyncio.get_running_loop()
    under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def arrive() -> None:
        while True:
            due, data = await under_way.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            if not data:
                writer.close()
                return
            writer.write(data)

    arriving = asyncio.create_task(arrive())
    data = b"-"
    while data:
        try:
            data = await reader.read(262_144)
        except ConnectionError:
            data = b""
        under_way.put_nowait((loop.time() + seconds, data))
    await arriving


async def main(listen: int, target: int, seconds: float) -> None:
    """Relay until killed."""

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", target)
        await asyncio.gather(carry(reader, back, seconds), carry(there, writer, seconds), return_exceptions=True)

    async with await asyncio.start_server(meet, "127.0.0.1", listen) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
