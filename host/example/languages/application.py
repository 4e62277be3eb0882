"""An application in Python: it works with keys that it isn't shown."""

import wit_world
from componentize_py_types import Err
from wit_world.imports import aead, create, mac
from wit_world.imports.types import AeadAlgorithm, CloseOutcome, Error_Closed


class WitWorld(wit_world.WitWorld):
    def run(self) -> bytes:
        """The tag of a message, which has been encrypted and decrypted on its way."""
        key = create.from_bytes(b"a key of the application's own")
        message = b"a message"
        tag = mac.hmac_sha256(key, message)
        if not mac.verify_hmac_sha256(key, message, tag):
            raise Err("its own tag is refused")

        encryption = create.random(32)
        sealed = aead.seal(encryption, AeadAlgorithm.AES256_GCM, tag, b"")
        opened = aead.open(encryption, AeadAlgorithm.AES256_GCM, sealed, b"")

        if key.close() != CloseOutcome.WIPED:
            raise Err("the key is still there")
        try:
            mac.hmac_sha256(key, message)
        except Err as error:
            if isinstance(error.value, Error_Closed):
                return opened
            raise Err(str(error.value))
        raise Err("a closed key was used")
