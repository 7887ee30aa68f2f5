//! A display of the test's own, and what is mapped on it.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    AtomEnum, ClientMessageEvent, ConnectionExt as _, EventMask, MapState, Window,
};

pub(crate) struct Screen {
    xvfb: Child,
    pub(crate) display: String,
}

impl Screen {
    pub(crate) fn start() -> Self {
        let mut xvfb = Command::new("Xvfb")
            // Without -noreset the server starts over when its last client leaves, and whoever
            // connects in that moment is turned away.
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                "1440x900x24",
                "-nolisten",
                "tcp",
                "-noreset",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is installed");
        let mut number = String::new();
        let stdout = xvfb.stdout.take().expect("piped");
        BufReader::new(stdout)
            .read_line(&mut number)
            .expect("Xvfb says its display");
        let display = format!(":{}", number.trim());
        Self { xvfb, display }
    }

    /// Whether a window with this title is on the screen (mapped, not only made).
    pub(crate) fn shows(&self, title: &str) -> bool {
        let (connection, screen) =
            x11rb::connect(Some(&self.display)).expect("the display answers");
        let root = connection.setup().roots[screen].root;
        mapped(&connection, root).iter().any(|(_, t)| t == title)
    }

    /// The person closes the window with the button of its frame.
    pub(crate) fn close(&self, title: &str) {
        let (connection, screen) =
            x11rb::connect(Some(&self.display)).expect("the display answers");
        let root = connection.setup().roots[screen].root;
        let atom = |name: &str| {
            let cookie = connection
                .intern_atom(false, name.as_bytes())
                .expect("asked");
            cookie.reply().expect("answered").atom
        };
        let (protocols, delete) = (atom("WM_PROTOCOLS"), atom("WM_DELETE_WINDOW"));
        let windows = mapped(&connection, root);
        let (window, _) = windows
            .iter()
            .find(|(_, t)| t == title)
            .expect("it is on the screen");
        let event = ClientMessageEvent::new(32, *window, protocols, [delete, 0, 0, 0, 0]);
        connection
            .send_event(false, *window, EventMask::NO_EVENT, event)
            .expect("sent");
        connection.flush().expect("flushed");
    }
}

/// What is on the screen below a window, with its title.
pub(crate) fn mapped(
    connection: &impl x11rb::connection::Connection,
    window: Window,
) -> Vec<(Window, String)> {
    let mut found = Vec::new();
    let children = connection
        .query_tree(window)
        .ok()
        .and_then(|c| c.reply().ok());
    for child in children.map(|tree| tree.children).unwrap_or_default() {
        let viewable = connection
            .get_window_attributes(child)
            .ok()
            .and_then(|c| c.reply().ok())
            .is_some_and(|attributes| attributes.map_state == MapState::VIEWABLE);
        if viewable {
            let name = connection
                .get_property(false, child, AtomEnum::WM_NAME, AtomEnum::ANY, 0, 256)
                .ok()
                .and_then(|c| c.reply().ok());
            let title = name.and_then(|name| String::from_utf8(name.value).ok());
            found.extend(title.map(|title| (child, title)));
            found.extend(mapped(connection, child));
        }
    }
    found
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.xvfb.kill();
        let _ = self.xvfb.wait();
    }
}
