//! Signs that are composed from several keys, through the toolkit's own input method.

use std::time::Duration;

use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{ConnectionExt as _, InputFocus, KEY_PRESS_EVENT, KEY_RELEASE_EVENT};
use x11rb::protocol::xtest::ConnectionExt as _;

use crate::bus::Services;
use crate::screen::{Screen, mapped};
use crate::stage::Stage;
use crate::steps::{TITLE, persona};

const CONTROL: u32 = 0xffe3;
const SHIFT: u32 = 0xffe1;
const RETURN: u32 = 0xff0d;

/// Keys of a keyboard on this screen, for the window that has the focus.
struct Keyboard<'a> {
    screen: &'a Screen,
}

impl Keyboard<'_> {
    /// Chords one after the other: the keys of each are held together (by keysym).
    fn strike(&self, chords: &[&[u32]]) {
        let (connection, screen) =
            x11rb::connect(Some(&self.screen.display)).expect("the display answers");
        let setup = connection.setup();
        let root = setup.roots[screen].root;
        let (window, _) = mapped(&connection, root)
            .into_iter()
            .find(|(_, title)| title == TITLE)
            .expect("it is on the screen");
        connection
            .set_input_focus(InputFocus::PARENT, window, x11rb::CURRENT_TIME)
            .expect("sent");
        let first = setup.min_keycode;
        let map = connection
            .get_keyboard_mapping(first, setup.max_keycode - first + 1)
            .expect("asked")
            .reply()
            .expect("answered");
        let per_key = usize::from(map.keysyms_per_keycode);
        let code = |wanted: u32| {
            let mut keys = map.keysyms.chunks(per_key);
            let at = keys.position(|signs| signs.first() == Some(&wanted));
            first + u8::try_from(at.expect("the keyboard has it")).expect("a keycode")
        };
        let send = |kind: u8, key: u32| {
            connection
                .xtest_fake_input(kind, code(key), x11rb::CURRENT_TIME, root, 0, 0, 0)
                .expect("sent");
        };
        for chord in chords {
            for key in *chord {
                send(KEY_PRESS_EVENT, *key);
            }
            for key in chord.iter().rev() {
                send(KEY_RELEASE_EVENT, *key);
            }
            connection.flush().expect("flushed");
            // As fast as a person.
            std::thread::sleep(Duration::from_millis(60));
        }
    }
}

#[tokio::test]
async fn a_composed_sign_is_written_and_the_enter_that_ends_it_sends_and_breaks_nothing() {
    let stage = Stage::set(Services::ALL)
        .await
        .with("GTK_IM_MODULE", "gtk-im-context-simple");
    let page = stage.open().await;
    persona(&page).await;
    page.press("Compose").await;
    page.write("Late snow, zu sp").await;
    let watch = "window.composed = [];
        for (const kind of ['compositionstart', 'compositionend'])
          addEventListener(kind, () => window.composed.push(kind), true);";
    page.driver.execute(watch, vec![]).await.expect("it runs");

    // The toolkit's way to any sign: Ctrl+Shift+U, its number, Enter.
    let keyboard = Keyboard {
        screen: &stage.screen,
    };
    let letter = u32::from;
    keyboard.strike(&[
        &[CONTROL, SHIFT, letter('u')],
        &[letter('e')],
        &[letter('4')],
        &[RETURN],
        &[letter('t')],
    ]);
    let mut written = String::new();
    for _ in 0..50 {
        written = page.written().await;
        if written.ends_with('t') {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(written, "Late snow, zu spät");
    let composed = page
        .driver
        .execute("return window.composed", vec![])
        .await
        .expect("it runs");
    // The toolkit says its end more than once.
    assert_eq!(composed.json()[0], "compositionstart");
    assert_eq!(composed.json()[1], "compositionend");
    page.sees("Draft").await;
    page.shot("composed").await;
    page.close().await;
}
