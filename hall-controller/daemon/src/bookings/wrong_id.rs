//! Why a text is no id of an appointment, in both languages.

use hall_core::plan::Name;
use hall_core::refusal::Language;
use hall_protocol::appointment::{APPOINTMENT_ID_BYTES_MAX, AppointmentIdError};

use crate::web::text::WRONG_ID;

/// What is wrong with it.
pub(crate) fn wrong_id(why: AppointmentIdError) -> Name {
    let zh = match why {
        AppointmentIdError::Empty => "编号不能为空".into(),
        AppointmentIdError::TooLong(bytes) => {
            format!("编号最多 {APPOINTMENT_ID_BYTES_MAX} 个字符，此编号有 {bytes} 个")
        }
        AppointmentIdError::Character(character) => {
            format!("编号只能有字母、数字、- 和 _，不能有 {character}")
        }
        AppointmentIdError::Personal => "这是手机号或身份证号，编号须与个人信息无关".into(),
    };
    let [zh, en] = [(Language::Zh, zh), (Language::En, why.to_string())]
        .map(|(language, why)| WRONG_ID.fill(language, &[("why", &why)]));
    Name { zh, en }
}

#[cfg(test)]
mod tests {
    use hall_protocol::appointment::AppointmentId;

    use super::*;

    #[test]
    fn each_fault_of_an_id_is_said_in_chinese_without_a_word_of_english() {
        for (text, zh) in [
            ("", "预约编号有误：编号不能为空"),
            ("预约1", "预约编号有误：编号只能有字母、数字、- 和 _，不能有 预"),
            ("13800138000", "预约编号有误：这是手机号或身份证号，编号须与个人信息无关"),
            (&"a".repeat(40), "预约编号有误：编号最多 36 个字符，此编号有 40 个"),
        ] {
            assert_eq!(wrong_id(AppointmentId::new(text).unwrap_err()).zh, zh);
        }
    }
}
