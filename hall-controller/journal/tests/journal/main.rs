//! What a hall may rely on its journal for, one file a promise.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, unreachable_pub)]

mod backups;
mod cut_off;
mod damage;
mod fence;
mod hall;
mod histories;
mod layout;
mod looking;
mod opening;
mod partly_folded;
mod snapshots;
mod tamper;
