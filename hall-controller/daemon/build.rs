//! Names the rules by which a hall's state comes about from its events, as a hash of their source.
//!
//! A snapshot carries that name, so that one made by other rules is never taken for the state which
//! today's rules would reach, and nobody has to remember to count a version up.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// Whatever events and state are made of.
const RULES: [&str; 3] = ["../core/src", "../../protocol/src", "src/records.rs"];

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    let mut files = Vec::new();
    for rules in RULES {
        println!("cargo::rerun-if-changed={rules}");
        gather(Path::new(rules), &mut files)?;
    }
    files.sort();
    // FNV-1a, 64 bits: it has to tell versions apart, not to withstand anybody.
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for file in files {
        let name = file.to_string_lossy().into_owned().into_bytes();
        for byte in name.into_iter().chain(fs::read(&file)?) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    println!("cargo::rustc-env=HALL_STATE_RULES={hash:016x}");
    Ok(())
}

fn gather(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        gather(&entry?.path(), files)?;
    }
    Ok(())
}
