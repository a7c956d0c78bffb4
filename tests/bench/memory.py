"""Memory of the server and its children with 0, 1, 10 and 50 sessions, each after 3 changes."""

import asyncio
from contextlib import AsyncExitStack

import psutil
from load import work
from report import show
from server import open_sessions, server

COUNTS = (0, 1, 10, 50)
SERVERS = 3


def resident(process_id: int) -> float:
    """MB of the process tree."""
    process = psutil.Process(process_id)
    tree = [process, *process.children(recursive=True)]
    return sum(each.memory_info().rss for each in tree) / 1e6


async def measure() -> list[float]:
    """MB at each of the counts, on a fresh server; the sessions stay open beside the next ones."""
    found, opened = [], 0
    with server() as (process_id, port):
        async with AsyncExitStack() as stack:
            for count in COUNTS:
                more = await stack.enter_async_context(open_sessions(port, count - opened))
                opened = count
                for session in more:
                    await work(session, 3)
                await asyncio.sleep(1)
                found.append(resident(process_id))
    return found


async def main() -> None:
    found = [await measure() for _ in range(SERVERS)]
    for count, values in zip(COUNTS, zip(*found, strict=True), strict=True):
        aim = 210 if count == COUNTS[-1] else None
        show(f"memory of the server, {count} session{'s' * (count != 1)}", values, "MB", aim=aim)


if __name__ == "__main__":
    asyncio.run(main())
