# The packages as a person gets them: put into a clean Debian 12, used in the window, taken out again.

# The release that the package must work on; its programs are linked against no newer C library.
SUITE=bookworm
SUITE_GLIBC=2.36

# installed_tests: with a package of the programs that the tests before have built. The release's
# differs from it in optimization, and takes longer to build than everything else here.
installed_tests() {
  local why
  if why=$(no_clean_root_here); then
    if [ -n "${ROSTRUM_DEMAND_INSTALL:-}" ]; then
      count_result "Installed package ($why)" 1 0 1 0
    else
      count_result "Installed package ($why)" 0 0 0 1
    fi
    return
  fi
  if ! pack debug deb,rpm; then
    count_result "Installed package (it could not be made)" 1 0 1 0
    return
  fi
  try_packages "$TARGET"/debug/bundle/deb/*.deb "$TARGET"/debug/bundle/rpm/*.rpm
}

# installed DEB [RPM]: the same with any packages.
installed() {
  local file
  for file in "${1:-}" "${2:-${1:-}}"; do
    [ -f "$file" ] || stop "Name the packages: ./dev installed FILE.deb [FILE.rpm]"
  done
  ground_for_tests
  build_ui || stop "The window does not build; see above."
  local why
  if why=$(no_clean_root_here); then stop "Not possible: $why."; fi
  LOGS=$(mktemp -d)
  try_packages "$@"
  total
}

# Succeeds with the reason when a clean root cannot be made here.
no_clean_root_here() {
  if [ "$(uname -s)" != Linux ]; then echo "it needs Linux"
  elif [ "$(id -u)" != 0 ]; then echo "it needs root, for a root folder of its own"
  elif ! have debootstrap; then echo "debootstrap is missing"
  elif ! unshare -m true 2>/dev/null; then echo "nothing may be mounted here"
  elif [ "$(printf '%s\n' "$SUITE_GLIBC" "$(getconf GNU_LIBC_VERSION | cut -d' ' -f2)" | sort -V | tail -1)" != "$SUITE_GLIBC" ]; then
    echo "programs built here need a newer system than Debian 12"
  else return 1
  fi
}

# clean_root FOLDER: a fresh copy of a minimal Debian, made once and kept in the cache.
clean_root() {
  local base=$CACHE/roots/$SUITE sources
  if [ ! -e "$base/.complete" ]; then
    say "Making a minimal Debian 12 in $base (once)"
    rm -rf "$base"
    mkdir -p "$base"
    # Where this machine has its Debian packages from, if it has any.
    # shellcheck disable=SC2016
    sources=$(apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' 2>/dev/null | grep -E " $SUITE(-|/| )" | sort -u)
    # shellcheck disable=SC2046
    debootstrap --variant=minbase "$SUITE" "$base" $(printf '%s\n' "$sources" | sed -nE "s/^deb ([^ ]+) $SUITE .*/\1/p" | head -1) >&2 || return 1
    [ -z "$sources" ] || printf '%s\n' "$sources" > "$base/etc/apt/sources.list"
    # Nothing that is installed there starts anything.
    printf '#!/bin/sh\nexit 101\n' > "$base/usr/sbin/policy-rc.d"
    chmod +x "$base/usr/sbin/policy-rc.d"
    # It is thrown away: nothing has to survive a power cut.
    echo force-unsafe-io > "$base/etc/dpkg/dpkg.cfg.d/rostrum"
    touch "$base/.complete"
  fi
  cp -a "$base" "$1" && cp -L /etc/resolv.conf /etc/hosts "$1/etc/"
}

# try_packages DEB [RPM]: what holds is counted, one by one. The .rpm comes after the .deb, whose
# libraries stay: Debian has none under the names that an .rpm asks for.
try_packages() {
  local deb=$1 rpm=${2:-} place root log=$LOGS/installed status
  place=$(mktemp -d)
  root=$place/root
  say "Trying $(basename -a "$@" | paste -sd ' ') in a clean Debian 12"
  if ! clean_root "$root"; then
    count_result "Installed package (no clean Debian)" 1 0 1 0
    rm -rf "$place"
    return
  fi
  cp "$deb" "$root/root/rostrum.deb"
  [ -z "$rpm" ] || cp "$rpm" "$root/root/rostrum.rpm"
  mkdir -p "$CACHE/roots/archives"
  # Mounts are this process's own and go with it.
  # shellcheck disable=SC2016
  unshare -m --propagation private bash -c '
    . deploy/dev/installed.sh
    shared_with_root "$1" "$2"
    holds_in_root "$1"
  ' installed "$root" "$CACHE/roots/archives" > "$log" 2>&1
  status=$?
  if [ "$status" != 0 ] || grep -aq '^not so: ' "$log"; then cat "$log" >&2; fi
  grep -aE '^(so|not so): ' "$log" >&2
  count_result "Installed package" "$status" "$(grep -ac '^so: ' "$log")" "$(grep -ac '^not so: ' "$log")" 0
  rm -rf "$place"
}

# shared_with_root ROOT ARCHIVES: the system's own file systems; the folders of the test's display,
# bus and data; and what apt has downloaded before.
shared_with_root() {
  local pictures=$PWD/tests/journeys/pictures
  mount -t proc proc "$1/proc"
  mkdir -p "$1/dev/shm" "$1/tmp" "$1$pictures"
  mount -t tmpfs tmpfs "$1/dev/shm"
  mount --bind /tmp "$1/tmp"
  mount --bind "$pictures" "$1$pictures"
  mount --bind "$2" "$1/var/cache/apt/archives"
}

in_root() { chroot "$ROOT" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }

# that WHAT COMMAND...: says whether it is so.
that() {
  local what=$1
  shift
  if "$@"; then echo "so: $what"; else echo "not so: $what"; fi
}

holds_in_root() {
  ROOT=$1
  PROGRAM=$(mktemp)
  that "apt installs it with what it depends on" installs
  that "its entry, its description and whose work it is are in place" has_its_papers /usr/share/doc/rostrum/copyright
  that "its window opens and does the main job" \
    journey main_job::a_creator_writes_an_approver_is_notified_and_approves_and_it_is_published
  that "rostrumctl publishes to the site beside it" publishes_without_a_window
  that "removing it takes the programs, keeps the data and says where that is" leaves_the_data apt-get remove -y -q rostrum
  if [ -e "$ROOT/root/rostrum.rpm" ]; then
    rm -rf "$ROOT/root/site" "$ROOT/root/.local" "$ROOT/root/.config"
    that "rpm installs the other package, over nothing that is there" installs_rpm
    that "its entry, its description and its licence are in place" has_its_papers /usr/share/licenses/rostrum/LICENSE
    that "its window opens and ends cleanly" journey desktop::the_window_comes_up_and_a_wish_to_end_ends_it_cleanly
    that "its rostrumctl publishes to the site beside it" publishes_without_a_window
    that "rpm takes it out, keeps the data and says where that is" leaves_the_data rpm -e rostrum
  fi
  rm -f "$PROGRAM"
}

installs() {
  in_root apt-get update -q &&
    in_root apt-get install -y -q --no-install-recommends /root/rostrum.deb &&
    links_to_what_is_there
}

# Debian's rpm knows only what rpm itself has installed: nothing that a package could need.
installs_rpm() {
  in_root apt-get install -y -q --no-install-recommends rpm &&
    in_root rpm --checksig --nosignature /root/rostrum.rpm &&
    in_root rpm -i --nodeps /root/rostrum.rpm &&
    in_root rpm -V --nodeps rostrum &&
    links_to_what_is_there
}

links_to_what_is_there() { in_root sh -c '! ldd /usr/bin/rostrum /usr/bin/rostrumctl | grep "not found"'; }

# has_its_papers LICENCE: and this file says what one may do with it.
has_its_papers() {
  in_root grep -Fx 'Exec=rostrum %U' /usr/share/applications/Rostrum.desktop &&
    in_root grep -Fx 'MimeType=x-scheme-handler/rostrum;' /usr/share/applications/Rostrum.desktop &&
    in_root sh -c 'ls /usr/share/icons/hicolor/*/apps/rostrum.png' &&
    in_root grep -F '<launchable type="desktop-id">Rostrum.desktop</launchable>' /usr/share/metainfo/app.rostrum.desktop.metainfo.xml &&
    in_root test -s "$1" &&
    in_root grep -q '^serde [0-9.]*: ' /usr/share/doc/rostrum/NOTICES
}

# journey NAME: one of the tests, with the installed program in place of the built one.
journey() {
  cat > "$PROGRAM" <<TEXT
#!/bin/sh
exec chroot "$ROOT" /usr/bin/rostrum "\$@"
TEXT
  chmod +x "$PROGRAM"
  local n
  # As often as the tests' own setup tries a journey.
  for n in 1 2 3; do
    ROSTRUM_PROGRAM=$PROGRAM timeout 900 cargo test --locked --quiet --workspace --features custom-protocol --test journeys -- \
      --exact "$1" && return
    echo "Try $n has failed."
  done
  return 1
}

publishes_without_a_window() {
  in_root rostrumctl init --name Ada &&
    in_root rostrumctl persona add --name "Firnline Institute" --zone Europe/Berlin &&
    in_root rostrumctl account add --persona "Firnline Institute" --network site --path /root/site &&
    in_root rostrumctl post --persona "Firnline Institute" --text "Installed and published." --now &&
    in_root rostrumctl work --until-idle &&
    in_root grep -q "Installed and published." /root/site/feed.xml &&
    in_root sh -c 'grep -rlq --include="*.html" "Installed and published." /root/site'
}

# leaves_the_data COMMAND...: which takes the package out.
leaves_the_data() {
  local said
  said=$(in_root "$@") || return 1
  printf '%s\n' "$said"
  printf '%s\n' "$said" | grep -q '/root/.local/share/rostrum' &&
    in_root test -s /root/.local/share/rostrum/rostrum.sqlite &&
    in_root test -s /root/site/feed.xml &&
    in_root sh -c '! test -e /usr/bin/rostrum && ! test -e /usr/bin/rostrumctl && ! test -e /usr/share/applications/Rostrum.desktop'
}
