//! What waits goes out in the right order, once, and is bounded whatever the broker does.

use super::*;

fn topic(text: &str) -> Topic {
    Topic::parse(&format!("hall/v1/linjiang/{text}")).unwrap()
}

fn message(number: u16, expiry_s: u64) -> Message {
    Message {
        to: Destination::Ours(topic("window/7/reply")),
        payload: Bytes::from(format!("message {number}")),
        expiry: Duration::from_secs(expiry_s),
        correlation: Some(Bytes::from(number.to_be_bytes().to_vec())),
        response_topic: None,
    }
}

const ROOMY: usize = 65_536;

/// Take everything there is, numbering and answering each at once.
fn drain(outbox: &mut Outbox, now: Instant) -> Vec<(String, String)> {
    let mut sent = vec![];
    for packet_id in 1.. {
        let Some(publication) = outbox.next(now, ROOMY) else { break };
        outbox.numbered(packet_id);
        outbox.answered(packet_id);
        let payload = String::from_utf8(publication.payload.to_vec()).unwrap();
        sent.push((publication.to.to_string(), payload));
    }
    sent
}

fn payloads(outbox: &mut Outbox, now: Instant) -> Vec<String> {
    drain(outbox, now).into_iter().map(|(_, payload)| payload).collect()
}

#[test]
fn replies_go_before_states_and_of_a_state_only_the_latest() {
    let (mut outbox, now) = (Outbox::default(), Instant::now());
    outbox.put_state(topic("window/7/state"), Bytes::from_static(b"old"));
    outbox.put_state(topic("zone/A/board"), Bytes::from_static(b"board"));
    outbox.put_state(topic("window/7/state"), Bytes::from_static(b"new"));
    outbox.put_message(message(1, 10), now);
    outbox.put_message(message(2, 10), now);
    assert_eq!(payloads(&mut outbox, now), ["message 1", "message 2", "new", "board"]);
    assert!(outbox.is_idle());
}

#[test]
fn a_message_too_old_is_dropped_and_counted_and_the_expiry_that_is_left_goes_with_it() {
    let (mut outbox, now) = (Outbox::default(), Instant::now());
    outbox.put_message(message(1, 2), now);
    outbox.put_message(message(2, 10), now);
    let publication = outbox.next(now + Duration::from_millis(2_500), ROOMY).unwrap();
    assert_eq!((&publication.payload[..], publication.expiry_s), (&b"message 2"[..], Some(8)));
    assert_eq!(outbox.take_losses(), Losses { dropped: 1, oversized: 0 });
    assert_eq!(outbox.take_losses(), Losses::default());
}

#[test]
fn a_new_connection_repeats_what_was_not_answered_and_every_state_the_status_first() {
    let (mut outbox, now) = (Outbox::default(), Instant::now());
    let status = topic("controller/status");
    outbox.put_state(topic("window/7/state"), Bytes::from_static(b"state"));
    outbox.put_state(status, Bytes::from_static(b"online"));
    drain(&mut outbox, now);
    for number in 1..=3 {
        outbox.put_message(message(number, 10), now);
        outbox.next(now, ROOMY).unwrap();
        outbox.numbered(number);
    }
    // The broker has answered the second only.
    outbox.answered(2);
    outbox.connected(Some(&status));
    assert_eq!(payloads(&mut outbox, now), ["message 1", "message 3", "online", "state"]);
}

#[test]
fn no_more_than_the_broker_may_have_is_ahead_of_its_answers() {
    let (mut outbox, now) = (Outbox::default(), Instant::now());
    for number in 0..100 {
        outbox.put_message(message(number, 10), now);
    }
    let sent = std::iter::from_fn(|| outbox.next(now, ROOMY)).count();
    assert_eq!(sent, IN_FLIGHT_MAX);
    outbox.numbered(1);
    outbox.answered(1);
    assert!(outbox.next(now, ROOMY).is_some() && outbox.next(now, ROOMY).is_none());
}

#[test]
fn without_a_broker_the_oldest_messages_go_and_the_number_is_bounded() {
    let (mut outbox, now) = (Outbox::default(), Instant::now());
    let more = 10;
    for number in 0..MESSAGES_MAX + more {
        outbox.put_message(message(u16::try_from(number).unwrap(), 10), now);
    }
    assert_eq!(outbox.take_losses().dropped, more as u64);
    assert_eq!(payloads(&mut outbox, now).first().unwrap(), &format!("message {more}"));
}

#[test]
fn what_the_broker_would_not_take_is_left_out_and_the_rest_goes() {
    let (mut outbox, now) = (Outbox::default(), Instant::now());
    outbox.put_state(topic("kiosk/K1/menu"), Bytes::from(vec![b'x'; 500]));
    outbox.put_state(topic("window/7/state"), Bytes::from_static(b"small"));
    let publication = outbox.next(now, 200).unwrap();
    assert_eq!(&publication.payload[..], b"small");
    assert_eq!(outbox.next(now, 200), None);
    assert_eq!(outbox.take_losses(), Losses { dropped: 0, oversized: 1 });
}

#[test]
fn a_state_that_somebody_else_overwrote_is_sent_again_once_and_our_own_that_came_back_is_not() {
    let (mut outbox, now) = (Outbox::default(), Instant::now());
    outbox.put_state(topic("window/7/state"), Bytes::from_static(b"open"));
    assert_eq!(payloads(&mut outbox, now), ["open"]);
    outbox.restore(topic("window/7/state"), b"open");
    outbox.restore(topic("window/8/state"), b"");
    assert!(outbox.is_idle());
    outbox.restore(topic("window/7/state"), b"");
    outbox.restore(topic("window/7/state"), b"forged");
    assert_eq!(payloads(&mut outbox, now), ["open"]);
}
