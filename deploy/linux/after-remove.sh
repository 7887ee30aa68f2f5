#!/bin/sh
# After the package has gone: what people wrote is theirs and stays; where it lies is said.
# dpkg calls this with "remove", "purge", "upgrade" and others, rpm with how many versions are left.
set -e
case "${1:-}" in
  remove | purge | 0) ;;
  *) exit 0 ;;
esac
echo "Rostrum is removed. What people made with it is kept. Of everybody who used it:"
echo "  ~/.local/share/rostrum        posts, pictures, backups, settings, logs"
echo "                                (or where ROSTRUM_DATA or --data pointed)"
echo "  ~/.config/rostrum             keys of sealed vaults"
echo "  the keychain, under Rostrum   passwords and tokens"
getent passwd 2>/dev/null | cut -d: -f6 | sort -u | while read -r home; do
  [ ! -e "$home/.local/share/rostrum/folder.json" ] || echo "Kept on this computer: $home/.local/share/rostrum"
done
exit 0
