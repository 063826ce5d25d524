//! Why a press was not done: typed for programs, translated for people.

use hall_protocol::id::{DeviceId, ServiceId, WindowId};
use hall_protocol::number::TicketNumber;
use serde::{Deserialize, Serialize};

/// The language of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// 中文.
    #[default]
    Zh,
    /// English.
    En,
}

/// Why a command was refused. Nothing changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "code")]
pub enum Refusal {
    /// No such window in the plan.
    UnknownWindow {
        /// The one named.
        window: WindowId,
    },
    /// No such kiosk in the plan.
    UnknownKiosk {
        /// The one named.
        kiosk: DeviceId,
    },
    /// No such service in the plan, or not at this kiosk.
    UnknownService {
        /// The one named.
        service: ServiceId,
    },
    /// The press is too old to be meant for this moment.
    Stale {
        /// How old, in milliseconds.
        age_ms: u32,
    },
    /// The press belongs to a session the device has left, or precedes one already handled.
    OutOfOrder,
    /// The window is paused.
    WindowPaused {
        /// Which.
        window: WindowId,
    },
    /// The window is closed.
    WindowClosed {
        /// Which.
        window: WindowId,
    },
    /// The window is open already.
    WindowOpen {
        /// Which.
        window: WindowId,
    },
    /// A second NEXT within the guard time.
    JustCalled {
        /// What was just called.
        number: TicketNumber,
    },
    /// Nobody waits for the services of the window.
    NobodyWaiting {
        /// Which.
        window: WindowId,
    },
    /// The window has no ticket in hand.
    NoTicketInHand {
        /// Which.
        window: WindowId,
    },
    /// The pad showed another ticket than the window has in hand.
    AnotherTicket {
        /// The one in hand.
        number: TicketNumber,
    },
    /// The citizen is being served already.
    AlreadyServing {
        /// Who.
        number: TicketNumber,
    },
    /// The window still has a ticket in hand.
    TicketInHand {
        /// Which.
        number: TicketNumber,
    },
    /// The service does not issue tickets at this time of day.
    OutsideHours {
        /// Which.
        service: ServiceId,
    },
    /// The service has issued its last number of the day.
    NumbersUsedUp {
        /// Which.
        service: ServiceId,
    },
    /// The controller cannot write its journal; nothing can be promised.
    StorageTrouble,
}

impl Refusal {
    /// The stable code, at most 24 bytes.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownWindow { .. } => "unknown_window",
            Self::UnknownKiosk { .. } => "unknown_kiosk",
            Self::UnknownService { .. } => "unknown_service",
            Self::Stale { .. } => "stale",
            Self::OutOfOrder => "out_of_order",
            Self::WindowPaused { .. } => "window_paused",
            Self::WindowClosed { .. } => "window_closed",
            Self::WindowOpen { .. } => "window_open",
            Self::JustCalled { .. } => "just_called",
            Self::NobodyWaiting { .. } => "nobody_waiting",
            Self::NoTicketInHand { .. } => "no_ticket_in_hand",
            Self::AnotherTicket { .. } => "another_ticket",
            Self::AlreadyServing { .. } => "already_serving",
            Self::TicketInHand { .. } => "ticket_in_hand",
            Self::OutsideHours { .. } => "outside_hours",
            Self::NumbersUsedUp { .. } => "numbers_used_up",
            Self::StorageTrouble => "storage_trouble",
        }
    }

    /// The sentence for people, at most 144 bytes.
    pub fn sentence(&self, language: Language) -> String {
        match language {
            Language::Zh => self.zh(),
            Language::En => self.en(),
        }
    }

    fn zh(&self) -> String {
        match self {
            Self::UnknownWindow { window } => format!("没有 {window} 号窗口，请联系管理员"),
            Self::UnknownKiosk { kiosk } => format!("取号机 {kiosk} 未登记，请联系管理员"),
            Self::UnknownService { service } => format!("本机不办理事项 {service}"),
            Self::Stale { age_ms } => format!("按键已过 {} 秒，未执行，请重新按键", age_ms / 1_000),
            Self::OutOfOrder => "按键次序有误，未执行，请重新按键".into(),
            Self::WindowPaused { window } => format!("{window} 号窗口已暂停，请先恢复"),
            Self::WindowClosed { window } => format!("{window} 号窗口未开放，请先开窗"),
            Self::WindowOpen { window } => format!("{window} 号窗口已经开放"),
            Self::JustCalled { number } => format!("刚刚已呼叫 {number}，请稍候再按"),
            Self::NobodyWaiting { .. } => "暂无人等候".into(),
            Self::NoTicketInHand { .. } => "当前没有正在办理的号".into(),
            Self::AnotherTicket { number } => format!("当前办理的是 {number}，请核对后再按"),
            Self::AlreadyServing { number } => format!("{number} 已在办理"),
            Self::TicketInHand { number } => format!("{number} 尚未办结，请先完成或过号"),
            Self::OutsideHours { .. } => "该事项现在不取号，请在取号时间内再来".into(),
            Self::NumbersUsedUp { .. } => "该事项今日号已取完，请明日再来".into(),
            Self::StorageTrouble => "系统暂时无法记录，请稍候再试或联系工作人员".into(),
        }
    }

    fn en(&self) -> String {
        match self {
            Self::UnknownWindow { window } => format!("There is no window {window}; tell the technician"),
            Self::UnknownKiosk { kiosk } => format!("Kiosk {kiosk} is not registered; tell the technician"),
            Self::UnknownService { service } => format!("Service {service} is not offered here"),
            Self::Stale { age_ms } => {
                format!("The press was {} s old and was not done; press again", age_ms / 1_000)
            }
            Self::OutOfOrder => "The press came out of order and was not done; press again".into(),
            Self::WindowPaused { window } => format!("Window {window} is paused; resume first"),
            Self::WindowClosed { window } => format!("Window {window} is closed; open it first"),
            Self::WindowOpen { window } => format!("Window {window} is open already"),
            Self::JustCalled { number } => format!("{number} was called just now; wait a moment"),
            Self::NobodyWaiting { .. } => "Nobody is waiting".into(),
            Self::NoTicketInHand { .. } => "No ticket is in hand".into(),
            Self::AnotherTicket { number } => format!("The ticket in hand is {number}; look and press again"),
            Self::AlreadyServing { number } => format!("{number} is being served already"),
            Self::TicketInHand { number } => {
                format!("{number} is still in hand; finish it or mark a no-show")
            }
            Self::OutsideHours { .. } => "This service issues no tickets at this time of day".into(),
            Self::NumbersUsedUp { .. } => "This service has no numbers left today; come tomorrow".into(),
            Self::StorageTrouble => {
                "The system cannot record right now; try again in a moment or ask the staff".into()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_fits_its_field_on_the_wire() {
        let longest = "WWWWWWWWWWWWWWWW";
        let number = "AB9999".parse().unwrap();
        let (window, service) = (longest.parse().unwrap(), longest.parse().unwrap());
        for refusal in [
            Refusal::UnknownWindow { window },
            Refusal::UnknownKiosk { kiosk: longest.parse().unwrap() },
            Refusal::UnknownService { service },
            Refusal::Stale { age_ms: u32::MAX },
            Refusal::OutOfOrder,
            Refusal::WindowPaused { window },
            Refusal::WindowClosed { window },
            Refusal::WindowOpen { window },
            Refusal::JustCalled { number },
            Refusal::NobodyWaiting { window },
            Refusal::NoTicketInHand { window },
            Refusal::AnotherTicket { number },
            Refusal::AlreadyServing { number },
            Refusal::TicketInHand { number },
            Refusal::OutsideHours { service },
            Refusal::NumbersUsedUp { service },
            Refusal::StorageTrouble,
        ] {
            assert!(refusal.code().len() <= 24, "{refusal:?}");
            assert!(refusal.sentence(Language::Zh).len() <= 144, "{refusal:?}");
            assert!(refusal.sentence(Language::En).len() <= 144, "{refusal:?}");
        }
    }
}
