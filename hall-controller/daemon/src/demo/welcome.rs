//! What the demo says at its start: where to look, and what to try first.

use super::bookings::code;
use crate::cli::DemoArgs;
use crate::config::Config;
use crate::running::Addresses;

/// The addresses to open, in Chinese and English.
pub fn welcome(config: &Config, arguments: &DemoArgs, addresses: &Addresses) -> String {
    let web = addresses.web;
    let plan = &config.plan;
    let kiosk = plan.kiosks().first().map_or_else(String::new, |kiosk| format!("/{}", kiosk.id));
    // The last window has no clerk: it is the visitor's.
    let window = plan.windows().last().map_or_else(String::new, |window| format!("/{}", window.id));
    let ends = match (arguments.duration, &arguments.data) {
        (Some(duration), _) => format!("It ends after {} s.", duration.as_secs_f64()),
        (None, _) => "Ctrl-C ends it.".to_owned(),
    };
    let kept = match &arguments.data {
        Some(directory) => format!("The journal is kept in {}.", directory.display()),
        None => "Nothing is kept; --data DIR keeps the journal.".to_owned(),
    };
    let booked = plan.services().iter().find_map(|service| service.slots.get(service.slots.len() / 2));
    let appointment = booked.map_or_else(String::new, |slot| {
        let (code, time) = (code(slot.minute), slot.minute);
        format!("  预约 Appointment     on the kiosk page, such as {code} in the half hour before {time}\n")
    });
    let manager = config.clients.first().map_or_else(String::new, |manager| {
        let token = manager.token.shown();
        format!("  窗口调度 Windows     http://{web}/manage   (令牌 token {token})\n")
    });
    format!(
        "{zh} · {en}\n\n\
         \x20 取号 Take a ticket   http://{web}/kiosk{kiosk}\n\
{appointment}\
         \x20 叫号 Call pad        http://{web}/pad{window}   (keys 1-6)\n\
         \x20 大屏 Hall screen     http://{web}/screen\n\
         \x20 LED 屏 LED signs     http://{web}/signs\n\
{manager}\
         \x20 MQTT                 {mqtt}   (hall/v1/{hall}/#)\n\
         \x20 serial ports         {ports}\n\n\
         The hall's day runs {speed} times as fast as the clock. {ends} {kept}\n",
        zh = plan.name().zh,
        en = plan.name().en,
        mqtt = addresses.mqtt,
        hall = plan.hall(),
        ports = addresses.sign_ports.join(", "),
        speed = arguments.speed,
    )
}
