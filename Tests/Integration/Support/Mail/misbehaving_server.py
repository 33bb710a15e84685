"""An SMTP server that fails in the way that the client's EHLO name asks for.

usage: misbehaving_server.py DIR CERTIFICATES

The name is PLACE and FAULT: `rcpt451`, `dothang` …; places are ehlo, starttls, auth, mail, rcpt, data, dot; faults are a
three-digit code, close, hang, flood (endless lines), floodline (an endless line), garbage. `plain-` before it leaves
PIPELINING out; what follows a dot distinguishes clients; `.told` has messages reported on standard output too, `.quithang`
hangs at QUIT. Others: see `special` below. Greetings come before EHLO, so each fault of theirs has a port of its own.

Prints {"port": …, "implicit": …, "elsewhere": …, "greet…": …} (elsewhere: a certificate of another host), serves until
its standard input ends, and removes DIR then. What clients did is a line each in DIR/log: `name event`.
"""
import json, os, shutil, socket, ssl, struct, sys, threading

folder, certificates = sys.argv[1:3]
log_file = open(os.path.join(folder, "log"), "a", buffering=1)
log_lock = threading.Lock()
FAULTS = ("close", "hang", "flood", "floodline", "garbage")
held = []  # sockets of clients that are kept waiting


def context(name):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(os.path.join(certificates, name + ".pem"), os.path.join(certificates, name + ".key"))
    return made


class Gone(Exception):
    pass


class Conversation:
    def __init__(self, connection, greeting, tls, is_implicit):
        self.connection, self.greeting, self.context, self.tls = connection, greeting, tls, False
        self.recipient = "nobody"
        self.name, self.bare, self.fault_at, self.fault, self.messages = "?", "?", None, None, 0
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if is_implicit:
            self.start_tls()
        else:
            self.file = connection.makefile("rb")

    def start_tls(self):
        self.connection = self.context.wrap_socket(self.connection, server_side=True)
        self.file = self.connection.makefile("rb")
        self.tls = True

    def note(self, event):
        with log_lock:
            log_file.write("%s %s\n" % (self.name, event))

    def say(self, text):
        self.connection.sendall(text.encode())

    def close(self):
        self.file.close()
        self.connection.close()
        raise Gone

    def hang(self):
        held.append(self.connection)
        raise Gone

    def misbehave(self, fault):
        """Does what the fault says; returns only where the conversation goes on."""
        if fault == "close":
            self.close()
        elif fault == "hang":
            self.hang()
        elif fault == "flood":
            for _ in range(50_000):
                self.say("250-" + "x" * 900 + "\r\n")
            self.close()
        elif fault == "floodline":
            for _ in range(50_000):
                self.say("x" * 1_000)
            self.close()
        elif fault == "garbage":
            self.say("hello, what is this?\r\n")
            self.hang()
        else:
            # As real servers do, it repeats the recipient's address.
            self.say("%s-5.0.0 <%s>: refused by plan\r\n%s 5.0.0 see above\r\n" % (fault, self.recipient, fault))
            if fault == "421":
                self.close()

    def fails(self, place):
        if self.fault_at != place:
            return False
        self.misbehave(self.fault)
        return True

    def read_name(self, name):
        self.name = name
        bare = self.bare = name.removeprefix("plain-").split(".")[0]
        for place in ("ehlo", "starttls", "auth", "mail", "rcpt", "data", "dot"):
            fault = bare.removeprefix(place)
            if fault != bare and (fault in FAULTS or fault.isdigit()):
                self.fault_at, self.fault = place, fault

    def special(self, name):
        return self.bare == name

    def serve(self):
        if self.greeting:
            self.misbehave(self.greeting)
            self.file.readline()
            return
        self.say("220-mail.test\r\n220 ready\r\n")
        while line := self.file.readline():
            verb = line.strip().upper().split(b" ")[0].split(b":")[0].decode()
            handler = getattr(self, "on_" + verb, None)
            if handler is None:
                self.say("500 what\r\n")
            else:
                handler(line.strip().decode())

    def on_EHLO(self, line):
        self.read_name(line.split()[1])
        self.note("EHLO over TLS" if self.tls else "EHLO")
        if self.fails("ehlo"):
            return
        offers = ["mail.test", "SIZE 50000000", "8BITMIME"]
        if not self.name.startswith("plain-"):
            offers.append("PIPELINING")
        if not self.tls and not self.special("nostarttls"):
            offers.append("STARTTLS")
        if not self.special("noauth") and (self.tls or self.special("nostarttls")):
            offers.append("AUTH PLAIN LOGIN")
        self.say("".join("250%s%s\r\n" % (" " if offer is offers[-1] else "-", offer) for offer in offers))

    on_HELO = on_EHLO

    def on_STARTTLS(self, line):
        if self.fault_at == "starttls" and self.fault == "hang":
            self.say("220 go\r\n")
            self.hang()
        if self.fails("starttls"):
            return
        if self.special("inject"):
            self.say("220 go\r\n250-mail.test\r\n250 AUTH PLAIN LOGIN\r\n")
        elif self.special("injectlate"):
            self.say("220 go\r\n")
            self.connection.recv(1)  # the handshake has begun
            self.say("250-mail.test\r\n250 AUTH PLAIN LOGIN\r\n")
            self.hang()
        else:
            self.say("220 go\r\n")
        self.file.close()
        self.start_tls()

    def on_AUTH(self, line):
        self.note("AUTH over TLS" if self.tls else "AUTH IN CLEAR")
        if not self.fails("auth"):
            self.say("235 2.7.0 ok\r\n")

    def on_MAIL(self, line):
        self.note("MAIL")
        if not self.fails("mail"):
            self.say("250 2.1.0 ok\r\n")

    def on_RCPT(self, line):
        self.recipient = line.partition("<")[2].rstrip(">")
        if not self.fails("rcpt"):
            self.say("250 2.1.5 ok\r\n")

    def on_DATA(self, line):
        if self.fails("data"):
            return
        if self.fault_at in ("mail", "rcpt"):
            return self.say("503 5.5.1 no valid recipients\r\n")
        self.say("354 go ahead\r\n")
        if self.special("bodyclose") or self.special("bodyreset"):
            self.file.read(10_000)
            if self.special("bodyreset"):
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close()
        if self.special("bodyearly"):
            self.file.read(10_000)
            self.say("552 5.3.4 too big\r\n")
            self.hang()
        if self.special("bodystall"):
            self.hang()
        while (part := self.file.readline()) not in (b".\r\n", b""):
            self.last = part
        if part == b"":
            self.note("half a message")
            raise Gone
        self.note("message")
        if self.name.endswith(".told"):
            print("message", flush=True)
        self.messages += 1
        if self.fails("dot"):
            return
        if self.special("dotpartial"):
            self.say("250 2.0.0 queu")
            self.close()
        self.say("250 2.0.0 queued as %d\r\n" % self.messages)
        if self.special("idleclosed"):
            self.say("421 4.4.2 idle for too long\r\n")
            self.close()
        if self.special("silentlyclosed"):
            self.close()

    def on_RSET(self, line):
        self.note("RSET")
        self.say("250 2.0.0 reset\r\n")

    def on_QUIT(self, line):
        self.note("QUIT")
        if self.special("quithang") or self.name.endswith(".quithang"):
            self.hang()
        self.say("221 2.0.0 bye\r\n")
        self.close()


def converse(connection, *how):
    try:
        conversation = Conversation(connection, *how)
    except OSError:
        return  # no TLS came about
    try:
        conversation.serve()
        conversation.connection.close()
    except Gone:
        pass
    except OSError:
        conversation.note("gone")


def listen(greeting=None, certificate="good", is_implicit=False):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)  # so that a body does not vanish in buffers
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    tls = context(certificate)

    def accept():
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=converse, args=(connection, greeting, tls, is_implicit), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]


ports = {"port": listen(), "implicit": listen(is_implicit=True), "elsewhere": listen(certificate="other")}
for fault in ("554", "421") + FAULTS:
    ports["greet" + fault] = listen(greeting=fault)
print(json.dumps(ports), flush=True)
sys.stdin.read()
shutil.rmtree(folder, ignore_errors=True)
