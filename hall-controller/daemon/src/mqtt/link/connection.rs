//! One connection to the broker: what is asked of the MQTT library, and what it answers.
//!
//! A new client is made for each connection, because what must survive one (the outbox, the
//! states) lives in this module's neighbours and not in the library. Nothing here waits for the
//! broker except [`Connection::event`].

use std::pin::Pin;

use bytes::Bytes;
use rumqttc::NetworkOptions;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{
    Filter, LastWill, Publish, PublishProperties, RetainForwardRule, SubscribeProperties,
};
use rumqttc::v5::{AsyncClient, ConnectionError, Event, EventLoop, MqttOptions};

use super::outbox::{IN_FLIGHT_MAX, Publication};
use super::{LinkOptions, PACKET_BYTES_MAX, Presence, RECEIVE_MAX, Session};

/// Requests on their way to the library: everything that may be under way at the same time, so
/// that handing one over never waits.
const REQUESTS_MAX: usize = 2 * (RECEIVE_MAX as usize + IN_FLIGHT_MAX) + 16;

/// Packet ids run from 1 to this and round again, far beyond [`IN_FLIGHT_MAX`]; the library keeps a
/// slot for each.
const PACKET_IDS: u16 = 256;

/// A broker that does not answer a connection within this time is not there, in seconds.
const CONNECT_S: u64 = 5;

/// By this identifier the broker says of a message that it comes by [`Connection::look_back`].
pub(super) const LOOK_BACK_ID: usize = 1;

/// The polling of the library, which must not be dropped half done.
type Polling = Pin<Box<dyn Future<Output = (EventLoop, Result<Event, ConnectionError>)> + Send>>;

/// A connection, from the attempt to make it until it fails.
pub(super) struct Connection {
    client: AsyncClient,
    polling: Option<Polling>,
}

/// The library has ended, or does not take what it must.
#[derive(Debug)]
pub(super) struct Overloaded;

impl Connection {
    /// Begin to connect.
    pub(super) fn begin(options: &LinkOptions) -> Self {
        let (client, events) = AsyncClient::new(mqtt_options(options), REQUESTS_MAX);
        Self { client, polling: Some(poll(events)) }
    }

    /// What happens next. May be dropped and asked again.
    pub(super) async fn event(&mut self) -> Result<Event, ConnectionError> {
        let Some(polling) = &mut self.polling else { return Err(ConnectionError::RequestsDone) };
        let (events, result) = polling.await;
        // After an error the library would connect anew by itself; the task decides when.
        self.polling = result.is_ok().then(|| poll(events));
        result
    }

    /// Subscribe to everything at once; one SUBACK answers.
    pub(super) fn subscribe(&self, options: &LinkOptions) -> Result<(), Overloaded> {
        let pulse = options.pulse.as_ref().map(|pulse| {
            let mut filter = Filter::new(pulse.topic().to_string(), QoS::AtMostOnce);
            filter.retain_forward_rule = RetainForwardRule::Never;
            filter
        });
        let filters = options.subscriptions.iter().map(|subscription| {
            let mut filter = Filter::new(&subscription.filter, QoS::AtLeastOnce);
            filter.nolocal = !subscription.own;
            // So that a press its sender wants kept is known as such when it comes live.
            filter.preserve_retain = true;
            filter.retain_forward_rule = if subscription.retained {
                RetainForwardRule::OnEverySubscribe
            } else {
                RetainForwardRule::Never
            };
            filter
        });
        self.client.try_subscribe_many(filters.chain(pulse)).map_err(|_| Overloaded)
    }

    /// Subscribe to what was retained before. Its messages carry [`LOOK_BACK_ID`]; those that were retained are
    /// marked so, those that come live are not.
    pub(super) fn look_back(&self, filters: &[String]) -> Result<(), Overloaded> {
        let filters = filters.iter().map(|filter| {
            let mut filter = Filter::new(filter, QoS::AtLeastOnce);
            // Some brokers keep what the same client published from it when this is set, retained or not.
            filter.nolocal = false;
            filter.preserve_retain = false;
            filter.retain_forward_rule = RetainForwardRule::OnEverySubscribe;
            filter
        });
        let properties = SubscribeProperties { id: Some(LOOK_BACK_ID), user_properties: Vec::new() };
        self.client.try_subscribe_many_with_properties(filters, properties).map_err(|_| Overloaded)
    }

    /// Unsubscribe from what [`Connection::look_back`] asked for: live, it would bring our own words.
    pub(super) fn look_ahead(&self, filters: &[String]) -> Result<(), Overloaded> {
        filters.iter().try_for_each(|filter| self.client.try_unsubscribe(filter).map_err(|_| Overloaded))
    }

    /// Publish at QoS 1.
    pub(super) fn publish(&self, publication: Publication) -> Result<(), Overloaded> {
        let retain = publication.retain();
        let properties = PublishProperties {
            message_expiry_interval: publication.expiry_s,
            correlation_data: publication.correlation,
            response_topic: publication.response_topic.map(|topic| topic.to_string()),
            ..PublishProperties::default()
        };
        let topic = publication.to.to_string();
        let sent = self.client.try_publish_with_properties(
            topic,
            QoS::AtLeastOnce,
            retain,
            publication.payload,
            properties,
        );
        sent.map_err(|_| Overloaded)
    }

    /// Publish what only this link understands, at QoS 0.
    pub(super) fn pulse(&self, topic: String, payload: String) -> Result<(), Overloaded> {
        self.client.try_publish(topic, QoS::AtMostOnce, false, payload).map_err(|_| Overloaded)
    }

    /// Acknowledge the message with this packet id.
    pub(super) fn acknowledge(&self, packet_id: u16) -> Result<(), Overloaded> {
        let mut message = Publish::new(String::new(), QoS::AtLeastOnce, Bytes::new(), None);
        message.pkid = packet_id;
        self.client.try_ack(&message).map_err(|_| Overloaded)
    }

    /// Say goodbye; the broker then keeps the will to itself.
    pub(super) fn disconnect(&self) -> Result<(), Overloaded> {
        self.client.try_disconnect().map_err(|_| Overloaded)
    }
}

fn poll(mut events: EventLoop) -> Polling {
    Box::pin(async move {
        let event = events.poll().await;
        (events, event)
    })
}

fn mqtt_options(options: &LinkOptions) -> MqttOptions {
    let mut mqtt = MqttOptions::new(&options.client_id, &options.host, options.port);
    mqtt.set_keep_alive(options.keep_alive);
    mqtt.set_manual_acks(true);
    mqtt.set_connection_timeout(CONNECT_S);
    mqtt.set_outgoing_inflight_upper_limit(PACKET_IDS);
    mqtt.set_receive_maximum(Some(RECEIVE_MAX));
    mqtt.set_max_packet_size(Some(PACKET_BYTES_MAX));
    match options.session {
        Session::Kept(time) => {
            mqtt.set_clean_start(false);
            mqtt.set_session_expiry_interval(Some(u32::try_from(time.as_secs()).unwrap_or(u32::MAX)));
        }
        Session::Fresh => {
            mqtt.set_clean_start(true);
        }
    }
    if let Some(credentials) = &options.credentials {
        mqtt.set_credentials(&credentials.username, &credentials.password);
    }
    if let Some(status) = &options.status {
        let will = (status.announcement)(Presence::Offline);
        mqtt.set_last_will(LastWill::new(status.topic.to_string(), will, QoS::AtLeastOnce, true, None));
    }
    let mut network = NetworkOptions::new();
    // Without it every small message waits 40 ms for the acknowledgement of the one before it.
    network.set_tcp_nodelay(true);
    mqtt.set_network_options(network);
    mqtt
}
