//! What is wrong with the body of a request, in both languages: the parser's own words are English.

use hall_core::plan::Name;
use hall_core::refusal::Language;
use serde_json::error::Category;

use super::text::BAD_BODY;

/// A body that is not what is asked for here.
pub(super) fn body(why: &serde_json::Error) -> Name {
    let said = why.to_string();
    let (line, column) = (why.line(), why.column());
    if why.classify() != Category::Data {
        return wrong(&format!("第 {line} 行第 {column} 列处不是完整的 JSON"), &said);
    }
    // Where it stands says nothing to whoever reads what is wrong with it.
    let said = said.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&said);
    // The first thing the parser names is what is wrong, the others are what could stand there.
    let mut quoted = said.split('`').skip(1).step_by(2);
    let named = quoted.next().unwrap_or_default();
    let right: Vec<&str> = quoted.collect();
    let (zh, en) = if said.starts_with("missing field") {
        (format!("缺少 {named}"), format!("{named} is missing"))
    } else if said.starts_with("unknown field") {
        (
            format!("不能有 {named}{}", choice("，可用 ", &right, "、")),
            format!("{named} does not belong there{}", choice("; use ", &right, ", ")),
        )
    } else if said.starts_with("duplicate field") {
        (format!("{named} 出现两次"), format!("{named} is there twice"))
    } else if said.starts_with("unknown variant") {
        (
            format!("没有 {named} 这个值{}", choice("，可用 ", &right, "、")),
            format!("there is no value {named}{}", choice("; use ", &right, ", ")),
        )
    } else {
        (format!("第 {line} 行第 {column} 列前的值不合要求"), said.to_owned())
    };
    wrong(&zh, &en)
}

/// What could stand there, if that is known.
fn choice(before: &str, right: &[&str], by: &str) -> String {
    if right.is_empty() { String::new() } else { format!("{before}{}", right.join(by)) }
}

/// The request cannot be read, for this reason.
pub(super) fn wrong(zh: &str, en: &str) -> Name {
    let [zh, en] = [(Language::Zh, zh), (Language::En, en)]
        .map(|(language, why)| BAD_BODY.fill(language, &[("why", why)]));
    Name { zh, en }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hall_core::plan::Balance;

    use crate::bookings::Asked;

    #[test]
    fn what_is_wrong_with_a_body_is_said_in_chinese_too() {
        for (sent, zh) in [
            (r#"{"service":"social","date":"2026-03-02"}"#, "缺少 time"),
            (r#"{"service":"social","name":"王芳"}"#, "不能有 name，可用 service、"),
            (r#"{"service":"social","service":"tax"}"#, "service 出现两次"),
            (r#"{"service":"social""#, "第 1 行第 19 列处不是完整的 JSON"),
            (r#"{"service":"social","date":"soon"}"#, "第 1 行第 34 列前的值不合要求"),
        ] {
            let Name { zh: said, en } = body(&serde_json::from_str::<Asked>(sent).unwrap_err());
            assert!(said.starts_with(&format!("请求内容有误：{zh}")), "{said} {en}");
            assert!(en.starts_with("The request cannot be read: "), "{en}");
        }
    }

    #[test]
    fn a_wrong_word_is_answered_with_the_right_ones_and_not_with_its_place() {
        let Name { zh, en } = body(&serde_json::from_str::<Balance>(r#""advice""#).unwrap_err());
        assert_eq!(zh, "请求内容有误：没有 advice 这个值，可用 off、advise、auto");
        assert_eq!(en, "The request cannot be read: there is no value advice; use off, advise, auto");
    }
}
