//! Compiles `models/*.json` to the flat form and lists the results for embedding.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use virga_model_compiler::{definition, flat};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    println!("cargo::rerun-if-changed={}", models.display());
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(&models)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    // By name alone: `cloudfront` goes before `cloudfront-keyvaluestore`, whose path with the dot of `.json` would not.
    paths.sort_by_key(|path| path.file_stem().map(std::ffi::OsStr::to_owned));
    let mut statics = String::new();
    let mut list = String::from("pub(crate) static EMBEDDED: &[(&str, Service)] = &[\n");
    for path in paths {
        let service = definition::Service::read(&path)?;
        let file = out.join(format!("{}.vmd", service.name));
        std::fs::write(&file, flat::compile(&service))?;
        let constant = service.name.to_uppercase().replace('-', "_");
        let length = std::fs::metadata(&file)?.len();
        // A static has one address, by which services are told apart; a constant's bytes would be copied.
        writeln!(statics, "static {constant}_BYTES: [u8; {length}] = *include_bytes!({file:?});")?;
        writeln!(statics, "/// {}.", service.full_name)?;
        writeln!(statics, "pub const {constant}: Service = Service::embedded(&{constant}_BYTES);")?;
        writeln!(list, "    ({:?}, {constant}),", service.name)?;
    }
    list.push_str("];\n");
    std::fs::write(out.join("embedded.rs"), statics + &list)?;
    Ok(())
}
