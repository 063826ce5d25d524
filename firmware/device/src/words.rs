//! Every text the devices say of their own, Chinese first. `glyphs.bin` has the glyphs of all of them.

/// The page of a sign whose host is silent.
pub const ASK_AT_THE_WINDOWS: &str = "请到窗口咨询  Please ask at the windows";

/// All of them.
pub const ALL: [&str; 1] = [ASK_AT_THE_WINDOWS];
