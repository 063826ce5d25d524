//! The command line of the hall controller.
fn main() {}
