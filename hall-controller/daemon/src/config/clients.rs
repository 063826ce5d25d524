//! The tables `[[client]]`: programs outside the hall, such as the city's booking system or the commands
//! of the hall's technician, the token each is known by, and what each may ask.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;

use hall_protocol::id::ClientId;

use super::errors::words;
use super::reader::{Table, Value};
use super::secrets::{Secret, secret};
use super::values::{Names, id, one_of};

/// A shorter token could be found by trying.
const TOKEN_BYTES_MIN: usize = 16;

/// A program that may ask for something by its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Its name, which stands in the journal.
    pub id: ClientId,
    /// What it shows.
    pub token: Token,
    /// What it may ask.
    pub may: Vec<Right>,
}

/// What a client may ask, of its own kind each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// To book appointments.
    Appointments,
    /// To order windows, policies and the balancer, as the hall's manager.
    Manage,
    /// To see the signs and have them show tests.
    Signs,
    /// To put up and take down emergency texts.
    Emergency,
}

impl Right {
    /// Its word in the configuration.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Appointments => "appointments",
            Self::Manage => "manage",
            Self::Signs => "signs",
            Self::Emergency => "emergency",
        }
    }
}

const RIGHTS: [(&str, Right); 4] = [
    (Right::Appointments.word(), Right::Appointments),
    (Right::Manage.word(), Right::Manage),
    (Right::Signs.word(), Right::Signs),
    (Right::Emergency.word(), Right::Emergency),
];

/// A secret word. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A word nobody knows yet: 64 bits of the keys that the standard library takes from the system.
    pub fn unguessed() -> Self {
        Self(format!("{:016x}", RandomState::new().hash_one(())))
    }

    /// The word, to be shown to whom it is meant for.
    pub fn shown(&self) -> &str {
        &self.0
    }

    /// Whether `shown` is this word. Takes as long for any word of its length.
    pub fn is(&self, shown: &str) -> bool {
        let differing =
            self.0.bytes().zip(shown.bytes()).fold(0, |differing, (one, other)| differing | (one ^ other));
        self.0.len() == shown.len() && differing == 0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// The clients, as far as they can be read; their files are below `base`.
pub(super) fn of(root: &Table<'_>, base: &Path) -> Vec<Client> {
    let mut names = Names::default();
    let mut clients: Vec<Client> = Vec::new();
    for table in root.each("client") {
        let asked = table.required("id", "\"city\"");
        let id: Option<ClientId> = asked.as_ref().and_then(id);
        if let (Some(value), Some(_)) = (&asked, id) {
            names.give(value, "client");
        }
        let file = table.required("token_file", "\"city.token\"");
        let token = file.as_ref().and_then(|value| secret(value, base, Secret::Token));
        if let (Some(file), Some(token)) = (&file, &token) {
            let bytes = token.len();
            if bytes < TOKEN_BYTES_MIN {
                file.wrong(
                    words!(
                        "口令只有 {bytes} 字节，可能被猜出",
                        "the token has {bytes} bytes and could be guessed"
                    ),
                    words!(
                        "请写至少 {TOKEN_BYTES_MIN} 字节的口令，例如 openssl rand -hex 24 给出的",
                        "write one of at least {TOKEN_BYTES_MIN}, such as openssl rand -hex 24 gives"
                    ),
                );
            }
            if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
                file.wrong(
                    words!(
                        "口令中有 HTTP 头不能传送的字符",
                        "the token has characters that no HTTP header carries"
                    ),
                    words!(
                        "请写不含空格的字母、数字和符号",
                        "write letters, digits and signs without spaces"
                    ),
                );
            }
            if let Some(other) = clients.iter().find(|other| other.token.is(token)) {
                file.wrong(
                    words!(
                        "接口用户 \"{id}\" 的口令与此相同",
                        "client \"{id}\" has the same token",
                        id = other.id
                    ),
                    words!("请给每个接口用户各写一个口令", "write a token of its own for each"),
                );
            }
        }
        let may = match table.optional("may", "[\"signs\", \"emergency\"]") {
            Some(list) => rights(&list),
            None => Some(vec![Right::Appointments]),
        };
        table.finish();
        if let (Some(id), Some(token), Some(may)) = (id, token, may) {
            clients.push(Client { id, token: Token(token), may });
        }
    }
    clients
}

fn rights(list: &Value<'_>) -> Option<Vec<Right>> {
    let items = list.items()?;
    if items.is_empty() {
        list.wrong_for_example(words!("此接口用户没有任何权限", "the client may do nothing"));
    }
    // Every word is read, so that all of them are told what is wrong.
    items.iter().map(|item| one_of(item, &RIGHTS)).collect::<Vec<_>>().into_iter().collect()
}
