# Making what people install: packages for the system that this runs on.

bundle() {
  local kinds
  [ $# -eq 0 ] || stop "./dev bundle takes no arguments."
  case "$(uname -s)" in
    Linux) kinds=deb,rpm ;;
    Darwin) kinds=app,dmg ;;
    *) kinds=nsis,msi ;;
  esac
  ground_for_build
  build_ui || stop "The window does not build; see above."
  say "Building the programs for release (takes longer than for ./dev run)"
  cargo build --locked --release --features custom-protocol || exit 1
  pack release "$kinds" || stop "The packages could not be made; see above."
  say "Made:"
  sed "s|^[^ ]* [ *]|$TARGET/release/bundle/|" "$TARGET/release/bundle/SHA256SUMS"
  printf '%s\n' "$TARGET/release/bundle/SHA256SUMS"
}

# pack PROFILE KINDS: makes packages of the two programs as they are built in $TARGET/PROFILE.
pack() {
  local profile=$1 kinds=$2 ending="" debug="" triple packing=$TARGET/packing
  [ "$profile" = release ] || debug=--debug
  # The bundler there knows no paths of this shell.
  case "$kinds" in *msi*) ending=.exe packing=$(cygpath -m "$packing") ;; esac
  triple=$(rustc -vV | sed -n 's/^host: //p')
  rm -rf "$packing" "$TARGET/$profile/bundle"
  mkdir -p "$packing"
  cp "$TARGET/$profile/rostrumctl$ending" "$packing/rostrumctl-$triple$ending" || return 1
  node deploy/dev/notices.mjs "$triple" > "$packing/NOTICES" || return 1
  needs_of "$TARGET/$profile/rostrum$ending" "$packing/rostrumctl-$triple$ending" > "$packing/needs" || return 1
  # What only this machine knows: where its programs lie and which libraries they were linked to.
  # shellcheck disable=SC2016
  node -e '
    const [folder, needs] = process.argv.slice(1);
    const read = (file) => require("fs").readFileSync(file, "utf8");
    const named = JSON.parse(read("tauri.conf.json")).bundle.linux.deb.depends;
    const depends = [...named, ...read(needs).split("\n").filter(Boolean)];
    const notices = { "/usr/share/doc/rostrum/NOTICES": `${folder}/NOTICES` };
    console.log(JSON.stringify({ bundle: {
      externalBin: [`${folder}/rostrumctl`],
      resources: process.platform === "linux" ? {} : { [`${folder}/NOTICES`]: "NOTICES" },
      linux: { deb: { depends, files: notices }, rpm: { files: notices } },
    } }))' "$packing" "$packing/needs" > "$packing/config.json" || return 1
  say "Packing $kinds"
  # shellcheck disable=SC2086
  npm --prefix ui run --silent tauri -- bundle $debug --ci --bundles "$kinds" --features custom-protocol \
    --no-binary-patching --config "$packing/config.json" >&2 || return 1
  sums "$TARGET/$profile/bundle"
}

# needs_of PROGRAM...: the Debian packages of the libraries that they are linked to, one a line.
needs_of() {
  have dpkg-shlibdeps || return 0
  local folder program programs=""
  folder=$(mktemp -d)
  mkdir "$folder/debian"
  printf 'Source: rostrum\n\nPackage: rostrum\nArchitecture: any\n' > "$folder/debian/control"
  for program in "$@"; do programs="$programs -e$program"; done
  # shellcheck disable=SC2086
  (cd "$folder" && dpkg-shlibdeps -O $programs 2>/dev/null) | sed -n 's/^shlibs:Depends=//p' | sed 's/, /\n/g'
  rm -rf "$folder"
}

# sums FOLDER: SHA256SUMS of the packages in it, in the form that `sha256sum --check` reads.
sums() {
  (
    cd "$1" || exit 1
    set --
    for file in */*.deb */*.rpm */*.dmg */*.exe */*.msi; do [ ! -f "$file" ] || set -- "$@" "$file"; done
    [ $# -gt 0 ] || exit 1
    if have sha256sum; then sha256sum "$@"; else shasum -a 256 "$@"; fi > SHA256SUMS
  )
}
