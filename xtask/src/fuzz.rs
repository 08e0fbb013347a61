//! `cargo xtask fuzz`: builds the targets of `fuzz/` with libFuzzer's instrumentation, which the stable compiler has
//! in the pieces that the flags below name, and runs each for a while from its committed corpus.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail, ensure};

use crate::process::{self, cargo};

/// What cargo-fuzz passes to a nightly compiler, without the address sanitizer, which stable does not have.
const INSTRUMENTATION: [&str; 6] = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

/// Runs the fuzz targets on every decoder.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The targets to run; all by default.
    targets: Vec<String>,
    /// How long to run each.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let all = targets()?;
    let chosen = if args.targets.is_empty() { &all } else { &args.targets };
    for target in chosen {
        ensure!(all.contains(target), "no fuzz target {target}; there are: {}", all.join(", "));
    }
    let binaries = build(chosen)?;
    chosen.iter().try_for_each(|target| run_target(&binaries, target, args.seconds))
}

/// The names of the targets: the files of `fuzz/src/bin`.
fn targets() -> Result<Vec<String>> {
    let folder = process::root().join("fuzz/src/bin");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let name = entry?.file_name();
        names.extend(name.to_string_lossy().strip_suffix(".rs").map(ToOwned::to_owned));
    }
    names.sort_unstable();
    Ok(names)
}

/// Builds targets; the folder with their binaries.
fn build(targets: &[String]) -> Result<PathBuf> {
    let version = process::output("compiler version", process::command("rustc").arg("-vV"))?;
    let host =
        version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc -vV names no host")?;
    let folder = process::target_dir().join("fuzz");
    // Naming the target keeps the flags away from build scripts, which do not link libFuzzer.
    process::run(
        "fuzz targets",
        cargo()
            .args([
                "build",
                "--release",
                "--manifest-path",
                "fuzz/Cargo.toml",
                "--target",
                host,
                "--target-dir",
            ])
            .arg(&folder)
            .args(targets.iter().flat_map(|target| ["--bin", target]))
            .env("CARGO_ENCODED_RUSTFLAGS", INSTRUMENTATION.join("\x1f")),
    )?;
    Ok(folder.join(host).join("release"))
}

fn run_target(binaries: &Path, target: &str, seconds: u64) -> Result<()> {
    let fuzz = process::root().join("fuzz");
    let (committed, found) = (fuzz.join("corpus").join(target), fuzz.join("corpus-local").join(target));
    ensure!(committed.is_dir(), "give the target {target} a corpus in {}", committed.display());
    fs::create_dir_all(&found)?;
    println!("==> fuzz {target} for {seconds} s");
    // libFuzzer writes new inputs to the first folder and a crashing one to the artifact's prefix.
    let output = process::command(binaries.join(target))
        .arg(format!("-max_total_time={seconds}"))
        .args(["-timeout=10", "-rss_limit_mb=1024", "-print_final_stats=1", "-verbosity=0"])
        .arg(format!("-artifact_prefix={}/", found.display()))
        .args([&found, &committed])
        .output()
        .with_context(|| format!("start the fuzz target {target}"))?;
    let report = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!("fuzz {target}: {}\n{report}", output.status);
    }
    report.lines().filter(|line| line.starts_with("stat::")).for_each(|line| println!("{line}"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_a_corpus() {
        for target in targets().expect("the folder of the targets") {
            let corpus = process::root().join("fuzz/corpus").join(&target);
            assert!(fs::read_dir(&corpus).is_ok_and(|mut files| files.next().is_some()), "{target}");
        }
    }
}
