//! `render`: a page of a sign as a PNG file, for whoever plans a hall or writes to its maker.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use hall_signs::page::{
    ArrowPage, EmergencyPage, IdentityPage, NoticePage, OverviewPage, OverviewRow, Page, ScrollPage, Step,
    WindowContent, WindowPage, ZoneCall, ZonePage,
};
use hall_signs::{Frame, Panel, PanelError, font};

use crate::cli::{PageKind, RenderArgs};
use crate::signs::clock_page;

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// No panel has this size.
    #[error(transparent)]
    Panel(#[from] PanelError),
    /// The page takes fewer screens.
    #[error(
        "on this panel the page takes {screens} screen(s), there is no screen {asked}; ask for --screen 1 to {screens}"
    )]
    Screen {
        /// As asked, from 1.
        asked: u16,
        /// How many there are.
        screens: usize,
    },
    /// Nothing of the page has room.
    #[error(
        "nothing of this page has room on a panel of {width_px}x{height_px} pixels: text needs 16 pixels of \
         height and the page's longest number or letter its width; ask for a larger --size or a shorter text"
    )]
    NoRoom {
        /// Of the panel, in pixels.
        width_px: u16,
        /// Of the panel, in pixels.
        height_px: u16,
    },
    /// The file cannot be written.
    #[error("{} cannot be written ({why}); name a file in a directory you may write to", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system or the encoder says.
        why: String,
    },
}

/// Draw the page to its file; gives one sentence about it.
///
/// # Errors
/// When the panel does not exist, the page has no such screen or no room, or the file cannot be written.
pub fn render(arguments: &RenderArgs) -> Result<String, RenderError> {
    let (width_px, height_px) = arguments.size;
    let panel = Panel::new(width_px, height_px, arguments.colour)?;
    let page = page(arguments);
    let screens = page.screens(panel);
    let screen = usize::from(arguments.screen).checked_sub(1).filter(|screen| *screen < screens);
    let screen = screen.ok_or(RenderError::Screen { asked: arguments.screen, screens })?;
    let frame = page.render(panel, screen);
    if frame == Frame::dark(panel) {
        return Err(RenderError::NoRoom { width_px, height_px });
    }
    let path = &arguments.out;
    write_png(path, &frame, arguments.scale)
        .map_err(|error| RenderError::Write { path: path.clone(), why: error.to_string() })?;
    let drawn = format!(
        "{}: {width_px}x{height_px} pixels, screen {} of {screens}.",
        path.display(),
        arguments.screen
    );
    let missing = font::missing(page.words().lines.iter().map(|line| line.text.as_str()));
    Ok(if missing.is_empty() {
        drawn
    } else {
        format!("{drawn} No glyph for {}: shown as a box; write it otherwise.", missing.join(" "))
    })
}

fn page(arguments: &RenderArgs) -> Page {
    let RenderArgs { number, window, service, text, text_en, calls, queues, waiting, .. } = arguments;
    let text_or = |default: &str| text.clone().unwrap_or_else(|| default.to_owned());
    let at_window = |state| Page::Window(WindowPage { label: window.clone(), state });
    match arguments.page {
        PageKind::Called => at_window(WindowContent::Called { number: *number }),
        PageKind::Serving => at_window(WindowContent::Serving { number: *number }),
        PageKind::Idle => at_window(WindowContent::Idle { service: service.clone(), waiting: *waiting }),
        PageKind::Paused => at_window(WindowContent::Paused { reason: text.clone() }),
        PageKind::Closed => at_window(WindowContent::Closed),
        PageKind::Zone => {
            let call = |(number, label, service): &(_, String, String)| ZoneCall {
                number: *number,
                label: label.clone(),
                service: service.clone(),
            };
            Page::Zone(ZonePage { name: text_or("等候区"), calls: calls.iter().map(call).collect() })
        }
        PageKind::Overview => {
            let row = |(service, waiting, minutes): &(String, u32, _)| OverviewRow {
                service: service.clone(),
                waiting: *waiting,
                minutes: *minutes,
            };
            Page::Overview(OverviewPage {
                name: text_or("等候区"), rows: queues.iter().map(row).collect()
            })
        }
        PageKind::Notice => Page::Notice(NoticePage { text: text_or("公告") }),
        PageKind::Scroll => {
            Page::Scroll(ScrollPage { step: Step::PIXEL, ..ScrollPage::new(text_or("公告")) })
        }
        PageKind::Clock => Page::Clock(clock_page(arguments.time)),
        PageKind::Arrow => {
            Page::Arrow(ArrowPage { number: *number, label: window.clone(), direction: arguments.direction })
        }
        PageKind::Emergency => {
            Page::Emergency(EmergencyPage { zh: text_or("紧急疏散"), en: text_en.clone() })
        }
        PageKind::Test => Page::Test(arguments.pattern),
        PageKind::Identity => Page::Identity(IdentityPage {
            id: text_or("W1"),
            address: 1,
            shows: format!("{window}号窗口"),
            port: String::new(),
        }),
    }
}

fn write_png(path: &Path, frame: &Frame, scale: u8) -> io::Result<()> {
    let (panel, scale) = (frame.panel(), u16::from(scale));
    let rows = (0..panel.height_px()).flat_map(|y| std::iter::repeat_n(y, scale.into()));
    let mut pixels = Vec::new();
    for y in rows {
        for x in (0..panel.width_px()).flat_map(|x| std::iter::repeat_n(x, scale.into())) {
            let light = frame.light(x, y);
            pixels.extend([light.red, light.green, light.blue].map(|on| if on { u8::MAX } else { 0 }));
        }
    }
    let (width, height) = (u32::from(panel.width_px() * scale), u32::from(panel.height_px() * scale));
    let mut encoder = png::Encoder::new(BufWriter::new(File::create(path)?), width, height);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().map_err(io::Error::other)?;
    writer.write_image_data(&pixels).map_err(io::Error::other)?;
    writer.finish().map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};

    fn asked(arguments: &[&str]) -> RenderArgs {
        let all = ["hall-controller", "render"].iter().chain(arguments);
        match Cli::try_parse_from(all).unwrap().command {
            Command::Render(arguments) => arguments,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_file_has_each_pixel_of_the_page_as_a_square() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("x.png");
        let out = path.to_str().unwrap();
        let arguments = asked(&["--page", "called", "--size", "64x16", "--scale", "3", "--out", out]);
        render(&arguments).unwrap();
        let file = io::BufReader::new(File::open(&path).unwrap());
        let mut reader = png::Decoder::new(file).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((info.width, info.height), (192, 48));
        let state = WindowContent::Called { number: "A012".parse().unwrap() };
        let page = WindowPage { label: "3".into(), state };
        let frame = page.render(Panel::new(64, 16, arguments.colour).unwrap());
        for (at, pixel) in pixels.chunks_exact(3).enumerate() {
            let (x, y) = (u16::try_from(at % 192).unwrap(), u16::try_from(at / 192).unwrap());
            let light = frame.light(x / 3, y / 3);
            assert_eq!(
                pixel.iter().map(|byte| *byte == 255).collect::<Vec<_>>(),
                [light.red, light.green, light.blue]
            );
        }
        assert!(pixels.contains(&255));
    }

    #[test]
    fn what_cannot_be_drawn_is_told_with_a_remedy() {
        let asked = asked(&["--page", "closed", "--screen", "2", "--out", "/nowhere/x.png"]);
        let sentence = render(&asked).unwrap_err().to_string();
        assert_eq!(
            sentence,
            "on this panel the page takes 1 screen(s), there is no screen 2; ask for --screen 1 to 1"
        );
        let sentence = render(&RenderArgs { screen: 1, ..asked }).unwrap_err().to_string();
        assert!(sentence.starts_with("/nowhere/x.png cannot be written (No such file"), "{sentence}");
    }

    #[test]
    fn every_page_is_drawn_from_the_command_line_with_ink() {
        let directory = tempfile::tempdir().unwrap();
        for page in <PageKind as clap::ValueEnum>::value_variants() {
            let name = clap::ValueEnum::to_possible_value(page).unwrap();
            let path = directory.path().join(format!("{}.png", name.get_name()));
            let page = ["--page", name.get_name(), "--out", path.to_str().unwrap()];
            let arguments = asked(&[&page[..], &["--queue", "税务=3", "--call", "A012=3"]].concat());
            render(&arguments).unwrap();
            let frame = super::page(&arguments).render(Panel::new(128, 32, arguments.colour).unwrap(), 0);
            assert!(frame.bytes().iter().any(|byte| *byte != 0), "{}", name.get_name());
        }
    }
}
