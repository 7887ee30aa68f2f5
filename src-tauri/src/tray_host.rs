//! Whether anybody shows tray icons here. GNOME without an extension has no host: the icon is
//! made, and never seen, so hiding the window there would lose it.

/// A `StatusNotifierWatcher` with a host, or an XEmbed tray, answers.
#[cfg(target_os = "linux")]
pub(crate) async fn answers() -> bool {
    linux::status_notifier().await.unwrap_or(false) || linux::xembed().unwrap_or(false)
}

/// macOS and Windows always show them.
#[cfg(not(target_os = "linux"))]
pub async fn answers() -> bool {
    true
}

#[cfg(target_os = "linux")]
mod linux {
    use x11rb::connection::Connection as _;
    use x11rb::protocol::xproto::ConnectionExt as _;

    const WATCHER: &str = "org.kde.StatusNotifierWatcher";

    pub(super) async fn status_notifier() -> zbus::Result<bool> {
        let bus = zbus::Connection::session().await?;
        let watcher = zbus::Proxy::new(&bus, WATCHER, "/StatusNotifierWatcher", WATCHER).await?;
        watcher
            .get_property::<bool>("IsStatusNotifierHostRegistered")
            .await
    }

    /// The owner of the selection `_NET_SYSTEM_TRAY_S<screen>` (System Tray Protocol).
    pub(super) fn xembed() -> Option<bool> {
        let (connection, screen) = x11rb::connect(None).ok()?;
        let name = format!("_NET_SYSTEM_TRAY_S{screen}");
        let atom = connection
            .intern_atom(true, name.as_bytes())
            .ok()?
            .reply()
            .ok()?
            .atom;
        if atom == x11rb::NONE {
            return Some(false);
        }
        let owner = connection
            .get_selection_owner(atom)
            .ok()?
            .reply()
            .ok()?
            .owner;
        connection.flush().ok()?;
        Some(owner != x11rb::NONE)
    }
}
