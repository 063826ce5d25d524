//! Why a copy of a journal, or an export, was not made or not put in place, in Chinese.

use hall_journal::{AcceptError, BackupError, JournalError, SnapshotError};

use super::{Told, journal};
use crate::audit::AuditError;
use crate::clock::date_of;
use crate::export::ExportError;

impl Told for BackupError {
    fn zh(&self) -> String {
        match self {
            Self::Journal(error) => error.zh(),
            Self::Exists { path } => format!("{} 已存在；请换一个新文件名，不会覆盖任何文件", path.display()),
            Self::Occupied { path } => format!(
                "{} 已存在；请恢复到没有日志的数据目录，或先把该文件及以其名开头的文件移开",
                path.display()
            ),
            Self::File { path, source } => {
                format!("{} 无法写入（{source}）；请确认其所在目录存在、可写且有空间", path.display())
            }
            Self::Copy { path, trouble } => {
                format!("日志无法复制到 {}：{}；请排除后重新复制", path.display(), trouble.zh())
            }
            Self::NoBackup(error) => format!("{}；{}", journal::cause(error), backup_remedy(error)),
            Self::NotWhole(error) => format!("副本不完整，已删除：{}", error.zh()),
            Self::Partial { path } => format!(
                "{} 内容不全：它是在控制器写入时复制的。请用 `hall-controller backup` 做备份",
                path.display()
            ),
        }
    }
}

fn backup_remedy(error: &JournalError) -> &'static str {
    match error {
        JournalError::Absent { .. } => "请用 --from 指定 `hall-controller backup` 写出的文件",
        JournalError::Unreadable { .. } => {
            "请用 --from 指定 `hall-controller backup` 写出且您的用户可以读取的文件"
        }
        JournalError::OtherHall { .. } => "请指定那个大厅的备份，或它的配置文件",
        JournalError::LogBesideReadOnly { .. }
        | JournalError::NewerFormat { .. }
        | JournalError::Stirred { .. } => "未作任何改动",
        _ => "请用更早的备份，并为审计人员保留这一份",
    }
}

impl Told for AcceptError {
    fn zh(&self) -> String {
        match self {
            Self::Journal(error) => error.zh(),
            Self::NothingLost { path } => format!(
                "没有迹象表明 {} 的日志丢失过记录，未作任何改动；请用 `hall-controller run` 启动控制器",
                path.display()
            ),
            Self::NothingWhole { path, cause } => format!(
                "{} 的日志没有可保留的部分（{cause}），未作任何改动；请为审计人员保留数据目录，并用 \
                 `hall-controller restore` 恢复最近的完好备份。若没有备份，请移走整个数据目录后重新开始：号码将从头发放，\
                 请所有持号的群众重新取号",
                path.display()
            ),
            Self::File { path, source } => {
                format!("{} 无法写入（{source}）；请确认其所在目录可写且有空间", path.display())
            }
        }
    }
}

impl Told for SnapshotError {
    fn zh(&self) -> String {
        match self {
            Self::Unreadable { path, source } => format!("快照 {} 无法读取（{source}）", path.display()),
            Self::Damaged { path, detail } => format!("快照 {} 已损坏（{detail}）", path.display()),
            Self::Elsewhere { path, seq } => {
                format!("快照 {} 来自另一份日志：第 {seq} 条记录不同或不存在", path.display())
            }
        }
    }
}

impl Told for AuditError {
    fn zh(&self) -> String {
        match self {
            Self::Journal(error) => error.zh(),
            Self::Snapshot { path, seq } => format!(
                "快照 {} 与日志在第 {seq} 条记录后的状态不符：它被其他程序改动过。日志本身完整；请把快照移出数据目录，\
                 为审计人员保留，再启动控制器",
                path.display()
            ),
            Self::OtherHead { day, hash, last } => {
                let last = last.map_or("当日没有任何记录".to_owned(), |(seq, hash)| {
                    format!("当日最后一条是第 {seq} 条，校验值 {hash}")
                });
                format!(
                    "{day} 没有校验值为 {hash} 的记录（{last}）：截至当日的日志不是当初记下该校验值的那一份，虽然它的链现在\
                     完整。请原样保留数据目录给审计人员，把公布的校验值与日报核对，并恢复带有该校验值的备份"
                )
            }
        }
    }
}

impl Told for ExportError {
    fn zh(&self) -> String {
        match self {
            Self::Journal(error) => format!("{}。此前导出的内容完整", error.zh()),
            Self::Write(source) => format!("导出无法写入（{source}）；请检查写入位置及其剩余空间"),
            Self::NoSuchDay { asked, held } => {
                let held = held.map_or("其中尚未开始任何营业日".to_owned(), |(first, last)| {
                    format!("日志自 {} 起，至 {} 止", date_of(first), date_of(last))
                });
                format!("日志中没有 {} 的事件；{held}", date_of(*asked))
            }
            Self::Exists { path } => format!("{} 已存在；请换一个新文件名，不会覆盖任何文件", path.display()),
            Self::NoFile { path, broken } => {
                format!("未生成 {}，也没有留下残余：{}", path.display(), broken.zh())
            }
            Self::File { path, source } => format!(
                "未生成 {}，也没有留下残余（{source}）；请确认其所在目录存在、可写且有空间",
                path.display()
            ),
        }
    }
}
