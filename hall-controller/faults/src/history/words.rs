//! What happens, as a broken history tells it.

use std::fmt;

use super::{Act, SECOND_US};

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = |us: &u64| format!("{}.{:03} s", us / SECOND_US, us % SECOND_US / 1_000);
        match self {
            Self::Take { kiosk, service, also, elderly } => {
                let also = also.map_or(String::new(), |also| format!(" and {also}"));
                let who = if *elderly { "an elderly citizen" } else { "a citizen" };
                write!(f, "{who} asks kiosk {kiosk} for service {service}{also}")
            }
            Self::Return { kiosk, nth } => write!(f, "a citizen is back at kiosk {kiosk} (choice {nth})"),
            Self::CheckIn { kiosk, nth } => {
                write!(f, "a citizen with an appointment is at kiosk {kiosk} (choice {nth})")
            }
            Self::Book { appointment, service, nth } => {
                write!(f, "the city books {appointment} for service {service} (choice {nth})")
            }
            Self::Unbook { appointment } => write!(f, "the city cancels {appointment}"),
            Self::Import { rows, nth } => write!(f, "the city hands in a list of {rows} (choice {nth})"),
            Self::Allocate { window, nth } => {
                write!(f, "the manager lets window {window} serve something else (choice {nth})")
            }
            Self::WriteOff { kiosk } => write!(f, "the staff writes kiosk {kiosk} off, which is not lost"),
            Self::SetRouting { group, nth } => {
                write!(f, "the manager lets group {group} be called by another policy (choice {nth})")
            }
            Self::Press { pad, key, names_ticket, nth } => {
                let named = if *names_ticket { ", naming the ticket the pad shows" } else { "" };
                write!(f, "a clerk presses {key:?} on pad {pad}{named} (choice {nth})")
            }
            Self::Weather { weather, place, percent, for_us } => {
                write!(f, "trouble {weather:?} at place {place}: {percent} % for {}", seconds(for_us))
            }
            Self::Partition { client, for_us } => {
                write!(f, "client {client} is cut off from the broker for {}", seconds(for_us))
            }
            Self::BrokerRestart { down_us, keeps_sessions, keeps_retained } => write!(
                f,
                "the broker is down for {}; sessions {}, retained messages {}",
                seconds(down_us),
                if *keeps_sessions { "kept" } else { "lost" },
                if *keeps_retained { "kept" } else { "wiped" },
            ),
            Self::Crash { point, down_us, other_plan } => write!(
                f,
                "the controller is to die ({point:?}) and starts {} later{}",
                seconds(down_us),
                if *other_plan { " with another plan" } else { "" },
            ),
            Self::Standstill { for_us } => write!(f, "the controller stands still for {}", seconds(for_us)),
            Self::ClockJump { ms } => write!(f, "the wall clock jumps by {ms} ms"),
            Self::Reboot { device, keeps_sequence, keeps_store } => write!(
                f,
                "device {device} restarts {}{}",
                if *keeps_sequence { "and keeps its sequence" } else { "with a new session" },
                if *keeps_store { "" } else { "; what it printed is lost" },
            ),
            Self::LineCut { for_us } => write!(f, "the sign line is cut for {}", seconds(for_us)),
            Self::SignRestart { sign } => write!(f, "sign {sign} restarts"),
            Self::SignDark { sign, for_us } => write!(f, "sign {sign} has no power for {}", seconds(for_us)),
            Self::Calm => write!(f, "nothing is broken any more, and nobody presses"),
            Self::Look => write!(f, "everything must show the journal"),
            Self::Night { ms } => write!(f, "a night passes: the clock goes on by {ms} ms"),
        }
    }
}
