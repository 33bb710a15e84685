#!/usr/bin/env python3
"""Asserts what must hold of every service in the merged compose configuration, for every combination of files and profiles.

Each rule is broken once, too, in a copy of the configuration, and must then complain: a rule that cannot fail proves nothing.
Without Docker Compose it says so and skips; under ORDERRELAY_CI=1 that is a failure unless ALLOW_SKIP=1.
"""

import copy
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
# Files that may be added to docker-compose.yml; of each line one entry is taken, which may be several files.
THREE_BROKERS, SECURE = "deploy/compose.three-brokers.yml", "deploy/compose.secure.yml"
OVERLAYS = [
    [[], ["deploy/compose.tls.yml"]],
    [[], [THREE_BROKERS], [SECURE], [THREE_BROKERS, SECURE, "deploy/compose.secure-three-brokers.yml"]],
]
PROFILES = ["demo", "tools", "monitoring"]
OURS = {"ingest", "confirmations", "analytics", "crm", "auditor", "sandbox", "acl", "topics", "migrate", "demo", "orderrelay"}
ONE_SHOTS = {"acl", "topics", "migrate", "demo", "orderrelay"}
BROKERS = {"kafka", "kafka-2", "kafka-3"}
MONITORING = {"prometheus", "alertmanager", "grafana"}
CALL_OUT = {"confirmations", "crm", "alertmanager"}
ON_EDGE = {"haproxy", "sandbox", "grafana"}
WITH_LEDGER = OURS - {"sandbox", "acl", "topics"}
# Which user of Kafka a service is, where it has users; others are the one of their own name.
KAFKA_USERS = {"acl": "admin", "topics": "operator", "demo": "operator", "orderrelay": "operator"}
WITH_KAFKA = OURS - {"sandbox", "migrate"}
# The volume that a service writes to; the others have none.
VOLUMES = {name: {name} for name in BROKERS | MONITORING | {"postgres", "demo"}}
# Users that the images of others have; Kafka's and the balancer's name their own.
USERS = {"postgres": "999:999", "prometheus": "65534:65534", "alertmanager": "65534:65534", "grafana": "472:0"}
REQUIRED = {"KAFKA_CLUSTER_ID": "4L6g3nShT-eMCtK--X86sw", "SMTP_URL": "smtp://shop@mail.example.org", "MAIL_FROM": "a@example.org"}


def compose():
    """The command of Docker Compose; None if it is not installed."""
    for tool in (os.environ.get("DOCKER_COMPOSE"), TOP / "../shared/tools/docker-compose", shutil.which("docker-compose")):
        if tool and os.access(tool, os.X_OK):
            return [str(Path(tool).resolve())]
    if shutil.which("docker") and subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0:
        return ["docker", "compose"]
    return None


def merged(tool, files, profiles, environment, *words):
    command = tool + ["--project-directory", str(TOP), "--env-file", "/dev/null"]
    for file in ["docker-compose.yml", *files]:
        command += ["-f", str(TOP / file)]
    for profile in profiles:
        command += ["--profile", profile]
    clean = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **environment}
    return subprocess.run(command + ["config", *words], env=clean, capture_output=True, text=True)


# Every rule gives a complaint for each thing that is wrong; a rule of services is asked for each service of its kind.

def one_shots(name, service, config):
    if (service["restart"] == "no") != (name in ONE_SHOTS):
        yield f"restart is {service['restart']}"
    for other, needed in service.get("depends_on", {}).items():
        wanted = "service_completed_successfully" if other in ONE_SHOTS else "service_healthy"
        if needed["condition"] != wanted:
            yield f"waits for {other} by {needed['condition']}, not {wanted}"
        if other not in config["services"]:
            yield f"waits for {other}, which this combination has not"
        if config["services"].get(other, {}).get("healthcheck", {}).get("disable") and wanted == "service_healthy":
            yield f"waits for the health of {other}, which is not asked"
    if name == "topics" and set(service.get("depends_on", {})) != (BROKERS | {"acl"}) & set(config["services"]):
        yield "does not wait for every broker, or for its rights"
    if name == "acl" and set(service.get("depends_on", {})) != BROKERS & set(config["services"]):
        yield "does not wait for every broker"
    if name == "migrate" and "postgres" not in service.get("depends_on", {}):
        yield "does not wait for postgres"
    if name in OURS - ONE_SHOTS - {"sandbox"} and "topics" not in service.get("depends_on", {}):
        yield "does not wait for the topics"
    if name in WITH_LEDGER - {"migrate", "orderrelay"} and "migrate" not in service.get("depends_on", {}):
        yield "does not wait for the ledger's schema"


def health(name, service, config):
    check = service.get("healthcheck", {})
    if name in OURS and (bool(check) != (name in ONE_SHOTS) or (check and not check.get("disable"))):
        yield "the image's health check is not the one that holds"
    words = " ".join(check.get("test", []))
    if name not in OURS and not words:
        yield "nobody asks for its health"
    if re.search(r"kafka-[a-z-]+\.sh|java|curl|wget", words):
        yield f"its check starts {words}"
    if name == "postgres" and not re.search(r"pg_isready .*-h 127\.0\.0\.1", words):
        yield "its check is true while the image still makes the database, which the server's socket alone shows"
    if name in BROKERS and "/dev/tcp/" not in words:
        yield f"its check is {words}"


def published(name, service, config):
    if "container_name" in service:
        yield "container_name forbids scaling"
    for port in service.get("ports", []):
        if name not in ON_EDGE:
            yield f"publishes port {port['target']}"
        elif port.get("host_ip") != "127.0.0.1" and not (name == "haproxy" and port["target"] == 8443):
            yield f"publishes port {port['target']} on {port.get('host_ip', 'all addresses')}"
        elif port["target"] == 9100:
            yield "publishes the admin port"


def proxied(name, service, config):
    if name != "ingest":
        return
    core = config["networks"]["core"]["ipam"]["config"][0]["subnet"]
    if service["environment"].get("HTTP_TRUSTED_PROXIES") != core:
        yield "believes other callers than the balancer's network"
    if service["environment"].get("HTTP_DRAIN_SECONDS") != "3":
        yield "closes before the balancer has noticed"


def stopping(name, service, config):
    if name in ONE_SHOTS:
        return
    wanted = "1m0s" if name in BROKERS else "30s"
    if service.get("stop_grace_period") != wanted:
        yield f"stop_grace_period is {service.get('stop_grace_period')}, not {wanted}"
    signal = {"haproxy": "SIGUSR1", "postgres": "SIGINT"}.get(name)
    if service.get("stop_signal") != signal:
        yield f"is stopped by {service.get('stop_signal')}, not {signal}"


def is_over_tls(config):
    return "edge.pem" in config["secrets"]


def is_secure(config):
    return "acl" in config["services"]


def kafka_password(name):
    return f"kafka-password-{KAFKA_USERS.get(name, name)}"


def kafka_secrets(name):
    if name in BROKERS:
        return {"kafka.pem", "kafka-ca.pem", "kafka-jaas.conf"}
    return {"kafka-ca.pem", kafka_password(name)} if name in WITH_KAFKA else set()


SECRET = re.compile(r"PASSWORD|SECRET|TOKEN|_KEY|CREDENTIAL")


# Of the keystore, the file's name and form.
NO_SECRET = {"KAFKA_LISTENER_SECURITY_PROTOCOL_MAP", "KAFKA_SSL_KEYSTORE_TYPE", "KAFKA_SSL_KEYSTORE_LOCATION"}


def secret(name, service, config):
    for variable, value in (service.get("environment") or {}).items():
        # An empty variable counts as not set.
        if SECRET.search(variable) and value and variable not in NO_SECRET and not (variable.endswith("_FILE") and str(value).startswith("/run/secrets/")):
            yield f"{variable} is given by value"
        if re.search(r"://[^/@\s]+:[^/@\s]+@", str(value)):
            yield f"{variable} has a password in its address"
        if variable.endswith("_FILE") and str(value).startswith("/run/secrets/"):
            if Path(value).name not in {used.get("target", used["source"]).split("/")[-1] for used in service.get("secrets", [])}:
                yield f"{variable} names a secret that the service is not given"
    for used in service.get("secrets", []):
        file = config["secrets"][used["source"]].get("file", "")
        if Path(file).parent != TOP / "secrets":
            yield f"the secret {used['source']} comes from {file or 'elsewhere than a file'}"
    if re.search(r"(password|token|key)=(?!/run/secrets/)\S", " ".join(service.get("command") or [])):
        yield "a secret stands in its command"
    keys = {"secrets-key", "secrets-key-old"}
    wanted = {"crm": keys, "orderrelay": keys, "demo": keys | {"crm-token"}, "confirmations": {"smtp-password", "smtp-ca.pem"}}
    wanted |= {"auditor": {"canary-token"}}
    wanted |= {"sandbox": {"smtp-password", "smtp-ca.pem", "sandbox-key.pem", "crm-token"}, "grafana": {"grafana-password"}}
    wanted |= {"postgres": {"postgres-password", "database-password"}, "haproxy": {"edge.pem"} if is_over_tls(config) else set()}
    needed = wanted.get(name, set()) | ({"database-password"} if name in WITH_LEDGER else set())
    needed |= kafka_secrets(name) if is_secure(config) else set()
    given = {used["source"] for used in service.get("secrets", [])}
    if given != needed:
        yield f"is given the secrets {sorted(given)}"


def confined(name, service, config):
    if service.get("cap_drop") != ["ALL"] or service.get("cap_add"):
        yield "keeps capabilities"
    if service.get("security_opt") != ["no-new-privileges:true"] or service.get("privileged"):
        yield "may gain privileges"
    if name in OURS and (service.get("user") != "10001:10001" or service.get("tmpfs") != ["/tmp"]):
        yield "is not the user 10001 with a /tmp of its own"
    if name in USERS and service.get("user") != USERS[name]:
        yield f"is the user {service.get('user')}, not {USERS[name]}"
    if name not in BROKERS and not service.get("read_only"):
        yield "may write its own files"
    limits = service.get("deploy", {}).get("resources", {}).get("limits", {})
    for limit in ("cpus", "memory", "pids"):
        if not limits.get(limit):
            yield f"has no limit of {limit}"
    logging = service.get("logging", {})
    if logging.get("driver") != "local" or not {"max-size", "max-file"} <= set(logging.get("options", {})):
        yield "its log is not rotated"
    written = {volume["source"] for volume in service.get("volumes", []) if volume["type"] == "volume"}
    if written != VOLUMES.get(name, set()):
        yield f"has the volumes {sorted(written)}"
    for volume in service.get("volumes", []):
        if volume["type"] == "bind" and (not volume.get("read_only") or not volume["source"].startswith(str(TOP / "deploy"))):
            yield f"mounts {volume['source']}"
        if "docker.sock" in volume.get("source", ""):
            yield "has the engine's socket"
    for shared in ("network_mode", "pid", "ipc", "userns_mode", "devices"):
        if shared in service:
            yield f"shares {shared} with the machine"


def image(name, service, config):
    if name in OURS:
        if not re.fullmatch(r"orderrelay:\d+\.\d+\.\d+", service["image"]) or service["build"]["dockerfile"] != "deploy/Dockerfile":
            yield f"is not our image but {service['image']}"
        images = list(service["build"]["args"].values())
        if set(service["build"]["args"]) != {"SWIFT_IMAGE", "DEBIAN_IMAGE"}:
            yield "its build is given other images than two"
    else:
        images = [service["image"]]
        if "build" in service:
            yield "another's image is built here"
    for named in images:
        if named not in config["x-images"]:
            yield f"{named} is not in the list of images"
        named_tag, at, digest = named.partition("@")
        if at and not re.fullmatch(r"sha256:[0-9a-f]{64}", digest):
            yield f"{named} has an incomplete digest"
        tag = named_tag.rpartition("/")[2].partition(":")[2]
        # PostgreSQL's versions have two parts.
        if not re.search(r"\d+\.\d+\.\d+|\d{8}" + (r"|^\d+\.\d+" if named.startswith("postgres:") else ""), tag):
            yield f"{named} has no full version"


def networks(name, service, config):
    wanted = {"core"} if name not in MONITORING - {"prometheus"} else set()
    wanted |= {network for network, names in (("out", CALL_OUT), ("edge", ON_EDGE), ("watch", MONITORING)) if name in names}
    if set(service["networks"]) != wanted:
        yield f"is in the networks {sorted(service['networks'])}, not {sorted(wanted)}"
    for inner in {"core", "watch"} & wanted:
        if not config["networks"][inner].get("internal"):
            yield f"{inner} is not internal"
    if "out" in wanted and config["networks"]["out"]["driver_opts"].get("com.docker.network.bridge.enable_icc") != "false":
        yield "its admin port is reached from others in out"


def ledger(name, service, config):
    environment = service.get("environment") or {}
    wanted = {"DATABASE_URL": "postgresql://orderrelay@postgres/orderrelay", "DATABASE_PASSWORD_FILE": "/run/secrets/database-password"}
    for variable, value in wanted.items():
        if environment.get(variable) != (value if name in WITH_LEDGER else None):
            yield f"{variable} is {environment.get(variable)}"
    if name == "postgres":
        settings = dict(word[2:].split("=") for word in service["command"][1:])
        for setting in ("fsync", "synchronous_commit", "autovacuum"):
            if settings.get(setting) != "on":
                yield f"{setting} is {settings.get(setting)}"
        if settings.get("autovacuum_naptime") != "10s":
            yield f"autovacuum looks every {settings.get('autovacuum_naptime', 'minute')}"
        if int(settings["max_connections"]) < 200:
            yield f"takes {settings['max_connections']} connections only"
        share = int(settings["shared_buffers"].removesuffix("MB")) / (int(service["deploy"]["resources"]["limits"]["memory"]) / 2**20)
        if not 0.2 <= share <= 0.3:
            yield f"its buffers are {share:.0%} of its memory"


def brokers(name, service, config):
    """One broker alone, or three that each record is on two of before it is acknowledged, known to all by the same names."""
    there = sorted(BROKERS & set(config["services"]))
    environment = service.get("environment") or {}
    if name in OURS - {"sandbox"}:
        if environment.get("KAFKA_BOOTSTRAP_SERVERS") != ",".join(f"{broker}:9092" for broker in there):
            yield f"knows the brokers {environment.get('KAFKA_BOOTSTRAP_SERVERS')}"
    if name not in BROKERS:
        return
    voters = ",".join(f"{number}@{broker}:9093" for number, broker in enumerate(there, 1))
    own = {"KAFKA_CONTROLLER_QUORUM_VOTERS": voters, "KAFKA_NODE_ID": f"{there.index(name) + 1}"}
    own |= {"KAFKA_ADVERTISED_LISTENERS": f"CLIENT://{name}:9092", "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false"}
    own |= {"KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": f"{len(there)}", "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": f"{len(there)}"}
    if len(there) == 3:
        own |= {"KAFKA_DEFAULT_REPLICATION_FACTOR": "3", "KAFKA_MIN_INSYNC_REPLICAS": "2", "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "2"}
    for variable, value in own.items():
        if environment.get(variable) != value:
            yield f"{variable} is {environment.get(variable)}, not {value}"


def users(name, service, config):
    """Kafka over TLS, with a user for each process and nobody let in without rights; or none of it."""
    environment = {variable: value for variable, value in (service.get("environment") or {}).items() if variable.startswith("KAFKA_")}
    everything = {"KAFKA_SSL_TRUSTSTORE_LOCATION", "KAFKA_SSL_CA_LOCATION", "KAFKA_SECURITY_PROTOCOL", "KAFKA_SUPER_USERS", "KAFKA_OPTS"}
    if not is_secure(config):
        for variable in environment:
            if re.search("_SASL_|AUTHORIZER", variable) or variable in everything:
                yield f"{variable} is set without users"
        return
    own = {}
    if name in BROKERS:
        own = {"KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "CLIENT:SASL_SSL,CONTROLLER:SASL_SSL", "KAFKA_SASL_ENABLED_MECHANISMS": "PLAIN",
               "KAFKA_SASL_MECHANISM_INTER_BROKER_PROTOCOL": "PLAIN", "KAFKA_SASL_MECHANISM_CONTROLLER_PROTOCOL": "PLAIN",
               "KAFKA_SSL_KEYSTORE_TYPE": "PEM", "KAFKA_SSL_KEYSTORE_LOCATION": "/run/secrets/kafka.pem",
               "KAFKA_SSL_TRUSTSTORE_TYPE": "PEM", "KAFKA_SSL_TRUSTSTORE_LOCATION": "/run/secrets/kafka-ca.pem",
               "KAFKA_AUTHORIZER_CLASS_NAME": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
               "KAFKA_ALLOW_EVERYONE_IF_NO_ACL_FOUND": "false", "KAFKA_SUPER_USERS": "User:broker;User:admin",
               "KAFKA_OPTS": "-Djava.security.auth.login.config=/run/secrets/kafka-jaas.conf"}
    elif name in WITH_KAFKA:
        user = KAFKA_USERS.get(name, name)
        own = {"KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "KAFKA_SASL_MECHANISM": "PLAIN",
               "KAFKA_SSL_CA_LOCATION": "/run/secrets/kafka-ca.pem", "KAFKA_SASL_PASSWORD_FILE": f"/run/secrets/{kafka_password(name)}",
               "KAFKA_SASL_USERNAME": user if user == "admin" else f"orderrelay-{user}"}
    for variable, value in own.items():
        if environment.get(variable) != value:
            yield f"{variable} is {environment.get(variable)}, not {value}"
    for variable in environment:
        # Verification of names is on unless it is switched off.
        if "ENDPOINT_IDENTIFICATION" in variable or "CERTIFICATE_VERIFICATION" in variable:
            yield f"{variable} is set"


def scaled_apart(name, service, config):
    for member in service.get("networks", {}).values():
        if member and member.get("ipv4_address"):
            yield "has an address of its own, which forbids scaling"


RULES = [one_shots, health, published, proxied, stopping, secret, confined, image, networks, ledger, brokers, users, scaled_apart]


def complaints(config):
    for name, service in sorted(config["services"].items()):
        for rule in RULES:
            for complaint in rule(name, service, config):
                yield rule, f"{name}: {complaint}"


def balancer(text):
    """What the balancer's file must say."""
    lines = [line.strip() for line in text.splitlines()]
    template = next((line for line in lines if line.startswith("server-template")), "")
    slots = re.match(r"server-template ingest- (\d+) ingest:8080$", template)
    if not slots or int(slots[1]) < 16:
        yield "there are no sixteen places for containers of ingest"
    default = next((line for line in lines if line.startswith("default-server")), "")
    for word in ("check port 9100", "resolvers docker", "init-addr none"):
        if word not in default:
            yield f"its servers are without `{word}`"
    for line in ("nameserver dns 127.0.0.11:53", "option httpchk GET /readyz", "option forwardfor", "balance hash var(txn.key)",
                 "hash-type consistent", "retry-on conn-failure", "hold obsolete 5s",
                 'http-request deny unless { src "${CORE_SUBNET-10.69.0.0/24}" }'):
        if line not in lines:
            yield f"it does not say `{line}`"
    if [line for line in lines if line.startswith("retry-on")] != ["retry-on conn-failure"]:
        yield "it repeats more than what has reached nobody"
    for line in lines:
        if line.startswith("log-format") and re.search(r"%r(?!c)|%HU|%HQ|%h[rs]|hdr|query", line):
            yield "its log has queries or headers"
        if line in ("option httplog", "option tcplog") or line.startswith(("capture", "http-request capture")):
            yield f"its log has more than it should: {line}"
    if not any(line.startswith("log-format") for line in lines):
        yield "it has no log format of its own"


BALANCER_BROKEN = [
    ("server-template ingest- 32", "server-template ingest- 4"), ("check port 9100", "check port 8080"),
    ("init-addr none", "init-addr last"), ("retry-on conn-failure", "retry-on all-retryable-errors"),
    ("    retry-on conn-failure", "    retry-on conn-failure\n    retry-on 503"), ("option forwardfor", ""),
    ("%HPO", "%HU"), ("%HPO", "%[capture.req.hdr(0)]"), ("option http-keep-alive", "option httplog"),
    ('http-request deny unless { src "${CORE_SUBNET-10.69.0.0/24}" }', ""),
    ("balance hash var(txn.key)", "balance roundrobin"), ("hash-type consistent", ""), ("GET /readyz", "GET /healthz"),
]


def haproxy_complaints():
    """What HAProxy itself says of both files."""
    with tempfile.TemporaryDirectory() as folder:
        pem, tls = Path(folder, "edge.pem"), Path(folder, "tls.cfg")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=edge", "-keyout", f"{pem}.key",
             "-out", pem], check=True, capture_output=True)
        pem.write_text(pem.read_text() + Path(f"{pem}.key").read_text())
        tls.write_text((TOP / "deploy/haproxy/tls.cfg").read_text().replace("/run/secrets/edge.pem", str(pem)))
        plain = TOP / "deploy/haproxy/haproxy.cfg"
        for files in ([plain], [plain, tls]):
            said = subprocess.run(["haproxy", "-c", *(word for file in files for word in ("-f", file))], capture_output=True, text=True)
            if said.returncode or "WARNING" in said.stderr + said.stdout:
                yield f"haproxy -c: {said.stdout}{said.stderr}"


# What is done to a sound configuration, and which rule must complain.

def change(service, path, value):
    def apply(config):
        place = config["services"][service]
        *way, last = path.split("/")
        for step in way:
            place = place[step]
        if value is None:
            place.pop(last)
        else:
            place[last] = value
    return apply


def network(name, key, value):
    def apply(config):
        config["networks"][name][key] = value
    return apply


BROKEN = [
    (one_shots, change("topics", "restart", "unless-stopped")),
    (one_shots, change("crm", "restart", "no")),
    (one_shots, change("crm", "depends_on/topics/condition", "service_started")),
    (one_shots, change("topics", "depends_on/kafka/condition", "service_started")),
    (one_shots, change("analytics", "depends_on", {})),
    (one_shots, change("demo", "depends_on", {})),
    (health, change("ingest", "healthcheck", {"disable": True})),
    (health, change("kafka", "healthcheck/test", ["CMD", "/opt/kafka/bin/kafka-topics.sh", "--list"])),
    (health, change("haproxy", "healthcheck", {})),
    (health, change("postgres", "healthcheck/test", ["CMD", "pg_isready", "-U", "orderrelay"])),
    (health, change("prometheus", "healthcheck", {})),
    (one_shots, change("migrate", "depends_on", {})),
    (one_shots, change("topics", "depends_on/kafka-2", None)),
    (published, change("ingest", "container_name", "ingest")),
    (published, change("ingest", "ports", [{"target": 8080, "published": "8081", "host_ip": "127.0.0.1"}])),
    (published, change("haproxy", "ports", [{"target": 8080, "published": "8080"}])),
    (published, change("sandbox", "ports", [{"target": 8090, "published": "8090", "host_ip": "0.0.0.0"}])),
    (published, change("postgres", "ports", [{"target": 5432, "published": "5432", "host_ip": "127.0.0.1"}])),
    (published, change("grafana", "ports", [{"target": 3000, "published": "3000", "host_ip": "0.0.0.0"}])),
    (published, change("sandbox", "ports", [{"target": 9100, "published": "9100", "host_ip": "127.0.0.1"}])),
    (proxied, change("ingest", "environment/HTTP_TRUSTED_PROXIES", "10.0.0.0/8")),
    (proxied, change("ingest", "environment/HTTP_DRAIN_SECONDS", "0")),
    (stopping, change("ingest", "stop_grace_period", None)),
    (stopping, change("kafka", "stop_grace_period", "30s")),
    (stopping, change("postgres", "stop_signal", None)),
    (secret, change("crm", "environment/SECRETS_KEY", "00")),
    (secret, change("crm", "environment/SECRETS_KEY_OLD", "00")),
    (secret, change("orderrelay", "environment/SECRETS_KEY_OLD_FILE", "/run/secrets/another")),
    (secret, change("confirmations", "environment/SMTP_URL", "smtp://shop:word@mail.example.org")),
    (secret, change("crm", "secrets", [])),
    (secret, change("ingest", "secrets", [{"source": "secrets-key"}])),
    (secret, change("auditor", "secrets", [])),
    (secret, change("auditor", "environment/CANARY_TOKEN_FILE", "/run/secrets/another")),
    (secret, change("crm", "environment/DATABASE_URL", "postgresql://orderrelay:word@postgres/orderrelay")),
    (secret, change("crm", "environment/DATABASE_PASSWORD", "word")),
    (secret, change("postgres", "environment/POSTGRES_PASSWORD", "word")),
    (secret, change("grafana", "environment/GF_SECURITY_ADMIN_PASSWORD__FILE", "/run/secrets/another")),
    (secret, change("demo", "command", ["demo", "--crm-token=abc"])),
    (secret, lambda config: config["secrets"]["secrets-key"].update(file="/etc/passwd")),
    (confined, change("ingest", "cap_drop", None)),
    (confined, change("ingest", "cap_add", ["NET_ADMIN"])),
    (confined, change("haproxy", "security_opt", None)),
    (confined, change("kafka", "privileged", True)),
    (confined, change("postgres", "user", "0")),
    (confined, change("crm", "volumes", [{"type": "volume", "source": "postgres", "target": "/x"}])),
    (confined, change("prometheus", "read_only", None)),
    (confined, change("orderrelay", "user", "0")),
    (confined, change("demo", "read_only", None)),
    (confined, change("auditor", "deploy/resources/limits/memory", None)),
    (confined, change("topics", "deploy/resources/limits/pids", None)),
    (confined, change("kafka", "logging", None)),
    (confined, change("crm", "network_mode", "host")),
    (confined, change("auditor", "volumes", [{"type": "bind", "source": "/var/run/docker.sock", "read_only": True}])),
    (image, change("kafka", "image", "apache/kafka:latest")),
    (image, change("haproxy", "image", "haproxy")),
    (image, change("haproxy", "image", "haproxy:2.6")),
    (image, change("postgres", "image", "postgres:15")),
    (image, change("postgres", "image", "postgres")),
    (image, change("kafka", "image", "apache/kafka:4.1.1@sha256:0123")),
    (image, change("crm", "image", "orderrelay:latest")),
    (image, change("crm", "build/args/DEBIAN_IMAGE", "debian:bookworm-slim")),
    (networks, change("ingest", "networks", {"core": None, "out": None})),
    (networks, change("kafka", "networks", {"core": None, "edge": None})),
    (networks, network("core", "internal", False)),
    (networks, network("watch", "internal", False)),
    (networks, change("grafana", "networks", {"core": None, "edge": None, "watch": None})),
    (networks, change("postgres", "networks", {"core": None, "out": None})),
    (networks, network("out", "driver_opts", {})),
    (ledger, change("auditor", "environment/DATABASE_URL", None)),
    (ledger, change("crm", "environment/DATABASE_PASSWORD_FILE", "")),
    (ledger, change("sandbox", "environment/DATABASE_URL", "postgresql://orderrelay@postgres/orderrelay")),
    (ledger, change("ingest", "environment/DATABASE_URL", "sqlite:/var/lib/orderrelay/orderrelay.db")),
    (ledger, change("postgres", "command", ["postgres", "-cfsync=off", "-cmax_connections=200", "-cshared_buffers=256MB"])),
    (ledger, change("postgres", "deploy/resources/limits/memory", "268435456")),
    (brokers, change("crm", "environment/KAFKA_BOOTSTRAP_SERVERS", "kafka:9092")),
    (brokers, change("kafka-2", "environment/KAFKA_NODE_ID", "1")),
    (brokers, change("kafka-3", "environment/KAFKA_MIN_INSYNC_REPLICAS", "1")),
    (brokers, change("kafka", "environment/KAFKA_CONTROLLER_QUORUM_VOTERS", "1@kafka:9093")),
    (one_shots, change("topics", "depends_on/acl", None)),
    (one_shots, change("acl", "depends_on/kafka-3", None)),
    (secret, change("kafka", "environment/KAFKA_SSL_KEYSTORE_PASSWORD", "word")),
    (secret, change("crm", "environment/KAFKA_SASL_PASSWORD", "word")),
    (secret, change("crm", "environment/KAFKA_SASL_PASSWORD_FILE", "/run/secrets/kafka-password-admin")),
    (secret, change("ingest", "secrets", [{"source": "database-password"}, {"source": "kafka-ca.pem"}, {"source": "kafka-jaas.conf"}])),
    (users, change("crm", "environment/KAFKA_SASL_USERNAME", "orderrelay-ingest")),
    (users, change("demo", "environment/KAFKA_SECURITY_PROTOCOL", "SASL_PLAINTEXT")),
    (users, change("analytics", "environment/KAFKA_SSL_ENDPOINT_IDENTIFICATION_ALGORITHM", "none")),
    (users, change("kafka-2", "environment/KAFKA_LISTENER_SECURITY_PROTOCOL_MAP", "CLIENT:SASL_SSL,CONTROLLER:PLAINTEXT")),
    (users, change("kafka-3", "environment/KAFKA_AUTHORIZER_CLASS_NAME", None)),
    (users, change("kafka", "environment/KAFKA_ALLOW_EVERYONE_IF_NO_ACL_FOUND", "true")),
    (users, change("kafka", "environment/KAFKA_SUPER_USERS", "User:broker;User:admin;User:orderrelay-crm")),
    (users, lambda config: config["services"].pop("acl")),
    (scaled_apart, change("crm", "networks/core", {"ipv4_address": "10.69.0.9"})),
]


def main():
    tool = compose()
    if tool is None:
        print("SKIPPED: there is no Docker Compose: the rules of docker-compose.yml are not checked", file=sys.stderr)
        may_skip = os.environ.get("ORDERRELAY_CI") != "1" or os.environ.get("ALLOW_SKIP") == "1"
        return 0 if may_skip else 1
    found = []
    combinations = [
        (files, profiles)
        for files in (sum(every, []) for every in itertools.product(*OVERLAYS))
        for profiles in (every for count in range(len(PROFILES) + 1) for every in itertools.combinations(PROFILES, count))
    ]
    whole = None
    for files, profiles in combinations:
        said = merged(tool, files, profiles, REQUIRED, "--format", "json")
        where = " ".join(["docker-compose.yml", *files, *(f"--profile {profile}" for profile in profiles)])
        if said.returncode or said.stderr:
            found.append(f"{where}: {said.stderr.strip()}")
            continue
        config = json.loads(said.stdout)
        expected = OURS - (set() if SECURE in files else {"acl"}) - (set() if "demo" in profiles else {"sandbox", "demo"}) - (set() if "tools" in profiles else {"orderrelay"})
        expected |= {"postgres", "haproxy"} | (MONITORING if "monitoring" in profiles else set())
        expected |= BROKERS if THREE_BROKERS in files else {"kafka"}
        if set(config["services"]) != expected:
            found.append(f"{where}: the services are {sorted(config['services'])}")
        if config.get("name") != "orderrelay":
            found.append(f"{where}: the project has no name")
        found += [f"{where}: {complaint}" for _, complaint in complaints(config)]
        if len(profiles) == len(PROFILES):
            whole = config  # the last one, of all files
    for missing in REQUIRED:
        given = {name: value for name, value in REQUIRED.items() if name != missing}
        said = merged(tool, [], [], given, "-q")
        if said.returncode == 0 or missing not in said.stderr or ".env" not in said.stderr:
            found.append(f"without {missing} is said: {said.stderr.strip() or 'nothing'}")
    for number, (rule, harm) in enumerate(BROKEN if whole and not found else []):
        broken = copy.deepcopy(whole)
        harm(broken)
        if rule not in {complaining for complaining, _ in complaints(broken)}:
            found.append(f"rule {rule.__name__} has nothing to say to breach {number}")
    text = (TOP / "deploy/haproxy/haproxy.cfg").read_text()
    found += [f"haproxy.cfg: {complaint}" for complaint in balancer(text)]
    found += list(haproxy_complaints()) if shutil.which("haproxy") else ["there is no haproxy to check its file with"]
    for right, wrong in BALANCER_BROKEN:
        if right not in text or not list(balancer(text.replace(right, wrong, 1))):
            found.append(f"the balancer's rules have nothing to say to `{wrong}` in the place of `{right}`")
    for rule in RULES:
        if rule not in {broken for broken, _ in BROKEN}:
            found.append(f"rule {rule.__name__} is never broken")
    for complaint in found:
        print(f"✘ {complaint}", file=sys.stderr)
    if not found:
        print(f"compose: {len(RULES)} rules hold in {len(combinations)} combinations, and complain of {len(BROKEN) + len(BALANCER_BROKEN)} breaches")
    return 1 if found else 0


sys.exit(main())
