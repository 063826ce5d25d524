//! The sentences of what the manager orders.

use hall_protocol::id::WindowId;

use super::super::names::Names;
use super::super::{Answered, Language, Refusal};

/// Windows listed in one sentence: each may have a name of 16 bytes.
const LISTED_MAX: usize = 3;

impl Refusal {
    /// Those of the manager's orders; nothing else is asked of it.
    pub(super) fn zh_of_management(&self, names: Names<'_>) -> String {
        match self {
            Self::UnknownProposal { proposal } => format!("建议 {proposal} 已失效，请看最新建议"),
            Self::ProposalAnswered { proposal, how } => match how {
                Answered::Accepted => format!("建议 {proposal} 已采纳，如须恢复请撤销该建议"),
                Answered::Stopped => format!("建议 {proposal} 已采纳，如须恢复取号请在该事项处恢复"),
                Answered::Noted => format!("提醒 {proposal} 已知悉，未作调整，无须撤销"),
                Answered::Rejected => format!("建议 {proposal} 先前未采纳，请看最新建议或直接调整窗口"),
                Answered::Undone => format!("建议 {proposal} 采纳后已撤销，请看最新建议或直接调整窗口"),
            },
            Self::NotItsWindows { proposal, windows } if windows.is_empty() => {
                format!("建议 {proposal} 不调整窗口，请整条采纳")
            }
            Self::NotItsWindows { proposal, windows } => {
                let all = listed(names, windows, "、");
                format!("建议 {proposal} 调整的是 {all} 号窗口，请从中至少选一个")
            }
            Self::HeldBack { window, rail } => {
                format!("{} 号窗口{}", names.window(*window), rail.words(Language::Zh))
            }
            Self::NothingToUndo { window } => format!("{} 号窗口没有可撤销的调整", names.window(*window)),
            Self::ChangedSince { proposal, windows } => {
                let again = listed(names, windows, "、");
                format!("建议 {proposal} 之后 {again} 号窗口又有调整，请只撤销其余窗口")
            }
            Self::NothingDone { proposal } => format!("建议 {proposal} 没有窗口调整可撤销"),
            Self::UnknownGroup { group } => format!("没有事项组 {group}"),
            other => other.code().to_owned(),
        }
    }

    /// Those of the manager's orders; nothing else is asked of it.
    pub(super) fn en_of_management(&self, names: Names<'_>) -> String {
        match self {
            Self::NothingToServe { window } => {
                format!("Choose at least one service that window {window} serves first")
            }
            Self::ServiceTwice { service } => format!("{service} is there twice; choose it once"),
            Self::UnknownProposal { proposal } => {
                format!("Proposal {proposal} can be answered no more; look at the latest ones")
            }
            Self::ProposalAnswered { proposal, how } => match how {
                Answered::Accepted => format!("Proposal {proposal} was accepted; undo it"),
                Answered::Stopped => {
                    format!("Proposal {proposal} was accepted; to give numbers again, resume the service")
                }
                Answered::Noted => {
                    format!("Notice {proposal} was noted; it changed nothing, so there is nothing to undo")
                }
                Answered::Rejected => {
                    format!(
                        "Proposal {proposal} was rejected before; look at the latest ones, or change the window"
                    )
                }
                Answered::Undone => {
                    format!(
                        "Proposal {proposal} was done and undone; look at the latest ones, or change the window"
                    )
                }
            },
            Self::NotItsWindows { proposal, windows } if windows.is_empty() => {
                format!("Proposal {proposal} moves no windows; accept it whole")
            }
            Self::NotItsWindows { proposal, windows } => {
                let all = listed(names, windows, ", ");
                format!("Proposal {proposal} moves windows {all}; choose one of them at least")
            }
            Self::HeldBack { window, rail } => {
                format!("Window {} {}", names.window(*window), rail.words(Language::En))
            }
            Self::NothingToUndo { window } => {
                format!("There is nothing to undo at window {}", names.window(*window))
            }
            Self::ChangedSince { proposal, windows } => {
                let again = listed(names, windows, ", ");
                format!("Changed since proposal {proposal}: windows {again}; undo it at others only")
            }
            Self::NothingDone { proposal } => {
                format!("There is no window at which proposal {proposal} could be undone")
            }
            Self::UnknownGroup { group } => format!("There is no group {group} of services"),
            other => other.code().to_owned(),
        }
    }
}

/// The windows as citizens know them; of many the first.
fn listed(names: Names<'_>, windows: &[WindowId], between: &str) -> String {
    let labels: Vec<_> = windows.iter().take(LISTED_MAX).map(|window| names.window(*window)).collect();
    let more = if windows.len() > LISTED_MAX { "…" } else { "" };
    labels.join(between) + more
}
