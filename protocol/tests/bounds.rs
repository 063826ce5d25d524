//! Every payload at its largest fits in its `BYTES_MAX` and comes back equal; what others send,
//! random or of another version, is refused or read, but panics nobody.
//!
//! The exact bytes are in `vectors.rs`. Largest means: every text full of characters that JSON
//! escapes, every list full, every optional field there, every number as long as it gets.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fmt::Debug;
use std::num::NonZeroU16;

use hall_protocol::appointment::{APPOINTMENT_ID_BYTES_MAX, DayMinute};
use hall_protocol::id::{ServiceId, WindowId};
use hall_protocol::json::{self, DecodeError, Payload, VERSION, Version};
use hall_protocol::local::LocalTime;
use hall_protocol::number::TicketNumber;
use hall_protocol::payload::{
    BOARD_CALLS_MAX, Board, BoardCall, ClaimRef, Class, ControllerClaim, ControllerStatus, DayHead,
    DeviceStatus, EventNotice, Grade, HandState, HandedIn, IssuedTicket, Key, KioskAction, KioskOutcome,
    KioskReply, KioskRequest, Lamp, LeasedNumbers, MENU_SERVICES_MAX, Menu, MenuService, PARKED_SHOWN_MAX,
    Press, PressOutcome, PrintedTicket, Refused, ServiceOutcome, UnansweredTake, WaitMinutes, Why,
    WindowMode, WindowReply, WindowState, WindowTicket,
};
use hall_protocol::text::Text;
use proptest::prelude::*;

const V: Version = Version;
/// The longest integer of its type: a sign and 19 digits.
const LONG: i64 = i64::MIN;

/// `N` bytes that take two each in JSON.
fn full<const N: usize>() -> Text<N> {
    let text = Text::new(&"\\\"".repeat(N));
    assert_eq!(text.len(), N);
    text
}

fn id<T: std::str::FromStr<Err: Debug>>() -> T {
    "WWWWWWWWWWWWWWWW".parse().unwrap()
}

fn number() -> TicketNumber {
    "WW9999".parse().unwrap()
}

fn local() -> LocalTime {
    "9999-12-31T23:59".parse().unwrap()
}

fn refused() -> Refused {
    Refused { code: full(), zh: full(), en: full() }
}

fn ticket() -> WindowTicket {
    WindowTicket {
        number: number(),
        service: id::<ServiceId>(),
        state: HandState::Serving,
        since_ms: LONG,
        recalls: u16::MAX,
    }
}

fn filled<T: Clone + Debug, const N: usize>(one: &T) -> heapless::Vec<T, N> {
    let mut all = heapless::Vec::new();
    while all.push(one.clone()).is_ok() {}
    assert_eq!(all.len(), N);
    all
}

fn kiosk_request() -> KioskRequest {
    let request =
        KioskAction::Take { service: id(), class: Class::Serviceman, also: filled(&id::<ServiceId>()) };
    KioskRequest { v: V, session: u32::MAX, seq: u32::MAX, age_ms: u32::MAX, request }
}

fn hand_in() -> KioskRequest {
    let ticket =
        PrintedTicket { number: number(), age_ms: u32::MAX, class: Class::Serviceman, also: filled(&id()) };
    let take = UnansweredTake { number: number(), session: u32::MAX, seq: u32::MAX };
    let request = KioskAction::HandIn { day: i32::MIN, tickets: filled(&ticket), unanswered: filled(&take) };
    KioskRequest { request, ..kiosk_request() }
}

fn handed_in() -> KioskOutcome {
    KioskOutcome::HandedIn(filled(&HandedIn { number: number(), refused: Some(full()) }))
}

fn kiosk_reply(outcome: KioskOutcome) -> KioskReply {
    let why = match outcome {
        KioskOutcome::HandedIn(_) => filled(&refused()),
        _ => heapless::Vec::new(),
    };
    KioskReply { v: V, session: Some(u32::MAX), seq: Some(u32::MAX), outcome, why }
}

fn issued() -> IssuedTicket {
    IssuedTicket {
        number: number(),
        service: id(),
        zh: full(),
        en: full(),
        zone: id(),
        issued_at_ms: LONG,
        ahead: u32::MAX,
        appointment: DayMinute::new(23 * 60 + 59),
        estimate: Some(longest_wait()),
    }
}

fn longest_wait() -> WaitMinutes {
    WaitMinutes { from_minutes: u16::MAX, to_minutes: u16::MAX }
}

fn menu() -> Menu {
    // `false` is longer than `true`, and goes with a reason.
    let service = MenuService {
        service: id(),
        zh: full(),
        en: full(),
        waiting: u32::MAX,
        open: false,
        why: Some(full()),
        until: Some(local()),
        opens: Some(local()),
        estimate: Some(longest_wait()),
    };
    Menu { v: V, at_ms: LONG, kiosk: id(), services: filled::<_, MENU_SERVICES_MAX>(&service) }
}

fn press(key: Key) -> Press {
    Press {
        v: V,
        session: u32::MAX,
        seq: u32::MAX,
        age_ms: u32::MAX,
        key,
        ticket: Some(number()),
        reason: Some(full()),
        number: Some(number()),
        to_service: Some(id()),
        to_window: Some(id()),
        clerk_id: Some(id()),
        outcome: Some(ServiceOutcome::MissingPapers),
        grade: Some(Grade::VeryDissatisfied),
        class: Some(Class::Serviceman),
    }
}

fn window_reply(outcome: PressOutcome) -> WindowReply {
    WindowReply { v: V, session: Some(u32::MAX), seq: Some(u32::MAX), outcome }
}

fn window_state(mode: WindowMode, lamp: Lamp) -> WindowState {
    WindowState {
        v: V,
        at_ms: LONG,
        window: id(),
        label: full(),
        mode,
        reason: Some(full()),
        ticket: Some(ticket()),
        why: Some(Why { zh: full(), en: full() }),
        waiting: u32::MAX,
        lamp,
        parked: filled::<_, PARKED_SHOWN_MAX>(&number()),
        armed: true,
        clerk_id: Some(id()),
    }
}

fn board() -> Board {
    let call = BoardCall {
        number: number(),
        window: id::<WindowId>(),
        label: full(),
        called_at_ms: LONG,
        recalls: u16::MAX,
    };
    Board { v: V, at_ms: LONG, zone: id(), calls: filled::<_, BOARD_CALLS_MAX>(&call) }
}

fn device_status() -> DeviceStatus {
    DeviceStatus { v: V, online: false, session: u32::MAX, firmware: full() }
}

fn controller_status() -> ControllerStatus {
    ControllerStatus { v: V, hall: id(), online: false, at_ms: LONG, version: full(), owner: full() }
}

fn controller_claim() -> ControllerClaim {
    let claim = ClaimRef { process: u32::MAX, up_ms: u64::MAX };
    ControllerClaim {
        v: V,
        hall: id(),
        claim,
        serving: false,
        since_at_ms: LONG,
        host: full(),
        pid: u32::MAX,
        data: full(),
        installation: Some(full()),
        term: u32::MAX,
        answers: Some(claim),
    }
}

fn day_head() -> DayHead {
    DayHead { v: V, hall: id(), day: full(), last_seq: u64::MAX, hash: full(), at_ms: LONG }
}

fn event_notice() -> EventNotice {
    EventNotice {
        v: V,
        seq: u64::MAX,
        at_ms: LONG,
        name: full(),
        press: Some(full()),
        number: Some(number()),
        window: Some(id()),
        service: Some(id()),
        why: Some(Why { zh: full(), en: full() }),
    }
}

/// Encodes in the room stated, decodes equal, and not in the next version; the bytes it took.
fn fits<T: Payload + PartialEq + Debug>(payload: &T) -> usize {
    let mut room = vec![0; 4 * T::BYTES_MAX];
    let length = json::encode(payload, &mut room).unwrap();
    assert!(length <= T::BYTES_MAX, "{}: {length} bytes, {} are allowed", T::NAME, T::BYTES_MAX);
    let bytes = &room[..length];
    assert_eq!(json::decode::<T>(bytes).as_ref(), Ok(payload), "{}", T::NAME);
    assert!(json::encode(payload, &mut vec![0; length]).is_ok(), "{}: exact room is enough", T::NAME);
    assert!(json::encode(payload, &mut vec![0; length - 1]).is_err(), "{}", T::NAME);
    length
}

/// What a later version may add is passed over, and another version is refused by its number.
fn reads_only_its_version<T: Payload + PartialEq + Debug>(payload: &T) {
    let mut room = vec![0; T::BYTES_MAX];
    let length = json::encode(payload, &mut room).unwrap();
    let text = std::str::from_utf8(&room[..length]).unwrap();
    let rest = text.strip_prefix("{\"v\":1,").expect("the version comes first");
    let added = format!("{{\"new\":[{{\"a\":null}},-1.5e3,\"]}}\"],\"v\":1,{rest}");
    if added.len() <= T::BYTES_MAX {
        assert_eq!(json::decode::<T>(added.as_bytes()).as_ref(), Ok(payload), "{}", T::NAME);
    }
    for version in [0, VERSION + 1, u16::MAX] {
        let other = format!("{{\"v\":{version},{rest}");
        if other.len() <= T::BYTES_MAX {
            assert_eq!(
                json::decode::<T>(other.as_bytes()),
                Err(DecodeError::Version(version)),
                "{}",
                T::NAME
            );
        }
    }
}

#[test]
fn the_largest_kiosk_request_fits() {
    fits(&kiosk_request());
    for request in [
        hand_in().request,
        KioskAction::Lease { service: id(), count: NonZeroU16::MAX },
        KioskAction::EndLease { day: i32::MIN, first: number(), unused: u16::MAX },
        KioskAction::CheckIn { code: "W".repeat(APPOINTMENT_ID_BYTES_MAX).parse().unwrap() },
        KioskAction::Return { number: number() },
        KioskAction::Cancel { number: number() },
    ] {
        fits(&KioskRequest { request, ..kiosk_request() });
    }
}

#[test]
fn the_largest_kiosk_reply_fits() {
    let ticket = fits(&kiosk_reply(KioskOutcome::Ticket(issued())));
    assert!(fits(&kiosk_reply(KioskOutcome::Refused(refused()))) > ticket, "the refusal is larger");
    fits(&kiosk_reply(handed_in()));
    let lease = LeasedNumbers { service: id(), first: number(), count: u16::MAX, day: i32::MIN };
    fits(&kiosk_reply(KioskOutcome::Lease(lease)));
    fits(&kiosk_reply(KioskOutcome::Cancelled { number: number() }));
    fits(&kiosk_reply(KioskOutcome::LeaseEnded { first: number() }));
}

#[test]
fn the_largest_menu_fits() {
    let length = fits(&menu());
    assert!(length > 7 * 1_024, "a menu this full is what its larger bound is for: {length} bytes");
}

#[test]
fn the_largest_press_fits() {
    for key in Key::ALL {
        fits(&press(key));
    }
}

#[test]
fn the_largest_window_reply_fits() {
    for mode in [WindowMode::Open, WindowMode::Paused, WindowMode::Closed] {
        fits(&window_reply(PressOutcome::Done { mode, ticket: Some(ticket()), armed: true }));
    }
    fits(&window_reply(PressOutcome::Refused(refused())));
}

#[test]
fn the_largest_window_state_fits() {
    for mode in [WindowMode::Open, WindowMode::Paused, WindowMode::Closed] {
        for lamp in [Lamp::Off, Lamp::Green, Lamp::Red, Lamp::Amber] {
            fits(&window_state(mode, lamp));
        }
    }
}

#[test]
fn the_largest_board_fits() {
    fits(&board());
}

#[test]
fn the_largest_device_status_fits() {
    fits(&device_status());
}

#[test]
fn the_largest_day_head_fits() {
    fits(&day_head());
}

#[test]
fn the_largest_controller_status_fits() {
    fits(&controller_status());
}

#[test]
fn the_largest_event_notice_fits() {
    fits(&event_notice());
}

/// A journal outlives the 32 bits of a device's own sequence.
#[test]
fn an_event_notice_past_four_thousand_million_events_still_reads() {
    for seq in [u64::from(u32::MAX), u64::from(u32::MAX) + 1] {
        fits(&EventNotice { seq, ..event_notice() });
    }
}

#[test]
fn every_payload_passes_over_what_it_does_not_know_and_refuses_other_versions() {
    reads_only_its_version(&kiosk_request());
    reads_only_its_version(&hand_in());
    reads_only_its_version(&kiosk_reply(handed_in()));
    reads_only_its_version(&kiosk_reply(KioskOutcome::Ticket(issued())));
    reads_only_its_version(&kiosk_reply(KioskOutcome::Refused(refused())));
    reads_only_its_version(&menu());
    reads_only_its_version(&press(Key::NoShow));
    reads_only_its_version(&window_reply(PressOutcome::Refused(refused())));
    reads_only_its_version(&window_state(WindowMode::Paused, Lamp::Amber));
    reads_only_its_version(&board());
    reads_only_its_version(&device_status());
    reads_only_its_version(&controller_status());
    reads_only_its_version(&day_head());
    reads_only_its_version(&event_notice());
}

/// No text costs more in JSON than the escapes [`full`] is made of: two bytes for each of its own.
#[test]
fn no_character_takes_more_room_than_the_largest_assume() {
    for c in (0..=u32::from(char::MAX)).filter_map(char::from_u32) {
        let kept = Text::<32>::new(c.encode_utf8(&mut [0; 4]));
        let length = |firmware| {
            let status = DeviceStatus { v: V, online: true, session: 1, firmware };
            json::encode(&status, &mut [0; 256]).unwrap()
        };
        let taken = length(kept.clone()) - length(Text::default());
        assert!(taken <= 2 * kept.len(), "{c:?} takes {taken} bytes");
    }
}

/// Whatever the bytes, each type refuses or reads them; what it reads it can also write.
fn try_all(bytes: &[u8]) {
    fn one<T: Payload + PartialEq + Debug>(bytes: &[u8]) {
        if let Ok(payload) = json::decode::<T>(bytes) {
            fits(&payload);
        }
    }
    one::<KioskRequest>(bytes);
    one::<KioskReply>(bytes);
    one::<Menu>(bytes);
    one::<Press>(bytes);
    one::<WindowReply>(bytes);
    one::<WindowState>(bytes);
    one::<Board>(bytes);
    one::<DeviceStatus>(bytes);
    one::<ControllerStatus>(bytes);
    one::<ControllerClaim>(bytes);
    one::<DayHead>(bytes);
    one::<EventNotice>(bytes);
}

/// The text of one payload of each kind, to be damaged.
fn examples() -> Vec<String> {
    fn text<T: Payload>(payload: &T) -> String {
        let mut room = vec![0; T::BYTES_MAX];
        let length = json::encode(payload, &mut room).unwrap();
        String::from_utf8(room[..length].to_vec()).unwrap()
    }
    vec![
        text(&kiosk_request()),
        text(&hand_in()),
        text(&kiosk_reply(handed_in())),
        text(&kiosk_reply(KioskOutcome::Ticket(issued()))),
        text(&menu()),
        text(&press(Key::Pause)),
        text(&window_reply(PressOutcome::Done {
            mode: WindowMode::Open,
            ticket: Some(ticket()),
            armed: true,
        })),
        text(&window_reply(PressOutcome::Refused(refused()))),
        text(&window_state(WindowMode::Paused, Lamp::Amber)),
        text(&board()),
        text(&device_status()),
        text(&controller_status()),
        text(&controller_claim()),
        text(&day_head()),
        text(&event_notice()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn random_bytes_panic_nobody(bytes in prop::collection::vec(any::<u8>(), 0..1_100)) {
        try_all(&bytes);
    }

    #[test]
    fn what_looks_like_json_panics_nobody(
        text in r#"(\{"v":1,)?([{}\[\]:,"\\]|\\u[0-9a-fD]{0,4}|null|true|-?[0-9]{1,25}|"[a-z]{1,8}":|\PC){0,60}"#,
    ) {
        try_all(text.as_bytes());
    }

    #[test]
    fn a_damaged_payload_panics_nobody(
        which in any::<prop::sample::Index>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let examples = examples();
        let mut bytes = which.get(&examples).clone().into_bytes();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        try_all(&bytes);
    }
}
