"""Object identifiers of the SM algorithms and of the key and message formats that carry them.

Source: GB/T 33560-2017 table A.1; the numbers below SM4 are those of OpenSSL and Tongsuo.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "EC_PUBLIC_KEY",
    "GM_DATA",
    "GM_ENCRYPTED_DATA",
    "GM_ENVELOPED_DATA",
    "GM_KEY_AGREEMENT_INFO",
    "GM_SIGNED_AND_ENVELOPED_DATA",
    "GM_SIGNED_DATA",
    "HMAC_SHA1",
    "HMAC_SHA256",
    "HMAC_SM3",
    "HMAC_SM3_OPENSSL",
    "PBES2",
    "PBKDF2",
    "PKCS7_DATA",
    "PKCS7_ENCRYPTED_DATA",
    "PKCS7_ENVELOPED_DATA",
    "PKCS7_SIGNED_AND_ENVELOPED_DATA",
    "PKCS7_SIGNED_DATA",
    "RSA_SM3_SIGNATURE",
    "SHA1",
    "SHA256",
    "SM2_CURVE",
    "SM2_ENCRYPTION",
    "SM2_KEY_EXCHANGE",
    "SM2_SIGNING",
    "SM2_SM3_SIGNATURE",
    "SM3",
    "SM3_UNKEYED",
    "SM4",
    "SM4_CBC",
    "SM4_CCM",
    "SM4_CFB",
    "SM4_CFB8",
    "SM4_CTR",
    "SM4_ECB",
    "SM4_GCM",
    "SM4_OFB",
    "SM4_XTS",
]

# Curve and SM2 (椭圆曲线公钥密码算法)
EC_PUBLIC_KEY: Final = "1.2.840.10045.2.1"
SM2_CURVE: Final = "1.2.156.10197.1.301"
SM2_SIGNING: Final = "1.2.156.10197.1.301.1"
SM2_KEY_EXCHANGE: Final = "1.2.156.10197.1.301.2"
SM2_ENCRYPTION: Final = "1.2.156.10197.1.301.3"
SM2_SM3_SIGNATURE: Final = "1.2.156.10197.1.501"
RSA_SM3_SIGNATURE: Final = "1.2.156.10197.1.504"

# SM3 (密码杂凑算法); the standard's keyed form, and the number that OpenSSL and Tongsuo write for it
SM3: Final = "1.2.156.10197.1.401"
SM3_UNKEYED: Final = "1.2.156.10197.1.401.1"
HMAC_SM3: Final = "1.2.156.10197.1.401.2"
HMAC_SM3_OPENSSL: Final = "1.2.156.10197.1.401.3.1"

# SM4 (分组密码算法)
SM4: Final = "1.2.156.10197.1.104"
SM4_ECB: Final = "1.2.156.10197.1.104.1"
SM4_CBC: Final = "1.2.156.10197.1.104.2"
SM4_OFB: Final = "1.2.156.10197.1.104.3"
SM4_CFB: Final = "1.2.156.10197.1.104.4"
SM4_CFB8: Final = "1.2.156.10197.1.104.6"
SM4_CTR: Final = "1.2.156.10197.1.104.7"
SM4_GCM: Final = "1.2.156.10197.1.104.8"
SM4_CCM: Final = "1.2.156.10197.1.104.9"
SM4_XTS: Final = "1.2.156.10197.1.104.10"

# Message syntax of GM/T 0010 and GB/T 35275
GM_DATA: Final = "1.2.156.10197.6.1.4.2.1"
GM_SIGNED_DATA: Final = "1.2.156.10197.6.1.4.2.2"
GM_ENVELOPED_DATA: Final = "1.2.156.10197.6.1.4.2.3"
GM_SIGNED_AND_ENVELOPED_DATA: Final = "1.2.156.10197.6.1.4.2.4"
GM_ENCRYPTED_DATA: Final = "1.2.156.10197.6.1.4.2.5"
GM_KEY_AGREEMENT_INFO: Final = "1.2.156.10197.6.1.4.2.6"

# PKCS#7
PKCS7_DATA: Final = "1.2.840.113549.1.7.1"
PKCS7_SIGNED_DATA: Final = "1.2.840.113549.1.7.2"
PKCS7_ENVELOPED_DATA: Final = "1.2.840.113549.1.7.3"
PKCS7_SIGNED_AND_ENVELOPED_DATA: Final = "1.2.840.113549.1.7.4"
PKCS7_ENCRYPTED_DATA: Final = "1.2.840.113549.1.7.6"

# PKCS#5
PBES2: Final = "1.2.840.113549.1.5.13"
PBKDF2: Final = "1.2.840.113549.1.5.12"
HMAC_SHA1: Final = "1.2.840.113549.2.7"
HMAC_SHA256: Final = "1.2.840.113549.2.9"
SHA1: Final = "1.3.14.3.2.26"
SHA256: Final = "2.16.840.1.101.3.4.2.1"
