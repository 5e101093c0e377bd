//! Digests, encodings and identifiers: entries of the function table.
//!
//! A digest keeps the labels of what it is made of: whoever can guess a value can compare its digest. A mask lowers them.

use super::build::{INT64, STRING, TEXT, is, scalar, to};
use super::{Family, Function, Signature, Takes};
use crate::data_type::DataType;

const fn hash(name: &'static str, written: &'static str, signatures: &'static [Signature]) -> Function {
    scalar(Family::Hash, name, written, signatures)
}

const BYTES: Takes = Takes::Type(&DataType::Bytes);
const UUID: Takes = Takes::Type(&DataType::Uuid);
const DIGEST: &[Signature] = &[to(&[TEXT], STRING)];

pub(super) const FUNCTIONS: &[Function] = &[
    hash("md5", "md5(text)", DIGEST)
        .doc("The MD5 digest of the text in UTF-8, as 32 hexadecimal digits.")
        .note("RFC 1321. Fine for spreading keys, not for secrets.")
        .cases(&[
            is("md5('abc')", "900150983cd24fb0d6963f7d28e17f72"),
            is("md5('')", "d41d8cd98f00b204e9800998ecf8427e"),
            is("md5(NULL)", "null"),
        ]),
    hash("sha1", "sha1(text)", DIGEST)
        .doc("The SHA-1 digest of the text in UTF-8, as 40 hexadecimal digits.")
        .note("FIPS 180-4. Not for secrets.")
        .cases(&[
            is("sha1('abc')", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            is("sha1('')", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            is("sha1(NULL)", "null"),
        ]),
    hash("sha224", "sha224(text)", DIGEST)
        .doc("The SHA-224 digest of the text in UTF-8, as 56 hexadecimal digits.")
        .note("FIPS 180-4.")
        .cases(&[
            is("sha224('abc')", "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"),
            is("char_length(sha224(''))", "56"),
            is("sha224(NULL)", "null"),
        ]),
    hash("sha256", "sha256(text)", DIGEST)
        .doc("The SHA-256 digest of the text in UTF-8, as 64 hexadecimal digits.")
        .note("FIPS 180-4.")
        .cases(&[
            is("sha256('abc')", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            is("char_length(sha256(''))", "64"),
            is("sha256(NULL)", "null"),
        ]),
    hash("sha384", "sha384(text)", DIGEST)
        .doc("The SHA-384 digest of the text in UTF-8, as 96 hexadecimal digits.")
        .note("FIPS 180-4.")
        .cases(&[
            is("left(sha384('abc'), 16)", "cb00753f45a35e8b"),
            is("char_length(sha384(''))", "96"),
            is("sha384(NULL)", "null"),
        ]),
    hash("sha512", "sha512(text)", DIGEST)
        .doc("The SHA-512 digest of the text in UTF-8, as 128 hexadecimal digits.")
        .note("FIPS 180-4.")
        .cases(&[
            is("left(sha512('abc'), 16)", "ddaf35a193617aba"),
            is("char_length(sha512(''))", "128"),
            is("sha512(NULL)", "null"),
        ]),
    hash(
        "to_base64",
        "to_base64(text)",
        &[to(&[TEXT], STRING), to(&[BYTES], STRING).not_on_flink("its `TO_BASE64` takes text only")],
    )
    .doc("The text in UTF-8, or the bytes, in Base64.")
    .note("RFC 4648, standard alphabet, padded, in one line.")
    .cases(&[
        is("to_base64('hello')", "aGVsbG8="),
        is("to_base64('')", ""),
        is("to_base64(NULL)", "null"),
    ]),
    hash(
        "from_base64",
        "from_base64(text)",
        &[to(&[TEXT], STRING).can_fail("text that is no Base64 of UTF-8 gives null")],
    )
    .doc("The text that this Base64 stands for.")
    .note("RFC 4648, standard alphabet, padded. For bytes, use `unhex`.")
    .cases(&[
        is("from_base64('aGVsbG8=')", "hello"),
        is("from_base64('%')", "null"),
        is("from_base64('/w==')", "null"),
        is("from_base64(NULL)", "null"),
    ]),
    hash(
        "hex",
        "hex(a)",
        &[
            to(&[Takes::Type(&DataType::Int64)], STRING),
            to(&[TEXT], STRING),
            to(&[BYTES], STRING).not_on_flink("its `HEX` takes numbers and text only"),
        ],
    )
    .doc("The number, the text in UTF-8 or the bytes in hexadecimal digits, in upper case.")
    .note("A number without leading zeros; a negative one in two's complement of 64 bits.")
    .cases(&[
        is("hex(255)", "FF"),
        is("hex(-1)", "FFFFFFFFFFFFFFFF"),
        is("hex('hé')", "68C3A9"),
        is("hex(CAST(NULL AS string))", "null"),
    ]),
    hash(
        "unhex",
        "unhex(text)",
        &[to(&[TEXT], &DataType::Bytes).can_fail("text that is not pairs of hexadecimal digits gives null")],
    )
    .doc("The bytes that these hexadecimal digits stand for.")
    .note("Digits in either letter case, two a byte.")
    .cases(&[
        is("CAST(unhex('68c3A9') AS string)", "hé"),
        is("unhex('6')", "null"),
        is("unhex('xx')", "null"),
        is("unhex(NULL)", "null"),
    ]),
    hash("bin", "bin(a)", &[to(&[Takes::Type(&DataType::Int64)], STRING)])
        .doc("The number in binary digits.")
        .note("Without leading zeros; a negative one in two's complement of 64 bits.")
        .cases(&[is("bin(5)", "101"), is("char_length(bin(-1))", "64"), is("bin(NULL)", "null")]),
    hash(
        "uuid_v5",
        "uuid_v5(namespace, name)",
        &[to(&[UUID, TEXT], &DataType::Uuid).not_on_flink("it has no such function")],
    )
    .doc("The identifier that this name has in a namespace.")
    .note("RFC 9562, version 5. The same name gives the same identifier, unlike a random one.")
    .cases(&[
        is(
            "uuid_v5(CAST('6ba7b810-9dad-11d1-80b4-00c04fd430c8' AS uuid), 'www.example.com')",
            "2ed6657d-e927-568b-95e1-2665a8aea6a2",
        ),
        is("uuid_v5(CAST('x' AS uuid), 'a')", "null"),
        is("uuid_v5(NULL, 'a')", "null"),
    ]),
    hash("crc32", "crc32(text)", &[to(&[TEXT], INT64).not_on_flink("it has no such function")])
        .doc("The CRC-32 checksum of the text in UTF-8.")
        .note("IEEE 802.3, from 0 to 4294967295.")
        .cases(&[is("crc32('123456789')", "3421780262"), is("crc32('')", "0"), is("crc32(NULL)", "null")]),
];
