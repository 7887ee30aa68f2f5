//! The pointer on a display, and pictures of what the driver of the window does not see.

use std::process::Command;

use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ConnectionExt as _, MOTION_NOTIFY_EVENT,
};
use x11rb::protocol::xtest::ConnectionExt as _;

use crate::screen::{Screen, mapped};

impl Screen {
    /// The person clicks in a window: at this share of its width, so many pixels above its lower
    /// edge.
    pub(crate) fn click(&self, title: &str, across: f32, above: i16) {
        let (connection, screen) =
            x11rb::connect(Some(&self.display)).expect("the display answers");
        let root = connection.setup().roots[screen].root;
        let windows = mapped(&connection, root);
        let (window, _) = windows
            .iter()
            .find(|(_, t)| t == title)
            .expect("it is on the screen");
        let size = connection
            .get_geometry(*window)
            .expect("asked")
            .reply()
            .expect("answered");
        let left = (f32::from(size.width) * across) as i16;
        let at = connection
            .translate_coordinates(*window, root, left, size.height as i16 - above)
            .expect("asked")
            .reply()
            .expect("answered");
        for (kind, detail, x, y) in [
            (MOTION_NOTIFY_EVENT, 0, at.dst_x, at.dst_y),
            (BUTTON_PRESS_EVENT, 1, 0, 0),
            (BUTTON_RELEASE_EVENT, 1, 0, 0),
        ] {
            connection
                .xtest_fake_input(kind, detail, x11rb::CURRENT_TIME, root, x, y, 0)
                .expect("sent");
        }
        connection.flush().expect("flushed");
    }

    /// A picture of everything into `$ROSTRUM_SHOTS`, if that names a folder and there is a
    /// program that takes it.
    pub(crate) fn shot(&self, name: &str) {
        let Some(folder) = std::env::var_os("ROSTRUM_SHOTS") else {
            return;
        };
        std::thread::sleep(std::time::Duration::from_secs(1));
        let folder = std::path::PathBuf::from(folder);
        std::fs::create_dir_all(&folder).expect("a folder for pictures");
        let file = folder.join(format!("{name}.png"));
        let taken = Command::new("import")
            .args(["-display", &self.display, "-window", "root"])
            .arg(file)
            .status();
        if !taken.is_ok_and(|status| status.success()) {
            eprintln!("no picture of {name}: is imagemagick installed?");
        }
    }
}
