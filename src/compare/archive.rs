//! The hash that Pulumi gives an archive: SHA-256 over a tar stream that is never written (sdk/go/common/resource/archive, and Go's
//! archive/tar: a USTAR header with mode 0600 and no time, owner or group).

use sha2::{Digest, Sha256};

const BLOCK: usize = 512;
/// Two blocks of zeros end the stream.
const END: [u8; 2 * BLOCK] = [0; 2 * BLOCK];

/// Of files with their names in the archive, in any order.
pub fn hash(mut files: Vec<(String, &[u8])>) -> String {
    files.sort_by(|(left, _), (right, _)| left.cmp(right));
    let mut whole = Sha256::new();
    for (name, content) in &files {
        whole.update(header(name, content.len()));
        whole.update(content);
        let rest = content.len() % BLOCK;
        if rest > 0 {
            whole.update(END.get(rest..BLOCK).unwrap_or_default());
        }
    }
    whole.update(END);
    super::evaluate::hex(&whole.finalize())
}

fn header(name: &str, size: usize) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    let (prefix, short) = split(name);
    for (at, text) in [
        (0, short),
        (100, "0000600"),
        (108, "0000000"),
        (116, "0000000"),
        (124, &format!("{size:011o}")),
        (136, "00000000000"),
        // Counted as blanks while the sum is taken.
        (148, "        "),
        (156, "0"),
        (257, "ustar"),
        (263, "00"),
        (329, "0000000"),
        (337, "0000000"),
        (345, prefix),
    ] {
        put(&mut block, at, text);
    }
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    put(&mut block, 148, &format!("{sum:06o}\0 "));
    block
}

fn put(block: &mut [u8; BLOCK], at: usize, text: &str) {
    if let Some(field) = block.get_mut(at..at + text.len()) {
        field.copy_from_slice(text.as_bytes());
    }
}

/// A name of more than 100 bytes is split at the last slash that leaves the first part at most 155 (`splitUSTARPath`).
fn split(name: &str) -> (&str, &str) {
    if name.len() <= 100 {
        return ("", name);
    }
    let most = (name.len() - 1).min(155);
    let head = name.get(..=most).unwrap_or(name);
    head.rfind('/')
        .and_then(|at| Some((name.get(..at)?, name.get(at + 1..)?)))
        .unwrap_or(("", name))
}
