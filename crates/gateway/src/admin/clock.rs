//! `/_virga/clock`: the time of the world, stopped, set and advanced.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use virga_model::Timestamp;

use super::answer::{Answer, json};
use super::error::AdminError;
use super::time_text::{format_time, parse_duration, parse_time, time_of_seconds};
use super::visit::Visit;

/// The farthest that the clock is advanced at once: a hundred years.
const FARTHEST: Duration = Duration::from_secs(36_525 * 86_400);

/// Whether time passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    Running,
    Frozen,
}

/// A change of the clock. At most one of `now`, `offset_seconds` and `advance_seconds` is given.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    mode: Option<Mode>,
    #[serde(alias = "time")]
    now: Option<Moment>,
    offset_seconds: Option<f64>,
    advance_seconds: Option<f64>,
}

/// A time: Unix seconds, or text.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Moment {
    Seconds(f64),
    Text(String),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SetTo {
    #[serde(alias = "now")]
    time: Moment,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AdvanceBy {
    seconds: Option<f64>,
    duration: Option<String>,
}

/// `GET /_virga/clock`
pub(super) fn show(visit: &Visit<'_>) -> Answer {
    #[derive(Serialize)]
    struct Shown {
        now: String,
        mode: Mode,
        offset_seconds: f64,
    }
    let clock = visit.world.clock();
    let (now, state) = (clock.now(), clock.state());
    let frozen = state.frozen_micros.is_some();
    let offset_micros = if frozen { now.micros() - real_now().micros() } else { state.offset_micros };
    json(&Shown {
        now: format_time(now),
        mode: if frozen { Mode::Frozen } else { Mode::Running },
        offset_seconds: offset_micros as f64 / 1e6,
    })
}

/// `PUT` or `POST /_virga/clock`
pub(super) async fn change(mut visit: Visit<'_>) -> Answer {
    let change: Change = visit.body().await?;
    let clock = visit.world.clock();
    let target = match (change.now, change.offset_seconds, change.advance_seconds) {
        (None, None, None) => None,
        (Some(now), None, None) => Some(now.timestamp()?),
        (None, Some(offset), None) => {
            let target = real_now().micros() as f64 / 1e6 + offset;
            Some(time_of_seconds(target).ok_or_else(|| invalid_time(&target))?)
        }
        (None, None, Some(seconds)) => Some(clock.now().plus(distance(seconds)?)),
        _ => return Err(AdminError::invalid("give one of now, offset_seconds and advance_seconds")),
    };
    // What was asked for together happens as if at once: no time passes between a stop and a move.
    if change.mode == Some(Mode::Frozen) && clock.state().frozen_micros.is_none() {
        clock.freeze(visit.world.store())?;
    }
    if let Some(target) = target {
        move_to(&visit, target).await?;
    }
    if change.mode == Some(Mode::Running) {
        clock.resume(visit.world.store())?;
    }
    visit.durable().await?;
    show(&visit)
}

/// `POST /_virga/clock/freeze`
pub(super) async fn freeze(visit: Visit<'_>) -> Answer {
    visit.world.clock().freeze(visit.world.store())?;
    visit.durable().await?;
    show(&visit)
}

/// `POST /_virga/clock/resume`
pub(super) async fn resume(visit: Visit<'_>) -> Answer {
    visit.world.clock().resume(visit.world.store())?;
    visit.durable().await?;
    show(&visit)
}

/// `POST /_virga/clock/set`
pub(super) async fn set(mut visit: Visit<'_>) -> Answer {
    let SetTo { time } = visit.body().await?;
    move_to(&visit, time.timestamp()?).await?;
    visit.durable().await?;
    show(&visit)
}

/// `POST /_virga/clock/advance`
pub(super) async fn advance(mut visit: Visit<'_>) -> Answer {
    let by = match visit.body().await? {
        AdvanceBy { seconds: Some(seconds), duration: None } => distance(seconds)?,
        AdvanceBy { seconds: None, duration: Some(text) } => {
            let by = parse_duration(&text).filter(|by| *by <= FARTHEST);
            by.ok_or_else(|| invalid_duration(&text))?
        }
        _ => return Err(AdminError::invalid("give one of seconds and duration")),
    };
    move_to(&visit, visit.world.clock().now().plus(by)).await?;
    visit.durable().await?;
    show(&visit)
}

/// `POST /_virga/clock/settle`
pub(super) async fn settle(visit: Visit<'_>) -> Answer {
    visit.world.settle().await?;
    visit.durable().await?;
    show(&visit)
}

/// Moves the clock. Forward, everything due on the way happens at its own time; backward, nothing does.
async fn move_to(visit: &Visit<'_>, target: Timestamp) -> Result<(), AdminError> {
    let world = visit.world;
    if target < world.clock().now() {
        world.clock().set(world.store(), target)?;
    }
    Ok(world.advance_to(target).await?)
}

impl Moment {
    fn timestamp(self) -> Result<Timestamp, AdminError> {
        match self {
            Moment::Seconds(seconds) => time_of_seconds(seconds).ok_or_else(|| invalid_time(&seconds)),
            Moment::Text(text) => parse_time(&text).ok_or_else(|| invalid_time(&text)),
        }
    }
}

fn distance(seconds: f64) -> Result<Duration, AdminError> {
    let distance = Duration::try_from_secs_f64(seconds).ok().filter(|distance| *distance <= FARTHEST);
    distance.ok_or_else(|| invalid_duration(&seconds))
}

fn invalid_time(given: &impl std::fmt::Display) -> AdminError {
    AdminError::invalid(format!(
        "{given} is no time: write ISO 8601 with its offset (2030-01-31T12:00:00Z), a date, or Unix seconds, before the year 10000"
    ))
}

fn invalid_duration(given: &impl std::fmt::Display) -> AdminError {
    AdminError::invalid(format!(
        "{given} is no duration of at most 100 years: write seconds, units (1h30m, 30d) or ISO 8601 (PT1H30M, P30D)"
    ))
}

#[expect(clippy::disallowed_methods, reason = "the offset of a clock is measured against real time")]
fn real_now() -> Timestamp {
    Timestamp::from_micros(0).plus(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
}
