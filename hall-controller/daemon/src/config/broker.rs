//! The table `[mqtt]`: exactly one broker, and who the controller is to it.

use std::net::SocketAddr;
use std::path::Path;

use super::errors::words;
use super::reader::{Table, Value, quoted};
use super::secrets::{SECRET_BYTES_MAX, Secret, secret};
use super::values::{listen, one_line};
use super::{Login, Mqtt};

/// The TCP port of MQTT without TLS, as registered with IANA.
const MQTT_PORT: u16 = 1_883;

/// The longest DNS name, in bytes.
const HOST_BYTES_MAX: usize = 253;

/// The table `[mqtt]`; password files are below `base`, `web` is the address already taken.
pub(super) fn mqtt(root: &Table<'_>, base: &Path, web: Option<SocketAddr>) -> Option<Mqtt> {
    let table = root.section("mqtt")?;
    let inside = table.optional("embedded", "{ listen = \"127.0.0.1:1883\" }");
    let outside = table.optional(
        "broker",
        "{ host = \"192.168.1.10\", username = \"controller\", password_file = \"mqtt.password\" }",
    );
    table.finish();
    match (inside, outside) {
        (Some(value), None) => embedded(&value.table()?, web),
        (None, Some(value)) => external(&value.table()?, base),
        (Some(_), Some(value)) => {
            value.wrong(
                words!("写了两个消息服务器", "there are two brokers"),
                words!(
                    "embedded 和 broker 只写一个，删去另一个",
                    "write either embedded or broker, and remove the other"
                ),
            );
            None
        }
        (None, None) => {
            table.wrong(
                words!("没有消息服务器", "there is no broker"),
                words!(
                    "请写 embedded = {{ listen = \"127.0.0.1:1883\" }}，自备的则写 broker = {{ host = … }}",
                    "write embedded = {{ listen = \"127.0.0.1:1883\" }}, or broker = {{ host = … }} for one of your own"
                ),
            );
            None
        }
    }
}

fn embedded(table: &Table<'_>, web: Option<SocketAddr>) -> Option<Mqtt> {
    let asked = table.required("listen", "\"127.0.0.1:1883\"");
    let address = asked.as_ref().and_then(listen);
    let allowed = match table.optional("allow_beyond_loopback_without_passwords", "false") {
        Some(value) => value.boolean(),
        None => Some(false),
    };
    if let (Some(value), Some(address)) = (&asked, address) {
        if allowed == Some(false) && !address.ip().to_canonical().is_loopback() {
            value.wrong(
                words!(
                    "其他机器可连接 {address}，而内置消息服务器不要求密码：网络上任何人都能按键",
                    "other machines could connect to {address}, and the embedded broker asks for no password: \
                     anybody on the network could press keys"
                ),
                words!(
                    "请写 \"127.0.0.1:{port}\"；若在设备专用网络，写 allow_beyond_loopback_without_passwords = true，\
                     或改用 Mosquitto（deploy/mosquitto）",
                    "write \"127.0.0.1:{port}\", or, on a network of the devices' own, \
                     allow_beyond_loopback_without_passwords = true, or use Mosquitto (deploy/mosquitto)",
                    port = address.port()
                ),
            );
        }
        if let Some(web) = web.filter(|web| meet(*web, address)) {
            value.wrong(
                words!("网页已在 {web} 上", "the web pages listen on {web} already"),
                words!("请写另一个端口", "write another port"),
            );
        }
    }
    table.finish();
    allowed?;
    Some(Mqtt::Embedded { listen: address? })
}

/// Whether only one of two can listen: 0.0.0.0 and [::] are every address.
fn meet(one: SocketAddr, other: SocketAddr) -> bool {
    let everywhere = one.ip().is_unspecified() || other.ip().is_unspecified();
    one.port() == other.port() && (everywhere || one.ip() == other.ip())
}

fn external(table: &Table<'_>, base: &Path) -> Option<Mqtt> {
    let host = table.required("host", "\"192.168.1.10\"").and_then(|value| host(&value));
    let port = match table.optional("port", "1883") {
        Some(value) => value.small(&(1..=i64::from(u16::MAX)), "a port"),
        None => Some(MQTT_PORT),
    };
    let controller = login(table, base, "username", "password_file");
    let devices = login(table, base, "virtual_devices_username", "virtual_devices_password_file");
    table.finish();
    Some(Mqtt::External { host: host?, port: port?, login: controller?, virtual_devices_login: devices? })
}

fn host(value: &Value<'_>) -> Option<String> {
    let text = one_line(value, HOST_BYTES_MAX)?;
    let is_address = text.parse::<std::net::IpAddr>().is_ok();
    let is_name = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    if !is_address && !is_name {
        value.wrong(
            words!("{text} 不是主机", "{text} is no host", text = quoted(text)),
            words!(
                "请只写主机名或 IP 地址，例如 \"192.168.1.10\"，端口写作 port = 1883",
                "write the name or IP address alone, such as \"192.168.1.10\", and the port as port = 1883"
            ),
        );
        return None;
    }
    Some(text.to_owned())
}

/// A user and the file of its password; both or neither. The outer `None` when it is wrong.
#[expect(clippy::option_option, reason = "wrong, absent and present are three answers")]
fn login(
    table: &Table<'_>,
    base: &Path,
    username: &'static str,
    password_file: &'static str,
) -> Option<Option<Login>> {
    let user = table.optional(username, "\"controller\"");
    let file = table.optional(password_file, "\"mqtt.password\"");
    let (user, file) = match (user, file) {
        (None, None) => return Some(None),
        (Some(user), Some(file)) => (user, file),
        (Some(user), None) => {
            user.wrong(
                words!("有用户名而没有密码", "a user without a password"),
                words!(
                    "请写 {password_file} = \"mqtt.password\"",
                    "write {password_file} = \"mqtt.password\""
                ),
            );
            return None;
        }
        (None, Some(file)) => {
            file.wrong(
                words!("有密码而没有用户名", "a password without its user"),
                words!("请写 {username} = \"controller\"", "write {username} = \"controller\""),
            );
            return None;
        }
    };
    let username = one_line(&user, SECRET_BYTES_MAX).map(str::to_owned);
    let password = secret(&file, base, Secret::Password);
    Some(Some(Login { username: username?, password: password? }))
}
