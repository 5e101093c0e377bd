//! Hostile texts from honest ones: takes a text and numbers, gives the text with as many pieces changed.
//!
//! Every number decides one change, so that a failing text can be made again and made smaller.

/// What people and machines put where it does not belong.
const PIECES: [&str; 48] = [
    "- ",
    ": ",
    "? ",
    "\n",
    "  ",
    "\t",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "'",
    "\"",
    "|\n",
    ">2-\n",
    "&a ",
    "*a",
    "!!str ",
    "<<: ",
    "---\n",
    "...\n",
    "#",
    " # x\n",
    "no",
    "010",
    "~",
    "\\",
    "\\u0000",
    "\0",
    "\r\n",
    "\r",
    "\u{feff}",
    "é",
    "\u{85}",
    "\u{2028}",
    "99999999999999999999",
    "-1",
    "1e999",
    "''",
    "\"\"",
    "{{ port }}",
    "*",
    ".",
    "(",
    ")",
    "SELECT ",
    " OVER (",
    "CAST(NULL AS ",
];

/// The text after one change for each number; `other` lends pieces.
pub fn mutate(text: &[u8], other: &[u8], changes: &[u64]) -> Vec<u8> {
    let mut out = text.to_vec();
    for &change in changes {
        change_once(&mut out, other, change);
    }
    out
}

fn change_once(out: &mut Vec<u8>, other: &[u8], change: u64) {
    let [kind, a, b, c] = [change & 0xff, (change >> 8) & 0xf_ffff, (change >> 28) & 0xffff, change >> 44];
    let at = a as usize % (out.len() + 1);
    let length = b as usize % 64;
    let end = (at + length).min(out.len());
    match kind % 10 {
        0 | 1 => {
            out.splice(at..at, PIECES[c as usize % PIECES.len()].bytes());
        }
        2 => {
            out.drain(at..end);
        }
        3 => {
            let piece = out[at..end].to_vec();
            let to = c as usize % (out.len() + 1);
            out.splice(to..to, piece);
        }
        4 => {
            let from = c as usize % (other.len() + 1);
            let piece = other[from..(from + length).min(other.len())].to_vec();
            out.splice(at..end, piece);
        }
        5 => {
            if let Some(byte) = out.get_mut(at) {
                *byte = c as u8;
            }
        }
        6 => swap_lines(out, at, c as usize),
        7 => {
            let piece = out[at..end].repeat(1 + c as usize % 40);
            out.splice(at..at, piece);
        }
        8 => swap_words(out, at, c as usize),
        _ => out.truncate(at),
    }
}

/// Exchanges the lines at two places.
fn swap_lines(out: &mut Vec<u8>, a: usize, b: usize) {
    let mut lines: Vec<Vec<u8>> = out.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let count = lines.len();
    lines.swap(a % count, b % count);
    *out = lines.join(&b'\n');
}

/// Puts the word at one place where another one stands.
fn swap_words(out: &mut Vec<u8>, a: usize, b: usize) {
    let word = |at: usize| {
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let at = at % (out.len() + 1);
        let start = out[..at].iter().rposition(|byte| !is_part(byte)).map_or(0, |before| before + 1);
        let end = out[at..].iter().position(|byte| !is_part(byte)).map_or(out.len(), |length| at + length);
        start..end
    };
    let (to, from) = (word(a), word(b));
    let piece = out[from].to_vec();
    out.splice(to, piece);
}
