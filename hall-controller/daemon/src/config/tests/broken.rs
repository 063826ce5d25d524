//! What is said of each mistake: one small edit of the good text, and one error with its line, its
//! key, the cause and the remedy.

use std::fmt::Write as _;

use super::{FILE, GOOD, edited, parse};

/// One mistake.
struct Mistake {
    /// What of the good text is replaced.
    from: &'static str,
    /// By this.
    to: &'static str,
    /// Stands once in the broken text, and begins on the line that is named.
    at: &'static str,
    key: &'static str,
    cause: &'static str,
    remedy: &'static str,
}

macro_rules! mistakes {
    ($($from:literal => $to:literal, at $at:literal, $key:literal: $cause:literal; $remedy:literal)*) => {
        &[$(Mistake { from: $from, to: $to, at: $at, key: $key, cause: $cause, remedy: $remedy }),*]
    };
}

mod protocols;
mod sense;

const KEYS_AND_KINDS: &[Mistake] = mistakes! {
    "\"Test hall\"" => "\"Test hall", at "name_en = \"Test hall",
        "syntax": "invalid basic string"; "text in double quotes"
    "name = \"测试大厅\"" => "id = \"two\"", at "id = \"two\"",
        "syntax": "duplicate key"; "remove one of the two"
    "[journal]" => "[journal", at "[journal",
        "syntax": "unclosed table"; "table names in […] or [[…]]"
    "time_zone = \"Asia/Shanghai\"\n" => "", at "[hall]",
        "hall.time_zone": "missing"; "write time_zone = \"Asia/Shanghai\""
    "time_zone" => "time_zon", at "time_zon ",
        "hall.time_zon": "unknown"; "did you mean time_zone?"
    "day_starts" => "days_start", at "days_start",
        "hall.days_start": "unknown"; "did you mean day_starts?"
    "[journal]" => "[jurnal]", at "[jurnal]",
        "jurnal": "unknown"; "did you mean journal?"
    "digits = 4" => "paper = 4", at "paper = 4",
        "service \"tax\".paper": "unknown"; "remove it; the keys here are id, name, name_en, prefix"
    "[journal]\ndirectory = \"data\"\n" => "", at "[hall]",
        "journal": "this table is missing"; "write [journal] with its keys"
    "id = \"ZA\"\n" => "", at "[[line.sign]]\naddress = 1\nwidth = 256",
        "line[2].sign[1].id": "missing"; "write id = \"W1\""
    "id = \"W1\"\naddress = 1" => "id = \"W1\"\naddress = \"1\"", at "address = \"1\"",
        "line[1].sign \"W1\".address": "a number is wanted, not text"; "write 1 without quotes"
    "\"04:00\"" => "04:00:00", at "day_starts",
        "hall.day_starts": "text in double quotes is wanted, not a time without quotes"; "day_starts = \"00:00\""
    "[\"tax\"]\n\n[[kiosk]]" => "\"tax\"\n\n[[kiosk]]", at "services = \"tax\"",
        "window \"2\".services": "a list in brackets is wanted, not text"; "[\"social\", \"tax\"]"
    "[web]" => "[[web]]", at "[[web]]",
        "web": "a table is wanted, not a list"; "write [web] in single brackets"
    "[\"social\", \"tax\"]" => "[\"social\",\n  7]", at "7]",
        "window \"1\".services[2]": "text in double quotes is wanted, not a number"; "write \"7\""
    "id = \"K2\"" => "id = 2", at "id = 2",
        "kiosk[2].id": "text in double quotes is wanted, not a number"; "write \"2\""
    "target_minutes = 20" => "target_minutes = \"soon\"", at "target_minutes",
        "service \"social\".target_minutes": "a number is wanted, not text"; "target_minutes = 15"
    "baud = 9600" => "baud = 9600.0", at "baud = 9600",
        "line[1].baud": "a number is wanted, not a number with a fraction"; "baud = 115200"
    "{ zone = \"A\" }" => "\"A\"", at "shows = \"A\"",
        "line[2].sign \"ZA\".shows": "a table is wanted, not text"; "shows = { window = \"1\" }"
};

const SETTINGS: &[Mistake] = mistakes! {
    "id = \"test\"" => "id = \"测试\"", at "id = \"测试\"",
        "hall.id": "not '测'"; "write for instance id = \"linjiang\""
    "\"Asia/Shanghai\"" => "\"Asia/Shanghia\"", at "time_zone",
        "hall.time_zone": "no time zone \"Asia/Shanghia\""; "did you mean \"Asia/Shanghai\"?"
    "\"Asia/Shanghai\"" => "\"北京\"", at "time_zone",
        "hall.time_zone": "no time zone \"北京\""; "IANA list"
    "\"04:00\"" => "\"4:00\"", at "day_starts",
        "hall.day_starts": "\"4:00\" is no time of day"; "from \"00:00\" to \"23:59\""
    "\"04:00\"" => "\"24:00\"", at "day_starts",
        "hall.day_starts": "\"24:00\" is no time of day"; "from \"00:00\" to \"23:59\""
    "\"04:00\"" => "\"04:60\"", at "day_starts",
        "hall.day_starts": "\"04:60\" is no time of day"; "from \"00:00\" to \"23:59\""
    "1500" => "-1", at "double_press",
        "hall.double_press_guard_ms": "-1 is out of range"; "milliseconds from 0 to 60000"
    "9000" => "99999999999999999999", at "press_age",
        "hall.press_age_max_ms": "out of range"; "milliseconds from 1000 to 300000"
    "9000" => "9000\nno_show_after_recalls = 11", at "no_show_after_recalls",
        "hall.no_show_after_recalls": "11 is out of range"; "recalls from 0 to 10"
    "9000" => "9000\ndefer_no_show_calls = 21", at "defer_no_show_calls",
        "hall.defer_no_show_calls": "21 is out of range"; "calls from 0 to 20"
    "9000" => "9000\nrouting = \"fair\"", at "routing",
        "hall.routing": "\"fair\" is none of"; "write one of \"fcfs\""
    "9000" => "9000\nbalance = \"advice\"", at "balance",
        "hall.balance": "\"advice\" is none of \"off\", \"advise\", \"auto\""; "did you mean \"advise\"?"
    "[journal]" => "[guard_rails]\npinned = [\"nine\"]\n\n[journal]", at "pinned",
        "guard_rails.pinned[1]": "there is no window \"nine\""; "window"
    "[journal]" => "[guard_rails]\ndwell_minutes = 241\n\n[journal]", at "dwell_minutes",
        "guard_rails.dwell_minutes": "241 is out of range"; "minutes from 0 to 240"
    "target_minutes = 20" => "target_minutes = 20\nusual_seconds = 5", at "usual_seconds",
        "service \"social\".usual_seconds": "5 is out of range"; "seconds from 10 to 7200"
    "[journal]" => "[[group]]\nid = \"t\"\nservices = [\"taxes\"]\nrouting = \"fcfs\"\n\n[journal]", at "services = [\"taxes\"]",
        "group \"t\".services[1]": "there is no service \"taxes\""; "did you mean \"tax\"?"
    "9000" => "9000\nstarvation_minutes = 5", at "starvation_minutes",
        "hall.starvation_minutes": "5 is out of range"; "minutes from 10 to 480"
    "9000" => "9000\npriority_quota = 1", at "priority_quota",
        "hall.priority_quota": "1 is out of range"; "calls from 2 to 20"
    "9000" => "9000\nno_show_after_ms = 600001", at "no_show_after_ms",
        "hall.no_show_after_ms": "out of range"; "milliseconds from 0 to 600000"
    "9000" => "9000\nreturn_grace_minutes = 481", at "return_grace",
        "hall.return_grace_minutes": "out of range"; "minutes from 0 to 480"
    "9000" => "9000\nreturn_seniority = \"front\"", at "return_seniority",
        "hall.return_seniority": "\"front\" is none of \"issue_time\", \"back\""; "write one of"
    "9000" => "9000\ntransfer_seniority = \"frunt\"", at "transfer_seniority",
        "hall.transfer_seniority": "\"frunt\" is none of"; "did you mean \"front\"?"
    "name_en = \"Test hall\"" => "name_en = \" \"", at "name_en = \" \"",
        "hall.name_en": "the text is empty"; "name_en = \"Linjiang County Service Hall\""
    "127.0.0.1:8080" => "0.0.0.0:8080", at "listen = \"0.0.0.0",
        "web.listen": "anybody on the network could call numbers"; "allow_beyond_loopback_without_logins = true"
    "127.0.0.1:8080" => "localhost:8080", at "listen = \"localhost",
        "web.listen": "is no IP address with a port"; "listen = \"127.0.0.1:8080\""
    "127.0.0.1:8080" => "127.0.0.1:80800", at "listen = \"127.0.0.1:80800",
        "web.listen": "there is no port 80800"; "a port from 1 to 65535"
    "127.0.0.1:8080" => "127.0.0.1:0", at "listen = \"127.0.0.1:0",
        "web.listen": "port 0"; "a port from 1 to 65535"
    "127.0.0.1:1883" => "192.168.1.10:1883", at "embedded",
        "mqtt.embedded.listen": "asks for no password"; "allow_beyond_loopback_without_passwords = true"
    "127.0.0.1:1883" => "127.0.0.1:8080", at "embedded",
        "mqtt.embedded.listen": "the web pages listen on 127.0.0.1:8080 already"; "another port"
    "127.0.0.1:1883\"" => "0.0.0.0:8080\", allow_beyond_loopback_without_passwords = true", at "embedded",
        "mqtt.embedded.listen": "the web pages listen on 127.0.0.1:8080 already"; "another port"
    "embedded = { listen = \"127.0.0.1:1883\" }\n" => "", at "[mqtt]",
        "mqtt": "there is no broker"; "embedded = { listen = \"127.0.0.1:1883\" }"
    "1883\" }\n" => "1883\" }\nbroker = { host = \"h\" }\n", at "broker",
        "mqtt.broker": "two brokers"; "either embedded or broker"
    "embedded = { listen = \"127.0.0.1:1883\" }" => "broker = { host = \"tcp://h:1883\" }", at "broker",
        "mqtt.broker.host": "\"tcp://h:1883\" is no host"; "the name or IP address alone"
    "embedded = { listen = \"127.0.0.1:1883\" }" => "broker = { host = \"h\", port = 65536 }", at "broker",
        "mqtt.broker.port": "65536 is out of range"; "a port from 1 to 65535"
    "embedded = { listen = \"127.0.0.1:1883\" }" => "broker = { host = \"h\", username = \"u\" }", at "broker",
        "mqtt.broker.username": "a user without a password"; "write password_file = \"mqtt.password\""
    "embedded = { listen = \"127.0.0.1:1883\" }" => "broker = { host = \"h\", virtual_devices_password_file = \"f\" }",
        at "broker",
        "mqtt.broker.virtual_devices_password_file": "without its user"; "virtual_devices_username = "
    "\"data\"" => "\"\"", at "directory",
        "journal.directory": "the text is empty"; "directory = \"/var/lib/hall-controller\""
};

const PLAN: &[Mistake] = mistakes! {
    "[[service]]\nid = \"social\"" => "[[zone]]\nid = \"A\" # again\nname = \"A\"\nname_en = \"A\"\n[[service]]\nid = \"social\"",
        at "id = \"A\" # again",
        "zone \"A\".id": "the zone on line 20 is called \"A\" already"; "an id of its own"
    "[[kiosk]]\nid = \"K1\"" => "[[window]]\nid = \"1\" # again\nservices = [\"tax\"]\n[[kiosk]]\nid = \"K1\"",
        at "id = \"1\" # again",
        "window \"1\".id": "the window on line 47 is called \"1\" already"; "for this window"
    "id = \"K2\"" => "id = \"1\"", at "id = \"1\"\nservices = [\"tax\"]",
        "kiosk \"1\".id": "the window on line 47 is called \"1\" already"; "for this kiosk"
    "id = \"K2\"" => "id = \"controller\"", at "id = \"controller\"",
        "kiosk \"controller\".id": "user of the broker and no device"; "another id for this kiosk"
    "id = \"K2\"" => "id = \"kiosk-in-the-hall\"", at "id = \"kiosk-in",
        "kiosk \"kiosk-in-the-hall\".id": "at most 16 characters, this one has 17"; "id = \"K1\""
    "zone = \"B\"" => "zone = \"C\"", at "zone = \"C\"",
        "service \"tax\".zone": "there is no zone \"C\""; "\"A\", \"B\""
    "[\"social\", \"tax\"]" => "[\"socail\", \"tax\"]", at "services = [\"socail\"",
        "window \"1\".services[1]": "there is no service \"socail\""; "did you mean \"social\"?"
    "[\"social\", \"tax\"]" => "[\"social\", \"visa\"]", at "services = [\"social\"",
        "window \"1\".services[2]": "there is no service \"visa\""; "write one of the services \"social\", \"tax\""
    "[\"social\", \"tax\"]" => "[\"social\", \"social\"]", at "services = [\"social\"",
        "window \"1\".services[2]": "in the list twice"; "remove one of the two"
    "[\"social\", \"tax\"]" => "[]", at "services = []",
        "window \"1\".services": "the list is empty"; "[\"social\", \"tax\"]"
    "[\"social\", \"tax\"]" => "[\"tax\"]", at "[[service]]\nid = \"social\"",
        "service \"social\"": "its citizens would wait for ever"; "add it to the services of a window"
    "prefix = \"T\"" => "prefix = \"SB\"\n# again", at "prefix = \"SB\"\n# again",
        "service \"tax\".prefix": "service \"social\".prefix on line 33 is \"SB\" too"; "other letters"
    "prefix = \"T\"" => "prefix = \"税\"", at "prefix = \"税\"",
        "service \"tax\".prefix": "one or two capital letters"; "such as \"A\" or \"SB\""
    "digits = 4" => "digits = 5", at "digits",
        "service \"tax\".digits": "5 is out of range"; "from 3 to 4"
    "target_minutes = 20" => "target_minutes = 0", at "target_minutes",
        "service \"social\".target_minutes": "0 is out of range"; "minutes from 1 to 480"
    "\"08:30-12:00\"" => "\"8.30 to 12\"", at "hours",
        "service \"social\".hours[1]": "\"8.30 to 12\" are no hours"; "such as \"08:30-12:00\""
    "\"08:30-12:00\"" => "\"12:00-08:30\"", at "hours",
        "service \"social\".hours[1]": "end before they begin"; "the earlier time first"
    "13:30-17:30" => "11:30-17:30", at "hours",
        "service \"social\".hours[2]": "overlap those of service \"social\".hours[1]"; "follow each other"
    "13:30-17:30" => "13:30-24:01", at "hours",
        "service \"social\".hours[2]": "are no hours"; "to \"24:00\""
    "[\"08:30-12:00\", \"13:30-17:30\"]" => "[]", at "hours",
        "service \"social\".hours": "the list is empty"; "leave the key out for the whole day"
    "\"1号\"" => "\"一号窗口\"", at "label",
        "window \"1\".label": "has 12 bytes, displays take 8"; "a Chinese character has 3"
    "\"Social insurance\"" => "\"Social insurance, pensions, unemployment and injury\"", at "name_en = \"Social",
        "service \"social\".name_en": "has 51 bytes, displays take 48"; "at most 48 bytes"
    "\"Zone A\"" => "\"Zone\\u202EA\"", at "name_en = \"Zone\\u202EA",
        "zone \"A\".name_en": "a character that nobody sees, U+202E"; "type the text anew"
    "\"税务\"" => "\"税\u{200B}务\"", at "name = \"税\u{200B}务\"",
        "service \"tax\".name": "a character that nobody sees, U+200B"; "type the text anew"
    "\"Zone A\"" => "\"Zone\\nA\"", at "name_en = \"Zone\\nA",
        "zone \"A\".name_en": "line break"; "name_en = \"Zone A\""
};

const CALENDAR: &[Mistake] = mistakes! {
    "[\"08:30-12:00\", \"13:30-17:30\"]" => "{ mon-fri = [\"08:30-12:00\"], sat = [\"9:00-12:00\"] }", at "hours",
        "service \"social\".hours.sat[1]": "\"9:00-12:00\" are no hours"; "two digits each"
    "[\"08:30-12:00\", \"13:30-17:30\"]" => "{ mon-fri = [\"08:30-12:00\"], sat = [] }", at "hours",
        "service \"social\".hours.sat": "the list is empty"; "a weekday left out is a day of rest"
    "[\"08:30-12:00\", \"13:30-17:30\"]" => "{ mon-fry = [\"08:30-12:00\"], sat = [\"09:00-12:00\"] }", at "hours",
        "service \"social\".hours.mon-fry": "unknown"; "did you mean mon-fri?"
    "[\"08:30-12:00\", \"13:30-17:30\"]" => "{}", at "hours",
        "service \"social\".hours": "on no day of the week"; "leave the key out"
    "[\"08:30-12:00\", \"13:30-17:30\"]" => "\"08:30-12:00\"", at "hours",
        "service \"social\".hours": "a list in brackets is wanted, not text"; "[\"08:30-12:00\", \"13:30-17:30\"]"
    "label = \"1号\"" => "label = \"1号\"\nhours = { mon = [\"12:00-24:30\"] }", at "hours = { mon",
        "window \"1\".hours.mon[1]": "are no hours"; "to \"24:00\""
    "day_starts = \"04:00\"" => "hours = [\"17:30-08:30\"]", at "hours = [\"17:30",
        "hall.hours[1]": "end before they begin"; "for hours over midnight write two"
    "day_starts = \"04:00\"" => "afternoon_starts = \"noon\"", at "afternoon_starts",
        "hall.afternoon_starts": "\"noon\" is no time of day"; "from \"00:00\" to \"23:59\""
    "day_starts = \"04:00\"" => "keep_queue_overnight = 1", at "keep_queue",
        "hall.keep_queue_overnight": "true or false is wanted, not a number"; "keep_queue_overnight = false"
    "day_starts = \"04:00\"" => "last_ticket_minutes = 300", at "last_ticket",
        "hall.last_ticket_minutes": "300 is out of range"; "minutes from 0 to 240"
    "digits = 4" => "daily_quota = 0", at "daily_quota",
        "service \"tax\".daily_quota": "0 is out of range"; "tickets from 1 to 9999"
    "digits = 4" => "morning_quota = \"50\"", at "morning_quota",
        "service \"tax\".morning_quota": "a number is wanted, not text"; "write 50 without quotes"
    "digits = 4" => "noon_quota = 50", at "noon_quota",
        "service \"tax\".noon_quota": "unknown"; "did you mean"
    "[journal]" => "[[holiday]]\nfirst = \"2026-02-29\"\n\n[journal]", at "first = ",
        "holiday[1].first": "\"2026-02-29\" is no day of the calendar"; "such as \"2026-10-01\""
    "[journal]" => "[[holiday]]\nfirst = 2026-10-01\n\n[journal]", at "first = ",
        "holiday[1].first": "text in double quotes is wanted"; "first = \"2026-10-01\""
    "[journal]" => "[[holiday]]\nlast = \"2026-10-07\"\n\n[journal]", at "[[holiday]]",
        "holiday[1].first": "missing"; "first = \"2026-10-01\""
    "[journal]" => "[[holiday]]\nfirst = \"2026-10-01\"\nlast = \"2026-09-07\"\n\n[journal]", at "last = ",
        "holiday[1].last": "2026-09-07 is before the first day, 2026-10-01"; "leave the key out for a single day"
    "[journal]" => "[[holiday]]\nfirst = \"2026-10-01\"\nlast = \"2027-10-07\"\n\n[journal]", at "last = ",
        "holiday[1].last": "are 372 days, at most 60 are a holiday"; "the last day of the holiday"
    "[journal]" => "[[holiday]]\nfirst = \"2026-10-01\"\nlast = \"2026-10-07\"\n\n[[workday]]\ndate = \"2026-10-07\"\nlike = \"mon\"\n\n[journal]",
        at "date = ",
        "workday[1].date": "2026-10-07 is a day of the holiday on line 17 already"; "one [[holiday]] or [[workday]] only"
    "[journal]" => "[[workday]]\ndate = \"2026-10-10\"\nlike = \"friday\"\n\n[journal]", at "like = ",
        "workday[1].like": "\"friday\" is none of \"mon\""; "\"fri\""
    "[journal]" => "[[workday]]\ndate = \"2026-10-10\"\n\n[journal]", at "[[workday]]",
        "workday[1].like": "missing"; "like = \"fri\""
};

const LINES: &[Mistake] = mistakes! {
    "\"/dev/ttyS0\"" => "\"ttyS0\"", at "port = \"ttyS0\"",
        "line[1].port": "\"ttyS0\" is no serial port"; "its whole path, such as /dev/serial/by-id/…"
    "\"/dev/ttyS0\"" => "\"emulater\"", at "port = \"emulater\"",
        "line[1].port": "is no serial port"; "did you mean \"emulator\"?"
    "\"/dev/ttyS0\"" => "\"tcp://10.0.8.21\"", at "port = \"tcp://",
        "line[1].port": "\"10.0.8.21\" has no port"; "such as \"tcp://10.0.8.21:4001\""
    "\"/dev/ttyS0\"" => "\"tcp://10.0.8.21:70000\"", at "port = \"tcp://",
        "line[1].port": "\"70000\" is no TCP port"; "its port"
    "\"/dev/ttyS0\"" => "\"tcp://user@box:4001\"", at "port = \"tcp://",
        "line[1].port": "\"user@box\" is no host name or address"; "such as \"tcp://10.0.8.21:4001\""
    "\"emulator\"" => "\"/dev/ttyS0\" # again", at "port = \"/dev/ttyS0\" # again",
        "line[2].port": "line[1].port on line 63 is \"/dev/ttyS0\" too"; "on one [[line]]"
    "baud = 9600" => "baud = 9601", at "baud = 9601",
        "line[1].baud": "9601 is no usual rate"; "2400, 4800, 9600"
    "baud = 9600" => "baud = \"fast\"", at "baud = \"fast",
        "line[1].baud": "\"fast\" is no speed"; "or \"auto\" for onbon-bx5k"
    "baud = 9600" => "baud = \"auto\"", at "baud = \"auto\"",
        "line[1].baud": "only signs with protocol = \"onbon-bx5k\" can be asked for it"; "such as 9600"
    "address = 2" => "address = 1 # again", at "address = 1 # again",
        "line[1].sign \"W2\".address": "the sign on line 68 has address 1"; "answer at the same time"
    "address = 2" => "address = 248", at "address = 248",
        "line[1].sign \"W2\".address": "248 is out of range"; "an address from 1 to 247"
    "id = \"W2\"" => "id = \"W1\"\n# again", at "id = \"W1\"\n# again",
        "line[1].sign \"W1\".id": "the sign on line 67 is called \"W1\" already"; "for this sign"
    "id = \"ZA\"" => "id = \"K1\"\n# again", at "id = \"K1\"\n# again",
        "line[2].sign \"K1\".id": "the kiosk on line 56 is called \"K1\" already"; "for this sign"
    "width = 128" => "width = 130", at "width = 130",
        "line[1].sign \"W1\".width": "130 pixels are no multiple of 8"; "such as 136"
    "width = 128" => "width = 4096", at "width = 4096",
        "line[1].sign \"W1\".width": "4096 is out of range"; "pixels from 1 to 2048"
    "height = 96" => "height = 8", at "height = 8",
        "line[2].sign \"ZA\".height": "8 is out of range"; "pixels from 16 to 512"
    "width = 64" => "width = 32", at "width = 32",
        "line[1].sign \"W2\".width": "too narrow for numbers of 5 characters"; "at least 40 pixels"
    "\"mono\"" => "\"red-gren\"", at "colour = \"red-gren\"",
        "line[1].sign \"W2\".colour": "there is no colour \"red-gren\""; "did you mean \"red-green\"?"
    "\"mono\"" => "\"蓝\"", at "colour = \"蓝\"",
        "line[1].sign \"W2\".colour": "there is no colour \"蓝\""; "\"mono\", \"red-green\" or \"rgb\""
    "{ window = \"2\" }" => "{ window = \"12\" }", at "shows = { window = \"12\" }",
        "line[1].sign \"W2\".shows.window": "there is no window \"12\""; "The windows are \"1\", \"2\""
    "{ zone = \"A\" }" => "{ zone = \"K1\" }", at "shows = { zone = \"K1\" }",
        "line[2].sign \"ZA\".shows.zone": "there is no zone \"K1\""; "\"A\", \"B\""
    "{ zone = \"A\" }" => "{ zone = \"A\", window = \"1\" }", at "shows = { zone",
        "line[2].sign \"ZA\".shows.zone": "a sign shows one thing"; "either a window or a zone"
    "{ zone = \"A\" }" => "{ zone = \"A\" }\npages = [{ page = \"clok\" }]", at "pages =",
        "line[2].sign \"ZA\".pages[1].page": "is none of \"own\""; "did you mean \"clock\"?"
    "{ zone = \"A\" }" => "{ zone = \"A\" }\npages = [{ page = \"notice\" }]", at "pages =",
        "line[2].sign \"ZA\".pages[1].text": "the notice says nothing"; "what the sign shall say"
    "{ zone = \"A\" }" => "{ zone = \"A\" }\npages = [{ page = \"own\", text = \"a\" }]", at "pages =",
        "line[2].sign \"ZA\".pages[1].text": "only a notice has a text"; "remove it"
    "{ zone = \"A\" }" => "{ zone = \"A\" }\npages = [{ page = \"own\", seconds = 1 }]", at "pages =",
        "line[2].sign \"ZA\".pages[1].seconds": "1 is out of range"; "seconds from 2 to 3600"
    "{ zone = \"A\" }" => "{ zone = \"A\" }\npages = [{ page = \"own\", between = \"8-9\" }]", at "pages =",
        "line[2].sign \"ZA\".pages[1].between": "is no part of a day"; "08:30-12:00"
    "{ zone = \"A\" }" => "{}", at "shows = {}",
        "line[2].sign \"ZA\".shows": "does not say what the sign shows"; "{ zone = \"A\" }"
    "[[line.sign]]\nid = \"ZA\"\naddress = 1\nwidth = 256\nheight = 96\ncolour = \"rgb\"\nshows = { zone = \"A\" }\n" => "",
        at "[[line]]\nport = \"emulator\"",
        "line[2].sign": "the line has no sign"; "write a [[line.sign]]"
};

/// The line on which `part`, which stands in `text` once, begins.
fn line_of(text: &str, part: &str) -> usize {
    assert_eq!(text.matches(part).count(), 1, "{part:?} stands once in:\n{text}");
    1 + text[..text.find(part).unwrap()].matches('\n').count()
}

fn told(mistakes: &[Mistake]) {
    for Mistake { from, to, at, key, cause, remedy } in mistakes {
        let text = edited(from, to);
        let errors = parse(&text).expect_err(to).to_string();
        assert_eq!(errors.lines().count(), 1, "one mistake is told once: {to}\n{errors}");
        let place = format!("{FILE}:{}: {key}: ", line_of(&text, at));
        let rest = errors.strip_prefix(&place).unwrap_or_else(|| panic!("{place} of {to}\n{errors}"));
        let (problem, instead) = rest.split_once("; ").unwrap();
        assert!(problem.contains(cause), "{cause} of {to}\n{errors}");
        assert!(instead.contains(remedy), "{remedy} of {to}\n{errors}");
    }
}

#[test]
fn keys_and_kinds_of_values_are_told_with_place_cause_and_remedy() {
    told(KEYS_AND_KINDS);
}

#[test]
fn settings_are_told_with_place_cause_and_remedy() {
    told(SETTINGS);
}

#[test]
fn the_plans_mistakes_are_told_with_place_cause_and_remedy() {
    told(PLAN);
}

#[test]
fn the_calendars_mistakes_are_told_with_place_cause_and_remedy() {
    told(CALENDAR);
}

#[test]
fn what_makes_no_sense_together_is_told_with_place_cause_and_remedy() {
    told(sense::TOGETHER);
}

#[test]
fn lines_and_signs_are_told_with_place_cause_and_remedy() {
    told(LINES);
    told(protocols::LINES);
}

#[test]
fn everything_that_is_wrong_is_told_at_once_in_the_files_order() {
    let text = [
        ("id = \"test\"", "id = \"test\"\nnickname = \"T\""),
        ("\"Asia/Shanghai\"", "\"Mars\""),
        ("127.0.0.1:8080", "0.0.0.0:8080"),
        ("digits = 4", "digits = 5"),
        ("[\"social\", \"tax\"]", "[\"social\", \"taxi\"]"),
        ("baud = 9600", "baud = 9601"),
        ("width = 256", "width = 255"),
        ("colour = \"rgb\"", "color = \"rgb\""),
    ]
    .iter()
    .fold(GOOD.to_owned(), |text, (from, to)| {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        text.replace(from, to)
    });
    let errors = parse(&text).unwrap_err();
    let keys: Vec<_> = errors.errors().iter().map(|error| error.key.as_str()).collect();
    let expected = [
        "hall.nickname",
        "hall.time_zone",
        "web.listen",
        "service \"tax\".digits",
        "window \"1\".services[2]",
        "line[1].baud",
        "line[2].sign \"ZA\".width",
        "line[2].sign \"ZA\".color",
    ];
    assert_eq!(keys, expected, "{errors}");
    assert!(errors.errors().is_sorted_by_key(|error| error.line), "{errors}");
}

#[test]
fn an_empty_file_is_told_all_it_needs() {
    let errors = parse("").unwrap_err();
    let keys: Vec<_> = errors.errors().iter().map(|error| error.key.as_str()).collect();
    assert_eq!(keys, ["hall", "web", "mqtt", "journal", "zone", "service", "window"], "{errors}");
    assert!(errors.errors().iter().all(|error| error.line == Some(1)));
}

/// The good text with `more` services beside its two, served by window 2.
fn with_services(more: usize) -> String {
    let (mut services, mut ids) = (String::new(), String::from("[\"tax\""));
    for i in 0..more {
        let prefix = char::from(b'A' + u8::try_from(i).unwrap());
        write!(
            services,
            "[[service]]\nid = \"s{i}\"\nname = \"事\"\nname_en = \"S\"\nprefix = \"{prefix}A\"\nzone = \"A\"\n"
        )
        .unwrap();
        write!(ids, ", \"s{i}\"").unwrap();
    }
    let window = "id = \"2\"\nservices = [\"tax\"";
    GOOD.replace(window, &format!("id = \"2\"\nservices = {ids}"))
        .replace("[[window]]\nid = \"1\"", &format!("{services}[[window]]\nid = \"1\""))
}

#[test]
fn a_kiosk_offers_as_many_services_as_its_screen_holds_and_no_more() {
    assert!(parse(&with_services(18)).is_ok());
    let errors = parse(&with_services(19)).unwrap_err().to_string();
    assert_eq!(errors.lines().count(), 1, "{errors}");
    assert!(errors.contains("kiosk \"K1\".services: without this key it offers all 21 services"), "{errors}");
    assert!(errors.contains("a kiosk's screen holds 20"), "{errors}");

    let text = with_services(19);
    let list = text
        .lines()
        .find(|line| line.contains("\"s18\"]"))
        .unwrap()
        .replace("[\"tax\"", "[\"tax\", \"social\"");
    let text = text.replace("id = \"K1\"\n", &format!("id = \"K1\"\n{list}\n"));
    let errors = parse(&text).unwrap_err().to_string();
    assert_eq!(errors.lines().count(), 1, "{errors}");
    assert!(errors.contains("kiosk \"K1\".services: there are 21 services"), "{errors}");
}

#[test]
fn a_long_window_id_needs_a_label() {
    let text = GOOD
        .replace("id = \"2\"\n", "id = \"counter-2\"\n")
        .replace("window = \"2\"", "window = \"counter-2\"");
    let errors = parse(&text).unwrap_err().to_string();
    assert_eq!(errors.lines().count(), 1, "{errors}");
    assert!(errors.contains("window \"counter-2\".label: without a label citizens read the id"), "{errors}");
    assert!(errors.contains("write label = "), "{errors}");
}

#[test]
fn the_same_address_on_another_line_and_two_emulated_lines_are_right() {
    // GOOD has address 1 on both lines.
    assert!(parse(&edited("\"/dev/ttyS0\"", "\"emulator\"")).is_ok());
}
