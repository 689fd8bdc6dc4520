"""SM2 arithmetic in the native kernel: C, independent of d and k in time and memory access."""

from __future__ import annotations

from types import ModuleType

from egov_sdk.crypto._backend.interface import BackendUnavailable
from egov_sdk.crypto._native import find_kernel

__all__ = ["NativeBackend", "load"]

# GB/T 32918.5-2017, A.2: d, e, k, r || s
_D = bytes.fromhex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8")
_E = bytes.fromhex("f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640")
_K = bytes.fromhex("59276e27d506861a16680f3ad9c02dccef3cc1fa3cdbe4ce6d54b80deac1bc21")
_RS = bytes.fromhex(
    "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)


class NativeBackend:
    """The backend that is taken where it was built. Its methods are the functions of the kernel themselves."""

    name = "native"
    constant_time = True

    def __init__(self, kernel: ModuleType) -> None:
        self.open_private = kernel.open_private
        self.public_point = kernel.public_point
        self.sign = kernel.sign
        self.open_public = kernel.open_public
        self.verify = kernel.verify
        self.mul_base = kernel.mul_base
        self.mul = kernel.mul
        self.add = kernel.add
        self.precompute = kernel.precompute
        self.sign_message_der = kernel.sign_message_der
        self.verify_message_der = kernel.verify_message_der
        self.sign_messages = kernel.sign_messages
        self.verify_messages = kernel.verify_messages
        self.encrypt = kernel.encrypt
        self.decrypt = kernel.decrypt


def load() -> NativeBackend:
    """The kernel, once it has given a known answer.

    Raises:
        BackendUnavailable: it was not built, or it does not work here.
    """
    kernel, reason = find_kernel()
    if kernel is None:
        raise BackendUnavailable(f"no native kernel: {reason}")
    backend = NativeBackend(kernel)
    private = backend.open_private(_D)
    public = backend.open_public(backend.public_point(private))
    if backend.sign(private, _E, _K) != _RS or not backend.verify(public, _E, _RS):
        raise BackendUnavailable("the kernel does not give the signature of GB/T 32918.5-2017, A.2")
    return backend
