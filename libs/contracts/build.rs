//! Compiles every `proto/<context>/v1/*.proto`, without a protoc binary.

use std::{error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?).join("../../proto");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    for context in fs::read_dir(&root)? {
        let folder = context?.path().join("v1");
        if folder.is_dir() {
            for file in fs::read_dir(folder)? {
                let file = file?.path();
                if file.extension().is_some_and(|ending| ending == "proto") {
                    files.push(file);
                }
            }
        }
    }
    files.sort();
    let descriptors = protox::compile(&files, [&root])?;
    prost_build::Config::new().include_file("contracts.rs").compile_fds(descriptors)?;
    Ok(())
}
