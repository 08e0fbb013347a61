//! S3 against its references in one run: large objects against nginx and against hashing and writing, small ones against
//! the health endpoint, pages of listings against the clock.

mod hashing;
pub(super) mod memory;
mod nginx;
mod transfer;

use std::{fs, path::Path, time::Duration};

use anyhow::Result;

use super::{
    Options,
    load::{self, Load},
    report::{Report, Target, median},
};
use crate::{
    http, s3,
    subject::{Store, Subject},
};
use nginx::Nginx;
use transfer::Transfer;

/// Bytes of a large object.
const LARGE: usize = 10 << 20;
/// Connections that carry large objects: as many as this machine has processors to feed them.
const BULK_CONNECTIONS: usize = 2;
/// Bytes of a small object.
const SMALL: usize = 1 << 10;
/// Small objects that are written in turn.
const SMALL_KEYS: usize = 10_000;
/// Keys of a short listing.
const FEW_KEYS: u64 = 10_000;

/// The rounds of each measure, as ratios or rates.
#[derive(Default)]
struct Rounds {
    get_large: Vec<f64>,
    get_of_nginx: Vec<f64>,
    put_large: Vec<f64>,
    put_of_hashing: Vec<f64>,
    get_small: Vec<f64>,
    put_small: Vec<f64>,
    health: Vec<f64>,
}

pub(crate) fn run(binary: &Path, options: &Options, keys: u64) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let subject = Subject::start(binary, Store::Relaxed, &folder.path().join("data"))?;
    let mut client = subject.client()?;
    s3::create_bucket(&mut client, "bench")?;
    let large: Vec<u8> = (0..LARGE).map(|index| ((index * 31) >> 3) as u8).collect();
    fs::write(folder.path().join("large"), &large)?;
    let nginx = Nginx::start(folder.path())?;
    let mut rounds = Rounds::default();
    for round in 0..=options.rounds {
        let mut one = Rounds::default();
        measure_large(&subject, nginx.as_ref(), folder.path(), &large, options, &mut one)?;
        measure_small(&subject, options, &mut one)?;
        // The first round warms up.
        if round > 0 {
            println!("round {round}: {}", one.line());
            rounds.add(one);
        }
    }
    let mut report = Report::new("s3");
    rounds.report(&mut report, nginx.is_some());
    listings(&subject, options, keys, &mut report)?;
    report.finish(options.enforce)
}

fn transfer<'a>(
    options: &Options,
    address: std::net::SocketAddr,
    head: &'a [u8],
    body: &'a [u8],
) -> Transfer<'a> {
    let duration = Duration::from_secs_f64(options.seconds);
    Transfer { address, connections: BULK_CONNECTIONS, duration, head, body }
}

fn measure_large(
    subject: &Subject,
    nginx: Option<&Nginx>,
    folder: &Path,
    large: &[u8],
    options: &Options,
    rounds: &mut Rounds,
) -> Result<()> {
    let put = s3::head("PUT", "/bench/large", large.len() as u64);
    let hashing = hashing::rate(folder, large, Duration::from_secs_f64(options.seconds))?;
    let alone = Transfer { connections: 1, ..transfer(options, subject.address(), &put, large) };
    let put = alone.run()?.bytes;
    rounds.put_large.push(put / 1e6);
    rounds.put_of_hashing.push(put / hashing);
    let get = s3::request("GET", "/bench/large", b"");
    let got = transfer(options, subject.address(), &get, b"").run()?.bytes;
    rounds.get_large.push(got / 1e6);
    if let Some(nginx) = nginx {
        let get = http::request("GET", "/large", &[], b"");
        let reference = transfer(options, nginx.address(), &get, b"").run()?.bytes;
        rounds.get_of_nginx.push(got / reference);
    }
    Ok(())
}

fn measure_small(subject: &Subject, options: &Options, rounds: &mut Rounds) -> Result<()> {
    let body = vec![b'x'; SMALL];
    let path = |index: usize| format!("/bench/small/{index:05}");
    let puts: Vec<_> = (0..SMALL_KEYS).map(|index| s3::request("PUT", &path(index), &body)).collect();
    let gets: Vec<_> = (0..SMALL_KEYS).map(|index| s3::request("GET", &path(index), b"")).collect();
    // All of them are there, however few fit into the time.
    let most = Some(SMALL_KEYS as u64);
    load::run(&Load { most_requests: most, ..options.load(subject.address(), &puts) })?;
    let health = [http::request("GET", "/_virga/health", &[], b"")];
    let rate = |requests: &[Vec<u8>]| {
        Ok::<_, anyhow::Error>(load::run(&options.load(subject.address(), requests))?.rate())
    };
    let before = rate(&health)?;
    let (put, get) = (rate(&puts)?, rate(&gets[..SMALL_KEYS / 10])?);
    let health = f64::midpoint(before, rate(&health)?);
    rounds.health.push(health);
    rounds.put_small.push(put / health);
    rounds.get_small.push(get / health);
    Ok(())
}

/// Pages of a thousand keys, of few keys and of many.
fn listings(subject: &Subject, options: &Options, keys: u64, report: &mut Report) -> Result<()> {
    let mut client = subject.client()?;
    let mut milliseconds = Vec::new();
    for (bucket, count) in [("few", FEW_KEYS), ("many", keys)] {
        s3::create_bucket(&mut client, bucket)?;
        println!("filling a bucket with {count} keys");
        let puts: Vec<_> = (0..count)
            .map(|index| s3::request("PUT", &format!("/{bucket}/folder/of/keys/{index:09}"), b""))
            .collect();
        let duration = Duration::from_secs(1800);
        load::run(&Load { duration, most_requests: Some(count), ..options.load(subject.address(), &puts) })?;
        let start = count / 2;
        let path = format!("/{bucket}?list-type=2&start-after=folder%2Fof%2Fkeys%2F{start:09}");
        let page = s3::request("GET", &path, b"");
        let mut rates = Vec::new();
        let mut costs = Vec::new();
        for _ in 0..=options.rounds {
            let before = subject.processor_time()?;
            let rate =
                Transfer { connections: 1, ..transfer(options, subject.address(), &page, b"") }.run()?;
            let used = subject.processor_time()?.saturating_sub(before).as_secs_f64();
            rates.push(rate.answers);
            costs.push(rate.answers * options.seconds / used.max(1e-9));
        }
        report.row(
            format!("pages of 1,000 of {count} keys"),
            median(&costs),
            "per core",
            Target::AtLeast(1000.0),
        );
        milliseconds.push(1000.0 / median(&rates));
    }
    report.row("page, many keys to few", milliseconds[1] / milliseconds[0], "ratio", Target::AtMost(1.3));
    Ok(())
}

impl Rounds {
    fn all(&mut self) -> [&mut Vec<f64>; 7] {
        [
            &mut self.get_large,
            &mut self.get_of_nginx,
            &mut self.put_large,
            &mut self.put_of_hashing,
            &mut self.get_small,
            &mut self.put_small,
            &mut self.health,
        ]
    }

    fn add(&mut self, mut one: Rounds) {
        for (all, more) in self.all().into_iter().zip(one.all()) {
            all.append(more);
        }
    }

    fn line(&self) -> String {
        let one = |values: &[f64]| values.first().copied().unwrap_or_default();
        format!(
            "GET 10 MiB {:.0} MB/s ({:.2} of nginx), PUT {:.0} MB/s ({:.2} of hashing), health {:.0}/s, GET 1 KiB \
             {:.2}, PUT 1 KiB {:.2}",
            one(&self.get_large),
            one(&self.get_of_nginx),
            one(&self.put_large),
            one(&self.put_of_hashing),
            one(&self.health),
            one(&self.get_small),
            one(&self.put_small),
        )
    }

    fn report(&self, report: &mut Report, has_nginx: bool) {
        report.row("GET 10 MiB", median(&self.get_large), "MB/s", Target::None);
        if has_nginx {
            report.row("GET 10 MiB: of nginx", median(&self.get_of_nginx), "ratio", Target::AtLeast(0.8));
        } else {
            println!("nginx is not installed: no reference for GET");
        }
        report.row("PUT 10 MiB", median(&self.put_large), "MB/s", Target::None);
        let put = median(&self.put_of_hashing);
        report.row("PUT 10 MiB: of hashing and writing", put, "ratio", Target::AtLeast(0.5));
        report.row("health", median(&self.health), "req/s", Target::None);
        report.row("GET 1 KiB: of health", median(&self.get_small), "ratio", Target::AtLeast(0.6));
        report.row("PUT 1 KiB: of health", median(&self.put_small), "ratio", Target::AtLeast(0.4));
    }
}
