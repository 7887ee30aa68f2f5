//! Putting the program together: plugins, core, window, tray, background parts.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use domain::Hash;
use protocol::Problem;
use protocol::settings::Language;
use tauri::{AppHandle, Manager as _, RunEvent, WindowEvent};
use tauri_plugin_window_state::StateFlags;

use crate::shell::Shell;
use crate::tray::Tray;
use crate::windows::Start;
use crate::{
    commands, events, host, link, login, media, menu, power, pulse, rescue, shell, shutdown,
    windows, words,
};

/// Opens the window on this folder and runs until the end.
pub(crate) fn open(data: PathBuf, own_folder: bool, start: Start, link: Option<&str>) -> ExitCode {
    if let Some(words) = without_a_screen() {
        eprintln!("rostrum: {words}");
        return ExitCode::FAILURE;
    }
    host::prepare_process();
    words::speak(Language::System);
    let status = Arc::new(AtomicU8::new(0));
    let failed = status.clone();
    let wanted = link.map(str::to_owned);
    let built = plugins(&data, own_folder)
        .register_asynchronous_uri_scheme_protocol(media::SCHEME, |context, request, responder| {
            let Some(shell) = context.app_handle().try_state::<Arc<Shell>>() else {
                return;
            };
            let shell = shell.inner().clone();
            shell.clone().run(async move {
                responder.respond(media::answer(&*shell.core, request.uri()).await);
            });
        })
        .invoke_handler(tauri::generate_handler![
            commands::mutate,
            commands::query,
            commands::act,
            commands::hears,
            commands::cancel_act,
            commands::pick,
            commands::toggle_menu,
            commands::zoom,
        ])
        .menu(menu::make)
        .on_menu_event(|app, event| menu::chosen(app, event.id().as_ref()))
        .on_window_event(|window, event| {
            if let WindowEvent::CloseRequested { api, .. } = event {
                api.prevent_close();
                windows::close(window.app_handle());
            }
        })
        .setup(move |app| {
            let handle = app.handle();
            if let Err(problem) = set_up(handle, (data.clone(), own_folder), start) {
                failed.store(1, Ordering::Relaxed);
                let again = {
                    let (handle, data) = (handle.clone(), data.clone());
                    move || {
                        set_up(&handle, (data, own_folder), start)?;
                        failed.store(0, Ordering::Relaxed);
                        Ok(())
                    }
                };
                rescue::offer(handle, data, &problem, again);
            } else if let Some(link) = &wanted {
                shell::follow(handle, link);
            }
            Ok(())
        })
        .build(tauri::generate_context!());
    let app = match built {
        Ok(app) => app,
        Err(error) => {
            eprintln!("rostrum: the window could not be made: {error}");
            return ExitCode::FAILURE;
        }
    };
    let code = app.run_return(|app, event| match event {
        // Only the last window's going is held back; a wish to end (`app.exit`) is followed.
        RunEvent::ExitRequested {
            code: None, api, ..
        } => api.prevent_exit(),
        RunEvent::Exit if app.try_state::<Arc<Shell>>().is_some() => {
            tauri::async_runtime::block_on(shutdown::finish(app));
        }
        _ => {}
    });
    ExitCode::from(
        status
            .load(Ordering::Relaxed)
            .max(u8::try_from(code).unwrap_or(1)),
    )
}

/// GTK ends the program with a trace where there is no display; a person is told in words.
fn without_a_screen() -> Option<&'static str> {
    let named = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    (cfg!(target_os = "linux") && !named("DISPLAY") && !named("WAYLAND_DISPLAY"))
        .then_some("there is no graphical session here; rostrumctl works without one")
}

fn plugins(data: &Path, own_folder: bool) -> tauri::Builder<tauri::Wry> {
    let mut single = tauri_plugin_single_instance::Builder::new()
        .callback(|app, args, _folder| second(app, &args));
    let mut starter = tauri_plugin_autostart::Builder::new().arg("--hidden");
    if own_folder {
        // Another folder is another Rostrum: it has its own window and its own login entry.
        let folder = std::path::absolute(data).unwrap_or_else(|_| data.to_owned());
        let name = Hash::of(folder.as_os_str().as_encoded_bytes()).short();
        single = single.dbus_id(format!("app.rostrum.desktop.f{name}"));
        starter = starter.arg("--data").arg(folder.display().to_string());
    }
    tauri::Builder::default()
        .plugin(single.build())
        .plugin(tauri_plugin_deep_link::init())
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_notification::init())
        .plugin(tauri_plugin_opener::init())
        .plugin(starter.build())
        .plugin(
            tauri_plugin_window_state::Builder::new()
                .with_state_flags(StateFlags::all() & !StateFlags::VISIBLE)
                .build(),
        )
}

/// Another start of the program found this one.
fn second(app: &AppHandle, args: &[String]) {
    match args.iter().skip(1).rfind(|arg| link::is_one(arg)) {
        Some(link) => shell::follow(app, link),
        None => shell::open(app, None),
    }
}

fn set_up(
    handle: &AppHandle,
    (data, own_folder): (PathBuf, bool),
    start: Start,
) -> Result<(), Problem> {
    let core = tauri::async_runtime::block_on(host::open(&data))?;
    let shell = Arc::new(Shell::new(core, data));
    handle.manage(shell.clone());
    handle.manage(events::desk(handle));
    menu::follow(handle, &shell.core.settings());
    let tray = Tray::make(handle);
    shell.core.found(
        "tray",
        if tray.is_some() { "made" } else { "none" }.to_owned(),
    );
    surroundings(&shell);
    // Before the window, so that it misses nothing.
    shell.run(events::forward(handle.clone()));
    shell.run(pulse::run(handle.clone(), tray));
    shell.run(power::slept(shell.clone()));
    shell.run(shutdown::on_signals(handle.clone()));
    login::follow(handle, &shell.core.settings());
    link::receive(handle, own_folder);
    windows::make(handle, start)
        .map_err(|error| Problem::new(protocol::Code::Internal, format!("no window: {error}")))
}

/// What a report of trouble says of the desktop, until something has been tried on it.
fn surroundings(shell: &Shell) {
    let named = |name| std::env::var(name).unwrap_or_else(|_| "unknown".to_owned());
    let webview = tauri::webview_version().unwrap_or_else(|error| format!("unknown ({error})"));
    shell.core.found("webview", webview);
    shell
        .core
        .found("notifications", "none shown yet".to_owned());
    if cfg!(target_os = "linux") {
        shell.core.found("desktop", named("XDG_CURRENT_DESKTOP"));
        shell.core.found("session", named("XDG_SESSION_TYPE"));
    }
}
