//! How many will come for a service: as many as lately, held to what days like this bring.
//!
//! A day has its own measure: with `N` come so far where `E` usually have, so many times as many as usual
//! will come as the gamma-Poisson posterior mean `(k + N) / (k + E)` says (Weinberg, Brown and Stroud 2007
//! forecast a call centre's day so). And the number expected in a stretch of time is itself known the better
//! the more days have been seen: today's rate going on counts as one day, the profile as all it has. A hall
//! without history goes by today's rate alone.

use hall_protocol::local::DAY_MINUTES;

use super::Look;
use crate::hall::{Hall, QUARTER_MINUTES, Usual, as_f64, quarter};

/// So many citizens must have come before a day goes by its own measure as much as by the usual one: days
/// of one weekday differ by about a seventh.
const USUAL_CITIZENS: f64 = 50.0;

/// How many come in an hour for the service at `index` in the next minutes; `recent` came in the last.
pub(super) fn per_hour(hall: &Hall, index: usize, recent: f64, minutes: f64, look: Look) -> f64 {
    let Some(service) = hall.plan.services().get(index).map(|service| service.id) else { return recent };
    let Some(weekday) = hall.plan.calendar().works_like(look.local.date()) else { return recent };
    let usual = hall.arrivals.usual(service, weekday);
    if usual.days <= 0.0 {
        return recent;
    }
    let came = f64::from(hall.arrivals.today(service));
    let busy = (USUAL_CITIZENS + came) / (USUAL_CITIZENS + so_far(hall, &usual, look));
    let coming = busy * next(&usual, minutes, look) * 60.0 / minutes;
    (recent + usual.days * coming) / (1.0 + usual.days)
}

/// Which part of its quarter has passed.
fn passed(look: Look) -> f64 {
    let quarter_ms = i64::from(QUARTER_MINUTES) * 60_000;
    let into_ms = look.at.unix_ms().rem_euclid(quarter_ms);
    as_f64(u64::try_from(into_ms).unwrap_or(0)) / as_f64(u64::from(QUARTER_MINUTES) * 60_000)
}

/// How many usually have come by now.
fn so_far(hall: &Hall, usual: &Usual<'_>, look: Look) -> f64 {
    let now = quarter(look.at);
    let begins = hall.plan.calendar().day_starts_minute;
    let since_begin = (look.local.minute() + DAY_MINUTES - begins) % DAY_MINUTES / QUARTER_MINUTES;
    let ago = |quarter: u8| (u16::from(now) + QUARTERS - u16::from(quarter)) % QUARTERS;
    let earlier = usual.quarters().filter(|quarter| *quarter != now && ago(*quarter) <= since_begin);
    earlier.map(|quarter| usual.mean(quarter)).sum::<f64>() + passed(look) * usual.mean(now)
}

/// How many usually come in the next minutes.
fn next(usual: &Usual<'_>, minutes: f64, look: Look) -> f64 {
    let (mut left, mut sum) = (minutes / f64::from(QUARTER_MINUTES), 0.0);
    let mut part = 1.0 - passed(look);
    for quarter in (u16::from(quarter(look.at))..).map(|quarter| quarter % QUARTERS) {
        let part_taken = part.min(left);
        sum += part_taken * usual.mean(u8::try_from(quarter).unwrap_or(0));
        left -= part_taken;
        part = 1.0;
        if left <= 0.0 {
            break;
        }
    }
    sum
}

/// Quarters of a day.
const QUARTERS: u16 = DAY_MINUTES / QUARTER_MINUTES;
