"""aiosmtplib, a task for each connection that is kept open, all fed from one list, a JSON line per recipient.

Usage: python3 aiosmtplib-loop.py LIST TEMPLATE_HTML TEMPLATE_TEXT PORT LOG [--connections 20] [--prebuilt]
--prebuilt: one message is built and sent to everybody, so that what is left is aiosmtplib itself.
"""

import argparse
import asyncio
import time

import aiosmtplib
from workload import Campaign, log_line, rows

parser = argparse.ArgumentParser()
for name in ("list", "html", "text"):
    parser.add_argument(name)
parser.add_argument("port", type=int)
parser.add_argument("log")
parser.add_argument("--connections", type=int, default=20)
parser.add_argument("--prebuilt", action="store_true")
options = parser.parse_args()


async def work(campaign, numbered, log):
    content = None
    server = aiosmtplib.SMTP(hostname="127.0.0.1", port=options.port, use_tls=False, start_tls=False)
    await server.connect()
    # One generator for all tasks: who is free takes the next row.
    for number, row in numbered:
        started = time.perf_counter()
        if content is None or not options.prebuilt:
            content = campaign.message(row)
        status = "accepted"
        try:
            _, response = await server.sendmail(campaign.sender, [row["email"]], content)
        except aiosmtplib.SMTPException as error:
            status, response = "failed", str(error)
        log.write(log_line(number, row, status, response, len(content), started))
    await server.quit()


async def main():
    campaign = Campaign(options.html, options.text)
    numbered = enumerate(rows(options.list), 1)
    with open(options.log, "x", encoding="utf-8") as log:
        await asyncio.gather(*(work(campaign, numbered, log) for _ in range(options.connections)))


asyncio.run(main())
