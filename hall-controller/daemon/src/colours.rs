//! The words for a sign's colours, in the configuration, on the command line and in what is printed.

use hall_protocol::sign::Depth;

/// Every word with what it means.
pub(crate) const COLOURS: [(&str, Depth); 3] =
    [("mono", Depth::Mono), ("red-green", Depth::RedGreen), ("rgb", Depth::Rgb)];

/// What a word means.
pub(crate) fn depth(word: &str) -> Option<Depth> {
    COLOURS.into_iter().find(|(known, _)| *known == word).map(|(_, depth)| depth)
}

/// The word for these colours.
pub(crate) const fn word(depth: Depth) -> &'static str {
    match depth {
        Depth::Mono => "mono",
        Depth::RedGreen => "red-green",
        Depth::Rgb => "rgb",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_as_it_is_written() {
        assert!(COLOURS.into_iter().all(|(known, of)| depth(known) == Some(of) && word(of) == known));
        assert_eq!(depth("pink"), None);
    }
}
