"""The codes of virtual MFA devices: RFC 6238."""

import base64
import hashlib
import hmac
import struct


def code(seed, now):
    """The six digits that a device shows at a time, given in Unix seconds. The seed is in base 32."""
    digest = hmac.new(base64.b32decode(seed), struct.pack(">q", now // 30), hashlib.sha1).digest()
    offset = digest[-1] & 0xF
    return f"{(struct.unpack('>I', digest[offset:offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"
