//! Which colours mean what?

use anstyle::{AnsiColor, Style};

/// What fails.
pub const RED: Style = AnsiColor::Red.on_default().bold();
/// What may fail.
pub const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
/// What is fine.
pub const GREEN: Style = AnsiColor::Green.on_default();
/// What is not decided yet.
pub const CYAN: Style = AnsiColor::Cyan.on_default();
/// What the eye should find.
pub const BOLD: Style = Style::new().bold();
/// What it may pass over.
pub const DIM: Style = Style::new().dimmed();
/// A line that is taken away.
pub const RED_LINE: Style = AnsiColor::Red.on_default();
