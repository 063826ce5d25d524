//! What came of the days in detail: by service, class and window, for the tables of `--details`, for the
//! `details` of `--json`, and for the page.

use std::fmt::{self, Write};

use hall_protocol::payload::Class;
use hall_simulate::breakdown::Group;
use hall_simulate::{Breakdown, Diary, Scenario};
use serde_json::{Map, Value, json};

use crate::web::text;

/// The days together, and one of them as it went.
#[derive(Debug)]
pub(super) struct Detail {
    pub(super) breakdown: Breakdown,
    pub(super) first_day: Diary,
}

/// Both names of a class.
pub(super) const fn class_names(class: Class) -> (&'static str, &'static str) {
    let text::Phrase { zh, en } = text::class(class);
    (zh, en)
}

impl Detail {
    /// Whose citizens waited longest on average.
    pub(super) fn fairness(&self, scenario: &Scenario) -> String {
        let mut said = String::new();
        if let Some((place, mean)) = self.breakdown.worst_service() {
            let _ = write!(said, "longest mean wait: service {}, {mean:.1} min", scenario.services[place].id);
        }
        if let Some((class, mean)) = self.breakdown.worst_class().filter(|_| self.breakdown.classes.len() > 1)
        {
            let _ = write!(said, "; class {}, {mean:.1} min", text::class_word(class));
        }
        said
    }

    /// By service, class and window.
    pub(super) fn tables(&self, scenario: &Scenario) -> String {
        let mut tables = String::new();
        // Writing to a string cannot fail.
        let _ = self.write_tables(scenario, &mut tables);
        tables
    }

    fn write_tables(&self, scenario: &Scenario, out: &mut String) -> fmt::Result {
        let Breakdown { days, services, classes, windows, .. } = &self.breakdown;
        let heads = ["served", "mean wait", "over target", "gave up"];
        let head = |what: &str| {
            format!("\n{what:<16}{:>10}{:>11}{:>13}{:>10}", heads[0], heads[1], heads[2], heads[3])
        };
        writeln!(out, "{}", head("service"))?;
        for (service, group) in scenario.services.iter().zip(services) {
            writeln!(out, "{}", row(&service.id.to_string(), group, *days))?;
        }
        writeln!(out, "{}", head("class"))?;
        for (class, group) in classes {
            writeln!(out, "{}", row(text::class_word(*class), group, *days))?;
        }
        writeln!(out, "\n{:<16}{:>12}", "window", "utilisation")?;
        for (window, used) in scenario.windows.iter().zip(windows) {
            writeln!(out, "{:<16}{:>12.3}", window.id.to_string(), used.utilisation())?;
        }
        Ok(())
    }

    /// The same for programs: by id.
    pub(super) fn object(&self, scenario: &Scenario) -> Value {
        let Breakdown { days, services, classes, windows, .. } = &self.breakdown;
        let of = |group: &Group| {
            json!({
                "served": group.served / days,
                "abandoned": group.abandoned / days,
                "mean_wait_minutes": group.mean_wait_minutes(),
                "share_over_target": group.share_over_target(),
            })
        };
        let named = scenario.services.iter().zip(services);
        let services: Map<_, _> = named.map(|(service, group)| (service.id.to_string(), of(group))).collect();
        let classes: Map<_, _> =
            classes.iter().map(|(class, group)| (text::class_word(*class).to_owned(), of(group))).collect();
        let named = scenario.windows.iter().zip(windows);
        let windows: Map<_, _> =
            named.map(|(window, used)| (window.id.to_string(), json!(used.utilisation()))).collect();
        let worst_service = self.breakdown.worst_service();
        json!({
            "services": services,
            "classes": classes,
            "utilisation": windows,
            "worst_service": worst_service.map(|(place, _)| scenario.services[place].id),
            "worst_class": self.breakdown.worst_class().map(|(class, _)| text::class_word(class)),
        })
    }
}

fn row(name: &str, group: &Group, days: f64) -> String {
    let mean = group.mean_wait_minutes().map_or_else(|| "-".into(), |mean| format!("{mean:.1}"));
    let share = group.share_over_target().map_or_else(|| "-".into(), |share| format!("{share:.3}"));
    format!("{name:<16}{:>10.1}{mean:>11}{share:>13}{:>10.1}", group.served / days, group.abandoned / days)
}
