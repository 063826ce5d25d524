//! Every sentence of the pages, in Chinese and English: the one catalogue; what grades are called
//! is here for traces and reports, too. What classes are called stands in the core, for pads as well.
//!
//! A phrase cannot be written down in one language only. Names of services, zones and the hall
//! come from the plan, and the sentences of refusals from the core; they are not here.

macro_rules! phrases {
    ($($name:ident: $zh:literal, $en:literal;)*) => {
        $(pub(crate) const $name: Phrase = Phrase { zh: $zh, en: $en };)*

        /// Every phrase here by its name, for the scripts and for the catalogue's own tests.
        pub(super) const ALL: &[(&str, Phrase)] = &[$((stringify!($name), $name)),*];
    };
}

mod manage;
mod values;

use hall_core::plan::Name;
use hall_core::refusal::Language;
use hall_protocol::payload::WaitMinutes;
use serde_json::{Map, Value};

pub(super) use self::manage::*;
pub(super) use self::values::outcome_word;
pub(crate) use self::values::{class, class_word, grade, outcome};

/// A sentence in both languages. `{n}` and its like stand for what [`Phrase::fill`] puts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Phrase {
    pub(crate) zh: &'static str,
    pub(crate) en: &'static str,
}

impl Phrase {
    /// In one language.
    pub(crate) const fn in_language(self, language: Language) -> &'static str {
        match language {
            Language::Zh => self.zh,
            Language::En => self.en,
        }
    }

    /// In one language, within a sentence.
    pub(crate) fn within(self, language: Language) -> String {
        let words = self.in_language(language);
        let mut rest = words.chars();
        rest.next().map_or_else(String::new, |first| first.to_lowercase().chain(rest).collect())
    }

    /// In one language, with each `{name}` replaced by its value.
    pub(crate) fn fill(self, language: Language, values: &[(&str, &str)]) -> String {
        values.iter().fold(self.in_language(language).to_owned(), |text, (name, value)| {
            text.replace(&format!("{{{name}}}"), value)
        })
    }

    /// In both languages, with each `{name}` replaced by its value.
    pub(crate) fn name(self, values: &[(&str, &str)]) -> Name {
        Name { zh: self.fill(Language::Zh, values), en: self.fill(Language::En, values) }
    }
}

/// The name in one language.
pub(super) fn named(name: &Name, language: Language) -> &str {
    match language {
        Language::Zh => &name.zh,
        Language::En => &name.en,
    }
}

/// The language the page is not in: names are given in both, the other one smaller.
pub(super) const fn other(language: Language) -> Language {
    match language {
        Language::Zh => Language::En,
        Language::En => Language::Zh,
    }
}

/// The value of an element's `lang`.
pub(super) const fn tag(language: Language) -> &'static str {
    match language {
        Language::Zh => "zh-CN",
        Language::En => "en",
    }
}

/// Every phrase by its name.
fn all() -> impl Iterator<Item = &'static (&'static str, Phrase)> {
    ALL.iter().chain(manage::ALL)
}

phrases! {
    // Every page.
    OTHER_LANGUAGE: "English", "中文";
    HOME: "首页", "Home";
    DISCONNECTED: "连接中断，正在重新连接，画面可能不是最新的", "Connection lost, reconnecting; what you see may be out of date";
    TROUBLE: "系统暂时无法记录，取号和叫号暂停，请联系管理员", "The system cannot record right now: tickets and calls are on hold; tell the technician";
    WINDOW: "{label} 号窗口", "Window {label}";
    NOT_FOUND: "没有这个页面", "There is no such page";
    NOT_FOUND_HINT: "请检查地址，或从首页进入。", "Check the address, or start from the home page.";
    TO_HOME: "返回首页", "To the home page";

    // Index.
    INDEX_SCREENS: "大厅显示屏", "Hall screens";
    INDEX_ALL_ZONES: "全部等候区", "All zones";
    INDEX_KIOSKS: "取号机", "Kiosks";
    INDEX_PADS: "窗口叫号器", "Call pads";
    INDEX_TECHNICIAN: "运行维护", "For the technician";
    INDEX_SIGNS: "LED 屏状态墙", "LED sign wall";
    INDEX_METRICS: "运行指标", "Metrics";
    INDEX_HEALTH: "健康检查", "Health check";
    INDEX_VIEW: "大厅数据（JSON）", "The hall as JSON";
    INDEX_NO_KIOSKS: "没有配置取号机", "No kiosk is configured";

    // Hall screen.
    SCREEN_TITLE: "叫号显示屏", "Now calling";
    SCREEN_NUMBER: "号码", "Number";
    SCREEN_GO_TO: "请到", "Please go to";
    SCREEN_NOBODY: "暂无呼叫，请留意屏幕和广播", "No calls yet; please watch this screen";
    SCREEN_RECALL: "再次呼叫", "Called again";
    SCREEN_WINDOWS: "窗口", "Windows";
    SCREEN_WAITING: "等候人数", "People waiting";
    SCREEN_TODAY: "今日取号 {issued} · 已办结 {finished} · 正在等候 {waiting}", "Today: {issued} tickets · {finished} served · {waiting} waiting";
    MODE_OPEN: "开放", "Open";
    MODE_PAUSED: "暂停服务", "Paused";
    MODE_CLOSED: "关闭", "Closed";
    STATE_CALLED: "呼叫中", "Calling";
    STATE_SERVING: "办理中", "Serving";

    // Kiosk.
    KIOSK_TITLE: "自助取号", "Take a ticket";
    KIOSK_CHOOSE: "请选择要办理的事项", "Choose what you came for";
    KIOSK_WAITING: "等候 {n} 人", "{n} waiting";
    KIOSK_WAITING_UNTIL: "等候 {n} 人 · {t} 停止取号", "{n} waiting · until {t}";
    WAIT_ABOUT: "约 {to} 分钟", "about {to} min";
    WAIT_ABOUT_RANGE: "约 {from}–{to} 分钟", "about {from}–{to} min";
    KIOSK_EXPECTED: "预计等候", "Expected wait";
    KIOSK_TAKING: "正在取号…", "Getting your number…";
    KIOSK_YOUR_NUMBER: "您的号码", "Your number";
    KIOSK_ZONE: "等候区", "Waiting area";
    KIOSK_AHEAD: "前面等候", "People ahead";
    KIOSK_AHEAD_N: "{n} 人", "{n}";
    KIOSK_AHEAD_UNKNOWN: "暂不能估计", "not known now";
    KIOSK_LINE_DOWN: "线路中断，暂时无法估计等候人数和时间。号码有效，按取号时间排队", "The line is down, so nobody can say how many are ahead or how long it takes. The number is good: you queue from now";
    KIOSK_TIME: "取号时间", "Taken at";
    KIOSK_REMEMBER: "请记下号码，留意显示屏叫号", "Keep this number in mind and watch the screens";
    KIOSK_BACK: "返回（{s}）", "Back ({s})";
    KIOSK_CLASS: "请选择人群类别", "Whom the ticket is for";
    KIOSK_TO_CONFIRM: "须工作人员核验", "to be confirmed by the staff";
    KIOSK_RETURN: "过号后回来了，或不再等候？请输入号码", "Missed your call, or leaving? Enter your number";
    KIOSK_RETURN_KEY: "回场等候", "Wait again";
    KIOSK_CANCEL_KEY: "取消排队", "Leave the queue";
    KIOSK_CANCEL_SURE: "确认取消 {number}？请再按一次", "Leave with {number}? Press again";
    KIOSK_CANCELLED: "{number} 已取消", "{number} no longer waits";
    KIOSK_CHECK_IN: "预约签到", "Check in for an appointment";
    KIOSK_CODE: "请输入或扫描预约码", "Enter or scan the code of your appointment";
    KIOSK_CODE_KEYS: "屏幕键盘", "Keyboard on the screen";
    KIOSK_RUB_OUT: "退格", "Delete";
    KIOSK_CHECK_IN_KEY: "签到取号", "Check in";
    KIOSK_TO_MENU: "返回", "Back to the services";
    KIOSK_SLOT: "预约时间", "Appointment";
    KIOSK_SEVERAL: "办多件事？取一个号", "Several matters? Take one number";
    KIOSK_SEVERAL_HINT: "请按办理顺序逐项点选，最多 {n} 项", "Choose in the order you want them done, {n} at most";
    KIOSK_SEVERAL_CHOSEN: "已选：{list}", "Chosen: {list}";
    KIOSK_SEVERAL_TAKE: "取号（共 {n} 件事）", "Take one number ({n} matters)";
    KIOSK_SEVERAL_CANCEL: "取消", "Cancel";
    KIOSK_SEVERAL_ORDER: "一个号，按此顺序办理", "One number, in this order";
    KIOSK_NO_ANSWER: "没有收到应答，请稍候再试或联系工作人员", "No answer; try again in a moment or ask the staff";

    // A ticket's own page.
    TICKET_TITLE: "我的号码", "My number";
    TICKET_WAITING: "等候中", "Waiting";
    TICKET_CALLED: "正在叫号，请到 {label} 号窗口", "Now called: please go to window {label}";
    TICKET_SERVING: "{label} 号窗口办理中", "Being served at window {label}";
    TICKET_PARKED: "已在 {label} 号窗口挂起，请留意窗口通知", "Put aside at window {label}; the clerk will tell you";
    TICKET_MISSED: "已过号，请到取号机回场或询问工作人员", "Your call was missed: return at a kiosk or ask the staff";
    TICKET_FINISHED: "已办结", "Served";
    TICKET_ENDED: "号码已失效", "This number has ended";
    TICKET_THEN: "之后还办：{list}", "After that: {list}";
    TICKET_UNKNOWN_WAIT: "暂不能估计", "not known now";
    TICKET_HINT: "本页自动更新；叫号以大厅显示屏为准", "This page updates itself; the screens of the hall decide";

    // Call pad.
    PAD_TITLE: "叫号器", "Call pad";
    PAD_NO_TICKET: "无号", "No ticket";
    PAD_FREE: "空闲", "Free";
    PAD_ARMED: "待呼：有人取号即呼叫", "Calls the next to come";
    PAD_WAITING: "等候", "Waiting";
    PAD_SINCE: "已 {t}", "for {t}";
    PAD_RECALLS: "重呼 {n} 次", "recalled {n}×";
    PAD_LAMP_OFF: "灯灭", "Lamp off";
    PAD_LAMP_GREEN: "绿灯", "Green lamp";
    PAD_LAMP_RED: "红灯", "Red lamp";
    PAD_LAMP_AMBER: "黄灯", "Amber lamp";
    PAD_KEYBOARD: "键盘 1–6 与屏幕按键相同", "Keys 1–6 of the keyboard do the same";
    PAD_BUSY: "正在执行 {key}…", "{key} …";
    PAD_DONE: "已执行 {key}", "{key}: done";
    PAD_NO_ANSWER: "没有收到应答，请看清当前号码后再按", "No answer; look at the number in hand before pressing again";
    KEY_NEXT: "下一位", "Next";
    KEY_RECALL: "重呼", "Recall";
    KEY_NO_SHOW: "过号", "No-show";
    KEY_START: "开始", "Start";
    KEY_FINISH: "完成", "Finish";
    KEY_PAUSE: "暂停", "Pause";
    KEY_RESUME: "恢复", "Resume";
    KEY_OPEN: "开窗", "Open window";
    KEY_CLOSE: "关窗", "Close window";
    KEY_PICK: "选呼", "Call this number";
    KEY_RETURN: "回场", "Back to the queue";
    KEY_CANCEL: "取消", "Cancel this number";
    KEY_TRANSFER: "转移", "Transfer";
    KEY_PARK: "挂起", "Put aside";
    KEY_UNPARK: "取回", "Take back";
    KEY_DISARM: "撤销待呼", "Call nobody by itself";
    KEY_SIGN_ON: "签到", "Sign on";
    KEY_SIGN_OFF: "签退", "Sign off";
    KEY_CORRECT: "更正事项", "Correct the service";
    KEY_ADD_MATTER: "加办", "Add a matter";
    KEY_WALK_IN: "免取号", "Without a ticket";
    KEY_EVALUATE: "评价", "Evaluate";
    KEY_CONFIRM_CLASS: "核验类别", "Confirm the class";
    PAD_CLERK: "当前工号 {id}", "Signed on: {id}";
    MORE_CLASS: "人群类别", "Class";
    MORE_CLAIMED: "取号时所选", "As chosen at the kiosk";
    MORE_GRADE: "评价等级", "Grade";
    MORE_CHOOSE: "请选择", "Choose";
    GRADE_VERY_SATISFIED: "非常满意", "Very satisfied";
    GRADE_SATISFIED: "满意", "Satisfied";
    GRADE_ACCEPTABLE: "基本满意", "Acceptable";
    GRADE_DISSATISFIED: "不满意", "Dissatisfied";
    GRADE_VERY_DISSATISFIED: "非常不满意", "Very dissatisfied";
    MORE_CLERK: "工号", "Badge number";
    MORE_OUTCOME: "办理结果", "Outcome";
    OUTCOME_FINISHED: "办结", "Finished";
    OUTCOME_MISSING_PAPERS: "一次性告知", "Papers missing, told once";
    OUTCOME_BACK_OFFICE: "转后台办理", "With the back office";
    OUTCOME_REFERRED: "转其他部门", "Referred elsewhere";
    OUTCOME_HOME_SERVICE: "上门办理", "Goes on at home";
    OUTCOME_PROXY: "帮办代办", "Done by the staff";
    MORE: "更多操作", "More";
    MORE_NUMBER: "号码", "Number";
    MORE_REASON: "原因", "Reason";
    MORE_PARKED: "已挂起", "Put aside";
    MORE_TO_SERVICE: "转到、更正或加办的事项", "Service";
    MORE_TO_WINDOW: "转到窗口", "To window";
    MORE_ANY: "不指定", "Any";
    REASON_FRAIL: "老弱病残", "Frail or unwell";
    REASON_COPY: "补充材料", "Fetching papers";
    REASON_WRONG: "取错事项", "Wrong service";
    REASON_GONE: "本人放弃", "Citizen gave up";
    REASON: "暂停原因", "Reason for the pause";
    REASON_NONE: "不注明", "None given";
    REASON_AWAY: "暂时离开", "Back shortly";
    REASON_MEAL: "用餐", "Meal";
    REASON_MEETING: "会议", "Meeting";
    REASON_SYSTEM: "系统故障", "System fault";

    // Sign wall.
    SIGNS_TITLE: "LED 屏状态墙", "LED sign wall";
    SIGNS_NONE: "没有配置 LED 屏", "No sign is configured";
    SIGNS_SHOWS: "显示", "Shows";
    SIGNS_LINE: "串口", "Line";
    SIGNS_ADDRESS: "地址", "Address";
    SIGNS_TIMEOUTS: "超时", "Timeouts";
    SIGNS_REFUSALS: "拒绝", "Refusals";
    SIGNS_OK: "正常", "OK";
    SIGNS_LATE: "迟缓", "Late";
    SIGNS_DARK: "不亮，自 {since} 起", "Dark since {since}";
    SIGNS_DECODED: "画面来自独立仿真屏的解码", "Pixels decoded by the independent emulator";
    SIGNS_ACKNOWLEDGED: "画面是该屏已确认的内容", "Pixels the sign has acknowledged";
    SIGNS_UNKNOWN: "尚未收到该屏的确认", "The sign has acknowledged nothing yet";
    SIGNS_TROUBLE: "故障：{why}", "Trouble: {why}";
    SIGNS_SUBSTITUTE: "代替页面显示：{what}", "Shown instead of the page: {what}";
    CAPTURE_UNKNOWN: "没有这块屏或这条线路；线路有：{ports}", "There is no such sign or line; the lines are: {ports}";
    SIGNS_BEHIND: "正在更新", "Being updated";
    SIGNS_CLOSED_LINE: "串口 {port} 未打开：{why}", "Line {port} is not open: {why}";
    SIGNS_PIXELS: "{id} 的画面，{w}×{h} 像素", "Picture of {id}, {w}×{h} pixels";

    // Answers of the API.
    BAD_ID: "没有这个设备", "There is no such device";
    NO_SUCH_TICKET: "今天没有这个号", "There is no such number today";
    BAD_PATH_ID: "“{given}”不是编号；窗口、事项和建议的编号见 GET /api/v1/manage", "{given} is no id; GET /api/v1/manage has those of windows, services and proposals";
    UNKNOWN_ORDER: "窗口没有“{given}”这个操作，可用 open、close、pause、resume、undo", "There is no order {given} for a window; there are open, close, pause, resume and undo";
    NO_SUCH_DEVICE: "大厅没有设备 {id}，请联系管理员", "The hall has no device {id}; tell the technician";
    NOT_KEPT: "手机号未能保存，请稍候再试", "The phone number could not be kept; try again in a moment";
    TIMED_OUT: "叫号系统没有应答，请稍候再试或联系工作人员", "The hall controller did not answer; try again in a moment or ask the staff";
    PAGES_LOOK_ONLY: "本大厅不允许网页按键：请在 hall.toml 的 [mqtt] 中填写 virtual_devices_username", "Pages cannot press keys in this hall: name virtual_devices_username in the [mqtt] part of hall.toml";
    WRONG_CODE: "预约码只有字母、数字、- 和 _；请勿输入手机号或身份证号", "A code has letters, digits, - and _ only; enter no telephone or identity number";
    TOKEN_WANTED: "需要令牌：请以 Authorization: Bearer 发送 hall.toml 中 [[client]] 的令牌", "A token is needed: send that of a [[client]] of hall.toml as Authorization: Bearer";
    TOKEN_UNKNOWN: "令牌不正确：请核对 hall.toml 中 [[client]] 的 token_file 所指文件的内容，注意大小写，勿带空格", "This token is not known: compare it with what is in the token_file of the [[client]] in hall.toml; capitals count, spaces do not belong to it";
    TOO_MANY_ORDERS: "方案有 {n} 项调整，最多 {max} 项：请分次试算", "The draft has {n} orders, at most {max} can be played: try it in parts";
    HALL_ENDS: "叫号系统正在关闭，请稍后重试；重复提交不会重复执行", "The hall controller is shutting down; ask again later, nothing is done twice";
    MAY_NOT: "接口用户 {id} 无此权限：请在 hall.toml 的 [[client]] 中写 may = [\"{right}\"]", "The client {id} may not ask this: write may = [\"{right}\"] in its [[client]] of hall.toml";
    NO_SUCH_SIGN: "没有 LED 屏 {id}，现有 {all}", "There is no sign {id}; there are {all}";
    NO_SUCH_SIGN_NEAR: "没有 LED 屏 {id}，您是指 {near} 吗？", "There is no sign {id}; did you mean {near}?";
    NO_SUCH_ZONE_NEAR: "没有等候区 {id}，您是指 {near} 吗？", "There is no zone {id}; did you mean {near}?";
    NO_SUCH_PATTERN: "没有测试图 {given}，现有 {all}", "There is no test pattern {given}; there are {all}";
    WRONG_SECONDS: "时长 {given} 秒有误，应为 1 至 {max} 秒", "{given} s is no time to show it; write 1 to {max} s";
    EMERGENCY_EMPTY: "紧急通知没有内容：请写中文内容", "The emergency text is empty: write what it shall say in Chinese";
    EMERGENCY_CONTROL: "紧急通知含有控制字符，请改为普通文字", "The emergency text has a control character; write plain text";
    EMERGENCY_TOO_LONG: "紧急通知有 {bytes} 字节，最多 {max} 字节（200 个汉字）", "The emergency text has {bytes} bytes; at most {max} fit, 200 Chinese characters";
    WRONG_ID: "预约编号有误：{why}", "The id is wrong: {why}";
    WRONG_DATE: "日期 {given} 有误，应如 2026-03-02", "{given} is no date; write one such as 2026-03-02";
    WRONG_TIME: "时间 {given} 有误，应如 09:30", "{given} is no time of day; write one such as 09:30";
    NO_SUCH_SERVICE: "没有事项 {given}", "There is no service {given}";
    NO_SUCH_SERVICE_NEAR: "没有事项 {given}，您是指 {near} 吗？", "There is no service {given}; did you mean {near}?";
    NO_SUCH_SERVICE_SEE: "没有事项 {given}，请核对 hall.toml 中 [[service]] 的 id", "There is no service {given}; compare it with the id of a [[service]] in hall.toml";
    CSV_NOT_UTF8: "文件不是 UTF-8 编码，请另存为 CSV UTF-8", "The file is not UTF-8; save it as CSV UTF-8";
    CSV_NOTHING: "文件没有首行：首行须有列名 id、service、date、time（或预约编号、事项、日期、时间）", "There is no line with the columns' names: id, service, date, time";
    CSV_NO_COLUMN: "首行没有 {column} 列：须有 id、service、date、time（或预约编号、事项、日期、时间）", "The first line has no column {column}: it needs id, service, date and time";
    CSV_EMPTY: "{column} 列为空", "The column {column} is empty";
    CSV_FIELDS: "本行有 {n} 列，首行有 {m} 列", "The line has {n} fields, the first line {m}";
    CSV_QUOTE: "引号没有配对", "A quotation mark is never closed";
    CSV_TWICE: "编号与第 {line} 行相同", "Line {line} has the same id";
    UNREADABLE: "叫号系统的应答无法读取，请联系管理员", "The hall controller's answer cannot be read; tell the technician";
    BAD_BODY: "请求内容有误：{why}", "The request cannot be read: {why}";
    BODY_TOO_LONG: "请求内容过长，最多 {max} 字节", "The request is too long; at most {max} bytes";
    TOO_LONG_FOR_THE_JOURNAL: "姓名或原因过长，最多 {max} 字节", "The name or the reason is too long; at most {max} bytes";
    WRONG_METHOD: "此地址不接受 {method} 请求", "This address takes no {method}";
    NOT_JSON: "请求类型必须是 application/json", "The request's content type must be application/json";
    OTHER_ORIGIN: "拒绝来自其他网站的请求", "Requests from other sites are refused";
    OTHER_HOST: "只能以 localhost、127.0.0.1 或 [::1] 访问本机页面", "These pages answer to localhost, 127.0.0.1 and [::1] only";
    TOO_MANY_STREAMS: "同时打开的实时画面过多，请稍候再试", "Too many live pages are open; try again in a moment";
}

/// How long somebody will wait.
pub(super) fn about(wait: WaitMinutes, language: Language) -> String {
    let (from, to) = (wait.from_minutes.to_string(), wait.to_minutes.to_string());
    let phrase = if from == to { WAIT_ABOUT } else { WAIT_ABOUT_RANGE };
    phrase.fill(language, &[("from", &from), ("to", &to)])
}

/// Phrases a script needs, by their names in lower case, for the page's `data-texts`.
///
/// Only phrases whose names begin with one of `groups`: a page carries what it can say.
pub(super) fn for_script(language: Language, groups: &[&str]) -> String {
    let wanted = all().filter(|(name, _)| groups.iter().any(|group| name.starts_with(group)));
    let texts: Map<String, Value> = wanted
        .map(|(name, phrase)| (name.to_ascii_lowercase(), phrase.in_language(language).into()))
        .collect();
    Value::Object(texts).to_string()
}

#[cfg(test)]
mod tests {
    use hall_protocol::payload::{Class, ServiceOutcome};

    use super::*;

    fn placeholders(text: &str) -> Vec<&str> {
        let mut names: Vec<&str> =
            text.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name)).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn every_phrase_says_the_same_in_both_languages() {
        let is_han = |c: char| ('\u{4E00}'..='\u{9FFF}').contains(&c);
        for (name, phrase) in all() {
            assert_eq!(placeholders(phrase.zh), placeholders(phrase.en), "{name}");
            assert!(!phrase.zh.is_empty() && !phrase.en.is_empty(), "{name}");
            if *name != "OTHER_LANGUAGE" {
                assert!(phrase.zh.chars().any(is_han), "{name} is not Chinese: {}", phrase.zh);
                assert!(!phrase.en.chars().any(is_han), "{name} is not English: {}", phrase.en);
            }
        }
    }

    #[test]
    fn classes_have_the_names_of_the_wire() {
        for class in Class::ALL {
            assert_eq!(serde_json::to_value(class).unwrap(), class_word(class));
        }
    }

    #[test]
    fn outcomes_have_the_names_of_the_wire() {
        for outcome in ServiceOutcome::ALL {
            assert_eq!(serde_json::to_value(outcome).unwrap(), outcome_word(outcome));
        }
    }

    #[test]
    fn each_value_takes_the_place_of_its_name() {
        let said = SIGNS_CLOSED_LINE.fill(Language::En, &[("port", "/dev/x"), ("why", "gone")]);
        assert_eq!(said, "Line /dev/x is not open: gone");
        assert_eq!(KIOSK_WAITING.fill(Language::Zh, &[("n", "3")]), "等候 3 人");
    }

    #[test]
    fn a_script_gets_only_its_page_s_phrases() {
        let texts: Value = serde_json::from_str(&for_script(Language::En, &["KEY_"])).unwrap();
        assert_eq!(texts["key_no_show"], "No-show");
        assert_eq!(texts.get("kiosk_title"), None);
    }
}
