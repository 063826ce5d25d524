//! The sentences of refusals, in Chinese and English.

mod management;

use super::names::Names;
use super::{Refusal, when};
use crate::offer::Closure;
use crate::plan::Half;

impl Refusal {
    pub(super) fn zh(&self, names: Names<'_>) -> String {
        match self {
            Self::UnknownWindow { window } => format!("没有 {window} 号窗口，请联系管理员"),
            Self::UnknownKiosk { kiosk } => format!("取号机 {kiosk} 未登记，请联系管理员"),
            Self::UnknownService { service } => format!("本机不办理“{}”", names.service(*service)),
            Self::UnknownZone { zone } => format!("没有等候区 {zone}"),
            Self::Stale { age_ms } => format!("按键已过 {} 秒，未执行，请重新按键", age_ms / 1_000),
            Self::OutOfOrder => "按键次序有误，未执行，请重新按键".into(),
            Self::WindowPaused { window } => format!("{} 号窗口已暂停，请先恢复", names.window(*window)),
            Self::WindowClosed { window } => format!("{} 号窗口未开放，请先开窗", names.window(*window)),
            Self::WindowOpen { window } => format!("{} 号窗口已经开放", names.window(*window)),
            Self::JustCalled { number } => format!("刚刚已呼叫 {number}，请稍候再按"),
            Self::NobodyWaiting { .. } => "暂无人等候".into(),
            Self::NoTicketInHand { .. } => "当前没有正在办理的号".into(),
            Self::AnotherTicket { number } => format!("当前办理的是 {number}，请核对后再按"),
            Self::AlreadyServing { number } => format!("{number} 已在办理"),
            Self::TicketInHand { number } => format!("{number} 尚未办结，请先完成、转移、挂起或过号"),
            Self::OutsideHours { why, opens, stopped, .. } => {
                format!("{}{}", closed_zh(*why, *stopped), when::zh(*opens))
            }
            Self::NumbersUsedUp { opens, .. } => format!("该事项今日号已取完{}", when::zh(*opens)),
            Self::QuotaUsedUp { half, opens, .. } => {
                let half = match half {
                    Some(Half::Morning) => "上午",
                    Some(Half::Afternoon) => "下午",
                    None => "",
                };
                format!("该事项今日{half}限额已满{}", when::zh(*opens))
            }
            Self::ReasonRequired => "此操作须填写原因".into(),
            Self::NumberRequired => "请输入号码".into(),
            Self::TargetRequired => "请选择转往的事项或窗口".into(),
            Self::NothingToServe { window } => format!("请为 {window} 号窗口至少选一项主办事项"),
            Self::ServiceTwice { service } => format!("事项 {service} 重复，请只选一次"),
            Self::UnknownNumber { number } => format!("今日没有 {number} 号"),
            Self::NotWaiting { number } => format!("{number} 不在等候中"),
            Self::NotServedHere { number } => format!("{number} 的事项不在本窗口办理"),
            Self::NotMissed { number } => format!("{number} 未过号，也未挂起"),
            Self::NotParkedHere { number } => format!("{number} 未在本窗口挂起"),
            Self::GraceOver { minutes: 0, .. } => "过号后不能回场，请重新取号".into(),
            Self::GraceOver { number, minutes } => {
                format!("{number} 过号已超过 {minutes} 分钟，请重新取号")
            }
            Self::NoShowTooSoon { number, recalls, seconds } => {
                format!("{number} 暂不能过号：还需{}", left_zh(*recalls, *seconds))
            }
            Self::SamePlace { number } => format!("{number} 已在该处，无须转移"),
            Self::AlreadyArmed { .. } => "已待呼，有人取号即自动呼叫".into(),
            Self::NotArmed { .. } => "当前未待呼".into(),
            Self::ClassNotGranted { .. } => "本机不能取此类优先号，请到导办台".into(),
            Self::ClerkRequired => "请输入工号".into(),
            Self::NobodySignedOn { .. } => "本窗口无人签到".into(),
            Self::ClerkElsewhere { clerk, window } => {
                format!("{clerk} 已在 {} 号窗口签到", names.window(*window))
            }
            Self::MatterTwice { service } => format!("此号已含“{}”", names.service(*service)),
            Self::TooManyMatters { number } => format!("{number} 的事项已满，请另取号"),
            Self::GradeRequired => "请选择评价等级".into(),
            Self::NothingToEvaluate { .. } => "当前没有可评价的服务".into(),
            Self::AlreadyEvaluated { number } => format!("{number} 已评价，谢谢"),
            Self::UnknownClerk { clerk } => format!("工号 {clerk} 未登记，请联系管理员"),
            Self::ClassRequired => "请选择优先类别".into(),
            Self::ClassStands { number } => format!("{number} 已是该类别"),
            Self::UnknownAppointment { .. }
            | Self::IdDiffersInCase { .. }
            | Self::NoSuchSlot { .. }
            | Self::SlotClosed { .. }
            | Self::SlotFull { .. }
            | Self::SlotSkipped { .. }
            | Self::SlotOver { .. }
            | Self::TooFarAhead { .. }
            | Self::AppointmentTooEarly { .. }
            | Self::AppointmentTooLate { .. }
            | Self::AlreadyCheckedIn { .. }
            | Self::OnlyByCheckIn => self.zh_of_appointments(names),
            Self::ClerkUnskilled { .. } | Self::SkillMissing { .. } | Self::NotBackup { .. } => {
                self.zh_of_skills(names)
            }
            Self::NoLease { kiosk } => format!("取号机 {kiosk} 未设离线号段"),
            Self::LeasedEnough { service } => {
                format!("“{}”的离线号段尚未交回，请联系技术人员", names.service(*service))
            }
            Self::NothingLeased { kiosk } => format!("取号机 {kiosk} 没有未交回的离线号段"),
            Self::NotLeased { number } => format!("{number} 今日未租给任何取号机"),
            Self::ForeignLease { number } => format!("{number} 属于另一台取号机的号段"),
            Self::LeaseOver { number } => format!("{number} 所在号段已收回，请重新取号"),
            Self::NumberTwice { number } => format!("{number} 重复：另一张同号票已收，请重新取号"),
            Self::LeaseOfAnotherDay { number } => format!("{number} 不是今日的号，请重新取号"),
            Self::UnknownProposal { .. }
            | Self::ProposalAnswered { .. }
            | Self::NotItsWindows { .. }
            | Self::HeldBack { .. }
            | Self::NothingToUndo { .. }
            | Self::ChangedSince { .. }
            | Self::NothingDone { .. }
            | Self::UnknownGroup { .. } => self.zh_of_management(names),
            Self::StorageTrouble => "系统暂时无法记录，请稍候再试或联系工作人员".into(),
        }
    }

    pub(super) fn en(&self, names: Names<'_>) -> String {
        match self {
            Self::UnknownWindow { .. }
            | Self::WindowPaused { .. }
            | Self::WindowClosed { .. }
            | Self::WindowOpen { .. }
            | Self::TicketInHand { .. }
            | Self::UnknownKiosk { .. } => self.en_of_windows(names),
            Self::UnknownService { service } => format!("{} is not offered here", names.service(*service)),
            Self::UnknownZone { zone } => format!("There is no zone {zone}"),
            Self::Stale { age_ms } => {
                format!("The press was {} s old and was not done; press again", age_ms / 1_000)
            }
            Self::OutOfOrder => "The press came out of order and was not done; press again".into(),
            Self::JustCalled { number } => format!("{number} was called just now; wait a moment"),
            Self::NobodyWaiting { .. } => "Nobody is waiting".into(),
            Self::NoTicketInHand { .. } => "No ticket is in hand".into(),
            Self::AnotherTicket { number } => format!("The ticket in hand is {number}; look and press again"),
            Self::AlreadyServing { number } => format!("{number} is being served already"),
            Self::OutsideHours { why, opens, stopped, .. } => {
                format!("{}{}", closed_en(*why, *stopped), when::en(*opens))
            }
            Self::NumbersUsedUp { opens, .. } => {
                format!("This service has no numbers left today{}", when::en(*opens))
            }
            Self::QuotaUsedUp { half, opens, .. } => {
                let half = match half {
                    Some(Half::Morning) => "this morning",
                    Some(Half::Afternoon) => "this afternoon",
                    None => "today",
                };
                format!("No more tickets of this service {half}{}", when::en(*opens))
            }
            Self::ReasonRequired => "This needs a reason".into(),
            Self::NumberRequired => "This needs the number of a ticket".into(),
            Self::TargetRequired => "Choose the service or the window to send it to".into(),
            Self::UnknownNumber { number } => format!("No ticket of today is {number}"),
            Self::NotWaiting { number } => format!("{number} is not waiting"),
            Self::NotServedHere { number } => format!("{number} is for a service of other windows"),
            Self::NotMissed { number } => format!("{number} was neither missed nor parked"),
            Self::NotParkedHere { number } => format!("{number} is not parked at this window"),
            Self::GraceOver { minutes: 0, .. } => "No missed number comes back; take a new ticket".into(),
            Self::GraceOver { number, minutes } => {
                format!("{number} was missed more than {minutes} min ago; take a new ticket")
            }
            Self::NoShowTooSoon { number, recalls, seconds } => {
                format!("{number} is no no-show yet: {}", left_en(*recalls, *seconds))
            }
            Self::SamePlace { number } => format!("{number} is there already"),
            Self::AlreadyArmed { .. } => "The next to come will be called here by itself".into(),
            Self::NotArmed { .. } => "This window is not armed".into(),
            Self::ClassNotGranted { .. } => "Ask the staff for a ticket of this priority class".into(),
            Self::ClerkRequired
            | Self::NobodySignedOn { .. }
            | Self::UnknownClerk { .. }
            | Self::ClerkElsewhere { .. }
            | Self::ClerkUnskilled { .. }
            | Self::SkillMissing { .. }
            | Self::NotBackup { .. } => self.en_of_clerks(names),
            Self::MatterTwice { service } => format!("The ticket is for {} already", names.service(*service)),
            Self::TooManyMatters { number } => {
                format!("{number} has all the matters one may have; take another ticket")
            }
            Self::GradeRequired => "Choose a grade".into(),
            Self::NothingToEvaluate { .. } => "No service ended here in the last minutes".into(),
            Self::AlreadyEvaluated { number } => format!("{number} was evaluated already; thank you"),
            Self::ClassRequired => "Choose the priority class".into(),
            Self::ClassStands { number } => format!("{number} is of that class already"),
            Self::UnknownAppointment { .. }
            | Self::IdDiffersInCase { .. }
            | Self::NoSuchSlot { .. }
            | Self::SlotClosed { .. }
            | Self::SlotFull { .. }
            | Self::SlotSkipped { .. }
            | Self::SlotOver { .. }
            | Self::TooFarAhead { .. }
            | Self::AppointmentTooEarly { .. }
            | Self::AppointmentTooLate { .. }
            | Self::AlreadyCheckedIn { .. }
            | Self::OnlyByCheckIn => self.en_of_appointments(names),
            Self::NoLease { .. }
            | Self::LeasedEnough { .. }
            | Self::NothingLeased { .. }
            | Self::NotLeased { .. }
            | Self::ForeignLease { .. }
            | Self::LeaseOver { .. }
            | Self::NumberTwice { .. }
            | Self::LeaseOfAnotherDay { .. } => self.en_of_leases(names),
            Self::NothingToServe { .. }
            | Self::ServiceTwice { .. }
            | Self::UnknownProposal { .. }
            | Self::ProposalAnswered { .. }
            | Self::NotItsWindows { .. }
            | Self::HeldBack { .. }
            | Self::NothingToUndo { .. }
            | Self::ChangedSince { .. }
            | Self::NothingDone { .. }
            | Self::UnknownGroup { .. } => self.en_of_management(names),
            Self::StorageTrouble => "The system cannot record now; try again soon or ask the staff".into(),
        }
    }

    /// Those of what clerks can do; nothing else is asked of it.
    fn zh_of_skills(&self, names: Names<'_>) -> String {
        match self {
            Self::ClerkUnskilled { clerk, service: Some(service), .. } => {
                format!("{clerk} 不会办“{}”，请换人签到或另选窗口", names.service(*service))
            }
            Self::ClerkUnskilled { clerk, window, service: None } => {
                format!("{clerk} 不能办理 {} 号窗口的事项", names.window(*window))
            }
            Self::SkillMissing { clerk, service } => format!("{clerk} 不能办理“{}”", names.service(*service)),
            Self::NotBackup { clerk, of } => format!("{clerk} 不是 {of} 的 B 岗，请先办结当前号"),
            other => other.code().to_owned(),
        }
    }

    /// Those of windows and kiosks; nothing else is asked of it.
    fn en_of_windows(&self, names: Names<'_>) -> String {
        match self {
            Self::UnknownKiosk { kiosk } => format!("Kiosk {kiosk} is not registered; tell the technician"),
            Self::UnknownWindow { window } => format!("There is no window {window}; tell the technician"),
            Self::WindowPaused { window } => {
                format!("Window {} is paused; resume first", names.window(*window))
            }
            Self::WindowClosed { window } => {
                format!("Window {} is closed; open it first", names.window(*window))
            }
            Self::WindowOpen { window } => format!("Window {} is open already", names.window(*window)),
            Self::TicketInHand { number } => {
                format!("{number} is in hand; finish, transfer or park it, or mark a no-show")
            }
            other => other.code().to_owned(),
        }
    }

    /// Those of clerks; nothing else is asked of it.
    fn en_of_clerks(&self, names: Names<'_>) -> String {
        match self {
            Self::ClerkRequired => "Enter the number of your badge".into(),
            Self::NobodySignedOn { .. } => "Nobody is signed on here".into(),
            Self::UnknownClerk { clerk } => format!("There is no clerk {clerk}; tell the technician"),
            Self::ClerkElsewhere { clerk, window } => {
                format!("{clerk} is signed on at window {}", names.window(*window))
            }
            Self::ClerkUnskilled { clerk, service: Some(service), .. } => format!(
                "{clerk} has no skill for {}; sign another clerk on, or choose another window",
                names.service(*service)
            ),
            Self::ClerkUnskilled { clerk, window, service: None } => {
                format!("{clerk} has no skill for window {}", names.window(*window))
            }
            Self::SkillMissing { clerk, service } => {
                format!("{clerk} has no skill for {}", names.service(*service))
            }
            Self::NotBackup { clerk, of } => {
                format!("{clerk} is not the backup of {of}; finish the ticket in hand first")
            }
            other => other.code().to_owned(),
        }
    }

    /// Those of appointments; nothing else is asked of it.
    fn zh_of_appointments(&self, names: Names<'_>) -> String {
        match self {
            Self::UnknownAppointment { appointment } => {
                format!("没有预约 {appointment}，请核对预约码或取普通号")
            }
            Self::IdDiffersInCase { appointment } => {
                format!("与预约 {appointment} 只差大小写；取号机不分大小写，请用原编号或另编")
            }
            Self::NoSuchSlot { service, slot } => {
                format!("“{}”没有 {slot} 的预约时段", names.service(*service))
            }
            Self::SlotClosed { service, slot, why, next } => {
                let why = match why {
                    Closure::DayOff => "大厅休息".into(),
                    Closure::Hours | Closure::LastTicket => format!("“{}”不办理", names.service(*service)),
                };
                format!("当日 {slot} {why}，不能预约{}", when::next_slot_zh(*next))
            }
            Self::SlotFull { service, slot, next } => {
                format!("“{}”的 {slot} 时段已约满{}", names.service(*service), when::next_slot_zh(*next))
            }
            Self::SlotSkipped { slot } => format!("当天时钟拨快，没有 {slot}，请另选时段"),
            Self::SlotOver { slot } => format!("{slot} 时段已经开始，请另选时段"),
            Self::TooFarAhead { days } => format!("最多可提前 {days} 天预约"),
            Self::AppointmentTooEarly { days: 0, slot, from } => {
                format!("您预约的是 {slot}，{from} 起可以签到，请稍后再来")
            }
            Self::AppointmentTooEarly { days: 1, slot, from } => {
                format!("您预约的是明天的 {slot}，请明天 {from} 起签到")
            }
            Self::AppointmentTooEarly { days, slot, from } => {
                format!("您预约的是 {days} 天后的 {slot}，请当天 {from} 起签到")
            }
            Self::AppointmentTooLate { slot, minutes } => {
                format!("{slot} 的预约已过 {minutes} 分钟，预约已释放，请取普通号")
            }
            Self::AlreadyCheckedIn { number } => format!("此预约已签到，号码是 {number}"),
            Self::OnlyByCheckIn => "预约号须凭预约码签到取得".into(),
            other => other.code().to_owned(),
        }
    }

    /// Those of leased numbers; nothing else is asked of it.
    fn en_of_leases(&self, names: Names<'_>) -> String {
        match self {
            Self::NoLease { kiosk } => format!("Kiosk {kiosk} has no numbers of its own in the plan"),
            Self::LeasedEnough { service } => {
                format!(
                    "Too many leased numbers of {} are unaccounted for; tell the technician",
                    names.service(*service)
                )
            }
            Self::NothingLeased { kiosk } => format!("Kiosk {kiosk} has no leased numbers to account for"),
            Self::NotLeased { number } => format!("{number} was leased to no kiosk today"),
            Self::ForeignLease { number } => format!("{number} was leased to another kiosk"),
            Self::LeaseOver { number } => format!("The lease of {number} is over; take a new ticket"),
            Self::NumberTwice { number } => {
                format!("Another ticket {number} was handed in with it; take a new ticket")
            }
            Self::LeaseOfAnotherDay { number } => {
                format!("{number} is of another day; take a new ticket")
            }
            other => other.code().to_owned(),
        }
    }

    /// Those of appointments; nothing else is asked of it.
    fn en_of_appointments(&self, names: Names<'_>) -> String {
        match self {
            Self::UnknownAppointment { appointment } => {
                format!("There is no appointment {appointment}; check the code, or take an ordinary ticket")
            }
            Self::IdDiffersInCase { appointment } => {
                format!(
                    "Only capitals make it differ from {appointment}, and kiosks know none: write that id, or a new one"
                )
            }
            Self::NoSuchSlot { service, slot } => {
                format!("{} has no slot at {slot}", names.service(*service))
            }
            Self::SlotClosed { service, slot, why, next } => {
                let why = match why {
                    Closure::DayOff => "The hall is closed".into(),
                    Closure::Hours | Closure::LastTicket => format!("{} is closed", names.service(*service)),
                };
                format!("{why} that day at {slot}{}", when::next_slot_en(*next))
            }
            Self::SlotFull { service, slot, next } => {
                format!(
                    "The slot of {} at {slot} is full{}",
                    names.service(*service),
                    when::next_slot_en(*next)
                )
            }
            Self::SlotSkipped { slot } => {
                format!("The clocks are put forward over {slot} that day; choose another slot")
            }
            Self::SlotOver { slot } => format!("The slot at {slot} has begun; choose another"),
            Self::TooFarAhead { days: 1 } => "Slots can be booked 1 day ahead at most".into(),
            Self::TooFarAhead { days } => format!("Slots can be booked {days} days ahead at most"),
            Self::AppointmentTooEarly { days: 0, slot, from } => {
                format!("Your appointment is at {slot}; check in from {from} on")
            }
            Self::AppointmentTooEarly { days: 1, slot, from } => {
                format!("Your appointment is tomorrow at {slot}; check in that day from {from} on")
            }
            Self::AppointmentTooEarly { days, slot, from } => {
                format!("Your appointment is in {days} days at {slot}; check in that day from {from} on")
            }
            Self::AppointmentTooLate { slot, minutes } => {
                format!("The appointment at {slot} was released after {minutes} min; take an ordinary ticket")
            }
            Self::AlreadyCheckedIn { number } => {
                format!("This appointment is checked in; its ticket is {number}")
            }
            Self::OnlyByCheckIn => "A ticket of an appointment comes of its check-in only".into(),
            other => other.code().to_owned(),
        }
    }
}

/// What is still to be done before a no-show, without what is nothing.
fn left_zh(recalls: u16, seconds: u32) -> String {
    let recalls = (recalls > 0).then(|| format!("重呼 {recalls} 次"));
    let seconds = (seconds > 0).then(|| format!("再等 {seconds} 秒"));
    recalls.into_iter().chain(seconds).collect::<Vec<_>>().join("、")
}

fn left_en(recalls: u16, seconds: u32) -> String {
    let word = if recalls == 1 { "recall" } else { "recalls" };
    let recalls = (recalls > 0).then(|| format!("{recalls} more {word}"));
    let seconds = (seconds > 0).then(|| format!("{seconds} s more"));
    recalls.into_iter().chain(seconds).collect::<Vec<_>>().join(", ")
}

const fn closed_zh(why: Closure, stopped: bool) -> &'static str {
    match why {
        _ if stopped => "大厅已暂停该事项取号",
        Closure::Hours => "该事项现在不取号",
        Closure::DayOff => "大厅今日休息，不取号",
        Closure::LastTicket => "该事项今日取号已截止",
    }
}

const fn closed_en(why: Closure, stopped: bool) -> &'static str {
    match why {
        _ if stopped => "The hall has paused tickets for this service",
        Closure::Hours => "This service issues no tickets at this time of day",
        Closure::DayOff => "The hall is closed today",
        Closure::LastTicket => "The last ticket of the day is out",
    }
}
