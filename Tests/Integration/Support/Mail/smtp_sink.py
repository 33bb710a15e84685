"""A real SMTP server (aiosmtpd) that keeps what it is given.

usage: smtp_sink.py DIR [--tls CERT KEY] [--implicit] [--auth USER PASSWORD]

Prints one JSON line {"port": N} and serves until its standard input ends. Each message is DIR/<number>.eml with the
envelope in DIR/<number>.json; each QUIT is a line in DIR/quits. While there is a file DIR/refuse, no password is right.
"""
import argparse, asyncio, json, os, ssl, sys, threading, warnings
from aiosmtpd.smtp import AuthResult, SMTP

warnings.simplefilter("ignore")  # it warns of AUTH without STARTTLS, and then of its own deprecations
arguments = argparse.ArgumentParser()
arguments.add_argument("folder")
arguments.add_argument("--tls", nargs=2)
arguments.add_argument("--implicit", action="store_true")
arguments.add_argument("--auth", nargs=2)
options = arguments.parse_args()


class Keep:
    def __init__(self):
        self.lock = threading.Lock()
        self.number = 0

    async def handle_DATA(self, server, session, envelope):
        with self.lock:
            self.number += 1
            number = self.number
        path = os.path.join(options.folder, str(number))
        with open(path + ".eml", "wb") as file:
            file.write(envelope.original_content)
        with open(path + ".json", "w") as file:
            json.dump(
                {"from": envelope.mail_from, "to": envelope.rcpt_tos, "tls": options.implicit or session.ssl is not None,
                 "authenticated": bool(session.authenticated), "hello": session.host_name}, file)
        return "250 2.0.0 queued as %d" % number


def authenticate(server, session, envelope, mechanism, data):
    given = [part.decode() for part in (data.login, data.password)]
    right = given == options.auth and not os.path.exists(os.path.join(options.folder, "refuse"))
    return AuthResult(success=True) if right else AuthResult(success=False, handled=False)


class Quiet(SMTP):
    async def smtp_NOOP(self, arg):
        await self.push("250 OK")

    async def smtp_QUIT(self, arg):
        with open(os.path.join(options.folder, "quits"), "a") as file:
            file.write("QUIT\n")
        await super().smtp_QUIT(arg)


context = None
if options.tls:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*options.tls)
keep = Keep()


def session():
    extras = {}
    if context and not options.implicit:
        extras = {"tls_context": context, "require_starttls": True}
    if options.auth:
        extras |= {"auth_required": True, "authenticator": authenticate, "auth_require_tls": not options.implicit}
    return Quiet(keep, data_size_limit=50_000_000, **extras)


async def serve():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(session, "127.0.0.1", 0, ssl=context if options.implicit else None)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(serve())
