//! What a hall promises, one file a subject; `properties` holds random histories to the
//! invariants. Only what the crate shows to others is used.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, unreachable_pub)]

mod accepting_part;
mod appointments;
mod armed;
mod balancer;
mod balancer_auto;
mod balancer_moves;
mod booking_hours;
mod booking_ids;
mod calendar;
mod clerks;
mod corrections;
mod day;
mod deferral;
mod emergencies;
mod erasures;
mod estimates;
mod forecast;
mod foreign_journal;
mod kept_queue;
mod lease_write_off;
mod leases;
mod management;
mod matters;
mod moves;
mod no_show;
mod not_calling;
mod plan_change;
mod presses;
mod priority;
mod properties;
mod reference;
mod routing;
mod scarcity;
mod skills;
mod support;
mod tickets;
mod tiers;
mod told_waits;
mod trouble;
mod unanswered;
mod undoing;
mod window_hours;
mod windows;
