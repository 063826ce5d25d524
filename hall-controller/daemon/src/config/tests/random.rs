//! Whatever stands in the file, the answer is a configuration or errors with lines of that file.

use proptest::prelude::*;

use super::{GOOD, parse};

/// What a technician might write in a wrong place, and what a fuzzer would.
const SNIPPETS: [&str; 24] = [
    "\"",
    "\"\"\"",
    "'",
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "=",
    ",",
    "\n",
    "#",
    "\\",
    "-1",
    "99999999999999999999",
    "0x1F",
    "1e9",
    "1979-05-27",
    "true",
    "id = \"1\"",
    "区",
    "\u{0}",
    "[[line.sign]]",
];

/// Cut `[from, until)` (in per mille of the text) out and put a snippet there.
fn edit(text: &str, from: usize, until: usize, snippet: &str) -> String {
    let at = |mille: usize| {
        (0..=text.len() * mille / 1_000).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0)
    };
    let (from, until) = (at(from.min(until)), at(from.max(until)));
    format!("{}{snippet}{}", &text[..from], &text[until..])
}

fn answer_is_sound(text: &str) -> Result<(), TestCaseError> {
    if let Err(errors) = parse(text) {
        prop_assert!(!errors.errors().is_empty());
        let lines = text.split('\n').count();
        for error in errors.errors() {
            prop_assert!(error.line.is_some_and(|line| 1 <= line && line <= lines), "{errors}");
            prop_assert!(
                !error.key.is_empty() && !error.problem.en.is_empty() && !error.remedy.en.is_empty()
            );
        }
        prop_assert_eq!(errors.to_string().lines().count(), errors.errors().len(), "one a line: {}", errors);
    }
    Ok(())
}

proptest! {
    #[test]
    fn random_edits_never_panic(
        edits in prop::collection::vec((0..=1_000_usize, 0..8_usize, prop::sample::select(&SNIPPETS[..])), 1..6)
    ) {
        let text = edits.iter().fold(GOOD.to_owned(), |text, (from, length, snippet)| {
            edit(&text, *from, from + length, snippet)
        });
        answer_is_sound(&text)?;
    }

    #[test]
    fn a_line_lost_doubled_or_swapped_never_panics(
        which in prop::collection::vec((0..90_usize, 0..90_usize, 0..3_u8), 1..8)
    ) {
        let mut lines: Vec<&str> = GOOD.lines().collect();
        for (i, j, how) in which {
            let (i, j) = (i % lines.len(), j % lines.len());
            match how {
                0 => drop(lines.remove(i)),
                1 => lines.insert(j, lines[i]),
                _ => lines.swap(i, j),
            }
        }
        answer_is_sound(&lines.join("\n"))?;
    }

    #[test]
    fn a_value_of_any_kind_never_panics(
        line in 0..90_usize,
        value in prop::sample::select(&[
            "true", "-5", "0", "7.5", "\"\"", "\"x\\ny\"", "[]", "[1, \"a\", {}]", "{}", "{ id = 3 }", "07:30:00",
            "9223372036854775808", "nan", "\"24:00-24:01\"", "[[]]",
        ][..])
    ) {
        let edited: Vec<String> = GOOD
            .lines()
            .enumerate()
            .map(|(i, text)| match text.split_once('=') {
                Some((key, _)) if i == line => format!("{key}= {value}"),
                _ => text.to_owned(),
            })
            .collect();
        answer_is_sound(&edited.join("\n"))?;
    }

    #[test]
    fn any_text_at_all_never_panics(text in "(?s).{0,200}") {
        answer_is_sound(&text)?;
    }
}
