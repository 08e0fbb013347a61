//! `/_virga/metrics`: counts and times in Prometheus' text format.
//! <https://prometheus.io/docs/instrumenting/exposition_formats/>

use std::fmt::Write as _;
use std::sync::Arc;

use virga_kit::{OperationStats, World};

use super::answer::{Answer, with_type};
use super::visit::Visit;
use crate::cloud::VERSION;

/// `GET /_virga/metrics`, of all worlds.
pub(super) fn show(visit: &Visit<'_>) -> Answer {
    let worlds = visit.cloud.worlds();
    let mut text = String::new();
    family(&mut text, "virga_calls_total", "counter", "Calls that were answered.", |text| {
        each(&worlds, |labels, stats| line(text, "virga_calls_total", labels, &stats.calls.to_string()));
    });
    family(
        &mut text,
        "virga_call_errors_total",
        "counter",
        "Answers that were errors, by whose fault.",
        |text| {
            each(&worlds, |labels, stats| {
                for (fault, count) in [("client", stats.client_errors), ("server", stats.server_errors)] {
                    line(
                        text,
                        "virga_call_errors_total",
                        &format!("{labels},fault=\"{fault}\""),
                        &count.to_string(),
                    );
                }
            });
        },
    );
    let help = "Time from a decoded call to its answer, waiting included.";
    family(&mut text, "virga_call_duration_seconds", "summary", help, |text| {
        each(&worlds, |labels, stats| {
            let seconds = stats.busy_micros as f64 / 1e6;
            line(text, "virga_call_duration_seconds_sum", labels, &seconds.to_string());
            line(text, "virga_call_duration_seconds_count", labels, &stats.calls.to_string());
        });
    });
    let help = "What single resources count, by the names of their CloudWatch metrics.";
    family(&mut text, "virga_resource_metric_total", "counter", help, |text| {
        for world in &worlds {
            for (resource, metric, count) in world.resource_metrics().all() {
                let labels = format!("world=\"{}\",resource=\"{resource}\",metric=\"{metric}\"", world.id());
                line(text, "virga_resource_metric_total", &labels, &count.to_string());
            }
        }
    });
    let mut gauge = |name: &str, help: &str, labels: &str, value: String| {
        family(&mut text, name, "gauge", help, |text| line(text, name, labels, &value));
    };
    gauge("virga_build_info", "Always 1.", &format!("version=\"{VERSION}\""), "1".to_owned());
    gauge("virga_worlds", "Worlds of the process.", "", worlds.len().to_string());
    gauge("virga_uptime_seconds", "Since the start.", "", visit.cloud.uptime().as_secs_f64().to_string());
    if let Some(bytes) = resident_bytes() {
        gauge("process_resident_memory_bytes", "Resident memory.", "", bytes.to_string());
    }
    Ok(with_type("text/plain; version=0.0.4", bytes::Bytes::from(text).into()))
}

fn family(text: &mut String, name: &str, kind: &str, help: &str, lines: impl FnOnce(&mut String)) {
    // Writing into a string cannot fail.
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
    lines(text);
}

fn line(text: &mut String, name: &str, labels: &str, value: &str) {
    let labels = if labels.is_empty() { String::new() } else { format!("{{{labels}}}") };
    let _ = writeln!(text, "{name}{labels} {value}");
}

/// The operations that were called, with their labels.
fn each(worlds: &[Arc<World>], mut visit: impl FnMut(&str, OperationStats)) {
    for world in worlds {
        for (operation, stats) in world.metrics().called(world.services()) {
            let (service, name) = (operation.service().name(), operation.name());
            let id = world.id();
            visit(&format!("world=\"{id}\",service=\"{service}\",operation=\"{name}\""), stats);
        }
    }
}

/// Resident memory where the operating system tells it as Linux does.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes * 1024)
}
