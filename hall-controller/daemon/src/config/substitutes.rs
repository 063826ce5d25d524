//! What each sign cannot show and what it shows instead, told before the hall opens.
//!
//! The pages are those the sign's configuration leads to, with the longest number and name its
//! services have; what becomes of them is `hall_signs::substitute`'s decision alone.

use std::time::Duration;

use hall_core::emergency::EMERGENCY_TEXT_BYTES_MAX;
use hall_core::plan::{Plan, Service};
use hall_protocol::number::TicketNumber;
use hall_signs::bus::SignSetup;
use hall_signs::codec::model::Model;
use hall_signs::codec::{Codec, Protocol};
use hall_signs::font;
use hall_signs::page::{
    ArrowPage, ClockPage, EmergencyPage, NoticePage, OverviewPage, OverviewRow, Page, TestPattern,
    WindowContent, WindowPage, ZoneCall, ZonePage,
};
use hall_signs::substitute::{Ability, Charset, Fitted, Lack, Substitute};
use hall_signs::words::TextLine;

use super::{Level, Line, Port, Sign};
use crate::emergency_told::{said_within, seconds};
use crate::signs::{identity, marquee};
use crate::wall::{Shows, Slide};

/// How many calls a zone's sample page has.
const CALLS: usize = 4;

/// An emergency that is said within this time needs no word.
const SAID_SOON: Duration = Duration::from_secs(20);

/// How many wait in a sample.
const WAITING: u32 = 12;

/// A line for each sign that shows something else, in the configuration's order.
pub(super) fn lines(plan: &Plan, lines: &[Line]) -> Vec<String> {
    let signs = lines.iter().flat_map(|line| line.signs.iter().map(move |sign| (line, sign)));
    signs.filter_map(|(line, sign)| sentence(plan, line, sign)).collect()
}

fn sentence(plan: &Plan, line: &Line, sign: &Sign) -> Option<String> {
    let setup = SignSetup { address: sign.address, panel: sign.panel };
    let codec = sign.model.codec(setup, line.baud.rate());
    let pages = pages(plan, line, sign);
    let ability = codec.ability();
    let shown: Vec<(&Page, Fitted)> =
        pages.iter().map(|page| (page, sign.model.shows(setup, page))).collect();
    let instead = if ability == Ability::Pixels { missing_glyphs(&shown) } else { substitutes(&shown) };
    let no_room = no_room(&shown).filter(|_| ability == Ability::Pixels);
    let lacks = lacks(sign, codec.as_ref()).map(|lack| lack.sentence().to_string());
    let told: Vec<String> = instead
        .into_iter()
        .chain(no_room)
        .chain(emergencies(sign, codec.as_ref()))
        .chain(moves(line, sign, ability))
        .chain(dims_later(sign))
        .chain(lacks)
        .collect();
    let about = || format!("sign \"{}\" ({}, {})", sign.id, sign.model.protocol(), room(ability));
    (!told.is_empty()).then(|| format!("{} {}", about(), told.join("; ")))
}

/// Which changes of brightness a card with its own clock makes at another time than configured.
fn dims_later(sign: &Sign) -> Option<String> {
    let by_half_hours = matches!(sign.model, Model::OnbonBx5k(_));
    let other = |level: &&Level| by_half_hours && !level.from_minute.is_multiple_of(30);
    let told = |level: &Level| {
        format!(
            "dims by half hours, at the one nearest to {:02}:{:02}",
            level.from_minute / 60,
            level.from_minute % 60
        )
    };
    sign.look.brightness.iter().find(other).map(told)
}

/// How its notices move through, one pace once.
fn moves(line: &Line, sign: &Sign, ability: Ability) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    // A sign with letters of its own does so by itself.
    if ability != Ability::Pixels {
        return told;
    }
    for slot in &sign.pages {
        let Slide::Scroll(notice) = &slot.page else { continue };
        let moves = marquee::pace(line, sign, notice).map(|pace| format!("moves its notice by {pace}"));
        told.extend(moves.filter(|moves| !told.contains(moves)));
    }
    told
}

/// What is configured of the sign beside its pages and cannot be.
fn lacks(sign: &Sign, codec: &dyn Codec) -> impl Iterator<Item = Lack> {
    let shall_blink = matches!(sign.shows, Shows::Window(_)) && !sign.look.blink.is_zero();
    let blinking = (shall_blink && !codec.blinks()).then_some(Lack::Blinking);
    let may_have_it = codec.protocol() == Protocol::Alpha;
    let lacks = if may_have_it { Lack::DimmingRegister } else { Lack::Dimming };
    let dimming = (!sign.look.brightness.is_empty() && !codec.dims()).then_some(lacks);
    blinking.into_iter().chain(dimming)
}

/// What a sign of this kind has, in words.
fn room(ability: Ability) -> String {
    match ability {
        Ability::Pixels => "pixels".into(),
        Ability::Digits { places } => super::counted(places.into(), "digit"),
        Ability::Text { charset, columns, rows, .. } => {
            let (columns, rows) = (usize::from(columns), usize::from(rows));
            let set = match charset {
                Charset::Gb2312 => "GB 2312",
                Charset::Ascii => "ASCII",
            };
            format!("{} in {} of {set}", super::counted(columns, "column"), super::counted(rows, "line"))
        }
    }
}

/// Pages by what is shown instead, the least loss first.
fn substitutes(pages: &[(&Page, Fitted)]) -> Option<String> {
    let mut told: Vec<(Substitute, Vec<&str>)> = Vec::new();
    for (page, fitted) in pages {
        let word = page.words().kind.word();
        if matches!(fitted.substitute, Substitute::Nothing | Substitute::OwnFont) {
            continue;
        }
        match told.iter_mut().find(|(known, _)| *known == fitted.substitute) {
            Some((_, words)) if words.contains(&word) => {}
            Some((_, words)) => words.push(word),
            None => told.push((fitted.substitute, vec![word])),
        }
    }
    told.sort_by_key(|(substitute, _)| *substitute);
    let one = |(substitute, words): &(Substitute, Vec<&str>)| {
        format!("{}: {}", words.join(", "), substitute.sentence())
    };
    let told: Vec<String> = told.iter().map(one).collect();
    (!told.is_empty()).then(|| format!("shows instead of the pages {}", told.join("; ")))
}

/// Pages that are dark on a panel that is too small for them.
fn no_room(pages: &[(&Page, Fitted)]) -> Option<String> {
    let mut dark: Vec<&str> = Vec::new();
    for (page, _) in pages.iter().filter(|(_, fitted)| fitted.substitute == Substitute::Dark) {
        let word = page.words().kind.word();
        if !dark.contains(&word) {
            dark.push(word);
        }
    }
    (!dark.is_empty()).then(|| format!("is too small for {} and is dark then", dark.join(", ")))
}

/// What becomes of emergency texts: how long an usual one takes where that is long, and how much of the
/// longest is shown where not all is.
fn emergencies(sign: &Sign, codec: &dyn Codec) -> Option<String> {
    let usual = emergency();
    let slow = said_within(sign, &usual).filter(|time| *time > SAID_SOON).map(|time| {
        let characters = usual.zh.chars().count() + usual.en.chars().count();
        format!("takes {} s to say an emergency text of {characters} characters", seconds(time))
    });
    let longest = EmergencyPage {
        zh: "急".repeat(EMERGENCY_TEXT_BYTES_MAX / "急".len()),
        en: "Leave ".repeat(EMERGENCY_TEXT_BYTES_MAX / "Leave ".len()),
    };
    let fitted = codec.fitted(&longest.words());
    let shown: usize = fitted.lines.iter().map(|line| line.text.chars().count()).sum();
    let cut = (fitted.substitute == Substitute::Beginning)
        .then(|| format!("shows of a long emergency text the first {shown} characters only"));
    slow.or(cut)
}

fn emergency() -> EmergencyPage {
    EmergencyPage {
        zh: "紧急情况，请立即离开大厅".into(), en: "Emergency: leave the hall now".into()
    }
}

/// Characters that one of our fonts lacks.
fn missing_glyphs(pages: &[(&Page, Fitted)]) -> Option<String> {
    let boxed = pages.iter().filter(|(_, fitted)| fitted.substitute == Substitute::Boxes);
    let lines: Vec<TextLine> = boxed.flat_map(|(page, _)| page.words().lines).collect();
    let missing = font::missing(lines.iter().map(|line| line.text.as_str()));
    let told = || format!("has no glyph for {} and shows a box; write it otherwise", missing.join(" "));
    (!missing.is_empty()).then(told)
}

/// Every page the sign may have to show, as hard to show as its services make it.
fn pages(plan: &Plan, line: &Line, sign: &Sign) -> Vec<Page> {
    let called: Vec<&Service> =
        plan.services().iter().filter(|service| serves(plan, sign.shows, service)).collect();
    let number =
        called.iter().filter_map(|service| longest(service)).max_by_key(|number| number.to_string().len());
    let mut names: Vec<&str> = called.iter().map(|service| service.name.zh.as_str()).collect();
    if names.is_empty() {
        names.push("");
    }
    let longest_name = names.iter().max_by_key(|name| name.chars().count()).copied().unwrap_or_default();
    let mut pages = match sign.shows {
        Shows::Window(id) => {
            let label = plan.window(id).map_or_else(|| id.to_string(), |window| window.label.clone());
            let states = [
                number.map(|number| WindowContent::Called { number }),
                number.map(|number| WindowContent::Serving { number }),
                Some(WindowContent::Paused { reason: None }),
                Some(WindowContent::Closed),
            ];
            // Any of its services may be the one that is shown.
            let idle = names
                .iter()
                .map(|name| WindowContent::Idle { service: (*name).to_owned(), waiting: WAITING });
            let page = |state| Page::Window(WindowPage { label: label.clone(), state });
            states.into_iter().flatten().chain(idle).map(page).collect::<Vec<_>>()
        }
        Shows::Zone(id) => {
            let zone = plan.zone(id).map_or("", |zone| zone.name.zh.as_str()).to_owned();
            let labels = plan.windows().iter().map(|window| window.label.clone());
            let label = labels.max_by_key(|label| label.chars().count()).unwrap_or_default();
            let call = number.map(|number| ZoneCall { number, label, service: longest_name.to_owned() });
            let calls = call.map_or(vec![], |call| vec![call; CALLS]);
            let quiet = ZonePage { name: zone.clone(), calls: vec![] };
            vec![Page::Zone(ZonePage { name: zone, calls }), Page::Zone(quiet)]
        }
    };
    for slot in &sign.pages {
        pages.extend(match &slot.page {
            Slide::Own => None,
            Slide::Overview => {
                let row = |service: &&Service| OverviewRow {
                    service: service.name.zh.clone(),
                    waiting: WAITING,
                    minutes: None,
                };
                let rows = called.iter().map(row).collect();
                Some(Page::Overview(OverviewPage { name: String::new(), rows }))
            }
            Slide::Notice(text) => Some(Page::Notice(NoticePage { text: text.clone() })),
            Slide::Scroll(notice) => Some(Page::Scroll(notice.clone())),
            Slide::Signpost(directions) => directions.iter().next().and_then(|(window, direction)| {
                let label = plan.window(*window)?.label.clone();
                Some(Page::Arrow(ArrowPage { number: number?, label, direction: *direction }))
            }),
            Slide::Clock => {
                Some(Page::Clock(ClockPage { month: 12, day: 31, weekday: 4, hour: 23, minute: 59 }))
            }
        });
    }
    let port = match &line.port {
        Port::Emulator => String::new(),
        Port::Path(path) => path.display().to_string(),
        Port::Server(server) => server.to_string(),
    };
    let identity = identity(sign.id, sign.address, sign.shows, plan, &port);
    pages.extend([Page::Emergency(emergency()), Page::Test(TestPattern::All), Page::Identity(identity)]);
    pages
}

fn serves(plan: &Plan, shows: Shows, service: &Service) -> bool {
    match shows {
        Shows::Zone(zone) => service.zone == zone,
        Shows::Window(id) => plan.window(id).is_some_and(|window| window.has(service.id)),
    }
}

/// The longest number of a service.
fn longest(service: &Service) -> Option<TicketNumber> {
    let digits = if service.digits.0 { "9999" } else { "999" };
    format!("{}{digits}", service.prefix.as_str()).parse().ok()
}
