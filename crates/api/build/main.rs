//! Generates the types of every service whose feature is on, from the same models and with the same numbers as the
//! flat form in `virga-model`.

mod names;
mod service;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use virga_model_compiler::definition::Service;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    println!("cargo::rerun-if-changed=build");
    let mut list = String::new();
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(&models)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.sort();
    for path in paths {
        let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
        let feature = format!("CARGO_FEATURE_{}", name.to_uppercase().replace('-', "_"));
        if std::env::var_os(feature).is_none() {
            continue;
        }
        println!("cargo::rerun-if-changed={}", path.display());
        let service = Service::read(&path)?;
        let file = out.join(format!("{name}.rs"));
        std::fs::write(&file, service::generate(&service)?)?;
        let module = names::snake(&name);
        writeln!(list, "/// {} ({}).", service.full_name, service.api_version)?;
        writeln!(list, "pub mod {module} {{ include!({file:?}); }}")?;
    }
    std::fs::write(out.join("services.rs"), list)?;
    Ok(())
}
