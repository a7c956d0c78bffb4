"""Many who click at a human's pace, one who uploads a large file beside them, visitors who come and
go, and a day of everything: how long a click waits, and what memory is left behind."""

import argparse
import asyncio
import itertools
import random
import time

from memory import resident
from report import show
from server import ROOT, Session, open_sessions, server
from visits import some_visits

PACE = 5.0  # seconds between two clicks of one who thinks
FORGOTTEN = 130  # seconds after which the server has forgotten who left (config: 120)
LINKS = (
    "do=97110.30_97112.15&payer=va",
    "regions=cervical.lumbar&do=97110.15_97140.15&payer=commercial-midpoint",
    "do=97110.8_97530.23_97035.8&payer=medicare&who=pt",
    "do=97110.23_99213_97012&payer=self-pay",
)


async def clicks(session: Session, seconds: float, pace: float, waits: list[float]) -> None:
    """Change a number now and then, each a while after the answer to the last."""
    end = time.monotonic() + seconds
    await asyncio.sleep(random.uniform(0, pace))
    number = itertools.count(random.randrange(20))
    while time.monotonic() < end:
        waits.append(await session.run(float(10 + next(number) % 20)) * 1000)
        await asyncio.sleep(random.uniform(0.5, 1.5) * pace)


async def at_a_pace(port: int, count: int = 50, seconds: float = 60) -> None:
    waits: list[float] = []
    async with open_sessions(port, count) as sessions:
        await asyncio.gather(*(clicks(each, seconds, PACE, waits) for each in sessions))
    share = sorted(waits)[round(0.95 * (len(waits) - 1))]
    show(f"a click, {count} sessions, each every 5 s", waits, "ms")
    show("  95 of 100 of them within", [share], "ms", aim=300)


def large(megabytes: float) -> bytes:
    """A CSV of billed visits."""
    visits = some_visits(0, int(megabytes * 5_000)).to_csv(index=False).encode()
    end = int(megabytes * 1_000_000)
    return visits[: visits.rindex(b"\n", 0, end) + 1] if len(visits) > end else visits


async def beside_an_upload(port: int, count: int = 10) -> None:
    before: list[float] = []
    during: list[float] = []
    content = large(20)
    async with open_sessions(port, count + 1) as (uploader, *sessions):
        await asyncio.gather(*(clicks(each, 15, 1, before) for each in sessions))
        await uploader.open("audit")
        at_work = [asyncio.create_task(clicks(each, 600, 1, during)) for each in sessions]
        seconds = await uploader.upload("visits.csv", content)
        for each in at_work:
            each.cancel()
        await asyncio.gather(*at_work, return_exceptions=True)
    show(f"a click, {count} sessions, each every second", before, "ms")
    show("  the same while another uploads 20 MB", during, "ms")
    show("  the longest wait of them", [max(during)], "ms", aim=500)
    show(f"  that upload ({len(content) / 1e6:.1f} MB) until its answer", [seconds], "s")


async def visitors(port: int, count: int, at_once: int = 10) -> None:
    for _ in range(count // at_once):
        async with open_sessions(port, at_once) as sessions:
            await asyncio.gather(*(each.run(12.0) for each in sessions))
    await all_forgotten(port)


async def all_forgotten(port: int) -> None:
    """Wait until those who left are forgotten: they are let go of when the next one leaves."""
    await asyncio.sleep(FORGOTTEN)
    async with open_sessions(port, 1):
        pass
    await asyncio.sleep(2)


async def come_and_go(process: int, port: int) -> None:
    await visitors(port, 50)
    before = resident(process)
    await visitors(port, 500)
    show("memory that 500 visitors leave behind", [resident(process) - before], "MB", aim=30)


async def a_day(process: int, port: int, reruns: int = 10_000) -> None:
    """Links, clicks, files and pages mixed; a new visitor every hundred runs."""
    small, middle = large(0.2), large(3)
    done, first, most = 0, 0.0, 0.0
    while done < reruns:
        async with open_sessions(port, 2) as (one, two):
            await two.open("audit")
            await two.upload("visits.csv", middle if done % 1000 == 0 else small)
            for at in range(48):
                await one.run(float(10 + at % 20))
            for page in ("compare", "codes", "sources", "track", "plan"):
                await one.open(page)
            for query in LINKS:
                await one.open("", query)
                for at in range(9):
                    await one.run(float(8 + at))
        done += 100
        most = max(most, resident(process))
        if done == 100:
            await all_forgotten(port)
            first = resident(process)
    await all_forgotten(port)
    last = resident(process)
    show(f"memory after 100 of {reruns} runs of all kinds", [first], "MB")
    show("  the most of it on the way", [most], "MB")
    show("  after all, of that after the first 100", [last / first], "times", aim=1.2)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=["pace", "upload", "visitors", "day"])
    parts = parser.parse_args().parts
    for part in parts:
        with server(folder=ROOT) as (process, port):
            if part == "pace":
                await at_a_pace(port)
            if part == "upload":
                await beside_an_upload(port)
            if part == "visitors":
                await come_and_go(process, port)
            if part == "day":
                await a_day(process, port)


if __name__ == "__main__":
    asyncio.run(main())
