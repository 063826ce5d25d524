//! Every text the devices say of their own, Chinese first. `glyphs.bin` has the glyphs of all of them.

/// The page of a sign whose host is silent.
pub const ASK_AT_THE_WINDOWS: &str = "请到窗口咨询  Please ask at the windows";

/// A call pad's display: no link, or no controller behind it.
pub const OFFLINE: &str = "离线 Offline";
/// The press is under way.
pub const WAIT: &str = "请稍候…";
/// The press was not answered, and was not or may not have been done.
pub const NO_ANSWER: &str = "无应答，请核对后重按 No answer";
/// A call pad's display: the controller's messages are of another version than the pad's.
pub const OTHER_VERSION: &str = "版本不符，请升级 Update firmware";
/// Behind a window's label.
pub const WINDOW: &str = "号窗";
/// Before how many citizens wait.
pub const WAITING: &str = "等候";
/// A window without a citizen.
pub const OPEN: &str = "开放";
/// The clerk is away.
pub const PAUSED: &str = "暂停";
/// The window is closed.
pub const CLOSED: &str = "关闭";
/// A citizen is called.
pub const CALLED: &str = "呼叫中";
/// A citizen is served.
pub const SERVING: &str = "办理中";

/// A kiosk's slip: there is no answer, so there is no number.
pub const NO_TICKETS: &str = "暂时无法取号，请到导办台";
/// The same in English.
pub const NO_TICKETS_EN: &str = "No tickets now, please ask the staff";
/// On a ticket, before how many are before it.
pub const AHEAD: &str = "前面等候";
/// And behind.
pub const PEOPLE: &str = "人";
/// On a ticket, before how long it is expected to wait. Only printed: no display needs its glyphs.
pub const EXPECTED: &str = "预计等候约";
/// And behind.
pub const MINUTES: &str = "分钟 min";
/// On a ticket, before the zone to wait in.
pub const ZONE: &str = "等候区";

/// On a ticket printed without the hall: the estimate is missing.
pub const AHEAD_UNKNOWN: &str = "离线取号，等候人数未知，号码有效";
/// The same in English.
pub const AHEAD_UNKNOWN_EN: &str = "Offline: your number is good";

/// All of them.
pub const ALL: [&str; 19] = [
    ASK_AT_THE_WINDOWS,
    OFFLINE,
    WAIT,
    NO_ANSWER,
    OTHER_VERSION,
    WINDOW,
    WAITING,
    OPEN,
    PAUSED,
    CLOSED,
    CALLED,
    SERVING,
    NO_TICKETS,
    NO_TICKETS_EN,
    AHEAD,
    PEOPLE,
    ZONE,
    AHEAD_UNKNOWN,
    AHEAD_UNKNOWN_EN,
];
