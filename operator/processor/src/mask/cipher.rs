//! Field-level encryption: AES-256-GCM (NIST SP 800-38D) with a random nonce for each value.
//!
//! Takes a column of text or bytes, gives a column of text; null stays null. What is built, exactly:
//! `e<version>.` and base64url of nonce (12 bytes), ciphertext, tag (16 bytes), under HKDF-SHA-256 of the platform's key; or
//! `s<version>.` and base64url of subject id (16), generation (4, big endian), nonce, ciphertext, tag, under the subject's own key
//! (see `subject`). What stands before the nonce is authenticated too. Random nonces allow 2^32 values under one key:
//! rotate a key that is used without subjects before that.

use std::collections::BTreeMap;
use std::sync::Arc;

use aes_gcm::aead::rand_core::RngCore as _;
use aes_gcm::aead::{Aead as _, OsRng, Payload};
use aes_gcm::{Aes256Gcm, KeyInit as _, Nonce};
use arrow::array::{Array, ArrayRef, StringBuilder};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::error::{MaskError, Undecryptable};
use super::key::{Key, Keys};
use super::keyed::value;
use super::subject::{SubjectId, Subjects, subject_id};

const NONCE_BYTES: usize = 12;
const SUBJECT_BYTES: usize = 16 + 4;

/// Encrypts each value under the key.
///
/// # Errors
/// When the column holds neither text nor bytes, or the system gives no random numbers.
pub fn encrypt(input: &ArrayRef, key: &Key) -> Result<ArrayRef, MaskError> {
    let cipher = cipher(&key.derive(b"", "headwater/encrypt"));
    let prefix = format!("e{}.", key.version);
    seal_all(input, |_, sealing| sealing.seal(&cipher, &prefix, &[]))
}

/// Encrypts each value under the own key of its subject, a row of `subjects` (text or bytes);
/// values whose subject is null share one.
///
/// # Errors
/// As [`encrypt`], and when the store fails.
pub fn encrypt_for(
    input: &ArrayRef,
    subjects: &ArrayRef,
    key: &Key,
    store: &Subjects,
) -> Result<ArrayRef, MaskError> {
    let mut ids = Vec::with_capacity(input.len());
    for row in 0..input.len() {
        let subject = match subjects.is_null(row) {
            true => None,
            false => Some(value("encrypt", subjects, row)?),
        };
        ids.push(subject_id(key, subject));
    }
    let needed = (0..input.len()).filter(|row| input.is_valid(*row)).map(|row| ids[row]).collect();
    let mut ciphers: BTreeMap<SubjectId, (Aes256Gcm, Vec<u8>)> = BTreeMap::new();
    for (id, present) in store.present(&key.name, &needed)? {
        let header = [&id[..], &present.generation.to_be_bytes()].concat();
        ciphers.insert(id, (subject_cipher(key, &present.secret), header));
    }
    let prefix = format!("s{}.", key.version);
    seal_all(input, |row, sealing| {
        let (cipher, header) = &ciphers[&ids[row]];
        sealing.seal(cipher, &prefix, header)
    })
}

/// Decrypts one value that [`encrypt`] or [`encrypt_for`] made under the key of this name.
///
/// # Errors
/// When the store fails; inside, why the value can't be read.
pub fn decrypt(
    text: &str,
    keys: &Keys,
    name: &str,
    store: Option<&Subjects>,
) -> Result<Result<Zeroizing<Vec<u8>>, Undecryptable>, MaskError> {
    let Some((prefix, version, raw)) = parts(text) else {
        return Ok(Err(Undecryptable::Form));
    };
    let Some(key) = keys.version(name, version) else {
        return Ok(Err(Undecryptable::NoVersion(version)));
    };
    if prefix.starts_with('e') {
        let cipher = cipher(&key.derive(b"", "headwater/encrypt"));
        return Ok(open(&cipher, prefix, &[], &raw));
    }
    let Some((header, sealed)) = raw.split_first_chunk::<SUBJECT_BYTES>() else {
        return Ok(Err(Undecryptable::Form));
    };
    let (id, generation) = header.split_first_chunk::<16>().expect("a header starts with a subject's id");
    let generation = u32::from_be_bytes(generation.try_into().expect("a header ends with four bytes"));
    let store = store.ok_or(MaskError::NoSubjects)?;
    let Some(secret) = store.secret(&key.name, id, generation)? else {
        return Ok(Err(Undecryptable::NoSubject));
    };
    Ok(open(&subject_cipher(key, &secret), prefix, header, sealed))
}

fn cipher(key: &[u8; 32]) -> Aes256Gcm {
    Aes256Gcm::new(key.into())
}

fn subject_cipher(key: &Key, secret: &[u8; 32]) -> Aes256Gcm {
    cipher(&key.derive(secret, "headwater/encrypt/subject"))
}

/// What one value is sealed with.
struct Sealing<'a> {
    value: &'a [u8],
    nonce: &'a [u8; NONCE_BYTES],
    text: &'a mut String,
}

impl Sealing<'_> {
    fn seal(self, cipher: &Aes256Gcm, prefix: &str, header: &[u8]) {
        let aad = [prefix.as_bytes(), header].concat();
        let payload = Payload { msg: self.value, aad: &aad };
        let sealed = cipher.encrypt(Nonce::from_slice(self.nonce), payload);
        let sealed = sealed.expect("a value is shorter than the 64 GiB that GCM takes");
        self.text.push_str(prefix);
        URL_SAFE_NO_PAD.encode_string([header, self.nonce, &sealed].concat(), self.text);
    }
}

/// Seals every value that is not null, with a fresh nonce each.
fn seal_all(input: &ArrayRef, seal: impl Fn(usize, Sealing<'_>)) -> Result<ArrayRef, MaskError> {
    let mut nonces = vec![[0; NONCE_BYTES]; input.len()];
    OsRng.try_fill_bytes(nonces.as_flattened_mut()).map_err(|_| MaskError::Random)?;
    let mut sealed = StringBuilder::with_capacity(input.len(), input.len() * 80);
    let mut text = String::new();
    for (row, nonce) in nonces.iter().enumerate() {
        if input.is_null(row) {
            sealed.append_null();
            continue;
        }
        text.clear();
        seal(row, Sealing { value: value("encrypt", input, row)?, nonce, text: &mut text });
        sealed.append_value(&text);
    }
    Ok(Arc::new(sealed.finish()))
}

/// Prefix, version and bytes of an encrypted text.
fn parts(text: &str) -> Option<(&str, u32, Vec<u8>)> {
    let (prefix, rest) = text.split_at_checked(text.find('.')? + 1)?;
    let digits = prefix.strip_prefix(['e', 's'])?.strip_suffix('.')?;
    let plain = digits.bytes().all(|b| b.is_ascii_digit());
    Some((prefix, digits.parse().ok().filter(|_| plain)?, URL_SAFE_NO_PAD.decode(rest).ok()?))
}

fn open(
    cipher: &Aes256Gcm,
    prefix: &str,
    header: &[u8],
    raw: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Undecryptable> {
    let (nonce, msg) = raw.split_first_chunk::<NONCE_BYTES>().ok_or(Undecryptable::Form)?;
    let aad = [prefix.as_bytes(), header].concat();
    let opened = cipher.decrypt(Nonce::from_slice(nonce), Payload { msg, aad: &aad });
    opened.map(Zeroizing::new).map_err(|_| Undecryptable::Changed)
}

#[cfg(test)]
mod tests {
    use arrow::array::{AsArray, BinaryArray, StringArray};
    use proptest::prelude::*;

    use super::super::key::Versions;
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        hex::decode(text).expect("the vector is hexadecimal")
    }

    fn keys() -> Keys {
        let key = |version: u32| {
            let bytes = Zeroizing::new(format!("a key of version {version}").into_bytes());
            (version, Key::new("pii", version, bytes).expect("the key is long enough"))
        };
        let versions = Versions { active: 2, all: [key(1), key(2)].into() };
        Keys { by_name: [("pii".to_owned(), versions)].into() }
    }

    fn text(values: &[Option<&str>]) -> ArrayRef {
        Arc::new(StringArray::from(values.to_vec()))
    }

    fn values(array: &ArrayRef) -> Vec<Option<&str>> {
        array.as_string::<i32>().iter().collect()
    }

    /// Test cases 13 to 16 of the GCM specification submitted to NIST (McGrew and Viega), which are for AES-256.
    #[test]
    fn aes_gcm_is_that_of_the_standard() {
        let check = |key: &str, nonce: &str, aad: &str, plain: &str, cipher_text: &str, tag: &str| {
            let cipher = Aes256Gcm::new_from_slice(&hex(key)).expect("the key has 32 bytes");
            let (msg, aad) = (hex(plain), hex(aad));
            let sealed = cipher.encrypt(Nonce::from_slice(&hex(nonce)), Payload { msg: &msg, aad: &aad });
            assert_eq!(sealed.map(hex::encode), Ok(format!("{cipher_text}{tag}")));
        };
        let (zeros, nonce) = ("00".repeat(32), "00".repeat(12));
        check(&zeros, &nonce, "", "", "", "530f8afbc74536b9a963b4f1c4cb738b");
        let tag = "d0d1c8a799996bf0265b98b5d48ab919";
        check(&zeros, &nonce, "", &"00".repeat(16), "cea7403d4d606b6e074ec5d3baf39d18", tag);
        let key = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
        let nonce = "cafebabefacedbaddecaf888";
        let plain = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255";
        let sealed = "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad";
        check(key, nonce, "", plain, sealed, "b094dac5d93471bdec1a502270e3cc6c");
        let aad = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
        check(key, nonce, aad, &plain[..120], &sealed[..120], "76fc6ece0f4e1768cddf8853bb2d551b");
    }

    #[test]
    fn values_come_back_and_equal_ones_look_different() -> Result<(), MaskError> {
        let keys = keys();
        let sealed = encrypt(&text(&[Some("a"), None, Some("a"), Some("")]), keys.active("pii")?)?;
        let sealed = values(&sealed);
        assert_eq!(sealed[1], None);
        assert_ne!(sealed[0], sealed[2]);
        let opened = |text: Option<&str>| decrypt(text.unwrap_or_default(), &keys, "pii", None);
        assert_eq!(opened(sealed[0])?.as_deref(), Ok(&b"a".to_vec()));
        assert_eq!(opened(sealed[3])?.as_deref(), Ok(&Vec::new()));
        let raw: ArrayRef = Arc::new(BinaryArray::from(vec![&b"\xff\x00"[..]]));
        let sealed = encrypt(&raw, keys.active("pii")?)?;
        assert_eq!(opened(values(&sealed)[0])?.as_deref(), Ok(&b"\xff\x00".to_vec()));
        Ok(())
    }

    #[test]
    fn a_changed_value_is_refused() -> Result<(), MaskError> {
        let keys = keys();
        let sealed = encrypt(&text(&[Some("a")]), keys.active("pii")?)?;
        let sealed = values(&sealed)[0].unwrap_or_default().to_owned();
        let check = |text: &str, expected: Undecryptable| -> Result<(), MaskError> {
            let opened = decrypt(text, &keys, "pii", None)?;
            assert_eq!(opened.map(|_| ()), Err(expected), "{text}");
            Ok(())
        };
        check(&sealed.replace("e2.", "e1."), Undecryptable::Changed)?;
        check(&sealed.replace("e2.", "e02."), Undecryptable::Changed)?;
        check(&sealed.replace("e2.", "e3."), Undecryptable::NoVersion(3))?;
        for other in ["", "a", "e2.", "e2.!", "x2.AAAA", "e+2.AAAA", &sealed[..10], &sealed.replace('.', "")]
        {
            check(other, Undecryptable::Form)?;
        }
        Ok(())
    }

    #[test]
    fn a_destroyed_subject_can_not_be_read_and_others_can() -> Result<(), MaskError> {
        let keys = keys();
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let file = folder.path().join("subjects");
        let subjects = text(&[Some("ann"), Some("bob"), None, Some("ann"), Some("cy")]);
        let input = text(&[Some("1"), Some("2"), Some("3"), Some("4"), None]);
        let key = keys.active("pii")?;
        let sealed = encrypt_for(&input, &subjects, key, &Subjects::open(&file)?)?;
        let sealed = values(&sealed);
        let read = |store: &Subjects| -> Result<String, MaskError> {
            let one = |text: &&str| {
                Ok(match decrypt(text, &keys, "pii", Some(store))? {
                    Ok(value) => String::from_utf8_lossy(&value).into_owned(),
                    Err(why) => format!("({why:?})"),
                })
            };
            sealed.iter().flatten().map(one).collect()
        };
        let store = Subjects::open(&file)?;
        assert_eq!(read(&store)?, "1234");
        assert_eq!(store.destroy(&keys, "pii", Some(b"ann"))?, 1);
        assert_eq!(store.destroy(&keys, "pii", Some(b"nobody"))?, 0);
        assert_eq!(read(&store)?, "(NoSubject)23(NoSubject)");
        // A new value of the same person gets a new secret, which does not bring the old ones back.
        let again = encrypt_for(&text(&[Some("5")]), &text(&[Some("ann")]), key, &store)?;
        let again = values(&again)[0].unwrap_or_default().to_owned();
        assert_eq!(decrypt(&again, &keys, "pii", Some(&store))?.as_deref(), Ok(&b"5".to_vec()));
        assert_eq!(read(&store)?, "(NoSubject)23(NoSubject)");
        assert_eq!(store.destroy(&keys, "pii", None)?, 1);
        assert_eq!(read(&store)?, "(NoSubject)2(NoSubject)(NoSubject)");
        assert_eq!(read(&Subjects::in_memory()?)?, "(NoSubject)(NoSubject)(NoSubject)(NoSubject)");
        Ok(())
    }

    #[test]
    fn the_store_holds_no_subject_and_no_destroyed_secret() -> Result<(), MaskError> {
        let keys = keys();
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let file = folder.path().join("subjects");
        let store = Subjects::open(&file)?;
        let key = keys.active("pii")?;
        encrypt_for(&text(&[Some("value-1")]), &text(&[Some("ann@example.com")]), key, &store)?;
        let id = subject_id(key, Some(b"ann@example.com"));
        let secret = store.secret("pii", &id, 0)?.expect("the subject has a secret");
        let holds = |needle: &[u8]| {
            let bytes = std::fs::read(&file).expect("the store can be read");
            memchr::memmem::find(&bytes, needle).is_some()
        };
        assert!(holds(secret.as_slice()));
        store.destroy(&keys, "pii", Some(b"ann@example.com"))?;
        assert!(!holds(secret.as_slice()) && !holds(b"ann@example.com") && !holds(b"value-1"));
        Ok(())
    }

    proptest! {
        #[test]
        fn any_value_comes_back(value in proptest::collection::vec(any::<u8>(), 0..100), subject in proptest::option::of(".{0,8}")) {
            let keys = keys();
            let store = Subjects::in_memory().map_err(|e| TestCaseError::fail(e.to_string()))?;
            let fail = |e: MaskError| TestCaseError::fail(e.to_string());
            let input: ArrayRef = Arc::new(BinaryArray::from(vec![value.as_slice()]));
            let key = keys.active("pii").map_err(fail)?;
            let sealed = encrypt_for(&input, &text(&[subject.as_deref()]), key, &store).map_err(fail)?;
            let sealed = values(&sealed)[0].unwrap_or_default();
            let opened = decrypt(sealed, &keys, "pii", Some(&store)).map_err(fail)?;
            prop_assert_eq!(opened.as_deref(), Ok(&value));
        }
    }
}
