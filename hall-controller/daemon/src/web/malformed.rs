//! What is wrong with the body of a request, or with a device's message, in both languages: the parser's
//! own words are English, and do not say at which field it was.

use hall_core::plan::Name;
use hall_core::refusal::Language;
use serde_json::error::Category;

use super::text::BAD_BODY;

/// Of a wrong value so much is quoted.
const QUOTED_CHARS: usize = 32;

/// What was `sent` is not what is asked for here: which field, its value, and what is allowed.
pub(crate) fn body(sent: &[u8], why: &serde_json::Error) -> Name {
    let (line, column) = (why.line(), why.column());
    let said = why.to_string();
    if why.classify() != Category::Data {
        return wrong(&format!("第 {line} 行第 {column} 列处不是完整的 JSON"), &said);
    }
    let place = format!(" at line {line} column {column}");
    let said = said.strip_suffix(&place).unwrap_or(&said);
    // The first thing the parser names is what is wrong; what may stand there follows.
    let mut named = said.split('`').skip(1).step_by(2);
    let first = named.next().unwrap_or_default();
    for (words, zh) in [
        ("missing field", format!("缺少 {first}")),
        ("unknown field", format!("不能有 {first}")),
        ("duplicate field", format!("{first} 出现两次")),
    ] {
        if said.starts_with(words) {
            return wrong(&zh, said);
        }
    }
    let Some((field, value)) = field_before(sent, line, column) else {
        return wrong(&format!("第 {line} 行第 {column} 列前的值不合要求"), &format!("{said}{place}"));
    };
    if said.starts_with("unknown variant") {
        let allowed: Vec<&str> = named.collect();
        let zh = format!("{field} 没有 {first} 这个值，可用 {}", allowed.join("、"));
        return wrong(&zh, &format!("{field}: {said}"));
    }
    let quoted = if said.contains(value.trim_matches('"')) { String::new() } else { format!(" is {value}") };
    wrong(&format!("{field} 的值 {value} 不合要求"), &format!("{field}{quoted}: {said}"))
}

/// The request cannot be read, for this reason.
pub(super) fn wrong(zh: &str, en: &str) -> Name {
    let [zh, en] = [(Language::Zh, zh), (Language::En, en)]
        .map(|(language, why)| BAD_BODY.fill(language, &[("why", why)]));
    Name { zh, en }
}

/// The last key before a place of a JSON text, and what stands between the two. Lines and columns count
/// from 1, columns in bytes.
fn field_before(sent: &[u8], line: usize, column: usize) -> Option<(String, String)> {
    let before: usize =
        sent.split_inclusive(|byte| *byte == b'\n').take(line.checked_sub(1)?).map(<[u8]>::len).sum();
    let text = sent.get(..sent.len().min(before + column))?;
    let (mut begun, mut string, mut key, mut escaped) = (None, None, None, false);
    for (at, byte) in text.iter().enumerate() {
        match (byte, begun) {
            (_, Some(_)) if escaped => escaped = false,
            (b'\\', Some(_)) => escaped = true,
            (b'"', Some(from)) => (begun, string) = (None, Some((from, at))),
            (b'"', None) => begun = Some(at + 1),
            (b':', None) => key = string.map(|name| (name, at + 1)),
            _ => {}
        }
    }
    let ((from, to), value) = key?;
    let part = |bytes: &[u8]| String::from_utf8_lossy(bytes).chars().take(QUOTED_CHARS).collect::<String>();
    let value = part(&text[value..]);
    let value = value.trim().trim_end_matches([',', '}', ']']).trim_end();
    Some((part(&text[from..to]), value.to_owned()))
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
            (r#"{"service":"social","date":"soon"}"#, "date 的值 \"soon\" 不合要求"),
            ("{\"service\":\"social\",\n \"date\" : 7}", "date 的值 7 不合要求"),
            ("[]", "第 1 行第 2 列前的值不合要求"),
        ] {
            let why = serde_json::from_str::<Asked>(sent).unwrap_err();
            let Name { zh: said, en } = body(sent.as_bytes(), &why);
            assert_eq!(said, format!("请求内容有误：{zh}"), "{en}");
            assert!(en.starts_with("The request cannot be read: "), "{en}");
        }
    }
}
