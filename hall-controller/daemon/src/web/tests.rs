//! The pages over a real socket, with a hall made by the core and devices that only write down
//! what they were asked.

mod pages;
mod presses;
mod streams;
mod support;
mod waits;

use std::net::SocketAddr;

use self::support::listen;
use super::bind;
use crate::config::{AddressesFrom, Web};

fn at(listen: SocketAddr, allowed: bool) -> Web {
    Web { listen, allow_beyond_loopback_without_logins: allowed }
}

async fn refused(web: Web, addresses: AddressesFrom) -> String {
    bind(&web, addresses).await.unwrap_err().to_string()
}

#[tokio::test]
async fn a_port_in_use_is_told_with_what_changes_it_there() {
    let first = bind(&at(listen(), false), AddressesFrom::File).await.unwrap();
    let taken = at(first.local_addr(), false);
    for (addresses, remedy) in [
        (AddressesFrom::File, "`listen` in [web] of the configuration"),
        (AddressesFrom::Options, "--listen"),
    ] {
        let said = refused(taken, addresses).await;
        for word in [taken.listen.to_string().as_str(), "in use", remedy] {
            assert!(said.contains(word), "{said}");
        }
        assert_eq!(said.contains("--listen"), addresses == AddressesFrom::Options, "{said}");
    }
}

#[tokio::test]
async fn beyond_this_machine_the_pages_listen_only_with_permission() {
    let everywhere = "0.0.0.0:0".parse().unwrap();
    let said = refused(at(everywhere, false), AddressesFrom::File).await;
    assert!(said.contains("allow_beyond_loopback_without_logins = true in [web]"), "{said}");
    bind(&at(everywhere, true), AddressesFrom::File).await.unwrap();
    let nowhere = refused(at("192.0.2.1:0".parse().unwrap(), true), AddressesFrom::Options).await;
    assert!(nowhere.contains("192.0.2.1") && nowhere.contains("--listen"), "{nowhere}");
}
