#!/usr/bin/env python3
"""Tries deploy/pin on a stand-in for a registry: the same calls, the same challenge for a token, the same fields."""

import hashlib
import http.server
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
FAILURES = []


def digest(name, version=1):
    return "sha256:" + hashlib.sha256(f"{name} {version}".encode()).hexdigest()


class Registry(http.server.BaseHTTPRequestHandler):
    """Has `team/a:1.2.3` and `b:20250101`, and wants a token for each."""
    version = 1
    IMAGES = {"/v2/team/a/manifests/1.2.3": "team/a", "/v2/b/manifests/20250101": "b"}

    def log_message(self, *_):
        pass

    def answer(self, status, fields=None, body=b""):
        self.send_response(status)
        for name, value in {**(fields or {}), "Content-Length": len(body)}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(200, body=b'{"token": "for-everybody", "expires_in": 300}' if "scope=repository" in self.path else b"{}")

    def do_HEAD(self):
        if self.headers.get("Authorization") != "Bearer for-everybody":
            scope = "repository:" + "/".join(self.path.split("/")[2:-2]) + ":pull"
            realm = f"http://127.0.0.1:{self.server.server_port}/token"
            return self.answer(401, {"WWW-Authenticate": f'Bearer realm="{realm}",service="stand-in",scope="{scope}"'})
        image = self.IMAGES.get(self.path)
        # Without these types a registry answers with a manifest of an older kind.
        if image is None or "application/vnd.oci.image.index.v1+json" not in self.headers.get("Accept", ""):
            return self.answer(404)
        # Names of fields differ in their case from registry to registry.
        self.answer(200, {"docker-content-Digest": digest(image, Registry.version)})


def pin(file, *words):
    return subprocess.run([TOP / "deploy/pin", *words, file], capture_output=True, text=True, timeout=60)


def expect(what, holds, said):
    if not holds:
        FAILURES.append(f"{what}: {said.returncode} {said.stdout}{said.stderr}")


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    here = f"127.0.0.1:{server.server_port}"
    plain = f"name: x\nx-images:\n  - &image-a {here}/team/a:1.2.3\n  - &image-b {here}/b:20250101\nservices:\n  c: {{image: *image-a}}\n"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "compose.yml")
        file.write_text(plain)

        said = pin(file, "--check")
        expect("--check misses digests", said.returncode == 1 and "2 images" in said.stderr and file.read_text() == plain, said)
        said = pin(file)
        wanted = plain.replace("a:1.2.3", f"a:1.2.3@{digest('team/a')}").replace("b:20250101", f"b:20250101@{digest('b')}")
        expect("digests are written", said.returncode == 0 and file.read_text() == wanted, said)
        said = pin(file, "--check")
        expect("--check is content", said.returncode == 0, said)
        said = pin(file)
        expect("a second time changes nothing", said.returncode == 0 and file.read_text() == wanted, said)

        Registry.version = 2
        said = pin(file, "--check")
        expect("--check sees a moved tag", said.returncode == 1 and digest("b", 2) in said.stderr and file.read_text() == wanted, said)
        said = pin(file)
        expect("the new digests are in the place of the old", said.returncode == 0 and digest("b", 2) in file.read_text()
               and digest("b") not in file.read_text(), said)
        said = pin(file, "--drop")
        expect("--drop takes them out", said.returncode == 0 and file.read_text() == plain, said)

        for wrong, words in ((f"{here}/b:20250102", "answers 404"), (f"{here}/b", "no tag"), (f"{here}/b:latest", "no version"),
                             ("127.0.0.1:1/b:20250101", "cannot be reached")):
            text = plain.replace(f"{here}/b:20250101", wrong)
            file.write_text(text)
            said = pin(file)
            expect(f"{wrong} is refused, and nothing is written", said.returncode == 1 and words in said.stderr
                   and file.read_text() == text, said)
    # Every image of the real file is one that deploy/pin finds.
    names = [line.split()[2] for line in (TOP / "docker-compose.yml").read_text().splitlines() if line.startswith("  - &image-")]
    if len(names) < 8:
        FAILURES.append(f"deploy/pin sees only {names} in docker-compose.yml")
    server.shutdown()
    for failure in FAILURES:
        print(f"✘ {failure}", file=sys.stderr)
    if not FAILURES:
        print("deploy/pin: digests are written, checked, renewed and taken out; nothing is written where a registry does not answer")
    return 1 if FAILURES else 0


sys.exit(main())
