//! What signs make of an emergency text, told to whoever puts it up: within which time each says it all,
//! and which ones say less, because they have other letters or little memory.

use std::time::Duration;

use hall_core::plan::Plan;
use hall_protocol::id::ZoneId;
use hall_signs::bus::SignSetup;
use hall_signs::page::{EmergencyPage, Page};
use hall_signs::substitute::Substitute;

use crate::config::{Config, Sign};
use crate::wall::Shows;

/// A line for each sign that says less, and one with the longest time until a sign has said all.
pub fn told(config: &Config, zh: &str, en: &str, zones: &[ZoneId]) -> Vec<String> {
    let page = EmergencyPage { zh: zh.to_owned(), en: en.to_owned() };
    let signs = config.lines.iter().flat_map(|line| &line.signs);
    let signs: Vec<&Sign> =
        signs.filter(|sign| zones.is_empty() || concerns(&config.plan, sign.shows, zones)).collect();
    let within = signs.iter().filter_map(|sign| said_within(sign, &page)).max();
    let within =
        within.map(|time| format!("Every sign with pixels says all of it within {} s.", seconds(time)));
    within.into_iter().chain(signs.iter().filter_map(|sign| less(sign, &page))).collect()
}

/// Until a sign that draws pixels has shown every screen of the text; `None` for other signs.
pub(crate) fn said_within(sign: &Sign, page: &EmergencyPage) -> Option<Duration> {
    let screens = u32::try_from(page.screens(sign.panel)).unwrap_or(u32::MAX);
    let setup = SignSetup { address: sign.address, panel: sign.panel };
    let draws = sign.model.draws(setup) && fitted(sign, page).0 != Substitute::Dark;
    draws.then(|| page.screen_lasts(sign.panel).saturating_mul(screens))
}

/// In whole seconds, rounded up.
pub(crate) fn seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

fn fitted(sign: &Sign, page: &EmergencyPage) -> (Substitute, String) {
    let setup = SignSetup { address: sign.address, panel: sign.panel };
    let fitted = sign.model.shows(setup, &Page::Emergency(page.clone()));
    let lines: Vec<&str> = fitted.lines.iter().map(|line| line.text.as_str()).collect();
    (fitted.substitute, lines.join(" "))
}

fn less(sign: &Sign, page: &EmergencyPage) -> Option<String> {
    let (substitute, shown) = fitted(sign, page);
    let whole = matches!(substitute, Substitute::Nothing | Substitute::OwnFont | Substitute::Scrolling);
    let about = || format!("sign \"{}\" ({}): {}", sign.id, sign.model.protocol(), substitute.sentence());
    (!whole).then(|| if shown.is_empty() { about() } else { format!("{}: {shown}", about()) })
}

/// Whether a text for these zones is seen on a sign for this.
fn concerns(plan: &Plan, shows: Shows, zones: &[ZoneId]) -> bool {
    match shows {
        Shows::Zone(zone) => zones.contains(&zone),
        Shows::Window(id) => plan.window(id).is_some_and(|window| {
            let services = window.all_services().filter_map(|service| plan.service(service));
            services.into_iter().any(|service| zones.contains(&service.zone))
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn whoever_puts_a_text_up_is_told_how_long_it_takes_and_which_sign_says_less() {
        let text = include_str!("../../../deploy/demo/hall.toml");
        let alpha = "\n[[line]]\nport = \"/dev/ttyS7\"\nbaud = 9600\nprotocol = \"alpha\"\n[line.alpha]\ncolumns = 16\n\
                     [[line.sign]]\nid = \"T9\"\naddress = 9\nshows = { window = \"1\" }\n";
        let config = Config::parse(&format!("{text}{alpha}"), Path::new("hall.toml")).unwrap();
        let zh = "请立即离开大厅";
        let lines = told(&config, zh, &"Leave the hall now. ".repeat(10), &[]);
        assert!(lines[0].starts_with("Every sign with pixels says all of it within "), "{lines:?}");
        let [of_alpha] = &lines[1..] else { panic!("{lines:?}") };
        assert!(of_alpha.contains("sign \"T9\" (alpha)") && of_alpha.contains("only as much"), "{lines:?}");
        let lines = told(&config, zh, "Leave the hall now", &[]);
        assert!(lines[1].ends_with("Leave the hall now"), "it lacks the hanzi: {lines:?}");
        assert_eq!(told(&config, zh, "", &["Z".parse().unwrap()]), [""; 0]);
    }
}
