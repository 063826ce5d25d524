//! Which sign this is, on a sign with letters of its own: as much of it as its lines hold.

use super::{Fitted, Sheet, Substitute, columns};
use crate::words::{TextLine, Words};

/// Id and address first, then the sign's size in characters, what it shows and its port, each in a line
/// of its own where there are enough, otherwise one behind the other. Where not even id and address have
/// room together, the address is what a technician looks for.
pub(super) fn fit(words: &Words, sheet: Sheet) -> Fitted {
    let Some((name, others)) = words.lines.split_first() else { return Fitted::dark() };
    let size = TextLine::new(format!("{}x{}", sheet.columns, sheet.rows), name.light);
    let others = others.iter().filter(|line| !line.text.is_empty()).cloned();
    let pieces: Vec<TextLine> = [name.clone(), size].into_iter().chain(others).collect();
    if sheet.takes(&pieces, false) {
        return Fitted::new(Substitute::OwnFont, pieces);
    }
    let mut lines: Vec<TextLine> = Vec::new();
    let mut left_out = 0;
    for piece in &pieces {
        let joined = lines.last().map(|last| format!("{} {}", last.text, piece.text));
        let fits = |text: &str| sheet.takes(&[TextLine::new(text, piece.light)], false);
        let is_free = lines.len() < sheet.rows;
        match (joined.filter(|joined| fits(joined)), lines.last_mut()) {
            (Some(joined), Some(last)) => last.text = joined,
            _ if is_free && fits(&piece.text) => lines.push(piece.clone()),
            _ => left_out += 1,
        }
    }
    if lines.first().is_some_and(|first| first.text.starts_with(&name.text)) {
        let substitute = if left_out == 0 { Substitute::OwnFont } else { Substitute::SomeLines };
        return Fitted::new(substitute, lines);
    }
    let address = words.number.iter().filter(|address| columns(address) <= sheet.columns);
    let lines: Vec<TextLine> = address.map(|address| TextLine::new(address, name.light)).collect();
    if lines.is_empty() { Fitted::dark() } else { Fitted::new(Substitute::NumberOnly, lines) }
}
