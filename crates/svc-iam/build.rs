//! Packs `data/aws-managed-policies.tsv` so that nothing is parsed at start and one text can be read alone: a table of
//! numbers in Rust, and one file of deflated texts. The first line of the data names its source and columns.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::DeflateEncoder;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/aws-managed-policies.tsv");
    println!("cargo::rerun-if-changed={}", source.display());
    println!("cargo::rerun-if-changed=build.rs");
    let data = fs::read_to_string(&source)?;

    let (mut names, mut paths, mut texts, mut entries) =
        (String::new(), Vec::<&str>::new(), Vec::new(), String::new());
    for line in data.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [name, path, version, created, updated, document] = columns[..] else {
            return Err(format!("a policy has six columns: {line}").into());
        };
        let path = paths.iter().position(|known| *known == path).unwrap_or_else(|| {
            paths.push(path);
            paths.len() - 1
        });
        let start = texts.len();
        let mut encoder = DeflateEncoder::new(&mut texts, Compression::best());
        encoder.write_all(document.as_bytes())?;
        encoder.finish()?;
        writeln!(
            entries,
            "    Entry {{ name: ({}, {}), path: {path}, version: {version}, created: {created}, updated: {updated}, \
             text: ({start}, {}) }},",
            names.len(),
            name.len(),
            texts.len(),
        )?;
        names.push_str(name);
    }
    let code = format!(
        "static NAMES: &str = {names:?};\nstatic PATHS: &[&str] = &{paths:?};\n\
         static ENTRIES: &[Entry] = &[\n{entries}];\n"
    );
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    fs::write(out.join("aws_policies.rs"), code)?;
    fs::write(out.join("aws_policies.deflate"), texts)?;
    Ok(())
}
