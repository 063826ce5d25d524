//! Who or what made an event happen: which clerk at which pad, which device, which program, which rule.

use hall_core::event::{Cause, Device, Event, Rule, Stamped};
use hall_protocol::id::ClerkId;

use super::Words;

/// Such as "By clerk 1001 (Wang Fang) at the pad of window 1, press window/1/00000007/6".
pub(super) fn who(stamped: &Stamped, words: &Words<'_>) -> String {
    // Who signs on acts for the first time by it.
    let clerk = match stamped.event {
        Event::ClerkSignedOn { clerk, .. } => Some(clerk),
        // The citizen judges, whoever is signed on by now.
        Event::Evaluated { .. } => None,
        _ => stamped.clerk,
    };
    if matches!(stamped.event, Event::PlanAdopted { put_back: Some(_), .. }) {
        return words.either("由 hall-controller restore 执行".into(), "By hall-controller restore".into());
    }
    match stamped.cause {
        Cause::Press(press) => match press.device {
            Device::Kiosk(kiosk) => {
                let duty = on_duty(clerk, words);
                words.either(
                    format!("来自取号机 {kiosk}，按键 {press}{duty}"),
                    format!("By kiosk {kiosk}, press {press}{duty}"),
                )
            }
            Device::Pad(window) => {
                let pad = words.window(window);
                let (zh, en) = match clerk.map(|clerk| words.clerk(clerk)) {
                    Some(clerk) => (format!("，工号 {clerk}"), format!("clerk {clerk} at ")),
                    None => Default::default(),
                };
                words.either(
                    format!("来自{pad}叫号器{zh}，按键 {press}"),
                    format!("By {en}the pad of {pad}, press {press}"),
                )
            }
        },
        Cause::Client(client) => {
            let duty = on_duty(clerk, words);
            words.either(format!("来自接口用户 {client}{duty}"), format!("By the program {client}{duty}"))
        }
        Cause::Rule(rule) => {
            let ((zh, en), duty) = (of_rule(rule), on_duty(clerk, words));
            words.either(format!("系统规则：{zh}{duty}"), format!("By rule: {en}{duty}"))
        }
    }
}

/// Who had the window where somebody or something else acted.
fn on_duty(clerk: Option<ClerkId>, words: &Words<'_>) -> String {
    clerk.map_or(String::new(), |clerk| {
        let clerk = words.clerk(clerk);
        words.either(format!("，窗口在岗 {clerk}"), format!(", clerk on duty {clerk}"))
    })
}

/// The rule, in Chinese and English.
const fn of_rule(rule: Rule) -> (&'static str, &'static str) {
    match rule {
        Rule::DayBegan => ("新营业日开始", "a new business day began"),
        Rule::Configuration => ("启用新配置", "the configuration was changed"),
        Rule::Manager => ("值班经理调度", "the manager moved a window"),
        Rule::Balancer => ("窗口调度", "the balancer"),
        Rule::AppointmentLapsed => ("预约超时未到", "nobody came for the appointment in time"),
        Rule::ArmedNext => ("窗口待呼，来号即呼", "the window was armed and called who came next"),
        Rule::UnansweredTake => ("取号应答未送达", "the answer of a take did not reach its kiosk"),
        Rule::WindowHours => ("窗口办公时间结束", "the window's hours ended"),
        Rule::Erasure => ("删除个人信息", "personal data is erased"),
    }
}
