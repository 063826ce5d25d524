//! What the manager is told of an open proposal at this moment: how long a citizen is told to wait now, and
//! which windows could be opened. What was foretold when the proposal was made is in the journal, and is told of
//! proposals that are answered.

use hall_core::event::{Advice, Finding, Proposal};
use hall_core::plan::Name;
use hall_core::refusal::Language;
use hall_core::time::Now;
use hall_core::view::{HallView, QueueView};
use hall_protocol::id::ServiceId;
use hall_protocol::payload::WindowMode;

use crate::web::text::{
    self, NOTICE_ALL_OPEN, NOTICE_LONGER, NOTICE_OPEN, NOTICE_RESUME, NOTICE_RESUME_OR_OPEN, NOTICE_STAFF,
    NOTICE_STOP_OR_OPEN, NOTICE_WAIT, Phrase,
};

/// More names of windows are no advice.
const WINDOWS_MAX: usize = 3;

/// The hall as it is now.
pub(super) struct Notices<'a> {
    pub(super) view: &'a HallView,
    pub(super) now: Now,
}

impl Notices<'_> {
    /// What to do.
    pub(super) fn what(&self, proposal: &Proposal) -> Name {
        let what = both(|language| proposal.what(&self.view.plan, language));
        match (&proposal.advice, &proposal.finding) {
            (Advice::LookAfter, Finding::WillMissTarget { service, .. }) => {
                let (closed, paused) = (self.closed(*service), self.paused(*service));
                let phrase = match (closed.is_empty(), paused.is_empty()) {
                    (true, true) => NOTICE_ALL_OPEN,
                    (false, true) => NOTICE_OPEN,
                    (true, false) => NOTICE_RESUME,
                    (false, false) => NOTICE_RESUME_OR_OPEN,
                };
                self.naming(phrase, *service, &closed, &paused)
            }
            (Advice::LookAfter, Finding::NobodyAble { service, .. }) => {
                let closed = self.closed(*service);
                if closed.is_empty() { what } else { self.naming(NOTICE_STAFF, *service, &closed, &[]) }
            }
            (Advice::StopIssuing { service }, _) => {
                let closed = self.closed(*service);
                let or_open = |language| {
                    let (what, closed) = (text::named(&what, language), list(&closed, language));
                    NOTICE_STOP_OR_OPEN.fill(language, &[("what", what), ("closed", &closed)])
                };
                if closed.is_empty() { what } else { both(or_open) }
            }
            _ => what,
        }
    }

    /// Why.
    pub(super) fn why(&self, proposal: &Proposal) -> Name {
        let plan = &self.view.plan;
        match &proposal.finding {
            Finding::WillMissTarget { service, target_minutes, .. } => {
                let QueueView { waiting, wait } = self.view.queue_to_join(*service, self.now);
                let Some(wait) = wait else { return both(|language| proposal.why(plan, language)) };
                let longer = proposal.advice == Advice::LookAfter && wait.to_minutes <= *target_minutes;
                both(|language| {
                    let said = NOTICE_WAIT.fill(
                        language,
                        &[
                            ("service", &self.service(*service, language)),
                            ("wait", &text::about(wait, language)),
                            ("target", &target_minutes.to_string()),
                            ("n", &waiting.to_string()),
                        ],
                    );
                    if longer { NOTICE_LONGER.fill(language, &[("said", &said)]) } else { said }
                })
            }
            Finding::NobodyAble { service, .. } => {
                let waiting = self.view.queue(*service).waiting;
                let now = Finding::NobodyAble { service: *service, waiting };
                both(|language| now.sentence(plan, language))
            }
            _ => both(|language| proposal.why(plan, language)),
        }
    }

    fn naming(&self, phrase: Phrase, service: ServiceId, closed: &[&str], paused: &[&str]) -> Name {
        both(|language| {
            let place = self.service(service, language);
            let (closed, paused) = (list(closed, language), list(paused, language));
            phrase.fill(language, &[("place", &place), ("closed", &closed), ("paused", &paused)])
        })
    }

    fn service(&self, service: ServiceId, language: Language) -> String {
        let planned = self.view.plan.service(service);
        planned.map_or_else(|| service.to_string(), |planned| text::named(&planned.name, language).to_owned())
    }

    /// Windows that are closed and serve it, by what they were given or by the plan.
    fn closed(&self, service: ServiceId) -> Vec<&str> {
        let planned = self.view.plan.windows().iter().zip(&self.view.windows);
        let all = planned.filter(|(planned, window)| {
            window.mode == WindowMode::Closed && (window.services.has(service) || planned.has(service))
        });
        all.map(|(_, window)| window.label.as_str()).take(WINDOWS_MAX).collect()
    }

    /// Windows that are paused and serve it.
    fn paused(&self, service: ServiceId) -> Vec<&str> {
        let all = self.view.windows.iter();
        let all = all.filter(|window| window.mode == WindowMode::Paused && window.services.has(service));
        all.map(|window| window.label.as_str()).take(WINDOWS_MAX).collect()
    }
}

fn both(said: impl Fn(Language) -> String) -> Name {
    Name { zh: said(Language::Zh), en: said(Language::En) }
}

fn list(labels: &[&str], language: Language) -> String {
    labels.join(match language {
        Language::Zh => "、",
        Language::En => " or ",
    })
}
