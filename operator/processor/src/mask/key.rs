//! Keys of masks, by name and version.
//!
//! Data, and the derivation of one key from another. A key's bytes are overwritten when it is dropped and never shown.

use std::collections::BTreeMap;
use std::fmt;

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::error::MaskError;

/// Fewest bytes of a key: half of what RFC 2104 recommends for HMAC-SHA-256, all that a 128-bit strength needs.
pub const KEY_BYTES_MIN: usize = 16;

/// One version of a key of the platform.
pub struct Key {
    /// Name of the key on the platform.
    pub name: String,
    /// Version, from 1; part of every token and ciphertext made with it.
    pub version: u32,
    bytes: Zeroizing<Vec<u8>>,
}

/// All versions of one key.
#[derive(Debug)]
pub struct Versions {
    /// The version that masks are made with.
    pub active: u32,
    /// Every version that can be read, the active one among them.
    pub all: BTreeMap<u32, Key>,
}

/// The keys of a run, by name.
#[derive(Debug, Default)]
pub struct Keys {
    /// Versions by the key's name.
    pub by_name: BTreeMap<String, Versions>,
}

impl Key {
    /// # Errors
    /// When there are fewer bytes than [`KEY_BYTES_MIN`].
    pub fn new(name: &str, version: u32, bytes: Zeroizing<Vec<u8>>) -> Result<Self, MaskError> {
        if bytes.len() < KEY_BYTES_MIN {
            return Err(MaskError::ShortKey { name: name.to_owned(), version });
        }
        Ok(Self { name: name.to_owned(), version, bytes })
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// A key for one purpose, by HKDF-SHA-256 (RFC 5869) with this key as its input, so that no two purposes share a key.
    pub(crate) fn derive(&self, salt: &[u8], purpose: &str) -> Zeroizing<[u8; 32]> {
        let mut derived = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(Some(salt), &self.bytes)
            .expand(purpose.as_bytes(), derived.as_mut())
            .expect("32 bytes are less than HKDF can give");
        derived
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({} version {})", self.name, self.version)
    }
}

impl Keys {
    /// The version of a key that masks are made with.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn active(&self, name: &str) -> Result<&Key, MaskError> {
        let versions = self.by_name.get(name);
        let active = versions.and_then(|versions| versions.all.get(&versions.active));
        active.ok_or_else(|| MaskError::NoKey(name.to_owned()))
    }

    /// One version of a key, if it is there.
    pub fn version(&self, name: &str, version: u32) -> Option<&Key> {
        self.by_name.get(name)?.all.get(&version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        hex::decode(text).expect("the vector is hexadecimal")
    }

    /// RFC 5869, appendix A: test cases 1 to 3, for SHA-256. The first 32 bytes of a longer output are those of a shorter one.
    #[test]
    fn derivation_is_that_of_the_standard() {
        let check = |ikm: &str, salt: &str, info: &str, okm: &str| {
            let key = Hkdf::<Sha256>::new(Some(&hex(salt)), &hex(ikm));
            let mut found = vec![0; okm.len() / 2];
            key.expand(&hex(info), &mut found).expect("the length is allowed");
            assert_eq!(hex::encode(found), okm);
        };
        check(
            "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
            "000102030405060708090a0b0c",
            "f0f1f2f3f4f5f6f7f8f9",
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
        );
        check(
            "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f",
            "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
            "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
        );
        check(
            "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
            "",
            "",
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
        );
    }

    #[test]
    fn our_derivation_takes_salt_and_purpose() -> Result<(), MaskError> {
        let ikm = Zeroizing::new(hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"));
        let key = Key::new("k", 1, ikm)?;
        // Test case 3 of the same appendix: neither salt nor info.
        assert_eq!(
            hex::encode(*key.derive(b"", "")),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
        );
        assert_ne!(key.derive(b"", "a"), key.derive(b"", "b"));
        assert_ne!(key.derive(b"a", ""), key.derive(b"b", ""));
        Ok(())
    }

    #[test]
    fn bytes_are_never_shown() -> Result<(), MaskError> {
        let bytes = b"correct horse battery staple";
        let key = Key::new("pii", 2, Zeroizing::new(bytes.to_vec()))?;
        let all = [(2, key)].into_iter().collect();
        let keys = Keys { by_name: [("pii".to_owned(), Versions { active: 2, all })].into() };
        let shown = format!("{keys:?} {keys:#?}");
        assert!(shown.contains("Key(pii version 2)"), "{shown}");
        assert!(!shown.contains("horse") && !shown.contains("114"), "{shown}");
        let short = Key::new("pii", 1, Zeroizing::new(b"secret".to_vec())).map(|_| ());
        assert_eq!(
            short.map_err(|e| e.to_string()),
            Err("version 1 of the key `pii` has fewer than 16 bytes".to_owned())
        );
        Ok(())
    }
}
