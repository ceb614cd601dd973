"""Where somebody's scheduler is, and by what it and this client know each other."""

import re
import stat
from dataclasses import dataclass
from pathlib import Path

from benchmark.declare.errors import UserError, require

_ADDRESS = re.compile(r"(tcp|tls)://([\w.-]+|\[[0-9a-fA-F:.]+\]):(\d{1,5})", re.ASCII)


@dataclass(frozen=True)
class Certificates:
    """PEM files of a ``tls://`` cluster.

    Attributes:
        authority: certificate of the authority that both sides trust.
        certificate: this client's certificate.
        key: the private key of that certificate, not encrypted.

    Raises:
        UserError: a file cannot be read, or the key needs a password.
    """

    authority: Path
    certificate: Path
    key: Path

    def __post_init__(self) -> None:
        for path in (self.authority, self.certificate, self.key):
            try:
                # Reading a pipe could wait for ever.
                require(stat.S_ISREG(path.stat().st_mode), f"{path} is no file.")
                held = path.read_bytes()
            except (OSError, ValueError) as error:
                said = getattr(error, "strerror", None) or error
                raise UserError(
                    f"The certificate file {path} cannot be read: {said}."
                ) from error
        # TLS would ask for the password at the terminal.
        require(
            b"ENCRYPTED" not in held,
            f"The key {self.key} is encrypted; give one without a password.",
        )


def check_address(address: str, certificates: Certificates | None) -> None:
    """Raise unless a scheduler can be at an address, with these certificates.

    Raises:
        UserError: the address has another form, or certificates lack or are too many.
    """
    match = _ADDRESS.fullmatch(address)
    if match is None or not 1 <= int(match[3]) <= 65535:
        raise UserError(
            f"The scheduler is {address!r}, but must be tcp://HOST:PORT or tls://HOST:PORT."
        )
    secure = match[1] == "tls"
    require(
        secure == (certificates is not None),
        f"{address} needs certificates: give --tls-ca, --tls-cert and --tls-key."
        if secure
        else f"Certificates are for tls://HOST:PORT, but the scheduler is {address}.",
    )
