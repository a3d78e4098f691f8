"""A server's certificate, and the authority that signed it, made by openssl in a folder. For integration tests."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

AUTHORITY = "authority.pem"
KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")
CONFIG = """
[ca]
default_ca = ours
[ours]
new_certs_dir = .
database = index
serial = serial
policy = any
default_md = sha256
x509_extensions = names
[any]
commonName = supplied
[names]
subjectAltName = DNS:{host}
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[req]
distinguished_name = none
[none]
"""


def make_certificate(
    folder: Path, *, host: str = "localhost", start: str = "20200101000000Z", end: str = "20491231000000Z"
) -> ssl.SSLContext:
    """
    Make a certificate for ``host``, signed by the authority in `AUTHORITY`.

    Args:
        folder: Where all of it lies.
        host: Whose.
        start: From when on it is valid.
        end: Until when.
    """

    def openssl(*args: str) -> None:
        subprocess.run(["openssl", *args], cwd=folder, check=True, capture_output=True)

    (folder / "config").write_text(CONFIG.format(host=host))
    (folder / "index").touch()
    (folder / "serial").write_text("01")
    authority = ("-keyout", "authority.key", "-out", AUTHORITY, "-subj", "/CN=authority", "-days", "3650")
    usage = ("-addext", "keyUsage=critical,keyCertSign,cRLSign")  # Python 3.13 insists
    openssl("req", "-x509", *KEY, "-nodes", *authority, *usage)
    openssl("req", *KEY, "-nodes", "-keyout", "key", "-out", "request", "-subj", "/CN=server")
    signing = ("-cert", AUTHORITY, "-keyfile", "authority.key", "-in", "request", "-out", "certificate")
    openssl("ca", "-batch", "-config", "config", *signing, "-startdate", start, "-enddate", end)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate", folder / "key")
    return context
