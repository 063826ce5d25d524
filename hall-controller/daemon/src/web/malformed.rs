//! What is wrong with the body of a request, in both languages: the parser's own words are English.

use hall_core::plan::Name;
use hall_core::refusal::Language;
use serde_json::error::Category;

use super::text::BAD_BODY;

/// A body that is not what is asked for here.
pub(super) fn body(why: &serde_json::Error) -> Name {
    let said = why.to_string();
    // The first thing the parser names is what is wrong.
    let named = said.split('`').nth(1).unwrap_or_default();
    let (line, column) = (why.line(), why.column());
    let zh = match why.classify() {
        Category::Syntax | Category::Eof | Category::Io => {
            format!("第 {line} 行第 {column} 列处不是完整的 JSON")
        }
        Category::Data if said.starts_with("missing field") => format!("缺少 {named}"),
        Category::Data if said.starts_with("unknown field") => format!("不能有 {named}"),
        Category::Data if said.starts_with("duplicate field") => format!("{named} 出现两次"),
        Category::Data if said.starts_with("unknown variant") => format!("没有 {named} 这个值"),
        Category::Data => format!("第 {line} 行第 {column} 列前的值不合要求"),
    };
    wrong(&zh, &said)
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
    use crate::bookings::Asked;

    #[test]
    fn what_is_wrong_with_a_body_is_said_in_chinese_too() {
        for (sent, zh) in [
            (r#"{"service":"social","date":"2026-03-02"}"#, "缺少 time"),
            (r#"{"service":"social","name":"王芳"}"#, "不能有 name"),
            (r#"{"service":"social","service":"tax"}"#, "service 出现两次"),
            (r#"{"service":"social""#, "第 1 行第 19 列处不是完整的 JSON"),
            (r#"{"service":"social","date":"soon"}"#, "第 1 行第 34 列前的值不合要求"),
        ] {
            let Name { zh: said, en } = body(&serde_json::from_str::<Asked>(sent).unwrap_err());
            assert_eq!(said, format!("请求内容有误：{zh}"), "{en}");
            assert!(en.starts_with("The request cannot be read: "), "{en}");
        }
    }
}
