//! Events that no decision of this version makes, as a journal written by another may hold them:
//! none panics the hall, and what is promised of numbers and identities holds all the same.

use hall_core::Hall;
use hall_core::answer::Answer;
use hall_core::command::{Command, Details};
use hall_core::estimate::Estimate;
use hall_core::event::{
    CallReason, Cause, CheckIn, Device, Evaluation, Event, ExpiryReason, LeaseEnd, PressId, RequeueReason,
    Rule, SignOffReason, Stamped, UnbookReason,
};
use hall_core::plan::{Half, Plan};
use hall_core::refusal::Refusal;
use hall_core::ticket::TicketId;
use hall_core::time::{BusinessDay, HallTime};
use hall_core::view::HallView;
use hall_protocol::appointment::AppointmentId;
use hall_protocol::id::{ServiceId, WindowId};
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{Class, Grade, Key, ServiceOutcome};
use proptest::prelude::*;
use proptest::sample::select;

use crate::support::script::plans;
use crate::support::{Desk, TEN_O_CLOCK, id, now, slot};

fn ticket_id(id: u64) -> TicketId {
    serde_json::from_value(id.into()).unwrap()
}

fn ticket() -> impl Strategy<Value = TicketId> {
    prop_oneof![12 => 0_u64..9, 1 => any::<u64>(), 1 => Just(u64::MAX)].prop_map(ticket_id)
}

fn window() -> impl Strategy<Value = WindowId> {
    select(vec!["1", "2", "3", "nowhere"]).prop_map(id)
}

fn service() -> impl Strategy<Value = ServiceId> {
    select(vec!["social", "tax", "property", "nothing"]).prop_map(id)
}

fn number() -> impl Strategy<Value = TicketNumber> {
    select(vec!["A001", "A002", "A999", "B0001", "C9999"]).prop_map(id)
}

fn at() -> impl Strategy<Value = HallTime> {
    let near = (0_i64..5).prop_map(|ms| TEN_O_CLOCK + ms);
    prop_oneof![8 => near, 1 => any::<i64>(), 1 => Just(i64::MIN), 1 => Just(i64::MAX)]
        .prop_map(HallTime::from_unix_ms)
}

fn device() -> impl Strategy<Value = Device> {
    prop_oneof![window().prop_map(Device::Pad), Just(Device::Kiosk(id("K1")))]
}

fn press() -> impl Strategy<Value = PressId> {
    (device(), prop_oneof![0_u32..4, Just(u32::MAX)], prop_oneof![0_u32..4, Just(u32::MAX)])
        .prop_map(|(device, session, seq)| PressId { device, session, seq })
}

fn of_a_ticket() -> impl Strategy<Value = Event> {
    let class = Class::Ordinary;
    (ticket(), number(), window(), service(), prop::option::of(at()), 0..13).prop_map(
        move |(ticket, number, window, service, wall, which)| match which {
            0 | 1 => Event::Issued {
                ticket,
                number,
                service,
                class,
                kiosk: id("K1"),
                ahead: u32::MAX,
                also: vec![service],
                claimed: Some(class),
                check_in: wall.map(|standing| CheckIn {
                    appointment: id("yy-1"),
                    slot: id("10:00"),
                    standing,
                }),
                half: wall.map(|_| Half::Morning),
                printed_at: wall,
                instead_of: None,
                estimate: wall.map(|_| Estimate {
                    median_seconds: u32::MAX,
                    p90_seconds: 0,
                    ahead: u32::MAX,
                    crew_seconds: u32::MAX,
                    head_seconds: Some(0),
                }),
            },
            2 => Event::Called { ticket, number, window, why: CallReason::Oldest { services: 0 }, wall },
            3 => Event::Recalled { ticket, number, window },
            4 => Event::Started { ticket, number, window },
            5 => Event::Finished { ticket, number, window, outcome: ServiceOutcome::Referred, reason: None },
            6 => Event::Missed { ticket, number, window, wall },
            7 => Event::Parked { ticket, number, window, reason: None },
            8 => Event::Unparked { ticket, number, window },
            9 => {
                let window = wall.map(|_| window);
                Event::Cancelled { ticket, number, window, reason: None, replaced_by: None }
            }
            10 => Event::Returned { ticket, number, window: None, standing: wall.unwrap_or_default() },
            11 => Event::Transferred {
                ticket,
                number,
                window,
                service,
                to_window: wall.map(|_| window),
                standing: wall.unwrap_or_default(),
                reason: None,
            },
            _ => Event::Requeued { ticket, number, window, why: RequeueReason::WindowWithdrawn },
        },
    )
}

fn of_a_tickets_rarer_ways() -> impl Strategy<Value = Event> {
    let (class, grade, outcome) = (Class::Elderly, Grade::Dissatisfied, ServiceOutcome::Proxy);
    (ticket(), number(), window(), service(), any::<bool>(), 0..8).prop_map(
        move |(ticket, number, window, service, in_hand, which)| match which {
            0 => Event::Deferred { ticket, number, window, after_calls: u16::from(in_hand) },
            1 => Event::MatterFinished { ticket, number, window, next: service, outcome, reason: None },
            2 => Event::MatterAdded { ticket, number, window, service },
            3 => Event::ServiceCorrected {
                ticket,
                number,
                window: in_hand.then_some(window),
                service,
                in_hand,
            },
            4 => Event::ClassConfirmed { ticket, number, class },
            5 => Event::WalkedIn { ticket, number, service, window },
            6 => Event::MatterWithdrawn {
                ticket,
                number,
                window: in_hand.then_some(window),
                service,
                next: (!in_hand).then_some(service),
            },
            _ => Event::Evaluated(Evaluation { ticket, number, window, service: None, grade, reason: None }),
        },
    )
}

fn of_an_appointment() -> impl Strategy<Value = Event> {
    let appointment = select(vec!["yy-1", "yy-2", "YY-1"]).prop_map(id::<AppointmentId>);
    let slot = (-2..3, select(vec![0, 600, 615, 1_439])).prop_map(|(days, minute)| slot(days, minute));
    (appointment, service(), slot, 0..4).prop_map(|(appointment, service, slot, which)| match which {
        0 => Event::Booked { appointment, service, slot },
        1 => Event::Rebooked { appointment, service, slot },
        2 => Event::Unbooked { appointment, service, why: UnbookReason::Asked },
        _ => Event::Released { appointment, service, slot },
    })
}

fn of_a_lease() -> impl Strategy<Value = Event> {
    (number(), service(), any::<u16>(), any::<u16>(), any::<bool>()).prop_map(
        |(first, service, count, rest, ends)| {
            let kiosk = id("K1");
            if ends {
                let (handed_in, returned, written_off) = (count, rest, count);
                let why = LeaseEnd::Returned;
                Event::LeaseEnded { kiosk, service, first, count, handed_in, returned, written_off, why }
            } else {
                Event::NumbersLeased { kiosk, service, first, count: count % 50 }
            }
        },
    )
}

fn event() -> impl Strategy<Value = Event> {
    let why = ExpiryReason::DayEnded;
    prop_oneof![
        12 => of_a_ticket(),
        3 => of_a_lease(),
        5 => of_a_tickets_rarer_ways(),
        3 => of_an_appointment(),
        2 => (ticket(), number(), prop::option::of(window()))
            .prop_map(move |(ticket, number, window)| Event::Expired { ticket, number, window, why }),
        4 => window().prop_map(|window| Event::WindowOpened { window }),
        1 => window().prop_map(|window| Event::WindowPaused { window, reason: None }),
        1 => window().prop_map(|window| Event::WindowResumed { window }),
        1 => window().prop_map(|window| Event::WindowClosed { window }),
        2 => window().prop_map(|window| Event::WindowArmed { window }),
        1 => window().prop_map(|window| Event::WindowDisarmed { window }),
        2 => select(plans()).prop_map(|plan: Plan| Event::PlanAdopted { plan: Box::new(plan), put_back: None }),
        1 => (any::<i32>(), any::<bool>())
            .prop_map(|(days, queue_kept)| Event::DayBegan { day: BusinessDay::from_days(days), queue_kept }),
        1 => window().prop_map(|window| Event::ClerkSignedOn { window, clerk: id("7"), in_place_of: None }),
        1 => window().prop_map(|window| Event::ClerkSignedOff { window, clerk: id("7"), why: SignOffReason::Asked }),
        1 => Just(Event::Refused { key: None, errand: None, about: None, refusal: Refusal::OutOfOrder }),
    ]
}

fn stamped() -> impl Strategy<Value = Stamped> {
    let cause = prop_oneof![press().prop_map(Cause::Press), Just(Cause::Rule(Rule::DayBegan))];
    let answer = prop::option::of(Just(Answer::Refused(Refusal::StorageTrouble)));
    (at(), cause, event(), answer).prop_map(|(at, cause, event, answer)| Stamped {
        at,
        cause,
        event,
        clerk: None,
        answer,
    })
}

fn command() -> impl Strategy<Value = Command> {
    let key = (press(), any::<u32>(), select(Key::ALL.to_vec()), prop::option::of(number())).prop_map(
        |(press, age_ms, key, ticket)| Command::Key {
            press,
            age_ms,
            key,
            ticket,
            reason: None,
            details: Details::default(),
        },
    );
    let take = (press(), service()).prop_map(|(press, service)| Command::Take {
        press,
        age_ms: 0,
        service,
        class: Class::Ordinary,
        also: Vec::new(),
    });
    let check_in = press().prop_map(|press| Command::CheckIn { press, age_ms: 0, code: id("yy-1") });
    let book = service().prop_map(|service| Command::Book {
        client: id("city"),
        appointment: id("yy-2"),
        service,
        slot: slot(0, 615),
    });
    prop_oneof![
        6 => key,
        3 => take,
        2 => check_in,
        1 => book,
        1 => Just(Command::Unbook { client: id("city"), appointment: id("yy-1") }),
        1 => Just(Command::Tick),
        1 => select(plans()).prop_map(|plan| Command::AdoptPlan(Box::new(plan))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn no_event_panics_any_hall_nor_what_is_decided_and_shown_afterwards(
        steps in prop::collection::vec((stamped(), command()), 1..60),
        planned in any::<bool>(),
    ) {
        let mut hall = if planned { Desk::open().hall } else { Hall::new(id("county")) };
        let mut view = HallView::of(&hall, 0);
        for (seq, (stamped, command)) in (1..).zip(&steps) {
            hall.apply(stamped);
            view = view.after(&hall, std::slice::from_ref(stamped), seq);
            let _ = hall.violations();
            if let Ok(decision) = hall.decide(command, now(TEN_O_CLOCK)) {
                let mut after = hall.clone();
                decision.events.iter().for_each(|event| after.apply(event));
                let _ = view.after(&after, &decision.events, seq);
            }
        }
        let written = serde_json::to_string(&hall).unwrap();
        prop_assert_eq!(serde_json::from_str::<Hall>(&written).unwrap(), hall);
    }
}

fn issued(ticket: u64, number: &str, service: &str) -> Stamped {
    let event = Event::Issued {
        ticket: ticket_id(ticket),
        number: id(number),
        service: id(service),
        class: Class::Ordinary,
        kiosk: id("K1"),
        ahead: 0,
        also: Vec::new(),
        claimed: None,
        check_in: None,
        half: None,
        printed_at: None,
        instead_of: None,
        estimate: None,
    };
    let cause = Cause::Press(PressId { device: Device::Kiosk(id("K1")), session: 77, seq: 1 });
    let answer = Some(Answer::Refused(Refusal::StorageTrouble));
    Stamped { at: HallTime::from_unix_ms(TEN_O_CLOCK), cause, event, clerk: None, answer }
}

#[test]
fn a_ticket_of_an_unknown_service_takes_its_identity_and_number_with_it() {
    let mut desk = Desk::open();
    desk.hall.apply(&issued(1, "A005", "nothing"));
    assert_eq!(desk.hall.tickets().count(), 0);
    assert_eq!(desk.hall.violations(), Vec::<String>::new());
    desk.take("social");
    let ticket = desk.hall.tickets().next().unwrap();
    assert_eq!((ticket.id.get(), ticket.number), (2, id("A006")));
    assert_eq!(desk.hall.ticket(ticket_id(2)), Some(ticket));
}

#[test]
fn a_press_is_remembered_even_if_its_event_concerns_something_unknown() {
    let mut desk = Desk::open();
    desk.hall.apply(&issued(1, "A005", "nothing"));
    let press = PressId { device: Device::Kiosk(id("K1")), session: 77, seq: 1 };
    let again =
        Command::Take { press, age_ms: 0, service: id("social"), class: Class::Ordinary, also: Vec::new() };
    assert!(desk.give(&again).unwrap().repeated);
}

#[test]
fn a_gap_in_the_identities_hides_no_ticket() {
    let mut desk = Desk::open();
    for (ticket, number) in [(3, "A001"), (7, "A002"), (8, "A003"), (7, "A004")] {
        desk.hall.apply(&issued(ticket, number, "social"));
    }
    let number = |id| desk.hall.ticket(ticket_id(id)).map(|ticket| ticket.number.to_string());
    assert_eq!([3, 7, 8].map(number), ["A001", "A002", "A003"].map(|text| Some(text.into())));
    assert_eq!([1, 2, 4, 6, 9, u64::MAX].map(number), [const { None }; 6]);
    assert_eq!(desk.hall.violations(), Vec::<String>::new());
    assert_eq!(desk.take("social"), ("A005".into(), 3), "A004 may be on paper");
    assert_eq!(desk.hall.tickets().last().unwrap().id.get(), 9);
}

#[test]
fn a_lower_number_after_a_higher_one_brings_no_number_back() {
    let mut desk = Desk::open();
    for (ticket, number) in [(1, "A009"), (2, "A003")] {
        desk.hall.apply(&issued(ticket, number, "social"));
    }
    assert_eq!(desk.take("social").0, "A010");
}
