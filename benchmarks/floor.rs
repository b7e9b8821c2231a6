//! The least that a program does to write or to read the files of a project: what the compiler's times are held against.
//!
//! `floor pack FOLDER PACK` puts the files of a folder into one file, `floor write PACK FOLDER` writes them from there, plainly,
//! `floor replace PACK FOLDER` writes each under another name and renames it, as the compiler does, so that nobody ever sees
//! half a file, and `floor read FOLDER` reads them. Compiled by `run.py` with plain `rustc`.

use std::error::Error;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

type Done<T = ()> = Result<T, Box<dyn Error>>;

fn main() -> Done {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["pack", folder, pack] => write_pack(Path::new(folder), pack),
        ["write", pack, folder] => unpack(pack, Path::new(folder), write),
        ["replace", pack, folder] => unpack(pack, Path::new(folder), replace),
        ["read", folder] => read(Path::new(folder)),
        _ => Err("usage: floor pack FOLDER PACK | write PACK FOLDER | replace PACK FOLDER | read FOLDER".into()),
    }
}

fn files(folder: &Path) -> Done<Vec<PathBuf>> {
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_path_buf()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() { &mut folders } else { &mut files }.push(entry.path());
        }
    }
    Ok(files)
}

/// A line with the length and the path of each file, and then its bytes.
fn write_pack(folder: &Path, pack: &str) -> Done {
    let mut packed = Vec::new();
    for path in files(folder)? {
        let content = fs::read(&path)?;
        let path = path.strip_prefix(folder)?.display();
        packed.extend(format!("{} {path}\n", content.len()).into_bytes());
        packed.extend(content);
    }
    Ok(fs::write(pack, packed)?)
}

fn unpack(pack: &str, folder: &Path, write: fn(&Path, &[u8]) -> std::io::Result<()>) -> Done {
    let packed = fs::read(pack)?;
    let mut rest = &packed[..];
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let (length, path) = str::from_utf8(&rest[..end])?.split_once(' ').ok_or("no path")?;
        let (content, next) = rest[end + 1..].split_at(length.parse()?);
        let path = folder.join(path);
        if write(&path, content).is_err() {
            fs::create_dir_all(path.parent().ok_or("no folder")?)?;
            write(&path, content)?;
        }
        rest = next;
    }
    Ok(())
}

fn write(path: &Path, content: &[u8]) -> std::io::Result<()> {
    fs::write(path, content)
}

fn replace(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let mut temporary = OsString::from(".");
    temporary.push(path.file_name().unwrap_or_default());
    let temporary = path.with_file_name(temporary);
    fs::write(&temporary, content)?;
    fs::rename(&temporary, path)
}

fn read(folder: &Path) -> Done {
    let mut bytes = 0;
    for path in files(folder)? {
        bytes += fs::read(path)?.len();
    }
    println!("{bytes}");
    Ok(())
}
