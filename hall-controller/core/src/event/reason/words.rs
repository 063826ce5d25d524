//! Why a ticket was called, in a few words for the clerk, on every pad alike. The auditor's sentences are
//! made with the ticket's story.
//!
//! In Chinese at most 16 half-widths, unless a clerk's own words follow: one line of a call pad's display
//! of 128 pixels; in either language at most the bytes of the pad's message ([`Why`](hall_protocol::payload::Why)).
//! The glyphs of what stands here are in the pads (`firmware/device`).

use super::CallReason;
use crate::class_words::class_words;
use crate::refusal::Language;

impl CallReason {
    /// Such as "oldest of 2 services", "appointment 10:00", "over target by 6 min".
    pub fn in_words(&self, language: Language) -> String {
        match language {
            Language::Zh => self.zh(),
            Language::En => self.en(),
        }
    }

    fn zh(&self) -> String {
        match self {
            Self::Oldest { services: 0 } => "转来本窗口的号".into(),
            Self::Oldest { services: 1 } => "等候最久".into(),
            Self::Oldest { services } => format!("{services}项中等得最久"),
            Self::Priority { class } => format!("优先：{}", class_words(*class).zh_short),
            Self::Credit { services: 1, .. } => "优先值最高".into(),
            Self::Credit { services, .. } => format!("{services}项中优先值高"),
            Self::Target { over_minutes: ..0, services: ..2 } => "仅此项有人等候".into(),
            Self::Target { over_minutes: ..0, services } => format!("{services}项按目标先叫"),
            Self::Target { over_minutes: 0, .. } => "刚超过目标".into(),
            Self::Target { over_minutes, .. } => format!("超过目标{over_minutes}分钟"),
            Self::Backup { over_minutes: ..0 } => "主办无人，帮备办".into(),
            Self::Backup { over_minutes: 0 } => "备办，刚超过目标".into(),
            Self::Backup { over_minutes } => format!("备办超目标{over_minutes}分"),
            Self::Appointment { slot, .. } => format!("预约{slot}"),
            Self::Armed { .. } => "待呼，来号即呼".into(),
            Self::Picked { reason } => format!("选呼：{reason}"),
        }
    }

    fn en(&self) -> String {
        match self {
            Self::Oldest { services: 0 } => "sent to this window".into(),
            Self::Oldest { services: 1 } => "waiting longest".into(),
            Self::Oldest { services } => format!("oldest of {services} services"),
            Self::Priority { class } => format!("priority: {}", class_words(*class).en_within()),
            Self::Credit { services: 1, .. } => "most credit".into(),
            Self::Credit { services, .. } => format!("most credit of {services} services"),
            Self::Target { over_minutes: ..0, services: ..2 } => {
                "the only service with people waiting".into()
            }
            Self::Target { over_minutes: ..0, services } => {
                format!("first of {services} services by target and queue")
            }
            Self::Target { over_minutes: 0, .. } => "over target by less than a minute".into(),
            Self::Target { over_minutes, .. } => format!("over target by {over_minutes} min"),
            Self::Backup { over_minutes: ..0 } => "backup: nobody waits for its own services".into(),
            Self::Backup { over_minutes: 0 } => "backup, over target by less than a minute".into(),
            Self::Backup { over_minutes } => format!("backup, over target by {over_minutes} min"),
            Self::Appointment { slot, .. } => format!("appointment {slot}"),
            Self::Armed { .. } => "came while the window was waiting".into(),
            Self::Picked { reason } => format!("picked: {reason}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use hall_protocol::payload::Class;
    use hall_protocol::text::Text;

    use super::*;

    const WIDEST: usize = 16;

    fn half_widths(text: &str) -> usize {
        text.chars().map(|character| if character.is_ascii() { 1 } else { 2 }).sum()
    }

    #[test]
    fn a_clerk_reads_why_in_a_few_words_that_fit_a_line_of_a_pad() {
        let slot = "10:00".parse().unwrap();
        for (why, zh, en) in [
            (CallReason::Oldest { services: 0 }, "转来本窗口的号", "sent to this window"),
            (CallReason::Oldest { services: 1 }, "等候最久", "waiting longest"),
            (CallReason::Oldest { services: 2 }, "2项中等得最久", "oldest of 2 services"),
            (CallReason::Oldest { services: 120 }, "120项中等得最久", "oldest of 120 services"),
            (CallReason::Priority { class: Class::Elderly }, "优先：老年人", "priority: elderly"),
            (
                CallReason::Priority { class: Class::Pregnant },
                "优先：孕妇带婴儿",
                "priority: pregnant or with an infant",
            ),
            (
                CallReason::Credit { class: Class::Ordinary, services: 12 },
                "12项中优先值高",
                "most credit of 12 services",
            ),
            (CallReason::Target { over_minutes: 6, services: 2 }, "超过目标6分钟", "over target by 6 min"),
            (
                CallReason::Target { over_minutes: 0, services: 2 },
                "刚超过目标",
                "over target by less than a minute",
            ),
            (
                CallReason::Target { over_minutes: 240, services: 2 },
                "超过目标240分钟",
                "over target by 240 min",
            ),
            (
                CallReason::Target { over_minutes: -9, services: 120 },
                "120项按目标先叫",
                "first of 120 services by target and queue",
            ),
            (
                CallReason::Target { over_minutes: -9, services: 2 },
                "2项按目标先叫",
                "first of 2 services by target and queue",
            ),
            (
                CallReason::Target { over_minutes: -9, services: 1 },
                "仅此项有人等候",
                "the only service with people waiting",
            ),
            (
                CallReason::Backup { over_minutes: -3 },
                "主办无人，帮备办",
                "backup: nobody waits for its own services",
            ),
            (
                CallReason::Backup { over_minutes: 0 },
                "备办，刚超过目标",
                "backup, over target by less than a minute",
            ),
            (CallReason::Backup { over_minutes: 120 }, "备办超目标120分", "backup, over target by 120 min"),
            (CallReason::Appointment { slot, passing: true }, "预约10:00", "appointment 10:00"),
            (CallReason::Armed { press: None }, "待呼，来号即呼", "came while the window was waiting"),
            (CallReason::Picked { reason: "急事".into() }, "选呼：急事", "picked: 急事"),
        ] {
            assert_eq!(why.in_words(Language::Zh), zh);
            assert_eq!(why.in_words(Language::En), en);
            assert!(half_widths(zh) <= WIDEST, "{zh} is wider than a line");
        }
    }

    /// Every reason with the widest values a hall can give it, but for the clerk's own words. A reason that is not
    /// here does not compile.
    fn widest() -> Vec<CallReason> {
        // More services than a window of any hall has; a wait of a week.
        let (services, over) = (120, 9_999);
        let slot = "10:00".parse().unwrap();
        let mut all: Vec<CallReason> =
            Class::ALL.iter().map(|class| CallReason::Priority { class: *class }).collect();
        for services in [0, 1, 2, services] {
            all.push(CallReason::Oldest { services });
            for over_minutes in [-over, 0, over] {
                all.push(CallReason::Target { over_minutes, services });
            }
            all.extend(Class::ALL.iter().map(|class| CallReason::Credit { class: *class, services }));
        }
        all.extend([-over, 0, over].map(|over_minutes| CallReason::Backup { over_minutes }));
        all.extend([false, true].map(|passing| CallReason::Appointment { slot, passing }));
        all.push(CallReason::Armed { press: None });
        for reason in &all {
            match reason {
                CallReason::Oldest { .. }
                | CallReason::Priority { .. }
                | CallReason::Credit { .. }
                | CallReason::Target { .. }
                | CallReason::Backup { .. }
                | CallReason::Appointment { .. }
                | CallReason::Armed { .. }
                | CallReason::Picked { .. } => {}
            }
        }
        all
    }

    #[test]
    fn no_reason_is_cut_on_its_way_to_a_pad() {
        for reason in widest() {
            let (zh, en) = (reason.in_words(Language::Zh), reason.in_words(Language::En));
            assert!(half_widths(&zh) <= WIDEST, "{zh} is wider than a line");
            for said in [zh, en] {
                assert_eq!(&*Text::<48>::new(&said), said, "cut on the wire");
            }
        }
    }
}
