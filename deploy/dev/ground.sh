# What has to be on the machine before anything can be built: system packages, Node, npm packages.

BUILD_PACKAGES="libwebkit2gtk-4.1-dev libayatana-appindicator3-dev build-essential pkg-config cmake curl ca-certificates"
TEST_PACKAGES="strace iproute2 xvfb dbus webkit2gtk-driver libayatana-appindicator3-1 fonts-dejavu-core postgresql chromium gnome-keyring redis-server debootstrap xdg-utils at-spi2-core"
NODE_VERSION=20.20.2

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }
stop() { printf '%s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

ground_for_build() {
  have cargo || stop "Rust is missing. Install it from https://rustup.rs (1.95 or newer), then run this again."
  case "$(uname -s)" in
    Linux) linux_packages "$BUILD_PACKAGES" pkg_config_answers ;;
    Darwin) xcode-select -p >/dev/null 2>&1 || stop "The Xcode command line tools are missing: run xcode-select --install, then this again." ;;
    MINGW* | MSYS* | CYGWIN*) have cl || say "On Windows this needs the Visual Studio C++ build tools and WebView2 (part of Windows 11)." ;;
    *) say "Unknown system: continuing with what is here." ;;
  esac
  node_is_here
  npm_packages ui
}

ground_for_tests() {
  ground_for_build
  case "$(uname -s)" in
    Linux) linux_packages "$TEST_PACKAGES" test_programs_answer ;;
    *) say "The journeys in the real window are tested on Linux; here they are skipped." ;;
  esac
  if [ -x tests/peers/bluesky/setup ]; then
    if ! { tests/peers/bluesky/setup && peer_answers; } >&2; then
      # Without it nothing can be demanded of it; what is left out is counted as skipped.
      say "The Bluesky server could not be installed; its tests are skipped and say so."
      unset ROSTRUM_DEMAND_PEERS
      rm -rf tests/peers/bluesky/node_modules
    fi
  fi
  peers_in_python
}

# What is written in Python: a llama.cpp server, and a client of the Model Context Protocol.
peers_in_python() {
  if python_ground "$CACHE/peers" tests/peers/requirements.txt; then
    export ROSTRUM_PEER_PYTHON="$CACHE/peers/bin/python"
  else
    say "The peers in Python could not be installed; their tests are skipped and say so."
    unset ROSTRUM_DEMAND_PEERS
  fi
}

# The two modules that had to be built load.
peer_answers() {
  (cd tests/peers/bluesky && node -e 'require("better-sqlite3")(":memory:"); require("sharp")')
}

pkg_config_answers() {
  have pkg-config && have cc && pkg-config --exists webkit2gtk-4.1 ayatana-appindicator3-0.1
}

test_programs_answer() {
  have Xvfb && have dbus-daemon && have WebKitWebDriver && have gnome-keyring-daemon && have redis-server && have xdg-open && accessibility_bus_is_here && { have debootstrap || ! have apt-get; } && { have chromium || have chromium-browser; } &&
    { have postgres || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1; }
}

accessibility_bus_is_here() {
  ls /usr/libexec/at-spi-bus-launcher /usr/lib/at-spi2-core/at-spi-bus-launcher /usr/lib/at-spi-bus-launcher 2>/dev/null | grep -q .
}

# linux_packages NAMES PROBE: installs with apt where there is apt, else says what is missing.
linux_packages() {
  "$2" && return
  have apt-get || stop "Some packages are missing. Their Debian names are:
  $1
On Fedora: webkit2gtk4.1-devel libayatana-appindicator-gtk3-devel gcc-c++ pkgconf cmake (tests: xorg-x11-server-Xvfb dbus-daemon webkitgtk-driver postgresql-server chromium gnome-keyring redis xdg-utils at-spi2-core)
On Arch: webkit2gtk-4.1 libayatana-appindicator base-devel cmake (tests: xorg-server-xvfb dbus postgresql chromium gnome-keyring redis xdg-utils at-spi2-core)
Install them, then run this again."
  local missing="" name
  for name in $1; do
    dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q "install ok installed" || missing="$missing $name"
  done
  [ -n "$missing" ] || return 0
  say "Installing with apt:$missing"
  # PostgreSQL is only wanted for its programs; the tests start a private one.
  # shellcheck disable=SC2086
  as_root sh -c "mkdir -p /etc/postgresql-common && { [ -e /etc/postgresql-common/createcluster.conf ] || echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf; }
    apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing" >&2 ||
    stop "apt could not install:$missing"
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif have sudo; then sudo "$@"
  else stop "Neither root nor sudo here. As root, install: apt-get install --no-install-recommends $BUILD_PACKAGES"
  fi
}

node_is_new_enough() {
  have node && have npm && node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)'
}

# Debian 12 has Node 18, which the build tools no longer take: its npm fetches a newer Node into the cache.
node_is_here() {
  node_is_new_enough && return
  export PATH="$CACHE/node/node_modules/.bin:$CACHE/node/node_modules/node-$(node_platform)/bin:$PATH"
  node_is_new_enough && return
  have npm || { have apt-get && linux_packages "nodejs npm" false; }
  have npm || stop "Node 20.19 or newer is missing. Install it from https://nodejs.org, then run this again."
  say "Fetching Node $NODE_VERSION into $CACHE/node"
  mkdir -p "$CACHE/node"
  npm install --prefix "$CACHE/node" --no-audit --no-fund \
    "node-$(node_platform)@$NODE_VERSION" npm@10.9.9 >&2 || stop "npm could not fetch Node $NODE_VERSION."
  hash -r
  node_is_new_enough || stop "Node 20.19 or newer is needed; found $(node --version 2>/dev/null || echo none)."
}

node_platform() {
  local machine
  case "$(uname -m)" in x86_64) machine=x64 ;; aarch64 | arm64) machine=arm64 ;; *) machine=$(uname -m) ;; esac
  case "$(uname -s)" in Darwin) echo "darwin-$machine" ;; *) echo "linux-$machine" ;; esac
}

# npm_packages FOLDER: installs exactly the lock file, when it has changed since last time.
npm_packages() {
  local stamp="$1/node_modules/.rostrum-lock" sum
  sum=$(cksum < "$1/package-lock.json")
  [ "$(cat "$stamp" 2>/dev/null)" = "$sum" ] && return
  say "Installing npm packages in $1"
  npm ci --prefix "$1" --no-audit --no-fund >&2 || stop "npm could not install the packages of $1."
  echo "$sum" > "$stamp"
}

# install_tool NAME [VERSION]: a cargo program, into the cache when it is nowhere else.
install_tool() {
  export PATH="$CACHE/tools/bin:$PATH"
  have "$1" && return
  say "Building $1 (once, takes minutes)"
  CARGO_TARGET_DIR="$CACHE/tools/target" CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=1 \
    cargo install --locked --quiet --root "$CACHE/tools" "$1${2:+@$2}" >&2
}
