# Shared by the buildpacks that Homeport brings; sourced by bash 3.2 and later.
# Output has the platform's shape: headings, 7 blanks before the body, ` !     ` before a warning.

set -Eeuo pipefail
trap 'printf " !     Line %s of %s failed.\n" "$LINENO" "${BASH_SOURCE[0]##*/}" >&2' ERR

heading() { printf -- '-----> %s\n' "$*"; }
say() { printf '       %s\n' "$*"; }
warn() { printf ' !     %s\n' "$*"; }

# The one way to give up: what went wrong, then what to do.
fail() {
  printf '\n'
  for line in "$@"; do warn "$line"; done
  exit 1
}

# Runs a command and moves what it prints 7 blanks in; its exit status is kept.
indented() {
  "$@" 2>&1 | while IFS= read -r line || [ -n "$line" ]; do printf '       %s\n' "$line"; done
}

# Puts the config vars of ENV_DIR into the environment, but for those that would change how the build itself works.
export_env_dir() {
  local dir=$1 file name
  [ -d "$dir" ] || return 0
  for file in "$dir"/*; do
    name=${file##*/}
    [ -f "$file" ] || continue
    case $name in
      PATH | HOME | PWD | SHLVL | IFS | TMPDIR | GIT_DIR | CPATH | CPPATH | LD_PRELOAD | LD_LIBRARY_PATH | LIBRARY_PATH | BASH_ENV | ENV | BUILD_DIR | CACHE_DIR | ENV_DIR | STACK) continue ;;
    esac
    [[ $name =~ ^[A-Za-z_][A-Za-z0-9_]*$ ]] || continue
    # The dot keeps newlines at the end of the value.
    local value
    value=$(cat "$file" && printf .)
    export "$name=${value%.}"
  done
}

# linux-x64, linux-arm64, darwin-arm64 … as Node names them.
platform() {
  local os arch
  case $(uname -s) in Linux) os=linux ;; Darwin) os=darwin ;; *) fail "There is no runtime for $(uname -s)." ;; esac
  case $(uname -m) in x86_64 | amd64) arch=x64 ;; aarch64 | arm64) arch=arm64 ;; *) fail "There is no runtime for $(uname -m)." ;; esac
  printf '%s-%s' "$os" "$arch"
}

# Downloads URL to FILE, whole or not at all.
download() {
  curl -fsSL --retry 3 --retry-connrefused --connect-timeout 15 -o "$2.part" "$1" && mv "$2.part" "$2"
}

# digest_of 256|512 FILE: its SHA-2 in hex.
digest_of() {
  if command -v "sha$1sum" >/dev/null; then "sha$1sum" <"$2" | cut -d' ' -f1; else shasum -a "$1" <"$2" | cut -d' ' -f1; fi
}

# Unpacks a zip with whatever this machine has for it.
unzip_to() {
  mkdir -p "$2"
  if command -v unzip >/dev/null; then unzip -q -o "$1" -d "$2"
  elif command -v bsdtar >/dev/null; then bsdtar -xf "$1" -C "$2"
  elif command -v python3 >/dev/null; then python3 -m zipfile -e "$1" "$2"
  elif command -v jar >/dev/null; then (cd "$2" && jar xf "$1")
  else fail "Nothing here can unpack a zip." "Install unzip and build again."; fi
}

# install_tree FROM TO: the files of a runtime in the cache, which nobody writes to again, into the slug: linked where that can be.
install_tree() {
  mkdir -p "$2"
  cp -Rl "$1/." "$2" 2>/dev/null || cp -R "$1/." "$2"
}

# Writes FILE of .profile.d from standard input.
write_profile() {
  mkdir -p "$BUILD_DIR/.profile.d"
  cat >"$BUILD_DIR/.profile.d/$1"
}
