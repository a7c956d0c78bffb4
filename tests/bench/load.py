"""Reruns per second with sessions that click without a pause, over raw websockets."""

import asyncio
import time

from report import show
from server import Session, open_sessions, server

RERUNS = 200  # a round, over all sessions
ROUNDS = 5


async def work(session: Session, reruns: int) -> list[float]:
    """Milliseconds of each rerun."""
    return [await session.run(float(10 + number % 20)) * 1000 for number in range(reruns)]


async def main() -> None:
    with server() as (_, port):
        for count in (1, 10):
            async with open_sessions(port, count) as sessions:
                await asyncio.gather(*(work(session, 3) for session in sessions))
                rates, waits = [], []
                for _ in range(ROUNDS):
                    start = time.perf_counter()
                    got = await asyncio.gather(*(work(s, RERUNS // count) for s in sessions))
                    rates.append(RERUNS / (time.perf_counter() - start))
                    waits += [wait for each in got for wait in each]
            aim = 40 if count == 10 else None
            name = f"reruns a second, {count} session{'s' * (count > 1)}"
            show(name, rates, "/s", aim=aim, at_least=True)
            show("  a rerun then takes", waits, "ms")


if __name__ == "__main__":
    asyncio.run(main())
