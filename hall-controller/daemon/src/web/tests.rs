//! The pages over a real socket, with a hall made by the core and devices that only write down
//! what they were asked.

mod pages;
mod presses;
mod streams;
mod support;
mod waits;

use self::support::listen;
use super::{BindError, bind};

#[tokio::test]
async fn a_port_in_use_is_told_with_the_option_that_changes_it() {
    let first = bind(listen(), false).await.unwrap();
    let taken = first.local_addr();
    let error = bind(taken, false).await.unwrap_err();
    let sentence = error.to_string();
    assert!(matches!(error, BindError::PortInUse { .. }), "{sentence}");
    for word in [taken.to_string().as_str(), "in use", "--listen"] {
        assert!(sentence.contains(word), "{sentence}");
    }
}

#[tokio::test]
async fn beyond_this_machine_the_pages_listen_only_with_permission() {
    let everywhere = "0.0.0.0:0".parse().unwrap();
    let sentence = bind(everywhere, false).await.unwrap_err().to_string();
    assert!(sentence.contains("allow_beyond_loopback_without_logins = true in [web]"), "{sentence}");
    bind(everywhere, true).await.unwrap();
    let nowhere = bind("192.0.2.1:0".parse().unwrap(), true).await.unwrap_err().to_string();
    assert!(nowhere.contains("192.0.2.1") && nowhere.contains("--listen"), "{nowhere}");
}
