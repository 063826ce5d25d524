//! Looking up single tickets, for whoever follows one.
//!
//! A trait, so that pages are tested without an engine. The engine answers between two commands, from
//! its durable hall: a picture of the hall has no waiting tickets, which may be a million.

use std::future::Future;
use std::pin::Pin;

use hall_core::view::TicketView;
use hall_protocol::number::TicketNumber;

use crate::engine::EngineHandle;

/// An answer to come.
pub type Found = Pin<Box<dyn Future<Output = Option<TicketView>> + Send>>;

/// Where tickets are looked up.
pub trait Tickets: Send + Sync {
    /// The ticket with this number, as it is now; `None` if there is none today.
    fn ticket(&self, number: TicketNumber) -> Found;
}

impl Tickets for EngineHandle {
    fn ticket(&self, number: TicketNumber) -> Found {
        let engine = self.clone();
        // An engine that has ended knows no tickets any more.
        Box::pin(async move { engine.ticket_view(number).await.ok()? })
    }
}

/// Nobody has a ticket.
#[derive(Debug, Clone, Copy)]
pub struct NoTickets;

impl Tickets for NoTickets {
    fn ticket(&self, _number: TicketNumber) -> Found {
        Box::pin(std::future::ready(None))
    }
}
