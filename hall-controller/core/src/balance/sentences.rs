//! What is proposed and why, as one sentence each, in Chinese and English.

use hall_protocol::id::{ServiceId, WindowId};

use crate::event::{Advice, Finding, GuardRail, Proposal, Range, Reallocation};
use crate::plan::Plan;
use crate::refusal::Language;

impl Proposal {
    /// What to do, for people.
    pub fn what(&self, plan: &Plan, language: Language) -> String {
        let words = Words { plan, language };
        match &self.advice {
            Advice::Reallocate { moves } => {
                let moves: Vec<String> = moves.iter().map(|it| words.reallocation(it)).collect();
                moves.join(words.either("；", "; "))
            }
            Advice::StopIssuing { service } => {
                let service = words.service(*service);
                match language {
                    Language::Zh => format!("{service} 今日停止取号；不停则须延时服务"),
                    Language::En => format!("Give no more numbers of {service} today, or extend the hours"),
                }
            }
            Advice::LookAfter => {
                let remedy = self.finding.remedy(language);
                match self.finding.place(&words) {
                    Some(place) => format!("{place}{}{remedy}", words.either("：", ": ")),
                    None => remedy.to_owned(),
                }
            }
        }
    }

    /// Why, for people.
    pub fn why(&self, plan: &Plan, language: Language) -> String {
        self.finding.sentence(plan, language)
    }
}

impl Reallocation {
    /// What changes at which window, for people.
    pub fn what(&self, plan: &Plan, language: Language) -> String {
        Words { plan, language }.reallocation(self)
    }
}

impl Finding {
    /// The window or the service it is about.
    fn place(&self, words: &Words<'_>) -> Option<String> {
        match self {
            Self::Idle { window, .. } | Self::NotCalling { window, .. } | Self::SlowClerk { window, .. } => {
                Some(words.window(*window))
            }
            Self::WillMissTarget { service, .. }
            | Self::NobodyAble { service, .. }
            | Self::CannotFinish { service, .. } => Some(words.service(*service)),
            Self::SkillsUnused => None,
        }
    }

    /// What somebody who goes there can do.
    const fn remedy(&self, language: Language) -> &'static str {
        let (zh, en) = match self {
            Self::NotCalling { .. } => ("请提醒叫号，人不在则暂停该窗口", "have its clerk call, or pause it"),
            Self::SlowClerk { .. } => {
                ("请到现场了解情况，需要时派人协助", "go and see, and send help if need be")
            }
            Self::NobodyAble { .. } => ("请派会办此事项的人员到窗口签到", "sign on a clerk who can do it"),
            Self::WillMissTarget { .. } | Self::CannotFinish { .. } => {
                ("请加开办理此事项的窗口", "open another window for it")
            }
            Self::Idle { .. } | Self::SkillsUnused => ("请到现场查看", "go and see"),
        };
        match language {
            Language::Zh => zh,
            Language::En => en,
        }
    }

    /// The sentence for people.
    pub fn sentence(&self, plan: &Plan, language: Language) -> String {
        let words = Words { plan, language };
        let zh = language == Language::Zh;
        match self {
            Self::WillMissTarget { service, wait_s, target_minutes } => {
                let (service, wait) = (words.service(*service), words.about(wait_s.div_ceil(60)));
                // Who was told once is told until it is clearly better.
                let nearly = *wait_s <= u32::from(*target_minutes) * 60;
                if nearly && zh {
                    format!(
                        "{service} 半小时内取号的人预计平均等候{wait}分钟，已不超过目标 {target_minutes} 分钟，但仍接近"
                    )
                } else if nearly {
                    format!(
                        "Those who come for {service} in the next half hour are expected to wait {wait}min on \
                         average, no longer above its target of {target_minutes}, but still close to it"
                    )
                } else if zh {
                    format!("{service} 半小时内取号的人预计平均等候{wait}分钟，目标 {target_minutes} 分钟")
                } else {
                    format!(
                        "Those who come for {service} in the next half hour are expected to wait {wait}min on \
                         average; its target is {target_minutes}"
                    )
                }
            }
            Self::Idle { window, minutes, service } => {
                let (window, service) = (words.window(*window), words.service(*service));
                if zh {
                    format!("{window}已空闲 {minutes} 分钟，{service} 有人等候，该窗口人员可办")
                } else {
                    format!(
                        "{window} has been idle for {minutes} min while people wait for {service}, which its clerk can do"
                    )
                }
            }
            Self::NotCalling { window, minutes } => {
                let window = words.window(*window);
                if zh {
                    format!("{window}开放 {minutes} 分钟未叫号，其事项有人等候")
                } else {
                    format!(
                        "{window} is open and has called nobody for {minutes} min, though people wait for it"
                    )
                }
            }
            Self::SlowClerk { window, clerk, percent } => {
                let window = words.window(*window);
                let clerk = clerk.map(|clerk| format!(" ({clerk})")).unwrap_or_default();
                if zh {
                    format!("{window}{clerk} 办理用时为平常的 {percent}%")
                } else {
                    format!("Services at {window}{clerk} take {percent} % of the usual time")
                }
            }
            Self::NobodyAble { service, waiting } => {
                let service = words.service(*service);
                if zh {
                    format!("{service} 有 {waiting} 人等候，在岗人员都不会办，请换人或调整窗口")
                } else {
                    format!(
                        "{waiting} wait for {service}, and no clerk who is there can do it; change a clerk or a window"
                    )
                }
            }
            Self::CannotFinish { service, left, minutes_over } => {
                let (service, over) = (words.service(*service), words.about(u32::from(*minutes_over)));
                if zh {
                    format!(
                        "按现有窗口，{service} 下班时预计还有 {left} 人未办（含此后取号的人），需延时{over}分钟"
                    )
                } else {
                    format!(
                        "With the windows there are, about {left} people for {service}, those still to come among \
                         them, will be left at closing; they take {over}min more"
                    )
                }
            }
            Self::SkillsUnused => words
                .either("窗口人员会办的事项多于窗口所设", "Clerks can do more than their windows serve")
                .to_owned(),
        }
    }
}

impl GuardRail {
    /// For people, to stand behind the window's name.
    pub const fn words(self, language: Language) -> &'static str {
        let (zh, en) = match self {
            Self::Pinned => ("已锁定", "is pinned"),
            Self::NotOpen => ("未开放", "is not open"),
            Self::Dwell => ("刚调整过，须保持一段时间", "was changed shortly before"),
            Self::WindowMoves => ("一小时内调整次数已满", "was changed too often in this hour"),
            Self::HallMoves => {
                ("大厅一小时内调整次数已满", "waits: the hall was changed too often in this hour")
            }
            Self::Freeze => ("临近下班，不再调整", "closes soon"),
            Self::Uncovered => ("是在办事项的唯一窗口", "is the only one for an open service"),
            Self::Skills => ("人员不会办该事项", "has a clerk without the skill"),
        };
        match language {
            Language::Zh => zh,
            Language::En => en,
        }
    }
}

struct Words<'a> {
    plan: &'a Plan,
    language: Language,
}

impl Words<'_> {
    fn either<'s>(&self, zh: &'s str, en: &'s str) -> &'s str {
        if self.language == Language::Zh { zh } else { en }
    }

    /// So many minutes; what is cut off is longer, nobody knows by how much.
    fn about(&self, minutes: u32) -> String {
        let most = Range::CUT_S / 60;
        match (minutes >= most, self.language) {
            (true, Language::Zh) => format!("超过 {most} "),
            (true, Language::En) => format!("more than {most} "),
            (false, Language::Zh) => format!("约 {minutes} "),
            (false, Language::En) => format!("about {minutes} "),
        }
    }

    fn service(&self, id: ServiceId) -> String {
        let name = self.plan.service(id).map(|service| &service.name);
        let name = name.map(|name| self.either(&name.zh, &name.en)).filter(|name| !name.is_empty());
        name.map_or_else(|| id.to_string(), str::to_owned)
    }

    fn window(&self, id: WindowId) -> String {
        let label = self.plan.window(id).map_or(id.as_str(), |window| &window.label);
        if self.language == Language::Zh { format!("{label} 号窗口") } else { format!("Window {label}") }
    }

    fn list(&self, services: &[ServiceId]) -> String {
        let names: Vec<String> = services.iter().map(|service| self.service(*service)).collect();
        names.join(self.either("、", ", "))
    }

    fn reallocation(&self, it: &Reallocation) -> String {
        let window = self.window(it.window);
        let adds: Vec<ServiceId> = it.adds().collect();
        let (first, second): (Vec<_>, Vec<_>) =
            adds.into_iter().partition(|service| it.after.primary.contains(service));
        let drops: Vec<ServiceId> = it.drops().collect();
        let stays =
            |service: &&ServiceId| it.before.primary.contains(service) && it.after.backup.contains(service);
        let lowered: Vec<ServiceId> = it.after.backup.iter().filter(stays).copied().collect();
        let parts = [
            (first, "主办增加 ", "also serve first "),
            (second, "备办增加 ", "also help with "),
            (lowered, "改为备办 ", "keep as backup "),
            (drops, "不再办 ", "no more "),
        ];
        let parts: Vec<String> = parts
            .iter()
            .filter(|(services, ..)| !services.is_empty())
            .map(|(services, zh, en)| format!("{}{}", self.either(zh, en), self.list(services)))
            .collect();
        format!("{window}{}{}", self.either("：", ": "), parts.join(self.either("，", ", ")))
    }
}
