"""What both Python peers share: the list by the csv module, the templates as mailshot reads them, the message by email.message, a JSON line."""

import csv
import email.policy
import html
import json
import re
import time
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

variable = re.compile(r"\{\{(\w+)\}\}")
smtp = email.policy.SMTP


class Campaign:
    def __init__(self, html_path, text_path):
        with open(html_path, encoding="utf-8") as file:
            head, self.html = file.read().split("\n\n", 1)
        with open(text_path, encoding="utf-8") as file:
            self.text = file.read()
        self.headers = dict(line.split(": ", 1) for line in head.split("\n"))
        sender = self.headers["From"]
        self.sender = sender[sender.index("<") + 1 : -1]

    def message(self, row):
        """A whole message for one row, as bytes with CRLF lines."""
        message = EmailMessage(policy=smtp)
        message["From"] = self.headers["From"]
        message["To"] = Address(f"{row['first_name']} {row['last_name']}", addr_spec=row["email"])
        message["Subject"] = fill(self.headers["Subject"], row)
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain="acme.example")
        message.set_content(fill(self.text, row), cte="quoted-printable")
        escaped = {name: html.escape(value) for name, value in row.items()}
        message.add_alternative(fill(self.html, escaped), subtype="html", cte="quoted-printable")
        return message.as_bytes()


def fill(template, row):
    return variable.sub(lambda found: row[found[1]], template)


def rows(list_path):
    with open(list_path, encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def log_line(number, row, status, response, size, started):
    line = {
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "status": status,
        "recipient": row["email"],
        "row": number,
        "smtp_response": response,
        "size_bytes": size,
        "smtp_ms": (time.perf_counter() - started) * 1000,
    }
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"
