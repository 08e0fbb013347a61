//! Target tracking: how much capacity there is to be, from what was used of it minute by minute.
//!
//! Two minutes above the target let it grow, fifteen well below it let it shrink. A minute in which nothing is used has no
//! data point, so that capacity that nobody uses at all does not shrink.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/AutoScaling.html>

use crate::records::{Scalable, TargetTracking};

/// Data points that have to be above the target.
const POINTS_TO_GROW: usize = 2;
/// Data points that have to be below it: the most that are looked at.
pub(crate) const POINTS_TO_SHRINK: usize = 15;
/// Per cent of the capacity by which they have to be below it, or half of a low target.
const MARGIN: f64 = 20.0;
const SECOND: i64 = 1_000_000;

/// The units that there are to be, where there are so many now.
pub(crate) fn wanted_units(scalable: &Scalable, units: i64, now: i64) -> i64 {
    let bounded = |units: i64| units.max(scalable.minimum).min(scalable.maximum);
    let Some(policy) = &scalable.policy else { return bounded(units) };
    let is_over = |last: Option<i64>, cooldown: Option<i32>| {
        last.is_none_or(|last| now - last >= i64::from(cooldown.unwrap_or(0)) * SECOND)
    };
    let grown =
        grown(policy, &scalable.points, units).filter(|_| is_over(scalable.scaled_out, policy.out_cooldown));
    let shrunk = shrunk(policy, &scalable.points, units)
        .filter(|_| policy.disable_scale_in != Some(true) && is_over(scalable.scaled_in, policy.in_cooldown));
    bounded(grown.or(shrunk).unwrap_or(units))
}

/// The units of which a use is as many per cent as the target says.
fn fitting(policy: &TargetTracking, used: f64) -> i64 {
    (used * 100.0 / policy.target).ceil() as i64
}

fn grown(policy: &TargetTracking, points: &[Option<f64>], units: i64) -> Option<i64> {
    let last = points.len().checked_sub(POINTS_TO_GROW).map(|start| &points[start..])?;
    let bar = units as f64 * policy.target / 100.0;
    let least = last.iter().try_fold(f64::MAX, |least, point| point.map(|used| least.min(used)))?;
    (least > bar).then(|| fitting(policy, last.last().copied().flatten().unwrap_or(least)))
}

fn shrunk(policy: &TargetTracking, points: &[Option<f64>], units: i64) -> Option<i64> {
    let last = points.len().checked_sub(POINTS_TO_SHRINK).map(|start| &points[start..])?;
    let bar = units as f64 * (policy.target - MARGIN).max(policy.target / 2.0) / 100.0;
    let most = last.iter().try_fold(0.0, |most: f64, point| point.map(|used| most.max(used)))?;
    (most < bar).then(|| fitting(policy, most)).filter(|wanted| *wanted < units)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scalable(points: &[Option<f64>]) -> Scalable {
        let policy = TargetTracking {
            name: "p".to_owned(),
            target: 70.0,
            disable_scale_in: None,
            in_cooldown: None,
            out_cooldown: Some(60),
        };
        Scalable {
            minimum: 5,
            maximum: 100,
            policy: Some(policy),
            points: points.to_vec(),
            ..Scalable::default()
        }
    }

    #[test]
    fn two_minutes_above_the_target_let_it_grow() {
        for (points, expected) in [
            (vec![Some(8.0)], 10),
            (vec![Some(8.0), Some(7.0)], 10),
            (vec![Some(8.0), None, Some(8.0)], 10),
            (vec![Some(8.0), Some(14.0)], 20),
            (vec![Some(50.0), Some(7.1)], 11),
            (vec![Some(1000.0), Some(1000.0)], 100),
        ] {
            assert_eq!(wanted_units(&scalable(&points), 10, 0), expected, "{points:?}");
        }
        let mut cooling = scalable(&[Some(8.0), Some(14.0)]);
        cooling.scaled_out = Some(0);
        assert_eq!(wanted_units(&cooling, 10, 59 * SECOND), 10);
        assert_eq!(wanted_units(&cooling, 10, 60 * SECOND), 20);
    }

    #[test]
    fn fifteen_minutes_well_below_it_let_it_shrink() {
        let mut points = vec![Some(4.0); POINTS_TO_SHRINK];
        assert_eq!(wanted_units(&scalable(&points), 10, 0), 6);
        assert_eq!(wanted_units(&scalable(&points[1..]), 10, 0), 10);
        points[3] = Some(5.0);
        assert_eq!(wanted_units(&scalable(&points), 10, 0), 10);
        points[3] = None;
        assert_eq!(wanted_units(&scalable(&points), 10, 0), 10, "no use is no data point");
        let mut other = scalable(&[Some(0.5); POINTS_TO_SHRINK]);
        assert_eq!(wanted_units(&other, 10, 0), 5, "not below the minimum");
        other.policy.as_mut().unwrap().disable_scale_in = Some(true);
        assert_eq!(wanted_units(&other, 10, 0), 10);
    }

    #[test]
    fn what_is_out_of_bounds_comes_within() {
        let mut scalable = scalable(&[]);
        assert_eq!(wanted_units(&scalable, 1, 0), 5);
        assert_eq!(wanted_units(&scalable, 1000, 0), 100);
        scalable.policy = None;
        assert_eq!(wanted_units(&scalable, 1, 0), 5);
        assert_eq!(wanted_units(&scalable, 7, 0), 7);
    }
}
