//! Between call pad and controller: key presses, replies and the window's state.

use heapless::Vec;
use serde::{Deserialize, Serialize};

use super::{Class, Refused};
use crate::id::{ClerkId, ServiceId, WindowId};
use crate::json::{Payload, Version};
use crate::number::TicketNumber;
use crate::text::Text;

/// The parked tickets a window's state names; a clerk who has put more aside sees the others as
/// these go.
pub const PARKED_SHOWN_MAX: usize = 8;

/// A key of the call pad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Key {
    /// 下一位: finish the ticket in hand, if any, and call the next citizen.
    Next,
    /// 重呼: call the called citizen again.
    Recall,
    /// 过号: the called citizen did not come.
    NoShow,
    /// 开始: the called citizen is here. Pads without this key go from call to finish.
    Start,
    /// 完成: the service ended.
    Finish,
    /// 暂停: the clerk is away.
    Pause,
    /// 恢复: the clerk is back.
    Resume,
    /// 开窗: the window opens for the day.
    Open,
    /// 关窗: the window closes.
    Close,
    /// 选呼: finish the ticket in hand, if any, and call the waiting ticket of [`Press::number`] out
    /// of its turn. Needs [`Press::reason`].
    Pick,
    /// 回场: put the missed or parked ticket of [`Press::number`] back to those who wait.
    Return,
    /// 取消: end the waiting ticket of [`Press::number`] unserved.
    Cancel,
    /// 转移: send the ticket in hand to [`Press::to_service`] or [`Press::to_window`].
    Transfer,
    /// 挂起: put the ticket in hand aside; its citizen fetches a document.
    Park,
    /// 取回: take the ticket of [`Press::number`], parked here, back into the hand.
    Unpark,
    /// 撤销待呼: the next ticket taken is not to be called here by itself.
    Disarm,
    /// 签到: the clerk of [`Press::clerk_id`] serves here from now on.
    SignOn,
    /// 签退: nobody is signed on here any more. Not with a ticket in hand, in a hall that names its clerks.
    SignOff,
    /// 更正: the ticket in hand, or the waiting one of [`Press::number`], is for [`Press::to_service`]
    /// and was taken for another by mistake.
    Correct,
    /// 加办: the citizen in hand has a further matter, for [`Press::to_service`], on the same number.
    AddMatter,
    /// 免取号: a citizen without a ticket is served here, for [`Press::to_service`] or the window's
    /// first service.
    WalkIn,
    /// 评价: the citizen served last here gives [`Press::grade`].
    Evaluate,
    /// 核验优先: the ticket of [`Press::number`] is of [`Press::class`], or of the class it claims.
    ConfirmClass,
}

/// What came of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceOutcome {
    /// 办结.
    #[default]
    Finished,
    /// 一次性告知: the citizen was told once and completely what is missing.
    MissingPapers,
    /// 转后台办理.
    BackOffice,
    /// 转其他部门.
    Referred,
    /// 上门办理: the staff goes to the citizen.
    HomeService,
    /// 帮办代办: the staff does it for the citizen.
    Proxy,
}

/// How a citizen judges a service: the five grades of 好差评 (GB/T 39735-2020).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// 非常满意.
    VerySatisfied,
    /// 满意.
    Satisfied,
    /// 基本满意.
    Acceptable,
    /// 不满意.
    Dissatisfied,
    /// 非常不满意.
    VeryDissatisfied,
}

impl Grade {
    /// Every grade there is, the best first.
    pub const ALL: [Self; 5] =
        [Self::VerySatisfied, Self::Satisfied, Self::Acceptable, Self::Dissatisfied, Self::VeryDissatisfied];
}

impl ServiceOutcome {
    /// Every outcome there is.
    pub const ALL: [Self; 6] = [
        Self::Finished,
        Self::MissingPapers,
        Self::BackOffice,
        Self::Referred,
        Self::HomeService,
        Self::Proxy,
    ];

    /// Whether it is the usual one, which the journal does not write.
    pub const fn is_usual(&self) -> bool {
        matches!(self, Self::Finished)
    }
}

impl Key {
    /// Every key there is.
    pub const ALL: [Self; 23] = [
        Self::Next,
        Self::Recall,
        Self::NoShow,
        Self::Start,
        Self::Finish,
        Self::Pause,
        Self::Resume,
        Self::Open,
        Self::Close,
        Self::Pick,
        Self::Return,
        Self::Cancel,
        Self::Transfer,
        Self::Park,
        Self::Unpark,
        Self::Disarm,
        Self::SignOn,
        Self::SignOff,
        Self::Correct,
        Self::AddMatter,
        Self::WalkIn,
        Self::Evaluate,
        Self::ConfirmClass,
    ];
}

/// Up, on `window/{id}/press`: a clerk pressed a key.
///
/// One press is under way at a time, and is repeated with the same `(session, seq)` until its
/// reply comes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Press {
    /// Payload version.
    pub v: Version,
    /// Chosen anew, at random, at each start of the pad.
    pub session: u32,
    /// Counts up from 1 within the session.
    pub seq: u32,
    /// Milliseconds since the key went down, by the pad's own clock. Over 10 s it is refused: a
    /// late press must not meet another citizen.
    pub age_ms: u32,
    /// The key.
    pub key: Key,
    /// The ticket the pad showed when the key went down. When it is no longer the one in hand the
    /// press is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<TicketNumber>,
    /// Why: for [`Key::Pause`] as shown on the window's sign, for other keys as written in the
    /// journal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text<48>>,
    /// For keys that concern another ticket than the one in hand: which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<TicketNumber>,
    /// For [`Key::Transfer`]: to the queue of this service. For [`Key::Correct`], [`Key::AddMatter`] and
    /// [`Key::WalkIn`]: the service meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_service: Option<ServiceId>,
    /// For [`Key::Transfer`]: to wait for this window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_window: Option<WindowId>,
    /// For [`Key::SignOn`]: who.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clerk_id: Option<ClerkId>,
    /// For [`Key::Finish`], and keys that finish: what came of the service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<ServiceOutcome>,
    /// For [`Key::Evaluate`]: the grade given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<Grade>,
    /// For [`Key::ConfirmClass`]: the class, if not the one claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<Class>,
}

/// Down, on the press's response topic (by default `window/{id}/reply`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowReply {
    /// Payload version.
    pub v: Version,
    /// The press's session; `null` when it could not be read.
    pub session: Option<u32>,
    /// The press's sequence; `null` when it could not be read.
    pub seq: Option<u32>,
    /// What came of it.
    pub outcome: PressOutcome,
}

/// What came of a press.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "there is no allocator to put the sentence in a box")]
pub enum PressOutcome {
    /// Done; the window as it is since, durable before this was sent.
    Done {
        /// What the clerk is doing now.
        mode: WindowMode,
        /// The ticket now in hand.
        ticket: Option<WindowTicket>,
        /// Whether the next suitable ticket that is taken is called here by itself.
        #[serde(default, skip_serializing_if = "is_false")]
        armed: bool,
    },
    /// Not done, and why.
    Refused(Refused),
}

/// Whether a window takes citizens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowMode {
    /// 开放.
    Open,
    /// 暂停服务.
    Paused,
    /// 关闭.
    Closed,
}

/// What is happening with the ticket in hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HandState {
    /// Summoned, not yet here.
    Called,
    /// At the window.
    Serving,
}

/// The ticket a window has in hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowTicket {
    /// Its number.
    pub number: TicketNumber,
    /// Its service.
    pub service: ServiceId,
    /// Called or serving.
    pub state: HandState,
    /// Since when it has been in that state.
    pub since_ms: i64,
    /// How often it was called again.
    pub recalls: u16,
}

/// Why a ticket was called, in a few words for the clerk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    /// In Chinese: one line of 16 half-widths, unless it ends with the clerk's own words.
    pub zh: Text<48>,
    /// In English.
    pub en: Text<48>,
}

/// The pad's lamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lamp {
    /// Window closed.
    Off,
    /// Free: NEXT calls somebody, or nobody waits.
    Green,
    /// A citizen is called or served.
    Red,
    /// Paused.
    Amber,
}

impl Lamp {
    /// The lamp of a window in this mode, with a citizen called or served there or not.
    pub const fn of(mode: WindowMode, occupied: bool) -> Self {
        match (mode, occupied) {
            (WindowMode::Closed, _) => Self::Off,
            (_, true) => Self::Red,
            (WindowMode::Paused, false) => Self::Amber,
            (WindowMode::Open, false) => Self::Green,
        }
    }
}

/// Down, retained, on `window/{id}/state`: what the pad shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowState {
    /// Payload version.
    pub v: Version,
    /// When this was so.
    pub at_ms: i64,
    /// The window.
    pub window: WindowId,
    /// What citizens read above it, such as `3` or `3A`.
    pub label: Text<8>,
    /// Whether it takes citizens.
    pub mode: WindowMode,
    /// While paused: why.
    pub reason: Option<Text<48>>,
    /// The ticket in hand.
    pub ticket: Option<WindowTicket>,
    /// Why that one was called and not another; left out when there is none, or it was not called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Why>,
    /// Citizens waiting for the services of this window, or for this window alone.
    pub waiting: u32,
    /// The lamp.
    pub lamp: Lamp,
    /// Tickets parked here, the longest parked first; left out when there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parked: Vec<TicketNumber, PARKED_SHOWN_MAX>,
    /// Whether the next suitable ticket that is taken is called here by itself (待呼).
    #[serde(default, skip_serializing_if = "is_false")]
    pub armed: bool,
    /// Who is signed on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clerk_id: Option<ClerkId>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_false(is: &bool) -> bool {
    !*is
}

impl Payload for Press {
    const NAME: &'static str = "press";
}

impl Payload for WindowReply {
    const NAME: &'static str = "window reply";
}

impl Payload for WindowState {
    const NAME: &'static str = "window state";
}
