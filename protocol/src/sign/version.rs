//! Which versions of the protocol each side speaks, and which one two sides use.
//!
//! Both tell theirs when the host asks who the sign is. These two messages, and every Nak, are the
//! same in all versions, so that sides of any two versions can tell why they do not understand each
//! other.

use core::fmt;

/// The version of the messages in this crate. Identify, Identity and Nak have it in every version.
pub const PROTOCOL_VERSION: u8 = 1;

/// Without a word about it, the oldest version a side speaks.
pub(super) const OLDEST_UNTOLD: u8 = 1;

/// The versions one side speaks: the oldest, the newest, and all between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versions {
    oldest: u8,
    newest: u8,
}

impl Versions {
    /// Those that this crate speaks.
    pub const SPOKEN: Self = Self { oldest: PROTOCOL_VERSION, newest: PROTOCOL_VERSION };

    /// From the oldest to the newest; `None` if there are none between them. There is no version 0.
    pub const fn new(oldest: u8, newest: u8) -> Option<Self> {
        if oldest == 0 || oldest > newest { None } else { Some(Self { oldest, newest }) }
    }

    /// The oldest of them.
    pub const fn oldest(self) -> u8 {
        self.oldest
    }

    /// The newest of them.
    pub const fn newest(self) -> u8 {
        self.newest
    }

    /// Whether `version` is one of them.
    pub const fn contains(self, version: u8) -> bool {
        self.oldest <= version && version <= self.newest
    }

    /// The newest version both sides speak, which is the one they use; `None` if they have none in
    /// common.
    pub const fn best_common(self, other: Self) -> Option<u8> {
        let newest = if self.newest < other.newest { self.newest } else { other.newest };
        if self.contains(newest) && other.contains(newest) { Some(newest) } else { None }
    }
}

impl fmt::Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { oldest, newest } = self;
        if oldest == newest {
            write!(f, "version {newest}")
        } else {
            write!(f, "versions {oldest} to {newest}")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    #[test]
    fn the_newest_version_of_both_is_used_whatever_they_are() {
        let all = || (0..7).flat_map(|oldest| (0..7).filter_map(move |newest| Versions::new(oldest, newest)));
        for (one, other) in all().flat_map(|one| all().map(move |other| (one, other))) {
            let common = (1..7).rev().find(|version| one.contains(*version) && other.contains(*version));
            assert_eq!(one.best_common(other), common, "{one} and {other}");
            assert_eq!(other.best_common(one), common, "{other} and {one}");
        }
        assert_eq!(all().count(), 21);
    }

    #[test]
    fn versions_are_told_in_words() {
        assert_eq!(Versions::SPOKEN.to_string(), "version 1");
        assert_eq!(Versions::new(2, 4).unwrap().to_string(), "versions 2 to 4");
        assert_eq!((Versions::new(0, 3), Versions::new(3, 2)), (None, None));
    }
}
