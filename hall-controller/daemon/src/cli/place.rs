//! Which hall a command is about, and on which day: said on the command line, in the environment, or
//! found where a hall's configuration usually lies.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use hall_core::claim::Entry;
use jiff::civil::Date;

use crate::told::Told;

/// Where a configuration is looked for when nobody names one: here, then where the package puts it.
const USUAL: [&str; 2] = ["hall.toml", "/etc/hall-controller/hall.toml"];

/// The environment's way to name a configuration.
const CONFIG_VARIABLE: &str = "HALL_CONFIG";

/// The environment's way to name a data directory.
const DATA_VARIABLE: &str = "HALL_DATA";

/// Which journal.
#[derive(Debug, Clone, Default, Args)]
pub struct JournalArgs {
    /// The directory of the journal.
    #[arg(long, conflicts_with = "config")]
    pub data: Option<PathBuf>,
    /// The hall's configuration, which names the directory and the time zone.
    ///
    /// Without `--data` and `--config`: the environment's `HALL_CONFIG` or `HALL_DATA`, else `./hall.toml`,
    /// else `/etc/hall-controller/hall.toml`.
    #[arg(long)]
    pub config: Option<PathBuf>,
}

/// Which hall.
#[derive(Debug, Clone, Default, Args)]
pub struct HallArgs {
    /// The hall's configuration; without it the environment's `HALL_CONFIG`, else `./hall.toml`, else
    /// `/etc/hall-controller/hall.toml`.
    #[arg(long)]
    pub config: Option<PathBuf>,
}

/// Which hall to run, and whether it may be another computer's.
#[derive(Debug, Clone, Default, Args)]
pub struct RunArgs {
    /// Which.
    #[command(flatten)]
    pub hall: HallArgs,
    /// The computer that ran this hall is gone for good: take the hall over from it, though it did not end in
    /// good order. If it comes back, it ends. Needed once.
    #[arg(long)]
    pub take_over: bool,
}

impl RunArgs {
    /// How the hall is entered.
    pub fn entry(&self) -> Entry {
        if self.take_over { Entry::TakeOver } else { Entry::IfFree }
    }
}

/// Where a hall is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In this data directory.
    Data(PathBuf),
    /// Where this configuration says.
    Config(PathBuf),
}

/// No hall was named, and none lies where one usually does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "which hall is meant? Name its configuration with --config or {CONFIG_VARIABLE}{}: neither ./{} nor {} is there",
    if *journal { ", or its data directory with --data or HALL_DATA" } else { "" },
    USUAL[0],
    USUAL[1]
)]
pub struct NoPlace {
    /// Whether a data directory would do.
    journal: bool,
}

impl Told for NoPlace {
    fn zh(&self) -> String {
        let [here, package] = USUAL;
        let or_data = if self.journal { "，或用 --data 或 HALL_DATA 指定其数据目录" } else { "" };
        format!(
            "指的是哪个大厅？请用 --config 或 {CONFIG_VARIABLE} 指定其配置文件{or_data}：./{here} 和 {package} 都不存在"
        )
    }
}

/// What of the surroundings decides.
struct Around<'a> {
    variable: &'a dyn Fn(&str) -> Option<OsString>,
    is_there: &'a dyn Fn(&Path) -> bool,
}

impl Around<'static> {
    fn real() -> Self {
        // One that cannot be looked at is there: reading it will say why not.
        Self { variable: &|name| std::env::var_os(name), is_there: &|path| path.try_exists().unwrap_or(true) }
    }
}

impl Around<'_> {
    fn named(&self, variable: &str) -> Option<PathBuf> {
        (self.variable)(variable).filter(|text| !text.is_empty()).map(PathBuf::from)
    }

    fn usual(&self) -> Option<PathBuf> {
        USUAL.into_iter().map(PathBuf::from).find(|path| (self.is_there)(path))
    }
}

impl JournalArgs {
    /// The journal that is meant.
    ///
    /// # Errors
    /// When none is named and none is where one usually is.
    pub fn place(&self) -> Result<Place, NoPlace> {
        self.place_in(&Around::real())
    }

    fn place_in(&self, around: &Around<'_>) -> Result<Place, NoPlace> {
        let Self { data, config } = self.clone();
        data.map(Place::Data)
            .or_else(|| config.map(Place::Config))
            .or_else(|| around.named(CONFIG_VARIABLE).map(Place::Config))
            .or_else(|| around.named(DATA_VARIABLE).map(Place::Data))
            .or_else(|| around.usual().map(Place::Config))
            .ok_or(NoPlace { journal: true })
    }
}

impl HallArgs {
    /// The configuration that is meant.
    ///
    /// # Errors
    /// When none is named and none is where one usually is.
    pub fn path(&self) -> Result<PathBuf, NoPlace> {
        self.path_in(&Around::real())
    }

    fn path_in(&self, around: &Around<'_>) -> Result<PathBuf, NoPlace> {
        let named = self.config.clone().or_else(|| around.named(CONFIG_VARIABLE));
        named.or_else(|| around.usual()).ok_or(NoPlace { journal: false })
    }
}

/// A business day as people name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskedDay {
    /// By its date.
    Date(Date),
    /// The one that goes on.
    Today,
    /// The one before.
    Yesterday,
}

impl AskedDay {
    /// Its date, when `today` goes on.
    pub fn date(self, today: Date) -> Date {
        match self {
            Self::Date(date) => date,
            Self::Today => today,
            Self::Yesterday => today.yesterday().unwrap_or(today),
        }
    }
}

impl FromStr for AskedDay {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "today" | "今天" => Ok(Self::Today),
            "yesterday" | "昨天" => Ok(Self::Yesterday),
            // What jiff takes beside it, such as a time of day, is no day.
            date if date.len() == "2026-03-02".len() => date.parse().map(Self::Date).map_err(|_| ()),
            _ => Err(()),
        }
        .map_err(|()| {
            "日期须写作 2026-03-02，或 today（今天）、yesterday（昨天）。\n\
             a day is a date such as 2026-03-02, or today, or yesterday"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around<'a>(
        variable: &'a dyn Fn(&str) -> Option<OsString>,
        is_there: &'a dyn Fn(&Path) -> bool,
    ) -> Around<'a> {
        Around { variable, is_there }
    }

    #[test]
    fn a_hall_is_the_one_named_or_the_first_that_lies_where_one_usually_does() {
        let both = |name: &str| match name {
            "HALL_CONFIG" => Some("env.toml".into()),
            "HALL_DATA" => Some("env-data".into()),
            _ => None,
        };
        let data_only = |name: &str| (name == "HALL_DATA").then(|| "env-data".into());
        let blank = |_: &str| Some(OsString::new());
        let (all, etc, none) = (|_: &Path| true, |path: &Path| path.starts_with("/etc"), |_: &Path| false);
        let nothing = JournalArgs::default;
        let data = || JournalArgs { data: Some("d".into()), config: None };
        let config = || JournalArgs { data: None, config: Some("c.toml".into()) };
        let place = |asked: JournalArgs, around: Around<'_>| asked.place_in(&around).unwrap();
        assert_eq!(place(data(), around(&both, &all)), Place::Data("d".into()));
        assert_eq!(place(config(), around(&both, &all)), Place::Config("c.toml".into()));
        assert_eq!(place(nothing(), around(&both, &all)), Place::Config("env.toml".into()));
        assert_eq!(place(nothing(), around(&data_only, &all)), Place::Data("env-data".into()));
        assert_eq!(place(nothing(), around(&blank, &all)), Place::Config("hall.toml".into()));
        assert_eq!(
            place(nothing(), around(&blank, &etc)),
            Place::Config("/etc/hall-controller/hall.toml".into())
        );
        let said = nothing().place_in(&around(&blank, &none)).unwrap_err().to_string();
        for word in [
            "--config",
            "HALL_CONFIG",
            "--data",
            "HALL_DATA",
            "./hall.toml",
            "/etc/hall-controller/hall.toml",
        ] {
            assert!(said.contains(word), "{word}: {said}");
        }

        let hall = HallArgs::default();
        assert_eq!(hall.path_in(&around(&both, &all)), Ok("env.toml".into()));
        assert_eq!(hall.path_in(&around(&data_only, &etc)), Ok("/etc/hall-controller/hall.toml".into()));
        let said = hall.path_in(&around(&data_only, &none)).unwrap_err().to_string();
        assert!(said.contains("--config") && !said.contains("--data"), "{said}");
    }

    #[test]
    fn a_day_is_a_date_or_today_or_yesterday() {
        let today = Date::constant(2026, 3, 1);
        for (text, day) in [
            ("2026-03-02", Date::constant(2026, 3, 2)),
            ("today", today),
            ("yesterday", Date::constant(2026, 2, 28)),
            ("昨天", Date::constant(2026, 2, 28)),
        ] {
            assert_eq!(text.parse::<AskedDay>().map(|day| day.date(today)), Ok(day), "{text}");
        }
        for wrong in ["tomorrow", "", "2026-3-2", "2026-02-30", "2026-03-02T10:00", "0302"] {
            assert!(wrong.parse::<AskedDay>().unwrap_err().contains("2026-03-02"), "{wrong}");
        }
    }
}
