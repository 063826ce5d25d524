//! Gives the linker the board's memory and cortex-m-rt's script.

use std::env;
use std::fs;
use std::path::PathBuf;

fn main() {
    println!("cargo:rerun-if-changed=memory.x");
    let Some(out) = env::var_os("OUT_DIR").map(PathBuf::from) else { return };
    if let Err(error) = fs::copy("memory.x", out.join("memory.x")) {
        println!("cargo:warning=cannot copy memory.x: {error}");
    }
    println!("cargo:rustc-link-search={}", out.display());
    println!("cargo:rustc-link-arg-bins=-Tlink.x");
}
