//! What is asked of the engine between two commands, and answered from its durable hall.

use hall_core::Hall;
use hall_core::time::Now;
use hall_core::view::TicketView;
use hall_protocol::number::TicketNumber;
use tokio::sync::oneshot;

use super::{Ended, EngineHandle};

/// Questions that may wait for the engine.
pub(super) const QUESTIONS: usize = 64;

/// Somebody wants to know something that a picture of the hall has not.
pub(super) enum Question {
    /// One ticket.
    Ticket {
        /// Its number.
        number: TicketNumber,
        /// Whom to tell what is known of it.
        told: oneshot::Sender<Option<TicketView>>,
    },
    /// A copy of all of it.
    Copy {
        /// Whom to give it to.
        told: oneshot::Sender<Hall>,
    },
}

impl Question {
    /// Whoever asked may have gone.
    pub(super) fn answer(self, hall: &Hall, now: Now) {
        match self {
            Self::Ticket { number, told } => drop(told.send(TicketView::of(hall, number, now))),
            Self::Copy { told } => drop(told.send(hall.clone())),
        }
    }
}

impl EngineHandle {
    /// The ticket with this number, durable; whoever asks waits while too many are before it.
    pub async fn ticket_view(&self, number: TicketNumber) -> Result<Option<TicketView>, Ended> {
        self.ask(|told| Question::Ticket { number, told }).await
    }

    /// A copy of the durable hall, to look ahead from. Costs O(tickets of the day).
    pub async fn copy(&self) -> Result<Hall, Ended> {
        self.ask(|told| Question::Copy { told }).await
    }

    async fn ask<T>(&self, question: impl FnOnce(oneshot::Sender<T>) -> Question) -> Result<T, Ended> {
        let (told, answer) = oneshot::channel();
        self.questions.send(question(told)).await.map_err(|_| Ended)?;
        answer.await.map_err(|_| Ended)
    }
}
