"""Reads messages as a mail program would, with Python's email package, and prints what it found as JSON, a list.

usage: read_mail.py FILE…
"""
import email, email.header, email.policy, email.utils, json, sys

def person(raw, field):
    # Not by the new policy: in 3.11 and others it puts spaces between the encoded words of one name (bpo-35547).
    name, address = email.utils.parseaddr(raw[field])
    return {"name": str(email.header.make_header(email.header.decode_header(name))), "address": address}


def body(message, kind):
    part = message.get_body(preferencelist=(kind,))
    return None if part is None else part.get_content().replace("\r\n", "\n")


def read(path):
    with open(path, "rb") as file:
        raw = file.read()
    message = email.message_from_bytes(raw, policy=email.policy.default)
    old = email.message_from_bytes(raw)
    return {
        "from": person(old, "From"), "to": person(old, "To"), "subject": message["Subject"],
        "messageID": message["Message-ID"], "date": message["Date"].datetime.isoformat(),
        "autoSubmitted": message["Auto-Submitted"], "mimeVersion": message["MIME-Version"],
        "type": message.get_content_type(), "text": body(message, "plain"), "html": body(message, "html"),
        "defects": [type(defect).__name__ for part in message.walk() for defect in part.defects]
        + [type(defect).__name__ for header in message.values() for defect in getattr(header, "defects", [])],
        "longestLine": max(len(line) for line in raw.split(b"\r\n")),
        "bareEnds": raw.replace(b"\r\n", b"").count(b"\r") + raw.replace(b"\r\n", b"").count(b"\n"),
        "isASCII": raw.isascii(),
    }


print(json.dumps([read(path) for path in sys.argv[1:]]))
