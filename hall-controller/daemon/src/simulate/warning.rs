//! What is likely a mistake in a scenario, told in both languages: what cannot be read at all is refused.

use std::fmt;

use hall_simulate::scenario::Remark;
use hall_simulate::{Breakdown, Scenario};

/// No more services are named one by one.
const NAMED_MAX: usize = 10;

/// One of them. Displayed, it is the English sentence for standard error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The file, or the way of running the hall, that it is about.
    about: String,
    zh: String,
    en: String,
}

impl Warning {
    /// Of a scenario that was read from there.
    pub(super) fn of(remark: &Remark, about: &str) -> Self {
        let zh = match remark {
            Remark::UnknownKey { path, .. } => format!("{path} 不是场景格式的字段，未使用"),
            Remark::NobodyCan { service } => {
                format!("业务 {service} 有人来办，但没有开放的窗口会办（skills），不会有人叫号")
            }
            Remark::NobodyIsGiven { service } => {
                format!(
                    "业务 {service} 有人来办，但没有开放的窗口以它为主办（primary），除非调整窗口，不会有人叫号"
                )
            }
        };
        Self { about: about.to_owned(), zh, en: remark.to_string() }
    }

    /// That citizens were never called, if some were not: none of the promised figures shows it.
    pub(super) fn never_called(about: &str, scenario: &Scenario, breakdown: &Breakdown) -> Option<Self> {
        let mut services: Vec<_> = scenario.services.iter().zip(&breakdown.services).collect();
        services.retain(|(_, group)| group.unserved > 0.0);
        services.sort_by(|(_, one), (_, other)| other.unserved.total_cmp(&one.unserved));
        let a_day = |citizens: f64| citizens / breakdown.days.max(1.0);
        let all = a_day(services.iter().map(|(_, group)| group.unserved).sum());
        let mut named: Vec<String> = Vec::new();
        for (service, group) in services.iter().take(NAMED_MAX) {
            named.push(format!("{} {:.1}", service.id, a_day(group.unserved)));
        }
        let beyond = services.len().saturating_sub(NAMED_MAX);
        let (zh, en) = if beyond > 0 {
            (format!("，另有 {beyond} 项"), format!(" and {beyond} more"))
        } else {
            (String::new(), String::new())
        };
        (!named.is_empty()).then(|| Self {
            about: about.to_owned(),
            zh: format!("每日有 {all:.1} 人未叫到（业务 {}{zh}），各项等候均不含这些人", named.join("、")),
            en: format!(
                "{all:.1} citizens a day were never called (service {}{en}), and no wait counts them: is there a \
                 window for each service, open until closing?",
                named.join(", ")
            ),
        })
    }

    /// The same in Chinese.
    pub(super) fn in_chinese(&self) -> String {
        format!("{}：{}", self.about, self.zh)
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.about, self.en)
    }
}
