"""The native kernel: SM2, SM3 and SM4 in C, compiled when the package is installed and a compiler is there.

The extension module ``_kernel`` is here only if that worked; ``egov_sdk.crypto.available_backends()`` tells.
"""
