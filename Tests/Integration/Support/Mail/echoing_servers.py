"""A mail server and a CRM that repeat in their refusals whatever they received: addresses, names, credentials.

usage: echoing_servers.py DIR CERTIFICATES USER PASSWORD

What they do depends on the recipient's address: refused… 550 at RCPT, later… 451 at RCPT, content… 554 after the message,
with its To header quoted; to all others the mail server says yes, and to all of them the CRM says no: 4xx and 5xx in
turn, the request and its Authorization in each message. Prints {"port": …, "crm": …}; serves until its standard input
ends. Messages taken are DIR/<number>.eml.
"""
import asyncio, email, email.header, email.utils, http.server, itertools, json, logging, os, ssl, sys, threading, warnings
from aiosmtpd.smtp import AuthResult, SMTP

warnings.simplefilter("ignore")
logging.disable()
folder, certificates, user, password = sys.argv[1:5]
numbers = itertools.count(1)


class Mail:
    async def handle_RCPT(self, server, session, envelope, address, options):
        local = address.split("@")[0]
        if address.startswith("refused"):
            return "550-5.1.1 <%s>: no such user\r\n550 5.1.1 Recipient %s (mailbox /var/mail/%s) unknown to %s." % (
                address, address, local, local.upper())
        if address.startswith("later"):
            return "451 4.2.1 %s's mailbox is busy, <%s> will be tried again; %s." % (local, address, local)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 <%s> fine" % address

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.original_content)
        name, address = email.utils.parseaddr(message["To"])
        name = str(email.header.make_header(email.header.decode_header(name)))
        if address.startswith("content"):
            # Replies are ASCII, so a name in Cyrillic comes encoded, as it stood in the message, if at all.
            return "554 5.7.1 rejected: To: %s (%s)" % (" ".join(message["To"].split()), name.encode("ascii", "ignore").decode())
        with open(os.path.join(folder, "%d.eml" % next(numbers)), "wb") as file:
            file.write(envelope.original_content)
        return "250 2.0.0 taken for <%s>" % address


def authenticate(server, session, envelope, mechanism, data):
    given = [part.decode() for part in (data.login, data.password)]
    if given == [user, password]:
        return AuthResult(success=True)
    return AuthResult(success=False, handled=False, message="535 5.7.8 %s with %s is wrong" % tuple(given))


class CRM(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    turns = itertools.cycle([400, 401, 403, 409, 422, 429, 500, 503])

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("utf-8", "replace")
        status = next(self.turns)
        text = "%s %s was refused for %s with %s" % (self.command, self.path, body, self.headers.get("Authorization"))
        answer = json.dumps(
            {"status": "error", "message": text, "correlationId": "1", "category": text[:50].upper(),
             "errors": [{"message": text, "context": {"requiredScopes": [text]}}]}).encode()
        self.send_response(status, "refused")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        if status in (429, 503):
            self.send_header("Retry-After", "1")
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_PUT = do_PATCH = answer

    def log_message(self, *arguments):
        pass


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(os.path.join(certificates, "good.pem"), os.path.join(certificates, "good.key"))
crm = http.server.ThreadingHTTPServer(("127.0.0.1", 0), CRM)
threading.Thread(target=crm.serve_forever, daemon=True).start()


def session():
    return SMTP(
        Mail(), tls_context=context, require_starttls=True, auth_required=True, authenticator=authenticate,
        data_size_limit=50_000_000)


async def serve():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(session, "127.0.0.1", 0)
    print(json.dumps({"port": server.sockets[0].getsockname()[1], "crm": crm.server_address[1]}), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(serve())
