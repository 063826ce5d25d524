//! The word somebody probably meant.

/// Words longer than this, in characters, are not compared: the cost is the product of both
/// lengths, and no key or id is that long.
const WORD_CHARS_MAX: usize = 64;

/// The candidate that `word` is most likely a slip of, if any is near enough: a third of its
/// letters may be wrong, or it is the beginning of the other.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = folded(word)?;
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let other = folded(candidate)?;
            let begins = word.len() > 2 && (other.starts_with(&word) || word.starts_with(&other));
            let steps = distance(&word, &other).min(if begins { 1 } else { usize::MAX });
            (steps <= (word.len().max(other.len()) / 3).max(1)).then_some((steps, candidate))
        })
        .min_by_key(|(steps, _)| *steps)
        .map(|(_, candidate)| candidate)
}

/// Without case, and with one kind of dash.
fn folded(word: &str) -> Option<Vec<char>> {
    let letters =
        word.chars().take(WORD_CHARS_MAX + 1).map(|c| if c == '-' { '_' } else { c.to_ascii_lowercase() });
    let letters: Vec<char> = letters.collect();
    (!letters.is_empty() && letters.len() <= WORD_CHARS_MAX).then_some(letters)
}

/// Letters to insert, delete, replace, or swap with their neighbour.
fn distance(from: &[char], to: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in to.iter().enumerate() {
            let at = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX / 2);
            let replaced = at(&last, j) + usize::from(a != b);
            let mut best = replaced.min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            let swapped = i > 0 && j > 0 && from.get(i - 1) == Some(b) && to.get(j - 1) == Some(a);
            if swapped {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(from.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_recognised_and_another_word_is_not() {
        let keys = ["time_zone", "name", "name_en", "day_starts", "password_file"];
        for (slip, meant) in [
            ("timezone", Some("time_zone")),
            ("time-zone", Some("time_zone")),
            ("nmae", Some("name")),
            ("Name_EN", Some("name_en")),
            ("password", Some("password_file")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(slip, keys), meant, "{slip}");
        }
        assert_eq!(nearest(&"x".repeat(10_000), keys), None);
    }

    #[test]
    fn the_nearest_of_several_is_chosen() {
        assert_eq!(nearest("taxs", ["taxi-fares", "tax", "text"]), Some("tax"));
    }
}
