//! An MQTT client as a maker of devices would write one: topics and JSON by the document alone.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{Packet, PublishProperties};
use rumqttc::v5::{Event, MqttOptions};
use serde_json::Value;

use super::{PATIENCE, eventually};

/// A request is repeated after this long without a reply: an impatient device.
const REPEAT_AFTER: Duration = Duration::from_millis(200);

/// Without a sign of life from the broker for this long, a client comes anew.
const KEEP_ALIVE: Duration = Duration::from_secs(5);

/// One message that came.
#[derive(Debug, Clone)]
pub struct Message {
    pub topic: String,
    pub body: Value,
    pub correlation: Option<Vec<u8>>,
}

#[derive(Default)]
struct Inbox {
    messages: Mutex<Vec<Message>>,
    came: Condvar,
    connections: Mutex<u32>,
    /// Nobody holds the client any more.
    left: AtomicBool,
}

/// A connected client; comes back by itself when the broker does.
pub struct Client {
    client: rumqttc::v5::Client,
    inbox: Arc<Inbox>,
}

impl Drop for Client {
    fn drop(&mut self) {
        self.inbox.left.store(true, Ordering::Relaxed);
        let _ = self.client.try_disconnect();
    }
}

impl Client {
    /// Connect to the broker on this port, without a name or password, and subscribe.
    pub fn connect(port: u16, id: &str, filters: &[String]) -> Self {
        Self::with_options(MqttOptions::new(id, "127.0.0.1", port), KEEP_ALIVE, filters)
    }

    /// The same, staying with its connection however long the broker says nothing. Others come back, and
    /// send again what has no acknowledgement as if it were as young as it says.
    pub fn connect_for_long(port: u16, id: &str, filters: &[String]) -> Self {
        Self::with_options(MqttOptions::new(id, "127.0.0.1", port), Duration::from_secs(300), filters)
    }

    /// The same with a user name and a password.
    pub fn log_in(port: u16, user: &str, password: &str, filters: &[String]) -> Self {
        let mut options = MqttOptions::new(user, "127.0.0.1", port);
        options.set_credentials(user, password);
        Self::with_options(options, KEEP_ALIVE, filters)
    }

    /// The same, staying with its connection while the broker says nothing for a minute.
    pub fn log_in_for_long(port: u16, user: &str, password: &str, filters: &[String]) -> Self {
        let mut options = MqttOptions::new(user, "127.0.0.1", port);
        options.set_credentials(user, password);
        Self::with_options(options, Duration::from_secs(100), filters)
    }

    fn with_options(mut options: MqttOptions, keep_alive: Duration, filters: &[String]) -> Self {
        options.set_keep_alive(keep_alive);
        let (client, mut connection) = rumqttc::v5::Client::new(options, 512);
        let inbox = Arc::new(Inbox::default());
        let (kept, subscriber, filters) = (Arc::clone(&inbox), client.clone(), filters.to_vec());
        std::thread::spawn(move || {
            for event in connection.iter() {
                match event {
                    // Otherwise it would come back whenever its place at the broker is taken.
                    Err(_) if kept.left.load(Ordering::Relaxed) => break,
                    Ok(Event::Incoming(Packet::ConnAck(_))) => {
                        for filter in &filters {
                            let _ = subscriber.try_subscribe(filter, QoS::AtLeastOnce);
                        }
                        if filters.is_empty() {
                            *kept.connections.lock().unwrap() += 1;
                        }
                    }
                    Ok(Event::Incoming(Packet::SubAck(_))) => *kept.connections.lock().unwrap() += 1,
                    Ok(Event::Incoming(Packet::Publish(publish))) => {
                        let properties = publish.properties.unwrap_or_default();
                        let message = Message {
                            topic: String::from_utf8_lossy(&publish.topic).into_owned(),
                            body: serde_json::from_slice(&publish.payload).unwrap_or(Value::Null),
                            correlation: properties.correlation_data.map(|data| data.to_vec()),
                        };
                        kept.messages.lock().unwrap().push(message);
                        kept.came.notify_all();
                    }
                    Ok(_) => {}
                    // All handles are gone: so is the test.
                    Err(rumqttc::v5::ConnectionError::RequestsDone) => break,
                    Err(_) => std::thread::sleep(Duration::from_millis(20)),
                }
            }
        });
        let client = Self { client, inbox };
        eventually("the client connects", || (*client.inbox.connections.lock().unwrap() > 0).then_some(()));
        client
    }

    /// Publish bytes, whatever they are.
    pub fn publish(&self, topic: &str, payload: impl Into<Vec<u8>>, retain: bool) {
        self.client.publish(topic, QoS::AtLeastOnce, retain, payload.into()).unwrap();
    }

    /// Publish a request with a response topic and this correlation data, once.
    pub fn request(&self, topic: &str, reply_topic: &str, correlation: &[u8], body: &Value) {
        let properties = PublishProperties {
            response_topic: Some(reply_topic.to_owned()),
            correlation_data: Some(correlation.to_vec().into()),
            message_expiry_interval: Some(10),
            ..PublishProperties::default()
        };
        let payload = body.to_string();
        self.client.publish_with_properties(topic, QoS::AtLeastOnce, false, payload, properties).unwrap();
    }

    /// Request until the reply comes, as a device does: the same words again and again.
    pub fn ask(&self, topic: &str, reply_topic: &str, body: &Value) -> Message {
        self.ask_until(topic, reply_topic, body, PATIENCE)
            .unwrap_or_else(|| panic!("no reply to {body} on {topic} within {} s", PATIENCE.as_secs()))
    }

    /// The same, giving up after `patience`.
    pub fn ask_until(
        &self,
        topic: &str,
        reply_topic: &str,
        body: &Value,
        patience: Duration,
    ) -> Option<Message> {
        let correlation = format!("{}/{}", body["session"], body["seq"]).into_bytes();
        let started = Instant::now();
        while started.elapsed() < patience {
            self.request(topic, reply_topic, &correlation, body);
            let left = REPEAT_AFTER.min(patience.saturating_sub(started.elapsed()));
            let ours = |message: &Message| {
                message.topic == reply_topic && message.correlation.as_deref() == Some(&correlation)
            };
            if let Some(reply) = self.wait_for(left, ours) {
                return Some(reply);
            }
        }
        None
    }

    /// The first message, from the beginning, that is `wanted`.
    pub fn wait(&self, what: &str, wanted: impl Fn(&Message) -> bool) -> Message {
        self.wait_for(PATIENCE, wanted).unwrap_or_else(|| {
            panic!("{what}: not within {} s; came: {:#?}", PATIENCE.as_secs(), self.messages())
        })
    }

    fn wait_for(&self, patience: Duration, wanted: impl Fn(&Message) -> bool) -> Option<Message> {
        let started = Instant::now();
        let mut messages = self.inbox.messages.lock().unwrap();
        loop {
            if let Some(found) = messages.iter().find(|message| wanted(message)) {
                return Some(found.clone());
            }
            let left = patience.checked_sub(started.elapsed())?;
            messages = self.inbox.came.wait_timeout(messages, left).unwrap().0;
        }
    }

    /// Everything that came so far.
    pub fn messages(&self) -> Vec<Message> {
        self.inbox.messages.lock().unwrap().clone()
    }
}
