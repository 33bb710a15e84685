"""Reads a message as a mail program would, with Python's email package, and prints what it found as JSON.

usage: read_mail.py FILE
"""
import email, email.policy, json, sys

with open(sys.argv[1], "rb") as file:
    raw = file.read()
message = email.message_from_bytes(raw, policy=email.policy.default)


def person(field):
    address = message[field].addresses[0]
    return {"name": address.display_name, "address": address.addr_spec}


def body(kind):
    part = message.get_body(preferencelist=(kind,))
    return None if part is None else part.get_content()


print(json.dumps({
    "from": person("From"), "to": person("To"), "subject": message["Subject"],
    "messageID": message["Message-ID"], "date": message["Date"].datetime.isoformat(),
    "autoSubmitted": message["Auto-Submitted"], "mimeVersion": message["MIME-Version"],
    "type": message.get_content_type(), "text": body("plain"), "html": body("html"),
    "defects": [type(defect).__name__ for part in message.walk() for defect in part.defects]
        + [type(defect).__name__ for header in message.values() for defect in getattr(header, "defects", [])],
    "longestLine": max(len(line) for line in raw.split(b"\r\n")),
    "bareEnds": raw.replace(b"\r\n", b"").count(b"\r") + raw.replace(b"\r\n", b"").count(b"\n"),
    "isASCII": raw.isascii(),
}))
