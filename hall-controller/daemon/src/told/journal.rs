//! What is wrong with a journal and what to do, in Chinese. `hall-journal` says the same in English; what
//! `SQLite` and the system say stays as they say it.

use std::io;
use std::path::Path;

use hall_journal::{ChainBreak, JournalError, Trouble, TroubleKind, Unreachable};

use super::Told;
use crate::records::UnreadableRecord;

/// What to do when records are lost for good.
const LOST_REMEDY: &str = "请为审计人员保留数据目录，并用 `hall-controller restore` 恢复最近的完好备份，或用 \
     `hall-controller restore --accept-loss` 以剩余部分继续";

/// What to do when the file is not what it was.
const FILE_REMEDY: &str = "请为审计人员保留该文件，并用 `hall-controller restore` 恢复最近的完好备份";

impl Told for JournalError {
    fn zh(&self) -> String {
        match self {
            Self::Directory { path, source } => {
                format!("数据目录 {} 无法使用（{source}）；{}", path.display(), disk_remedy(source))
            }
            Self::Absent { path } => {
                format!("没有日志 {}；请核对 --data 或配置文件中的数据目录", path.display())
            }
            Self::InUse { path, pid } => format!(
                "{} 的日志正被{}使用；请先停止那个控制器，或另用一个数据目录",
                path.display(),
                pid.map_or_else(|| "另一进程".to_owned(), |pid| format!("进程 {pid} "))
            ),
            Self::NotAJournal { .. } => {
                format!("{}；请把它移开，或用 `hall-controller restore` 恢复最近的完好备份", cause(self))
            }
            Self::Damaged { .. } | Self::Broken { .. } => format!("{}；{FILE_REMEDY}", cause(self)),
            Self::LogGone { .. } => format!("{}；请放回原处，或者：{LOST_REMEDY}", cause(self)),
            Self::FileGone { .. } => format!("{}；请把文件放回原处，或者：{LOST_REMEDY}", cause(self)),
            Self::LogDamaged { .. } | Self::LogCut { .. } | Self::Unreached { .. } | Self::Shorter { .. } => {
                format!("{}；{LOST_REMEDY}", cause(self))
            }
            Self::Unreadable { source, .. } => format!("{}；{}", cause(self), read_remedy(source)),
            Self::LogBesideReadOnly { path } => format!(
                "日志 {} 旁有预写日志，在不可写的地方无法读取；请把整个数据目录复制到可写的地方，再用 --data 指定",
                path.display()
            ),
            Self::Stirred { path } => {
                format!("打开日志 {} 之后，有控制器启动并开始写入；请再试一次", path.display())
            }
            Self::ResumesChanged { path } => format!(
                "日志 {} 的全部记录都与写入时一致，但其中故障后恢复写入的次数被其他程序改动过；请为审计人员保留数据目录的\
                 副本，并查明谁曾接触过它。该次数不影响任何办理，大厅可用此日志继续",
                path.display()
            ),
            Self::NewerFormat { path, found, known } => format!(
                "日志 {} 的格式为 {found}，本控制器只识别到 {known}；请安装写入它的版本或更新的版本。若从未有过那样的\
                 版本，则文件第 60 字节或其后已损坏：请用 `hall-controller restore` 恢复最近的完好备份",
                path.display()
            ),
            Self::OtherHall { .. } => {
                format!("{}；请更正配置中的大厅编号，或为本大厅另设数据目录", cause(self))
            }
            Self::Store { path, trouble } => format!("日志 {} 无法打开：{}", path.display(), trouble.zh()),
        }
    }
}

/// What is wrong, without what to do about a journal.
pub(crate) fn cause(error: &JournalError) -> String {
    match error {
        JournalError::Absent { path } => format!("没有文件 {}", path.display()),
        JournalError::Unreadable { path, source } => format!("{} 无法读取（{source}）", path.display()),
        JournalError::OtherHall { path, found, expected } => {
            format!("日志 {} 属于大厅 {found:?}，不属于大厅 {expected:?}", path.display())
        }
        JournalError::NotAJournal { path, detail } => format!("{} 不是大厅日志（{detail}）", path.display()),
        JournalError::Damaged { path, detail } => format!("{} 已损坏（{detail}）", path.display()),
        JournalError::Broken { path, broken } => format!("{} 不可信：{}", path.display(), chain(broken)),
        JournalError::LogDamaged { path, found } => log_damaged(path, found),
        JournalError::LogGone { path, last, known } => log_gone(path, *last, *known),
        JournalError::FileGone { path } => {
            format!("日志文件 {} 不见了或是空的，而它的预写日志还在", path.display())
        }
        JournalError::Unreached { path, last, known } => format!(
            "日志 {}{}，而被中断的控制器已存到第 {known} 条：其间的记录已丢失",
            path.display(),
            match last {
                0 => "没有任何记录".to_owned(),
                last => format!("止于第 {last} 条记录"),
            }
        ),
        JournalError::LogCut { path, last, known } => format!(
            "预写日志 {}{}与日志文件不符，文件已从它得到第 {known} 条记录：预写日志被截断或已损坏，最后的内容已丢失",
            path.display(),
            last.map_or(String::new(), |last| format!("止于第 {last} 条记录，"))
        ),
        JournalError::Shorter { path, last, known, snapshot } => format!(
            "日志 {} 止于第 {last} 条记录，而快照 {} 是在第 {known} 条之后做的：其间的记录已丢失",
            path.display(),
            snapshot.display()
        ),
        other => other.zh(),
    }
}

fn log_damaged(path: &Path, found: &Unreachable) -> String {
    let Unreachable { frame, byte, commits } = found;
    let place = match frame {
        0 => "文件头（自第 0 字节起）".to_owned(),
        _ => format!("第 {frame} 帧（自第 {byte} 字节起）"),
    };
    format!(
        "预写日志 {} 的{place}已损坏，其后 {commits} 次提交无法读取：那些取号和呼叫已告知群众",
        path.display()
    )
}

fn log_gone(path: &Path, last: Option<u64>, known: Option<u64>) -> String {
    let ends = match (last, known) {
        (Some(last), Some(known)) => format!("：文件止于第 {last} 条记录，而第 {known} 条已告知群众"),
        _ => String::new(),
    };
    format!("预写日志 {} 不见了或是空的，而写它的控制器在全部写入日志文件之前就被中断{ends}", path.display())
}

fn chain(broken: &ChainBreak) -> String {
    match broken {
        ChainBreak::Altered { seq } => format!("第 {seq} 条记录与校验值不符，写入后被改动或移动过"),
        ChainBreak::Missing { seq, next } => format!("缺少第 {seq} 条记录，文件中的下一条是第 {next} 条"),
        ChainBreak::OutOfOrder { seq, expected } => {
            format!("第 {seq} 条记录占了第 {expected} 条的位置")
        }
        ChainBreak::CutOff { seq, head } => format!("缺少第 {seq} 条记录，日志曾止于第 {head} 条"),
        ChainBreak::Added { seq, head } => format!("第 {seq} 条记录是其他程序加入的，日志止于第 {head} 条"),
        ChainBreak::Rewritten { seq } => {
            format!("第 {seq} 条记录不是当初提交的那一条，它或此前的记录被重写过")
        }
        ChainBreak::Unreadable { seq, detail } => format!("第 {seq} 条记录无法读取（{detail}）"),
    }
}

impl Told for Trouble {
    fn zh(&self) -> String {
        let kind = match self.kind {
            TroubleKind::Full => "磁盘已满",
            TroubleKind::ReadOnly => "日志只读",
            TroubleKind::Io => "磁盘报告错误",
            TroubleKind::Busy => "其他程序锁住了日志",
            TroubleKind::Damaged => "日志已损坏",
            TroubleKind::TooLarge => "有一个事件过大",
            TroubleKind::Conflict => "其他程序写过日志",
        };
        format!("{kind}（{}）", self.detail)
    }
}

impl Told for UnreadableRecord {
    fn zh(&self) -> String {
        let Self { seq, kind, why } = self;
        format!(
            "日志第 {seq} 条记录（{kind}）无法读取（{why}）。日志由另一版本的 hall-controller 写入；请安装那个版本或更新\
             的版本"
        )
    }
}

fn read_remedy(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::PermissionDenied => "请以控制器的用户运行本命令，或让您的用户可以读取它",
        io::ErrorKind::NotADirectory => "请用 --data 指定日志所在的目录",
        _ => "请检查其磁盘",
    }
}

fn disk_remedy(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "请在该磁盘上腾出空间",
        io::ErrorKind::ReadOnlyFilesystem => "请以可写方式挂载；自行变为只读的磁盘即将损坏",
        _ => "请确认它存在，且控制器的用户可以写入",
    }
}
