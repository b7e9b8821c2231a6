"""Currencies of ISO 4217 and how many digits their minor units have."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

# "List One" of the ISO 4217 maintenance agency (SIX), out of the package iso4217 1.16.20260101.
PUBLISHED = date(2026, 1, 1)

# Codes without minor units (metals, units of account, codes for tests) are no money to pay with.
_CODES: Mapping[int, str] = {
    0: """
        BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF
    """,
    2: """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP
        BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB
        EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES
        KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR
        MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD
        RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP
        TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG
    """,
    3: """
        BHD IQD JOD KWD LYD OMR TND
    """,
    4: """
        CLF UYW
    """,
}

EXPONENTS: Mapping[str, int] = {
    code: exponent for exponent, codes in _CODES.items() for code in codes.split()
}

# With two digits behind the decimal point these are the twelve of the field for amounts of ISO 8583.
_MAJOR_DIGITS = 10


def largest_amount(currency: str) -> int:
    """Return the most that one payment may be in minor units; of an unknown code, what any may be."""
    exponent = EXPONENTS.get(currency, max(EXPONENTS.values()))
    return 10 ** (_MAJOR_DIGITS + exponent) - 1


def in_major_units(amount_minor: int, currency: str) -> str | None:
    """Write an amount such as ``19.99`` for 1999 US cents; None for what is no currency."""
    exponent = EXPONENTS.get(currency)
    return None if exponent is None else f"{Decimal(amount_minor).scaleb(-exponent):f}"
