//! The compiler for a board's target: rustup's if it has the target, else Debian's, unpacked.
//!
//! A machine behind a mirror of Debian and crates.io alone cannot ask rustup for a target. Debian's
//! compiler for web browsers is new and knows every target of LLVM; with the sources of `core`, which
//! Debian has as well, it builds for any board. It conflicts with rustup's packages, so it is unpacked
//! under `target/` and never installed. Whatever version Debian serves is taken.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::command::Tool;
use crate::needs;

/// The compiler, the host's standard library (for macros and build scripts), the sources of `core`.
const PACKAGES: [&str; 3] = ["rustc-web", "libstd-rust-web-dev", "rust-web-src"];

/// Whose names have a version: each is found as what another depends on.
const DEPENDENCIES: [(&str, &str); 2] =
    [("libstd-rust-web-dev", "libstd-rust-web-"), ("libstd-rust-web-", "libllvm")];

/// How to build for a target.
pub(crate) struct Toolchain {
    says: String,
    environment: Vec<(String, String)>,
    arguments: &'static [&'static str],
}

impl Toolchain {
    pub(crate) fn for_target(root: &Path, target: &str) -> Result<Self> {
        let sysroot = PathBuf::from(Tool::new("rustc", &["--print", "sysroot"]).output()?.trim());
        if sysroot.join("lib/rustlib").join(target).exists() {
            let says = format!("rustup has the target {target}, so its compiler builds");
            return Ok(Self { says, environment: Vec::new(), arguments: &[] });
        }
        let linker = linker(&sysroot)?;
        let unpacked = root.join("target/firmware-toolchain");
        if !unpacked.exists() {
            eprintln!(
                "    rustup has no target {target}: unpacking Debian's compiler to {}",
                unpacked.display()
            );
            unpack(&unpacked).with_context(|| format!("try again, or `rustup target add {target}`"))?;
        }
        let linker_name = format!("CARGO_TARGET_{}_LINKER", target.to_uppercase().replace('-', "_"));
        let environment = [
            (linker_name.as_str(), linker),
            ("RUSTC", compiler(&unpacked)),
            ("LD_LIBRARY_PATH", libraries(&unpacked)),
        ];
        let paths = environment.map(|(name, path)| (name.to_owned(), path.to_string_lossy().into_owned()));
        let mut environment = Vec::from(paths);
        // `-Zbuild-std` is not stable yet.
        environment.push(("RUSTC_BOOTSTRAP".to_owned(), "1".to_owned()));
        let says = format!("Debian's compiler in {} builds, core from its sources", unpacked.display());
        Ok(Self { says, environment, arguments: &["-Zbuild-std=core"] })
    }

    /// What it is, for who watches.
    pub(crate) fn says(&self) -> &str {
        &self.says
    }

    /// Let a call of cargo use it.
    pub(crate) fn with(&self, cargo: Tool) -> Tool {
        let cargo = cargo.arguments(self.arguments);
        self.environment.iter().fold(cargo, |cargo, (name, value)| cargo.env(name, value))
    }
}

fn compiler(unpacked: &Path) -> PathBuf {
    unpacked.join("usr/bin/rustc")
}

fn libraries(unpacked: &Path) -> PathBuf {
    unpacked.join(format!("usr/lib/{}-linux-gnu", std::env::consts::ARCH))
}

/// The linker for all targets, which every toolchain of rustup has.
fn linker(sysroot: &Path) -> Result<PathBuf> {
    let hosts = fs::read_dir(sysroot.join("lib/rustlib"))
        .with_context(|| format!("no Rust toolchain in {}", sysroot.display()))?;
    let linkers = hosts.filter_map(|host| Some(host.ok()?.path().join("bin/rust-lld")));
    linkers
        .into_iter()
        .find(|path| path.exists())
        .with_context(|| format!("no rust-lld in {}; install a toolchain by rustup", sysroot.display()))
}

/// Make the folder, all of it or nothing.
fn unpack(whole: &Path) -> Result<()> {
    if !(Tool::new("dpkg", &["--version"]).succeeds() && Tool::new("apt-get", &["--version"]).succeeds()) {
        bail!("this is not Debian");
    }
    if !Tool::new("apt-get", &["download", "--print-uris", PACKAGES[0]]).succeeds() {
        needs::update_packages()?;
    }
    // What an attempt that was broken off has left is of no use.
    let to = &whole.with_extension("part");
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    let packed = to.join("packed");
    fs::create_dir_all(&packed)?;
    let packages = packages()?;
    eprintln!("    downloading {}", packages.join(", "));
    let mut words = vec!["download", "--quiet"];
    words.extend(packages.iter().map(String::as_str));
    Tool::new("apt-get", &words).within(&packed).run()?;
    for package in fs::read_dir(&packed)? {
        Tool::new("dpkg", &["-x"]).path(&package?.path()).path(to).run()?;
    }
    fs::remove_dir_all(&packed)?;

    link_sources(to)?;
    fs::rename(to, whole)?;
    Ok(())
}

/// Put the sources where cargo looks for them, unless Debian has.
fn link_sources(unpacked: &Path) -> Result<()> {
    let wanted = unpacked.join("usr/lib/rustlib/src/rust");
    if wanted.join("library/core").exists() {
        return Ok(());
    }
    let folder = unpacked.join("usr/src");
    let versions = fs::read_dir(&folder)?.filter_map(|entry| Some(entry.ok()?.file_name()));
    let version = versions.into_iter().find(|name| folder.join(name).join("library/core").exists());
    let version = version.with_context(|| format!("no sources of core in {}", folder.display()))?;
    fs::create_dir_all(wanted.parent().unwrap_or(unpacked))?;
    symlink(Path::new("../../../src").join(version), wanted)?;
    Ok(())
}

/// All packages by name.
fn packages() -> Result<Vec<String>> {
    let mut packages: Vec<String> = PACKAGES.map(str::to_owned).to_vec();
    for (of, named) in DEPENDENCIES {
        let of = packages.iter().rev().find(|package| package.starts_with(of)).cloned().unwrap_or_default();
        let listed = Tool::new("apt-cache", &["depends", "--important", &of]).output()?;
        let found = dependency(&listed, named);
        packages.push(found.with_context(|| format!("{of} depends on no {named}…"))?.to_owned());
    }
    Ok(packages)
}

/// The dependency whose name begins so and goes on with a version.
fn dependency<'a>(listed: &'a str, named: &str) -> Option<&'a str> {
    let depends = listed.lines().filter_map(|line| line.trim().strip_prefix("Depends: "));
    depends.into_iter().find(|package| {
        package.strip_prefix(named).is_some_and(|version| version.starts_with(|c: char| c.is_ascii_digit()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_with_a_version_in_its_name_is_found() {
        let listed =
            "libstd-rust-web-dev\n  Depends: libc6\n  Depends: libstd-rust-web-1.96\n  Depends: gcc\n";
        assert_eq!(dependency(listed, "libstd-rust-web-"), Some("libstd-rust-web-1.96"));
        assert_eq!(dependency(listed, "libllvm"), None);
        assert_eq!(
            dependency("  Depends: libllvm-tools\n  Depends: libllvm22\n", "libllvm"),
            Some("libllvm22")
        );
    }
}
