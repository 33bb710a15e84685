#!/usr/bin/env python3
"""Tries docker-compose.yml on the engine at DOCKER_HOST: cluster.py FOLDER [--short | --three-brokers | --secure | --upgrade]. See deploy/compose-test."""

import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
RUN = Path(sys.argv[1])
IS_SHORT = "--short" in sys.argv
# Only the part with deploy/compose.three-brokers.yml, which the long form has at its end.
IS_OF_BROKERS = "--three-brokers" in sys.argv
# Only the part with deploy/compose.secure.yml, which the long form has at its end, too.
IS_SECURE = "--secure" in sys.argv
# Only the part with upgrades.
IS_OF_UPGRADES = "--upgrade" in sys.argv
PROJECT = RUN / "project"
SCALED = ["ingest", "confirmations", "analytics", "crm", "auditor"]
WORKERS = 8
ORDERS_PER_SECOND = 40
TOKENS = 24


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


API_PORT, MAILBOX_PORT = free_port(), free_port()
# A network of this run's own: other engines on the machine may have the usual one.
SUBNET = f"10.{100 + os.getpid() % 100}.{os.getpid() // 100 % 250}.0/24"
ENVIRONMENT = {
    **os.environ, "API_PORT": str(API_PORT), "MAILBOX_PORT": str(MAILBOX_PORT), "CORE_SUBNET": SUBNET,
}
BEGAN = time.monotonic()
# Requests that failed where none may: the test goes on to what else there is to see, and fails at its end.
SHORTFALLS = []


def say(text):
    print(f"{time.monotonic() - BEGAN:6.1f} s  {text}", flush=True)


def run(*words, text=None, timeout=180, may_fail=False):
    said = subprocess.run(words, cwd=PROJECT, env=ENVIRONMENT, input=text, capture_output=True, text=True, timeout=timeout)
    if said.returncode and not may_fail:
        raise AssertionError(f"{' '.join(words)} ended with {said.returncode}: {said.stdout[-2000:]}{said.stderr[-4000:]}")
    return said


def compose(*words, **options):
    return run(os.environ["COMPOSE"], *words, **options)


def one_off(*words, **options):
    return compose("run", "--rm", "-T", "orderrelay", *words, **options)


def until(what, is_so, seconds=60):
    """Asks again and again: containers say nothing by themselves."""
    deadline = time.monotonic() + seconds
    while True:
        value = is_so()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s without success: {what}")
        time.sleep(0.1)


def ask(method, path, token=None, body=None, port=None, fields=None):
    """Status, fields and JSON (or text) of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port or API_PORT, timeout=20)
    try:
        headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {}), **(fields or {})}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        try:
            return answer.status, answer.headers, json.loads(content)
        except ValueError:
            return answer.status, answer.headers, content.decode(errors="replace")
    finally:
        connection.close()


def containers(service):
    """Ids of the running containers of a service."""
    return run("docker", "ps", "-q", "--filter", f"label=com.docker.compose.service={service}",
               "--filter", "label=com.docker.compose.oneoff=False").stdout.split()


def inspected(container, form):
    return run("docker", "inspect", "-f", form, container).stdout.strip()


def are_healthy(service, count):
    ids = containers(service)
    return len(ids) == count and all(inspected(one, "{{.State.Health.Status}}") == "healthy" for one in ids)


def in_rotation():
    """How many containers of ingest the balancer sends requests to, by the names in its log's last seconds."""
    lines = run("docker", "logs", "--since", "3s", containers("haproxy")[0]).stdout
    return set(re.findall(r'"server":"(ingest-\d+)"', lines))


class Load:
    """Posts orders at a steady rate over many tokens, in both forms that a token has; what fails is noted, and sent again under
    the same number until it is taken, as a shop does."""

    def __init__(self, tokens):
        self.tokens = tokens
        self.lock = threading.Lock()
        self.number = 0
        self.accepted = {}
        self.failures = []
        self.is_over = threading.Event()
        self.threads = [threading.Thread(target=self.send, args=(share,), daemon=True) for share in range(WORKERS)]
        for thread in self.threads:
            thread.start()

    def send(self, share):
        pace = WORKERS / ORDERS_PER_SECOND
        due = time.monotonic() + share * pace / WORKERS
        connection = None
        while not self.is_over.is_set():
            time.sleep(max(0, due - time.monotonic()))
            due += pace
            with self.lock:
                self.number += 1
                number = self.number
            token = self.tokens[number % len(self.tokens)]
            field = {"Authorization": f"Bearer {token}"} if number % 3 else {"X-Leeloo-AuthToken": token}
            body = json.dumps({
                "externalId": f"load-{number}", "source": "load", "title": "Course", "price": "1490.00", "currency": "UAH",
                "email": f"buyer{number}@example.com", "customer": {"name": "Олена"}, "locale": "uk"}).encode()
            while True:
                try:
                    if connection is None:
                        connection = http.client.HTTPConnection("127.0.0.1", API_PORT, timeout=20)
                    connection.request("POST", "/api/v2/orders", body, {"Content-Type": "application/json", **field})
                    answer = connection.getresponse()
                    content = answer.read()
                    if answer.status == 201:
                        with self.lock:
                            self.accepted[number] = json.loads(content)["data"]["id"]
                        break
                    why = f"{answer.status} {content[:200]!r}"
                except (OSError, http.client.HTTPException) as error:
                    connection = None
                    why = f"{type(error).__name__} {error}"
                with self.lock:
                    self.failures.append((number, why))
                if self.is_over.wait(0.5):
                    return

    def failed_since(self, count):
        with self.lock:
            return self.failures[count:]

    def stop(self):
        self.is_over.set()
        for thread in self.threads:
            thread.join(30)


def prepare():
    """A copy of what a user has, so that neither secrets nor settings of this folder are touched."""
    PROJECT.mkdir()
    shutil.copy(TOP / "docker-compose.yml", PROJECT)
    shutil.copytree(TOP / "deploy", PROJECT / "deploy")
    # The stand-ins have the tags of the images, and digests of their own.
    run("deploy/pin", "--drop")
    # The folder of the run is its maker's alone; containers read what is mounted from it.
    for folder in (RUN, PROJECT):
        folder.chmod(0o755)


def first_order(seconds=60):
    began = time.monotonic()
    run("deploy/secrets", "demo")
    compose("up", "-d", "--no-build")
    banner = until("the demo's banner", lambda: compose("logs", "--no-log-prefix", "--no-color", "demo").stdout or None)
    token = re.search(r"^ *Token +(or_\S+)$", banner, re.M).group(1)
    curl = banner[banner.index("curl -sS"):].strip()
    until("the API answers", lambda: ask_quietly("GET", "/api/v2/me", token) == 200)
    said = subprocess.run(["bash", "-c", curl], capture_output=True, text=True, timeout=60)
    order = json.loads(said.stdout)["data"]["id"]
    timeline = until("the first order is confirmed, counted and synced", lambda: whole_timeline(order, token))
    took = time.monotonic() - began
    say(f"first order confirmed, counted and synced {took:.1f} s after `deploy/secrets demo && docker compose up`")
    assert took <= seconds, f"the first order took more than {seconds} s"
    assert '"smtp":"250"' in timeline or "250 2.0.0" in timeline, timeline
    shown = ask("GET", "/mailbox", port=MAILBOX_PORT)
    assert shown[0] == 200 and ask("GET", "/mailbox.json", port=MAILBOX_PORT)[2]["total"] == 1, shown
    return token


def ask_quietly(method, path, token=None):
    try:
        return ask(method, path, token)[0]
    except (OSError, http.client.HTTPException):
        return None


def whole_timeline(order, token):
    text = json.dumps(ask("GET", f"/api/v2/orders/{order}/timeline", token)[2])
    return text if all(part in text for part in ("messageId", "dealId", "bucket")) else None


def again(token):
    """One-shots and deploy/secrets may run again, and make nothing twice."""
    before = {file.name: file.read_bytes() for file in (PROJECT / "secrets").iterdir()} | {".env": (PROJECT / ".env").read_bytes()}
    run("deploy/secrets", "demo")
    after = {file.name: file.read_bytes() for file in (PROJECT / "secrets").iterdir()} | {".env": (PROJECT / ".env").read_bytes()}
    assert before == after, "deploy/secrets replaced something"
    assert run("deploy/secrets", text="word\n", may_fail=True).returncode == 1, "a demo's settings were taken for another cluster's"
    compose("up", "-d", "--no-build")
    assert token in compose("run", "--rm", "-T", "demo").stdout
    assert len(one_off("account", "list").stdout.splitlines()) == 1
    assert len(one_off("token", "list").stdout.splitlines()) == 1
    assert len(one_off("connection", "list").stdout.splitlines()) == 1
    said = one_off("topics", "check", may_fail=True)
    assert said.returncode == 0, f"topics check: {said.stdout}{said.stderr}"
    say("deploy/secrets, demo, topics and migrate ran again and created nothing twice; topics check finds no differences")


def make_tokens():
    one_off("account", "create", "Load shop")
    script = f"for i in $(seq {TOKENS}); do orderrelay token create --account 'Load shop' --limit 1000000; done"
    tokens = compose("run", "--rm", "-T", "--entrypoint", "bash", "orderrelay", "-c", script).stdout.split()
    assert len(tokens) == TOKENS, tokens
    crm_token = (PROJECT / "secrets/crm-token").read_text()
    one_off("connection", "create", "--account", "Load shop", "--kind", "hubspot", "--url", "http://sandbox:8090",
            "--secret-file", "-", text=crm_token + "\n")
    until("the tokens are known", lambda: all(ask_quietly("GET", "/api/v2/me", token) == 200 for token in tokens))
    return tokens


def confinement():
    """What the configuration promises, seen from inside."""
    inside = containers("ingest")[0]

    def bash(container, script):
        return run("docker", "exec", container, "bash", "-c", script, may_fail=True)

    assert bash(inside, "id -u").stdout.strip() == "10001"
    assert bash(inside, "touch /usr/local/bin/x").returncode != 0
    assert "CapEff:\t0000000000000000" in bash(inside, "cat /proc/self/status").stdout
    assert bash(inside, "ls /run/secrets").stdout == "database-password\n", "ingest has other secrets than the ledger's password"
    # This engine has no rules of its own for packets, so that only the network's kind can be seen here.
    attached = inspected(inside, "{{range $name, $_ := .NetworkSettings.Networks}}{{$name}} {{end}}").split()
    kinds = run("docker", "network", "inspect", "-f", "{{.Internal}}", *attached).stdout.split()
    assert set(kinds) == {"true"}, f"ingest is in {attached}, internal: {kinds}"
    assert bash(inside, "orderrelay health").stdout == "ready\n"
    database = containers("postgres")[0]
    # The processes' role owns its database, and has no power over the server.
    role = run("docker", "exec", database, "psql", "-U", "postgres", "-Atc", "SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles "
               "WHERE rolname = 'orderrelay'").stdout.strip()
    assert role == "f|f|f", f"the processes' role may do more than it should: {role}"
    assert bash(database, "touch /usr/local/bin/x").returncode != 0
    environments = run("docker", "inspect", "-f", "{{.Config.Env}}", *run("docker", "ps", "-aq").stdout.split()).stdout
    image = run("docker", "history", "--no-trunc", inspected(inside, "{{.Image}}")).stdout
    for file in (PROJECT / "secrets").iterdir():
        secret = file.read_text().strip()
        if secret and file.name != "smtp-ca.pem":
            assert secret.splitlines()[-1] not in environments + image, f"{file.name} stands in a container's environment"
    published = run("docker", "ps", "--format", "{{.Names}} {{.Ports}}").stdout
    assert "0.0.0.0:" not in published and ":::" not in published, published
    say("containers are user 10001 without capabilities; ingest is on an internal network, without a secret, and without a port of its own; "
        "the role of all processes has no power over the database's server")


def strangers(token):
    """Many failed logins are one caller's, whatever addresses it makes up; the balancer's log has no token and no query."""
    statuses = [
        ask("GET", f"/api/v2/me?authToken=secret-in-query-{number}", "or_" + "0" * 16 + "_" + "A" * 43,
            fields={"X-Forwarded-For": f"198.51.100.{number % 250}"})[0]
        for number in range(400)
    ]
    assert statuses[0] == 401 and 429 in statuses, f"made-up addresses are believed: {set(statuses)}"
    assert ask("GET", "/api/v2/me", token)[0] == 200, "a good token suffers with a stranger's"
    assert ask("GET", "/readyz")[0] == 404 and ask("GET", "/metrics")[0] == 404
    log = run("docker", "logs", containers("haproxy")[0]).stdout
    assert '"path":"/api/v2/me"' in log, log[-500:]
    assert token not in log and "secret-in-query" not in log and "authToken" not in log and "Bearer" not in log
    for line in log.splitlines():
        if line.startswith("{"):
            json.loads(line)
    say("made-up addresses are not believed; the balancer's log has neither token nor query")


def asked(expression):
    """What Prometheus says of an expression: each series' labels, as text, with its value."""
    said = run("docker", "exec", containers("prometheus")[0], "promtool", "query", "instant", "http://127.0.0.1:9090", expression).stdout
    return {labels.strip(): float(value) for labels, value in re.findall(r"^(.*) => (\S+) @", said, re.M)}


def alarms():
    """The names of the alerts that Alertmanager would send."""
    said = run("docker", "exec", containers("alertmanager")[0], "amtool", "alert", "query", "--output=json",
               "--alertmanager.url=http://127.0.0.1:9093").stdout
    return {alert["labels"]["alertname"] for alert in json.loads(said)}


def monitoring():
    """Grafana is not among the stand-ins."""
    began = time.monotonic()
    compose("up", "-d", "--no-build", "--no-deps", "prometheus", "alertmanager")
    for service in ("prometheus", "alertmanager"):
        until(f"{service} is healthy", lambda: are_healthy(service, 1))
    jobs = {*SCALED, "haproxy", "prometheus", "alertmanager"}

    def answer():
        return {re.search(r'job="(\w+)"', labels)[1] for labels, value in asked("up").items() if value == 1} == jobs

    until(f"{sorted(jobs)} answer Prometheus", answer)
    say(f"Prometheus gets the metrics of {len(jobs)} jobs {time.monotonic() - began:.0f} s after its start")


def heard():
    """An alert that finds no Alertmanager, as at the start, is sent again after a minute."""
    until("the watchdog is heard", lambda: "Watchdog" in alarms(), 90)
    say(f"Alertmanager hears {sorted(alarms())}")


def pictured():
    """Every panel of the dashboards has something to show: here nobody made a canary, and some list only what is wrong."""
    files = sorted((TOP / "deploy/grafana/dashboards").glob("*.json"))
    panels = [panel for file in files for panel in json.loads(file.read_text())["panels"] if panel["title"] != "Canary"]
    shown = [(panel["title"], target["expr"]) for panel in panels for target in panel.get("targets", [])]
    usual = [(title, expression) for title, expression in shown if not expression.endswith("> 0")]
    assert len(usual) > 50, len(usual)
    with ThreadPoolExecutor(4) as pool:
        said = pool.map(lambda each: asked(each[1].replace("$__rate_interval", "1m").replace("$worker", "crm")), usual)
        empty = [title for (title, _), series in zip(usual, said) if not series]
    assert not empty, f"panels that show nothing: {empty}"
    say(f"Prometheus has an answer to {len(usual)} expressions of the dashboards")


def alarming():
    """A worker that is gone is named, and what follows from that is not."""
    began = time.monotonic()
    compose("stop", "crm")
    until("ProcessGone is heard", lambda: "ProcessGone" in alarms(), 180)
    say(f"ProcessGone was heard {time.monotonic() - began:.0f} s after the last crm had ended; heard with it: {sorted(alarms())}")
    compose("start", "crm")
    until("crm is healthy again", lambda: are_healthy("crm", 1))


def scaled(services, count):
    words = [word for service in services for word in ("--scale", f"{service}={count}")]
    others = [word for service in SCALED if service not in services for word in ("--scale", f"{service}={len(containers(service))}")]
    compose("up", "-d", "--no-build", "--no-recreate", *words, *others)
    for service in services:
        until(f"{count} of {service} are healthy", lambda: are_healthy(service, count), 120)
    if "ingest" in services:
        until(f"{count} of ingest get requests", lambda: len(in_rotation()) == count, 30)


def spread(load):
    """All requests of a token go to one process, in whichever form the token comes; the tokens go to all processes."""
    began = time.time()
    for index, token in enumerate(load.tokens):
        for form in ({"Authorization": f"Bearer {token}"}, {"Authorization": f"bearer   {token}"}, {"X-Leeloo-AuthToken": token}):
            ask("GET", f"/api/v2/orders/spread-{index}", fields=form)

    def logged():
        log = run("docker", "logs", "--since", f"{began:.3f}", containers("haproxy")[0]).stdout
        return [json.loads(line) for line in log.splitlines() if "/spread-" in line]

    # The engine writes a container's log a moment after the container has.
    until("the balancer's log has every request", lambda: len(logged()) >= 3 * len(load.tokens), 15)
    servers = {}
    for line in logged():
        servers.setdefault(line["path"], set()).add(line["server"])
    assert all(len(names) == 1 for names in servers.values()), servers
    assert len(set.union(*servers.values())) == 3, f"{len(load.tokens)} tokens met {set.union(*servers.values())} only"


def scaling(load):
    groups = [SCALED] if IS_SHORT else [[service] for service in SCALED]
    for group in groups:
        before, sent, began = len(load.failures), load.number, time.monotonic()
        scaled(group, 3)
        if "ingest" in group:
            spread(load)
        for service in group:
            until(f"Prometheus asks all three of {service}", lambda: sum(asked(f'up{{job="{service}"}}').values()) == 3, 30)
        scaled(group, 1)
        failed = load.failed_since(before)
        say(f"1 → 3 → 1 of {', '.join(group)} in {time.monotonic() - began:.0f} s under load: "
            f"{len(failed)} of {load.number - sent} requests failed")
        SHORTFALLS.extend(failed)


def killing(load):
    """The process in the container is killed, as by a crash; the engine does not know, and restarts it."""
    services = ["ingest", "crm"] if IS_SHORT else [*SCALED, "kafka", "postgres", "haproxy"]
    for service in services:
        before, began = len(load.failures), time.monotonic()
        container = containers(service)[0]
        process = int(inspected(container, "{{.State.Pid}}"))
        os.kill(process, 9)
        until(f"{service} was started again", lambda: inspected(container, "{{.State.Pid}}") not in ("0", str(process)))
        until(f"{service} is healthy again", lambda: are_healthy(service, 1), 120)
        count = len(load.accepted)
        until("orders are taken again", lambda: len(load.accepted) > count + WORKERS)
        say(f"{service} was killed and back after {time.monotonic() - began:.0f} s; "
            f"{len(load.failed_since(before))} requests had to be sent again")


def restarting(load):
    """The database is stopped and started as for an upgrade: orders are taken meanwhile, and workers go on by themselves."""
    before, sent, began = len(load.failures), load.number, time.monotonic()
    ids = {service: containers(service) for service in SCALED}
    compose("restart", "postgres")
    until("postgres is healthy again", lambda: are_healthy("postgres", 1))
    for service in SCALED:
        until(f"{service} is healthy again", lambda: are_healthy(service, 1))
    assert ids == {service: containers(service) for service in SCALED}, "a process did not outlive the database's restart"
    failed = load.failed_since(before)
    say(f"postgres was restarted and all ready after {time.monotonic() - began:.0f} s: "
        f"{len(failed)} of {load.number - sent} requests failed")
    SHORTFALLS.extend(failed)


def program_version():
    return re.search(r"orderrelay:\$\{ORDERRELAY_VERSION:-([\d.]+)", (PROJECT / "docker-compose.yml").read_text())[1]


def upgrading(load):
    """The version before and this one side by side, each as the newcomer once, while orders come in: no request fails."""
    now, earlier = program_version(), "0.0.1"
    scaled(SCALED, 2)
    for version in (earlier, now):
        image = run("docker", "image", "inspect", "-f", "{{.Id}}", f"orderrelay:{version}").stdout.strip()
        before, sent, began = len(load.failures), load.number, time.monotonic()
        run("deploy/upgrade", version, timeout=900)
        for service in SCALED:
            assert are_healthy(service, 2), f"{service} is not healthy"
            images = {inspected(container, "{{.Image}}") for container in containers(service)}
            assert images == {image}, f"{service} is of {images}, not {image}"
        failed = load.failed_since(before)
        say(f"every process was replaced by one of {version} in {time.monotonic() - began:.0f} s under load: "
            f"{len(failed)} of {load.number - sent} requests failed")
        SHORTFALLS.extend(failed)
    scaled(SCALED, 1)


def books(load):
    load.stop()
    assert len(load.accepted) == load.number or load.number - len(load.accepted) <= WORKERS, "orders were never taken"
    ids = set(load.accepted.values())
    assert len(ids) == len(load.accepted), "two orders have one id"

    def closed():
        said = one_off("audit", may_fail=True)
        rows = [line.split("\t") for line in said.stdout.splitlines()]
        is_read = all(row[9] == "0" for row in rows if len(row) == 10 and row[1].startswith("orders/"))
        states = " ".join(row[4] for row in rows if len(row) == 5 and row[0] in ("confirmations", "crm"))
        is_open = re.search(r"(?:pending|in_flight|parked|dead)=[1-9]", states)
        return said if said.returncode == 0 and is_read and not is_open else None

    said = until("the books close", closed, 180)
    assert "unaccounted\t0" in said.stdout, said.stdout
    wrong = one_off("audit", "--limit", may_fail=True)
    assert wrong.returncode == 0, wrong.stdout + wrong.stderr
    say(f"{len(load.accepted)} orders taken; audit closes, and no limit was overstepped")
    return said.stdout


def arrived(load):
    """Every order that was answered 201 is confirmed, counted and synced: each timeline is read."""
    waiting = dict(load.accepted)

    def all_done():
        with ThreadPoolExecutor(8) as pool:
            orders = list(waiting.items())[:400]
            for (number, order), text in zip(orders, pool.map(
                    lambda item: whole_timeline(item[1], load.tokens[item[0] % len(load.tokens)]), orders)):
                if text:
                    del waiting[number]
        return not waiting

    until("every order is everywhere", all_done, 240)
    mails, orders = ask("GET", "/mailbox.json?limit=0", port=MAILBOX_PORT)[2]["total"], len(load.accepted) + 1
    # Only a worker that was killed may send again what it had not noted yet.
    assert mails == orders if IS_SHORT else mails >= orders, f"{mails} mails for {orders} orders"
    say(f"each of {len(load.accepted)} orders is confirmed, counted and in the CRM")


def over_tls(token):
    """The same API behind a certificate, on its own port only."""
    port = free_port()
    ENVIRONMENT.update(TLS_ADDRESS="127.0.0.1", TLS_PORT=str(port))
    edge = PROJECT / "secrets/edge.pem"
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
        "subjectAltName=DNS:localhost", "-keyout", str(RUN / "key.pem"), "-out", str(RUN / "certificate.pem"))
    edge.write_text((RUN / "certificate.pem").read_text() + (RUN / "key.pem").read_text())
    edge.chmod(0o444)
    compose("-f", "docker-compose.yml", "-f", "deploy/compose.tls.yml", "up", "-d", "--no-build", "--no-deps", "haproxy")
    until("the balancer is healthy over TLS", lambda: are_healthy("haproxy", 1))
    trust = ssl.create_default_context(cafile=str(RUN / "certificate.pem"))
    connection = http.client.HTTPSConnection("localhost", port, context=trust, timeout=20)
    connection.request("GET", "/api/v2/me", headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    assert ask_quietly("GET", "/api/v2/me", token) is None, "the API is still published in plain HTTP"
    say("deploy/compose.tls.yml publishes the API over TLS, and no longer without")


def three_brokers():
    """With three brokers, the loss of any one stops nothing that was accepted."""
    ENVIRONMENT["COMPOSE_FILE"] = "docker-compose.yml:deploy/compose.three-brokers.yml"
    # Three brokers start beside each other on the processors of one.
    token = first_order(seconds=120)
    said = one_off("topics", "check", may_fail=True)
    assert said.returncode == 0, f"topics check: {said.stdout}{said.stderr}"
    orders = {}
    for broker in ("kafka-3", "kafka"):
        compose("kill", broker)

        def taken():
            body = json.dumps({"externalId": f"without-{broker}", "title": "Course", "price": "1.00", "currency": "UAH",
                               "email": "buyer@example.com"})
            status, _, said = ask("POST", "/api/v2/orders", token, body)
            return said["data"]["id"] if status == 201 else None

        began = time.monotonic()
        orders[broker] = until(f"an order is taken without {broker}", taken)
        say(f"without {broker} an order was taken after {time.monotonic() - began:.1f} s")
        until("it is everywhere", lambda: whole_timeline(orders[broker], token), 120)
        compose("start", broker)
        until(f"{broker} is healthy again", lambda: are_healthy(broker, 1), 120)
    until("the books close", lambda: one_off("audit", may_fail=True).returncode == 0, 60)
    say("three brokers: each was killed in turn, and the books are closed")
    compose("down", "-v", "--timeout", "20")


def secure():
    """Kafka with users: nobody comes in without one, and an order goes all the way."""
    ENVIRONMENT["COMPOSE_FILE"] = "docker-compose.yml:deploy/compose.secure.yml"
    run("deploy/secrets", "kafka")
    token = first_order(seconds=120)
    for words in (("acl", "check"), ("topics", "check"), ("audit",)):
        said = one_off(*words, may_fail=True)
        assert said.returncode == 0, f"{' '.join(words)}: {said.stdout}{said.stderr}"

    def as_somebody(**variables):
        options = [word for name, value in variables.items() for word in ("-e", f"{name}={value}")]
        return compose("run", "--rm", "-T", *options, "orderrelay", "topics", "check", may_fail=True)

    # Its own password is not another's, and without TLS nobody is listened to.
    for variables in ({"KAFKA_SASL_USERNAME": "admin"}, {"KAFKA_SECURITY_PROTOCOL": "PLAINTEXT"}):
        said = as_somebody(**variables)
        assert said.returncode == 3, f"{variables}: {said.returncode} {said.stdout}{said.stderr}"
    log = compose("logs", "--no-log-prefix", "--no-color", "acl").stdout
    assert "\tcreated" in log and "\texists" not in log, log
    before = log.count("\tcreated")
    compose("up", "-d", "--no-build")
    log = compose("logs", "--no-log-prefix", "--no-color", "acl").stdout
    assert log.count("\tcreated") in (0, before), "acl grants twice what is granted"
    assert ask("GET", "/api/v2/me", token)[0] == 200
    say("deploy/compose.secure.yml: every process is a user of its own, and nobody else comes in")
    compose("down", "-v", "--timeout", "20")


def finished():
    assert not SHORTFALLS, f"{len(SHORTFALLS)} requests failed, as {SHORTFALLS[:5]}"
    say("done")


def main():
    prepare()
    if IS_SECURE:
        return secure()
    if IS_OF_BROKERS:
        return three_brokers()
    size = run("docker", "image", "inspect", "-f", "{{.Size}}", f"orderrelay:{program_version()}").stdout
    say(f"our image has {int(size) / 1e6:.0f} MB")
    token = first_order()
    again(token)
    confinement()
    monitoring()
    load = Load(make_tokens())
    try:
        until("load is taken", lambda: len(load.accepted) > 20)
        if IS_OF_UPGRADES:
            upgrading(load)
            books(load)
            arrived(load)
            return finished()
        scaling(load)
        heard()
        pictured()
        restarting(load)
        if os.environ.get("BEFORE_IS_HERE"):
            upgrading(load)
        strangers(token)
        killing(load)
        books(load)
        arrived(load)
        if not IS_SHORT:
            alarming()
        over_tls(token)
    finally:
        load.is_over.set()
    compose("--profile", "*", "down", "-v", "--timeout", "20")
    if not IS_SHORT:
        three_brokers()
        secure()
    finished()


try:
    main()
except BaseException as error:
    for service in ("topics", "migrate", "demo", *SCALED, "kafka", "postgres", "haproxy", "sandbox", "prometheus"):
        tail = run(os.environ["COMPOSE"], "logs", "--no-color", "--tail", "15", service, may_fail=True, timeout=30).stdout
        print(tail, file=sys.stderr)
    print(f"✘ {type(error).__name__}: {error}", file=sys.stderr, flush=True)
    sys.exit(1)
