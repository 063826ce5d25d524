//! What is wrong with the body of a request, or with a device's message, in both languages: the parser's
//! own words are English, and do not say at which field it was.

use std::ops::Range;

use hall_core::plan::Name;
use hall_core::refusal::Language;
use serde_json::error::Category;

use super::text::BAD_BODY;

/// Of a wrong value so much is quoted.
const QUOTED_CHARS: usize = 32;

/// What was `sent` is not what is asked for here: which field, its value, and what is allowed.
pub(crate) fn body(sent: &[u8], why: &serde_json::Error) -> Name {
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
    let field = field_before(sent, line, column);
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
        let (of, at) =
            field.map_or_else(Default::default, |(field, _)| (format!("{field} "), format!("{field}: ")));
        (
            format!("{of}没有 {named} 这个值{}", choice("，可用 ", &right, "、")),
            format!("{at}there is no value {named}{}", choice("; use ", &right, ", ")),
        )
    } else if let (Some((field, value)), true) = (&field, said.ends_with("expected a nonzero u16")) {
        (
            format!("{field} 的值 {value} 不合要求，须为 1 至 65535 的整数"),
            format!("{field} is {value}; write a whole number from 1 to 65535"),
        )
    } else if let Some((field, value)) = field {
        let quoted =
            if said.contains(value.trim_matches('"')) { String::new() } else { format!(" is {value}") };
        (format!("{field} 的值 {value} 不合要求"), format!("{field}{quoted}: {said}"))
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

/// The key whose value a place of a JSON text stands in or right behind, and that value up to there. Lines and
/// columns count from 1, columns in bytes.
fn field_before(sent: &[u8], line: usize, column: usize) -> Option<(String, String)> {
    let before: usize =
        sent.split_inclusive(|byte| *byte == b'\n').take(line.checked_sub(1)?).map(<[u8]>::len).sum();
    let text = sent.get(..sent.len().min(before + column))?;
    // The parser has looked at what follows the value.
    let text = text.strip_suffix(b"}").or(text.strip_suffix(b"]")).unwrap_or(text);
    // Of each object or list that is open, the key of the value that is under way.
    let mut open: Vec<Option<(Range<usize>, usize)>> = Vec::new();
    let (mut begun, mut string, mut escaped) = (None, 0..0, false);
    for (at, byte) in text.iter().enumerate() {
        match (byte, begun) {
            (_, Some(_)) if escaped => escaped = false,
            (b'\\', Some(_)) => escaped = true,
            (b'"', Some(from)) => (begun, string) = (None, from..at),
            (b'"', None) => begun = Some(at + 1),
            (b'{' | b'[', None) => open.push(None),
            (b'}' | b']', None) => drop(open.pop()),
            (b':', None) => *open.last_mut()? = Some((string.clone(), at + 1)),
            _ => {}
        }
    }
    let (key, value) = open.into_iter().rev().find_map(|key| key)?;
    let part = |bytes: &[u8]| String::from_utf8_lossy(bytes).chars().take(QUOTED_CHARS).collect::<String>();
    Some((part(&text[key]), part(&text[value..]).trim().to_owned()))
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
            (r#"{"service":"social","date":"soon"}"#, "date 的值 \"soon\" 不合要求"),
            ("{\"service\":\"social\",\n \"date\" : 7}", "date 的值 7 不合要求"),
            ("[]", "第 1 行第 2 列前的值不合要求"),
        ] {
            let why = serde_json::from_str::<Asked>(sent).unwrap_err();
            let Name { zh: said, en } = body(sent.as_bytes(), &why);
            assert!(said.starts_with(&format!("请求内容有误：{zh}")), "{said} {en}");
            assert!(en.starts_with("The request cannot be read: "), "{en}");
        }
    }

    #[test]
    fn a_wrong_word_is_answered_with_the_right_ones_and_not_with_its_place() {
        let Name { zh, en } =
            body(br#""advice""#, &serde_json::from_str::<Balance>(r#""advice""#).unwrap_err());
        assert_eq!(zh, "请求内容有误：没有 advice 这个值，可用 off、advise、auto");
        assert_eq!(en, "The request cannot be read: there is no value advice; use off, advise, auto");
    }
}
