//! Why a report is not to be had, phone numbers were not erased, or a result was not written, in Chinese.

use hall_journal::ContactsError;

use super::Told;
use crate::erasures::EraseError;
use crate::output::OutputError;
use crate::report::ReportError;

impl Told for ReportError {
    fn zh(&self) -> String {
        match self {
            Self::Storage(error) => error.zh(),
            Self::NoDay => {
                "日志中还没有营业日；请先用 `hall-controller run` 启动大厅，或核对 --data".to_owned()
            }
            Self::NotThatDay { asked, last } => {
                format!("日志中没有营业日 {asked}，最后一个是 {last}；请用 --day 指定大厅开放过的日子")
            }
        }
    }
}

impl Told for EraseError {
    fn zh(&self) -> String {
        match self {
            Self::Nobody => "--by 不能为空：每次删除都要记入日志，写明由谁删除".to_owned(),
            Self::NoTicket { number, day } => {
                format!("{day} 没有票号 {number}，未删除任何内容；请核对号码和日期")
            }
            Self::NoPhone { number, day } => {
                format!("没有保存 {day} {number} 的电话号码：未曾留下，或已删除；未删除任何内容")
            }
            Self::Contacts(error) => error.zh(),
        }
    }
}

impl Told for OutputError {
    fn zh(&self) -> String {
        format!("结果无法写出（{}）；请检查写往之处及其剩余空间", self.0)
    }
}

impl Told for ContactsError {
    fn zh(&self) -> String {
        match self {
            Self::Absent(directory) => {
                let file = hall_journal::CONTACTS_FILE;
                format!(
                    "{} 中没有保存任何电话号码：没有文件 {file}；请核对 --data 或配置文件中的数据目录",
                    directory.display()
                )
            }
            Self::Store { path, source } => {
                format!("电话号码文件 {} 无法读写（{source}）；请检查磁盘以及文件属于谁", path.display())
            }
            Self::Private { path, source } => format!(
                "{} 无法设为只有所有者可读（{source}）；请检查文件属于谁以及文件系统是否支持权限",
                path.display()
            ),
            Self::Full => {
                let most = hall_journal::PHONES_A_DAY_MAX;
                format!("当日已保存 {most} 个电话号码，不再接受；请次日再试")
            }
        }
    }
}
