//! Loads keys from secret files and the environment.
//!
//! Takes references of the platform and where secrets are, gives `Keys`. Nothing that it reads gets into an error.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Read as _;
use std::path::{Component, Path};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::error::MaskError;
use super::key::{Key, Keys, Versions};

/// Longest secret that is read.
const SECRET_BYTES_MAX: u64 = 64 << 10;

/// One version of a key as the platform declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRef {
    /// Name of the key.
    pub name: String,
    /// Version, from 1.
    pub version: u32,
    /// Whether masks are made with this version; exactly one of each key is.
    pub active: bool,
    /// The secret that holds it, if the platform names one.
    pub secret: Option<SecretRef>,
}

/// One entry of a secret: the file `DIR/namespace/name/key`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretRef {
    /// Namespace of the secret.
    pub namespace: String,
    /// Name of the secret.
    pub name: String,
    /// The entry.
    pub key: String,
}

/// Loads every version of every key.
///
/// A version is looked for in the variable `HEADWATER_KEY_<NAME>__<VERSION>`, for the active version also `HEADWATER_KEY_<NAME>`
/// (letters made large, all else `_`), and then in the file of its secret below `secrets`.
/// A secret is the key's bytes; text may end in a line break, which is left out, and may be `hex:...` or `base64:...`.
///
/// # Errors
/// When a version is nowhere, can't be read or is too short, or a key has not exactly one active version.
pub fn load(
    references: &[KeyRef],
    secrets: Option<&Path>,
    variable: &dyn Fn(&str) -> Option<OsString>,
) -> Result<Keys, MaskError> {
    let mut by_name: BTreeMap<String, (Vec<u32>, BTreeMap<u32, Key>)> = BTreeMap::new();
    for reference in references {
        let secret = find(reference, secrets, variable)?;
        let bytes = decode(reference, secret)?;
        let key = Key::new(&reference.name, reference.version, bytes)?;
        let (active, all) = by_name.entry(reference.name.clone()).or_default();
        if reference.active {
            active.push(reference.version);
        }
        all.insert(reference.version, key);
    }
    let mut keys = Keys::default();
    for (name, (active, all)) in by_name {
        let [active] = active[..] else {
            return Err(MaskError::Active(name));
        };
        keys.by_name.insert(name, Versions { active, all });
    }
    Ok(keys)
}

/// The secret's bytes as they are stored.
fn find(
    reference: &KeyRef,
    secrets: Option<&Path>,
    variable: &dyn Fn(&str) -> Option<OsString>,
) -> Result<Zeroizing<Vec<u8>>, MaskError> {
    let KeyRef { name, version, .. } = reference;
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    let plain: String = "HEADWATER_KEY_".chars().chain(name.chars().map(letter)).collect();
    // Two underscores: with one, version 2 of `pii` and the key `pii-2` would share a secret.
    let exact = format!("{plain}__{version}");
    let found = variable(&exact).or_else(|| reference.active.then(|| variable(&plain)).flatten());
    if let Some(value) = found {
        return Ok(Zeroizing::new(value.into_encoded_bytes()));
    }
    let mut places = match reference.active {
        true => format!("the variable `{plain}` nor in `{exact}`"),
        false => format!("the variable `{exact}`"),
    };
    if let (Some(folder), Some(secret)) = (secrets, &reference.secret) {
        let file = secret_file(folder, secret)?;
        match read(&file) {
            Ok(bytes) => return Ok(bytes),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(source) => {
                return Err(MaskError::Unreadable { name: name.clone(), version: *version, source });
            }
        }
        let SecretRef { namespace, name, key } = secret;
        places.push_str(&format!(" nor in the secret file `{namespace}/{name}/{key}`"));
    }
    Err(MaskError::NoSecret { name: name.clone(), version: *version, places })
}

/// `folder/namespace/name/key`, none of which may leave the folder.
fn secret_file(folder: &Path, secret: &SecretRef) -> Result<std::path::PathBuf, MaskError> {
    let mut file = folder.to_owned();
    for part in [&secret.namespace, &secret.name, &secret.key] {
        let mut components = Path::new(part).components();
        match (components.next(), components.next()) {
            (Some(Component::Normal(name)), None) if name.len() == part.len() => file.push(name),
            _ => return Err(MaskError::Name(part.clone())),
        }
    }
    Ok(file)
}

fn read(file: &Path) -> std::io::Result<Zeroizing<Vec<u8>>> {
    // Enough room from the start: a buffer that grows would leave copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(SECRET_BYTES_MAX as usize + 1));
    std::fs::File::open(file)?.take(SECRET_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > SECRET_BYTES_MAX {
        return Err(std::io::Error::other("it is longer than 64 KiB"));
    }
    Ok(bytes)
}

/// The key's bytes of a secret.
fn decode(reference: &KeyRef, secret: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>, MaskError> {
    let Ok(text) = std::str::from_utf8(&secret) else {
        return Ok(secret);
    };
    let text = text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
    let wrong =
        |notation| MaskError::Notation { name: reference.name.clone(), version: reference.version, notation };
    let bytes = if let Some(digits) = text.strip_prefix("hex:") {
        hex::decode(digits).map_err(|_| wrong("hex"))?
    } else if let Some(digits) = text.strip_prefix("base64:") {
        STANDARD.decode(digits).map_err(|_| wrong("base64"))?
    } else {
        text.as_bytes().to_vec()
    };
    Ok(Zeroizing::new(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(version: u32, active: bool) -> KeyRef {
        let part = |text: &str| text.to_owned();
        let secret = SecretRef { namespace: part("retail"), name: part("keys"), key: format!("v{version}") };
        KeyRef { name: part("pii-main"), version, active, secret: Some(secret) }
    }

    fn check(
        variables: &[(&str, &str)],
        files: &[(&str, &[u8])],
        references: &[KeyRef],
        expected: Result<&[(u32, &[u8])], &str>,
    ) {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        for (name, bytes) in files {
            let file = folder.path().join(name);
            std::fs::create_dir_all(file.parent().expect("the file is in a folder")).expect("it can be made");
            std::fs::write(file, bytes).expect("it can be written");
        }
        let variable = |name: &str| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| OsString::from(value))
        };
        let found = load(references, Some(folder.path()), &variable).map(|keys| {
            let versions = &keys.by_name["pii-main"];
            versions.all.values().map(|key| (key.version, key.bytes().to_vec())).collect::<Vec<_>>()
        });
        let expected = expected.map(|all| all.iter().map(|(v, b)| (*v, b.to_vec())).collect::<Vec<_>>());
        assert_eq!(found.map_err(|e| e.to_string()), expected.map_err(str::to_owned));
    }

    #[test]
    fn variables_come_before_files() {
        let both = [reference(2, true), reference(1, false)];
        check(
            &[("HEADWATER_KEY_PII_MAIN", "active-from-variable")],
            &[("retail/keys/v1", b"older-from-a-file\r\n"), ("retail/keys/v2", b"not-read-at-all-here")],
            &both,
            Ok(&[(1, b"older-from-a-file"), (2, b"active-from-variable")]),
        );
        check(
            &[
                ("HEADWATER_KEY_PII_MAIN__1", "exact-from-variable"),
                ("HEADWATER_KEY_PII_MAIN", "active-from-variable"),
            ],
            &[],
            &both,
            Ok(&[(1, b"exact-from-variable"), (2, b"active-from-variable")]),
        );
    }

    #[test]
    fn notations() {
        let one = [reference(1, true)];
        let bytes = b"\xff\n0123456789abcdef\n";
        check(&[], &[("retail/keys/v1", bytes)], &one, Ok(&[(1, bytes)]));
        let hex = b"hex:000102030405060708090a0b0c0d0e0f\n";
        let expected: Vec<u8> = (0..16).collect();
        check(&[], &[("retail/keys/v1", hex)], &one, Ok(&[(1, &expected)]));
        let base64 = b"base64:AAECAwQFBgcICQoLDA0ODw==";
        check(&[], &[("retail/keys/v1", base64)], &one, Ok(&[(1, &expected)]));
    }

    #[test]
    fn errors_name_places_and_never_content() {
        let one = [reference(1, true)];
        check(
            &[],
            &[],
            &one,
            Err(
                "version 1 of the key `pii-main` is neither in the variable `HEADWATER_KEY_PII_MAIN` nor in \
                 `HEADWATER_KEY_PII_MAIN__1` nor in the secret file `retail/keys/v1`",
            ),
        );
        let wrong = Err("version 1 of the key `pii-main` is not hex as its prefix says");
        check(&[("HEADWATER_KEY_PII_MAIN", "hex:secret!")], &[], &one, wrong);
        let short = Err("version 1 of the key `pii-main` has fewer than 16 bytes");
        check(&[("HEADWATER_KEY_PII_MAIN", "hunter2")], &[], &one, short);
        let none = Err("the key `pii-main` must have exactly one active version");
        check(&[("HEADWATER_KEY_PII_MAIN__1", "0123456789abcdef")], &[], &[reference(1, false)], none);
        let mut outside = reference(1, true);
        outside.secret = outside.secret.map(|secret| SecretRef { name: "..".to_owned(), ..secret });
        check(&[], &[], &[outside], Err("`..` is not a name of a secret"));
    }
}
