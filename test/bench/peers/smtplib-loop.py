"""Python's smtplib, one connection kept open, one message after the other, a JSON line per recipient.

Usage: python3 smtplib-loop.py LIST TEMPLATE_HTML TEMPLATE_TEXT PORT LOG [--prebuilt]
--prebuilt: one message is built and sent to everybody, so that what is left is smtplib itself.
"""

import smtplib
import sys
import time

from workload import Campaign, log_line, rows

list_path, html_path, text_path, port, log_path = sys.argv[1:6]
prebuilt = "--prebuilt" in sys.argv[6:]

campaign = Campaign(html_path, text_path)
content = None
with smtplib.SMTP("127.0.0.1", int(port)) as server, open(log_path, "x", encoding="utf-8") as log:
    for number, row in enumerate(rows(list_path), 1):
        started = time.perf_counter()
        if content is None or not prebuilt:
            content = campaign.message(row)
        status, response = "accepted", ""
        try:
            # It says nothing about the reply unless a recipient was refused.
            server.sendmail(campaign.sender, [row["email"]], content)
        except smtplib.SMTPException as error:
            status, response = "failed", str(error)
        log.write(log_line(number, row, status, response, len(content), started))
